//! The six kinds of calls: their names, paths and required query fields.

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Bvn,
    Nin,
    NinPhone,
    Cac,
    DriversLicense,
    Passport,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Bvn,
        Self::Nin,
        Self::NinPhone,
        Self::Cac,
        Self::DriversLicense,
        Self::Passport,
    ];

    /// Returns the name that the sandbox's own paths and statistics use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bvn => "bvn",
            Self::Nin => "nin",
            Self::NinPhone => "nin_phone",
            Self::Cac => "cac",
            Self::DriversLicense => "drivers_license",
            Self::Passport => "passport",
        }
    }

    /// Returns the kind with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns all names, separated by commas.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Returns the path of the provider's API, as the collection gives it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Bvn => "/identity/bvn/advanced/{number}",
            Self::Nin => "/identity/nin/{number}",
            Self::NinPhone => "/identity/nin/phone/{number}",
            Self::Cac => "/identity/cac/{number}",
            Self::DriversLicense => "/identity/drivers/licenses/{number}",
            Self::Passport => "/identity/passport/nigeria/{number}",
        }
    }

    /// Returns the query fields that the provider requires.
    pub(crate) const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Cac => &["company_name"],
            Self::Passport => &["first_name", "last_name", "dob"],
            Self::Bvn | Self::Nin | Self::NinPhone | Self::DriversLicense => &[],
        }
    }

    /// Returns the position in [`Kind::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// Returns the canonical spelling of a number, so that all its spellings stand for the same person or company.
    pub(crate) fn canonical(self, number: &str) -> String {
        let digits = || number.chars().filter(char::is_ascii_digit);
        match self {
            Self::Bvn | Self::Nin | Self::Cac => digits().collect(),
            Self::NinPhone => national(&digits().collect::<String>()),
            Self::DriversLicense | Self::Passport => number
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_uppercase())
                .collect(),
        }
    }
}

/// Returns the eleven digits that begin with 0 for `234…`, `2340…` and the ten-digit form, and other digits unchanged.
fn national(digits: &str) -> String {
    let rest = match digits.len() {
        13.. => digits.strip_prefix("234").unwrap_or(digits),
        _ => digits,
    };
    match (rest.len(), rest.starts_with('0')) {
        (10, false) => format!("0{rest}"),
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for (kind, written, meant) in [
            (Kind::NinPhone, "08031234000", "08031234000"),
            (Kind::NinPhone, "+234 803 123 4000", "08031234000"),
            (Kind::NinPhone, "23408031234000", "08031234000"),
            (Kind::NinPhone, "8031234000", "08031234000"),
            (Kind::Cac, "RC0123000", "0123000"),
            (Kind::Passport, "a12345000", "A12345000"),
            (Kind::DriversLicense, "abc-12345000", "ABC12345000"),
        ] {
            assert_eq!(kind.canonical(written), meant, "{written}");
        }
    }

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            assert_eq!(Kind::ALL[kind.index()], kind);
        }
        assert_eq!(Kind::named("vnin"), None);
    }
}
