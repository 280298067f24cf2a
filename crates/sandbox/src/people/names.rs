//! Common Yoruba, Igbo, Hausa and other names, which are combined at random.

/// The names of a people, with its language and religions.
pub(super) struct People {
    pub(super) language: &'static str,
    pub(super) religions: &'static [&'static str],
    pub(super) plain: Names,
    /// Names with diacritics and apostrophes.
    pub(super) marked: Names,
}

/// First names by gender, and last names.
pub(super) struct Names {
    pub(super) female: &'static [&'static str],
    pub(super) male: &'static [&'static str],
    pub(super) last: &'static [&'static str],
}

/// The peoples. Each is chosen as often as it is listed.
pub(super) static PEOPLES: [&People; 7] = [&YORUBA, &IGBO, &HAUSA, &YORUBA, &IGBO, &HAUSA, &OTHERS];

static YORUBA: People = People {
    language: "yoruba",
    religions: &["christianity", "islam"],
    plain: Names {
        female: &[
            "Abimbola",
            "Adenike",
            "Aderonke",
            "Bolanle",
            "Folake",
            "Funmilayo",
            "Morenike",
            "Olabisi",
            "Omolara",
            "Ronke",
            "Simisola",
            "Temitope",
            "Titilayo",
            "Yetunde",
        ],
        male: &[
            "Adebayo",
            "Adekunle",
            "Adewale",
            "Ayodele",
            "Babatunde",
            "Dele",
            "Gbenga",
            "Kayode",
            "Kolawole",
            "Oladele",
            "Oluwaseun",
            "Rotimi",
            "Segun",
            "Tunde",
        ],
        last: &[
            "Adebisi", "Adegoke", "Adeleke", "Afolabi", "Akinola", "Alabi", "Ayinde", "Bankole",
            "Fashola", "Ogunleye", "Okunola", "Olaniyan", "Oyedele", "Salako",
        ],
    },
    marked: Names {
        female: &["Ṣadé", "Ọmọ́lará", "Fúnmiláyọ̀", "Títílayọ̀", "Ṣínúadé"],
        male: &["Ọládélé", "Ṣẹ́gun", "Olúwáṣeun", "Adébáyọ̀", "Ọlátúnjí"],
        last: &["Adéṣínà", "Ògúnlẹ́yẹ", "Ọláníyan", "Àjàyí", "D'Almeida"],
    },
};

static IGBO: People = People {
    language: "igbo",
    religions: &["christianity"],
    plain: Names {
        female: &[
            "Adaeze", "Adaobi", "Amaka", "Chiamaka", "Chidinma", "Chinyere", "Ebele", "Ifeoma",
            "Ijeoma", "Ngozi", "Nkechi", "Obiageli", "Uchenna", "Uzoamaka",
        ],
        male: &[
            "Arinze",
            "Chibuzor",
            "Chidi",
            "Chijioke",
            "Chinedu",
            "Chukwuemeka",
            "Emeka",
            "Ifeanyi",
            "Ikenna",
            "Kelechi",
            "Nnamdi",
            "Obinna",
            "Okechukwu",
            "Uche",
        ],
        last: &[
            "Agu",
            "Anyanwu",
            "Ekwueme",
            "Eze",
            "Igwe",
            "Madu",
            "Mbah",
            "Nwachukwu",
            "Nwosu",
            "Obi",
            "Okafor",
            "Okeke",
            "Onyekachi",
            "Umeh",
        ],
    },
    marked: Names {
        female: &["Ńgọzi", "Adaọbị", "Ńkechi", "Chịamaka", "Ụzọamaka"],
        male: &[
            "Chukwuemeka Ńnamdi",
            "Ọbịnna",
            "Ụchenna",
            "Ńnaemeka",
            "Ọkechukwu",
        ],
        last: &["Ọkọ́nkwọ", "Ńwankwọ", "Ọkafọ", "Ụmeh", "Ńwọsu"],
    },
};

static HAUSA: People = People {
    language: "hausa",
    religions: &["islam"],
    plain: Names {
        female: &[
            "Aisha", "Amina", "Asabe", "Fatima", "Hadiza", "Hafsat", "Halima", "Hauwa", "Khadija",
            "Maryam", "Rahama", "Safiya", "Zainab", "Zulai",
        ],
        male: &[
            "Abdullahi",
            "Abubakar",
            "Aliyu",
            "Bashir",
            "Garba",
            "Ibrahim",
            "Isah",
            "Kabiru",
            "Lawal",
            "Musa",
            "Nasiru",
            "Sani",
            "Umar",
            "Yusuf",
        ],
        last: &[
            "Abdulkadir",
            "Adamu",
            "Bala",
            "Bello",
            "Danladi",
            "Gambo",
            "Garba",
            "Haruna",
            "Idris",
            "Inuwa",
            "Lawan",
            "Maigari",
            "Sule",
            "Tanko",
        ],
    },
    marked: Names {
        female: &["Sa'adatu", "Ɗahara", "Sa’ade", "Ruƙayya", "Mas'uda"],
        male: &["Mu'azu", "Ɗahiru", "Ya'u", "Isma’ila", "Shu'aibu"],
        last: &["Ɗanjuma", "Ɗan'azumi", "Maiƙudi", "Ɗanladi", "Ɓaure"],
    },
};

static OTHERS: People = People {
    language: "english",
    religions: &["christianity", "islam"],
    plain: Names {
        female: &[
            "Arit", "Blessing", "Doosuur", "Ebiere", "Eno", "Grace", "Idara", "Isoken", "Mercy",
            "Osasere", "Patience", "Rhoda", "Tonye", "Wanger",
        ],
        male: &[
            "Aondover", "Bassey", "Daniel", "Ebi", "Efe", "Effiong", "Godwin", "Iorwuese",
            "Osagie", "Osaze", "Samuel", "Solomon", "Tamuno", "Terver",
        ],
        last: &[
            "Akpan",
            "Asuquo",
            "Dung",
            "Edet",
            "Ekpo",
            "Gyang",
            "Igbinedion",
            "Iyamu",
            "Orji",
            "Osagiede",
            "Pam",
            "Tarfa",
            "Torkuma",
            "Yakubu",
        ],
    },
    marked: Names {
        female: &["Ẹ̀fẹ", "Ẹ́sẹ", "Ọsẹ́nwẹn", "Ádíaha", "Ìdárà"],
        male: &["Ọ̀sagie", "Ẹ̀hi", "Ọsázẹ", "Ńsìkak", "Ọ̀mọ́rẹ"],
        last: &["Ẹ̀dọ́khae", "Ọ̀bọh", "Ìyámù", "Ńtúk", "N'Dare"],
    },
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_list_names_anyone_twice() {
        for people in PEOPLES {
            for names in [&people.plain, &people.marked] {
                for list in [names.female, names.male, names.last] {
                    assert_eq!(
                        list.iter().collect::<HashSet<_>>().len(),
                        list.len(),
                        "{list:?}"
                    );
                    assert!(list.len() >= 2);
                }
            }
        }
    }

    #[test]
    fn marked_names_are_marked_and_plain_ones_plain() {
        for people in PEOPLES {
            let marked = &people.marked;
            for name in [marked.female, marked.male, marked.last].concat() {
                assert!(!name.is_ascii() || name.contains('\''), "{name}");
            }
            let plain = &people.plain;
            for name in [plain.female, plain.male, plain.last].concat() {
                assert!(
                    name.bytes().all(|byte| byte.is_ascii_alphabetic()),
                    "{name}"
                );
            }
        }
    }
}
