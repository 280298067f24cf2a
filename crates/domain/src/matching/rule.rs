//! The rules that decide comparisons. Each has a stable code and a sentence for people.

/// The rule that decided a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every claimed word is in the record's field.
    AllWords,
    /// Every claimed word is in the record, but in another name field.
    AllWordsInOtherNames,
    /// The words are the same, but one side writes two of them as one.
    JoinedWords,
    /// It is the record's name from before a marriage.
    MaidenName,
    /// It is another spelling of the same name.
    KnownVariant,
    /// One name is a short form of the other.
    ShortForm,
    /// It differs by one typo.
    CloseSpelling,
    /// Some letters were lost in transmission; all others agree.
    LettersLost,
    /// One side has an initial that fits the other.
    Initial,
    /// It is a title that the record has next to the name.
    TitleOnly,
    /// The suffixes differ, like those of a father and his son.
    SuffixDiffers,
    /// All words except an article are in the record.
    ParticleLeftOut,
    /// Most of the words are on both sides.
    EnoughWords,
    /// The claim has all of the record's words, and others.
    MoreClaimedThanRecorded,
    /// The words differ.
    WordsDiffer,
    /// Every name in the record belongs to another claim, so none is left for this one.
    NotInRecord,
    /// The field is blank in the record.
    BlankInRecord,
    /// The record has the field in an unreadable form.
    UnreadableInRecord,
    /// The claim contains nothing that can be compared.
    NothingClaimed,
    /// The names agree, but the legal forms differ.
    LegalFormDiffers,
    /// The numbers in the addresses differ.
    NumbersDiffer,
    /// The claim names only a part of the address.
    PartOfAddress,
    /// The words are the same, but in another order.
    OrderDiffers,
    /// The values must agree exactly.
    Exact,
    /// It agrees if the record writes the day before the month, as the provider does.
    DayFirst,
    /// It agrees only if the record writes the month before the day.
    DayAndMonthAmbiguous,
    /// It would agree if day and month were swapped.
    DayAndMonthSwapped,
    /// The record's date is a time close to midnight, which can mean two days.
    CloseToMidnight,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 28] = [
        Self::AllWords,
        Self::AllWordsInOtherNames,
        Self::JoinedWords,
        Self::MaidenName,
        Self::KnownVariant,
        Self::ShortForm,
        Self::CloseSpelling,
        Self::LettersLost,
        Self::Initial,
        Self::TitleOnly,
        Self::SuffixDiffers,
        Self::ParticleLeftOut,
        Self::EnoughWords,
        Self::MoreClaimedThanRecorded,
        Self::WordsDiffer,
        Self::NotInRecord,
        Self::BlankInRecord,
        Self::UnreadableInRecord,
        Self::NothingClaimed,
        Self::LegalFormDiffers,
        Self::NumbersDiffer,
        Self::PartOfAddress,
        Self::OrderDiffers,
        Self::Exact,
        Self::DayFirst,
        Self::DayAndMonthAmbiguous,
        Self::DayAndMonthSwapped,
        Self::CloseToMidnight,
    ];

    /// Returns the rule with this code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// Returns the stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::AllWords => "all_words",
            Self::AllWordsInOtherNames => "all_words_in_other_names",
            Self::JoinedWords => "joined_words",
            Self::MaidenName => "maiden_name",
            Self::KnownVariant => "known_variant",
            Self::ShortForm => "short_form",
            Self::CloseSpelling => "close_spelling",
            Self::LettersLost => "letters_lost",
            Self::Initial => "initial",
            Self::TitleOnly => "title_only",
            Self::SuffixDiffers => "suffix_differs",
            Self::ParticleLeftOut => "particle_left_out",
            Self::EnoughWords => "enough_words",
            Self::MoreClaimedThanRecorded => "more_claimed_than_recorded",
            Self::WordsDiffer => "words_differ",
            Self::NotInRecord => "not_in_record",
            Self::BlankInRecord => "blank_in_record",
            Self::UnreadableInRecord => "unreadable_in_record",
            Self::NothingClaimed => "nothing_claimed",
            Self::LegalFormDiffers => "legal_form_differs",
            Self::NumbersDiffer => "numbers_differ",
            Self::PartOfAddress => "part_of_address",
            Self::OrderDiffers => "order_differs",
            Self::Exact => "exact",
            Self::DayFirst => "day_first",
            Self::DayAndMonthAmbiguous => "day_and_month_ambiguous",
            Self::DayAndMonthSwapped => "day_and_month_swapped",
            Self::CloseToMidnight => "close_to_midnight",
        }
    }

    /// Returns the sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AllWords => "Every claimed word is in the record's field.",
            Self::AllWordsInOtherNames => {
                "Every claimed word is in the record, but in another name field."
            }
            Self::JoinedWords => "The words are the same, but one side writes two of them as one.",
            Self::MaidenName => "It is the record's name from before a marriage.",
            Self::KnownVariant => "It is another spelling of the same name.",
            Self::ShortForm => "One name is a short form of the other.",
            Self::CloseSpelling => "It differs by one typo.",
            Self::LettersLost => "Some letters were lost in transmission; all others agree.",
            Self::Initial => "One side has an initial that fits the other.",
            Self::TitleOnly => "It is a title that the record has next to the name.",
            Self::SuffixDiffers => "The suffixes differ, like those of a father and his son.",
            Self::ParticleLeftOut => "All words except an article are in the record.",
            Self::EnoughWords => "Most of the words are on both sides.",
            Self::MoreClaimedThanRecorded => "The claim has all of the record's words, and others.",
            Self::WordsDiffer => "The words differ.",
            Self::NotInRecord => {
                "Every name in the record belongs to another claim, so none is left for this one."
            }
            Self::BlankInRecord => "The field is blank in the record.",
            Self::UnreadableInRecord => "The record has the field in an unreadable form.",
            Self::NothingClaimed => "The claim contains nothing that can be compared.",
            Self::LegalFormDiffers => "The names agree, but the legal forms differ.",
            Self::NumbersDiffer => "The numbers in the addresses differ.",
            Self::PartOfAddress => "The claim names only a part of the address.",
            Self::OrderDiffers => "The words are the same, but in another order.",
            Self::Exact => "The values must agree exactly.",
            Self::DayFirst => {
                "It agrees if the record writes the day before the month, as the provider does."
            }
            Self::DayAndMonthAmbiguous => {
                "It agrees only if the record writes the month before the day."
            }
            Self::DayAndMonthSwapped => "It would agree if day and month were swapped.",
            Self::CloseToMidnight => {
                "The record's date is a time close to midnight, which can mean two days."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_code_of_its_own_and_is_in_the_readme() {
        let readme = include_str!("../../README.md");
        for rule in Rule::ALL {
            let code = rule.code();
            assert_eq!(Rule::named(code), Some(rule));
            assert!(readme.contains(&format!("`{code}`")), "{code}");
        }
        assert_eq!(Rule::named("none"), None);
    }
}
