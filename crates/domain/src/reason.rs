//! The reasons for a verdict: stable codes, each with a sentence for people.

use serde::{Deserialize, Serialize};

use crate::Claim;

/// A reason for a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code.
    pub code: String,
    /// A sentence for people.
    pub sentence: String,
    /// Whether the subject may see the reason.
    pub tell_subject: bool,
    /// Whether another request can help, after the subject has corrected or completed their claims. It is `false` in
    /// outcomes that were stored before the field existed.
    #[serde(default)]
    pub ask_again: bool,
}

impl Reason {
    /// Replaces the sentence by a more specific one.
    #[must_use]
    pub fn saying(self, sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            ..self
        }
    }

    /// Whether the reason is about an image, not about a claim.
    pub fn is_of_image(&self) -> bool {
        ReasonCode::named(&self.code).is_some_and(ReasonCode::is_of_image)
    }

    /// Whether the reason is about the answer or its images, not about a claim.
    pub fn is_of_answer(&self) -> bool {
        ReasonCode::named(&self.code).is_some_and(ReasonCode::is_of_answer)
    }
}

/// The codes of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonCode {
    /// A claimed field disagrees with the record.
    Mismatch(Claim),
    /// A claimed field agrees only in part.
    Partial(Claim),
    /// The record's date can mean two days, and the claim agrees only with the less likely one.
    Ambiguous(Claim),
    /// The record's date is a time close to midnight, and can mean two days.
    CloseToMidnight(Claim),
    /// In addition to a mismatch: the date would agree if its day and month were swapped.
    DayAndMonthSwapped(Claim),
    /// A claimed field is blank or unreadable in the record.
    Unknown(Claim),
    /// A field that a match requires was not claimed.
    NotClaimed(Claim),
    /// The first and last names are swapped in the record.
    NamesSwapped,
    /// The record has all three names, but each in another field.
    NamesRotated,
    /// The claimed name is the record's name from before a marriage.
    MaidenName,
    /// The person is on the banks' watch list.
    WatchListed,
    /// None of the claims could be confirmed.
    NothingConfirmed,
    /// The provider has no record.
    NotFound,
    /// The provider rejected the input.
    Rejected,
    /// An image of the answer cannot be decoded.
    ImageUndecodable,
    /// The answer lacks an image that it should have.
    ImageMissing,
    /// An image of the answer is too large to be stored.
    ImageTooLarge,
    /// An image of the answer has an unknown format.
    ImageUnrecognised,
    /// An image of the answer is stored, although a part of it is missing or changed.
    ImageDamaged,
    /// A field of the answer has an unexpected type, and counts as unknown.
    FieldUnreadable,
    /// The answer was read after a repair.
    AnswerRepaired,
}

/// Fields that can agree partly.
const IN_PART: [Claim; 5] = [
    Claim::FirstName,
    Claim::MiddleName,
    Claim::LastName,
    Claim::CompanyName,
    Claim::Address,
];

/// Fields that are dates.
const DAYS: [Claim; 2] = [Claim::DateOfBirth, Claim::ExpiryDate];

impl ReasonCode {
    /// Iterates over all codes. A code with a field occurs once for each field that it can have.
    pub fn all() -> impl Iterator<Item = Self> {
        let of =
            |code: fn(Claim) -> Self, fields: &'static [Claim]| fields.iter().copied().map(code);
        let plain = [
            Self::NamesSwapped,
            Self::NamesRotated,
            Self::MaidenName,
            Self::WatchListed,
            Self::NothingConfirmed,
            Self::NotFound,
            Self::Rejected,
            Self::ImageUndecodable,
            Self::ImageMissing,
            Self::ImageTooLarge,
            Self::ImageUnrecognised,
            Self::ImageDamaged,
            Self::FieldUnreadable,
            Self::AnswerRepaired,
        ];
        of(Self::Mismatch, &Claim::ALL)
            .chain(of(Self::Partial, &IN_PART))
            .chain(of(Self::Ambiguous, &DAYS))
            .chain(of(Self::DayAndMonthSwapped, &DAYS))
            .chain(of(Self::CloseToMidnight, &DAYS))
            .chain(of(Self::Unknown, &Claim::ALL))
            .chain(of(Self::NotClaimed, &Claim::ALL))
            .chain(plain)
    }

    /// Returns the code with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|code| code.name() == name)
    }

    /// Returns the stable name.
    pub fn name(self) -> String {
        let of = |claim: Claim, what: &str| format!("{}_{what}", claim.name());
        let plain = match self {
            Self::Mismatch(claim) => return of(claim, "mismatch"),
            Self::Partial(claim) => return of(claim, "partial"),
            Self::Ambiguous(claim) => return of(claim, "ambiguous"),
            Self::DayAndMonthSwapped(claim) => return of(claim, "day_and_month_swapped"),
            Self::CloseToMidnight(claim) => return of(claim, "close_to_midnight"),
            Self::Unknown(claim) => return of(claim, "unknown"),
            Self::NotClaimed(claim) => return of(claim, "not_claimed"),
            Self::NamesSwapped => "names_swapped",
            Self::NamesRotated => "names_rotated",
            Self::MaidenName => "maiden_name",
            Self::WatchListed => "watch_listed",
            Self::NothingConfirmed => "nothing_confirmed",
            Self::NotFound => "record_not_found",
            Self::Rejected => "input_rejected",
            Self::ImageUndecodable => "image_undecodable",
            Self::ImageMissing => "image_missing",
            Self::ImageTooLarge => "image_too_large",
            Self::ImageUnrecognised => "image_unrecognised",
            Self::ImageDamaged => "image_damaged",
            Self::FieldUnreadable => "field_unreadable",
            Self::AnswerRepaired => "answer_repaired",
        };
        plain.to_owned()
    }

    /// Returns the sentence for people.
    pub fn sentence(self) -> String {
        let plain = match self {
            Self::Mismatch(claim) => {
                return format!("The {} does not agree with the record.", claim.spoken());
            }
            Self::Partial(claim) => {
                return format!(
                    "The {} agrees with the record only in part.",
                    claim.spoken()
                );
            }
            Self::Ambiguous(claim) => {
                return format!(
                    "The {} agrees only if the record writes the month before the day.",
                    claim.spoken()
                );
            }
            Self::DayAndMonthSwapped(claim) => {
                return format!(
                    "The {} would agree if its day and month were swapped.",
                    claim.spoken()
                );
            }
            Self::CloseToMidnight(claim) => {
                return format!(
                    "The record gives the {} as a time close to midnight, which can mean two days.",
                    claim.spoken()
                );
            }
            Self::Unknown(claim) => {
                return format!(
                    "The record has no {}, or one that cannot be read.",
                    claim.spoken()
                );
            }
            Self::NotClaimed(claim) => {
                return format!(
                    "A match requires the {}, which was not given.",
                    claim.spoken()
                );
            }
            Self::NamesSwapped => "The first and last names are swapped in the record.",
            Self::NamesRotated => "The record has all three names, but each in another field.",
            Self::MaidenName => "The claimed name is the record's name from before a marriage.",
            Self::WatchListed => "The person is on the banks' watch list.",
            Self::NothingConfirmed => "None of the claims could be confirmed.",
            Self::NotFound => "The provider has no record that matches the request.",
            Self::Rejected => "The provider rejected the input.",
            Self::ImageUndecodable => "An image in the record cannot be decoded.",
            Self::ImageMissing => "The record has no image.",
            Self::ImageTooLarge => "An image in the record is too large to be stored.",
            Self::ImageUnrecognised => "An image in the record has an unknown format.",
            Self::ImageDamaged => {
                "An image in the record is damaged; it is stored as it was received."
            }
            Self::FieldUnreadable => "A field of the answer cannot be read; it counts as unknown.",
            Self::AnswerRepaired => "The answer was damaged, and was read after a repair.",
        };
        plain.to_owned()
    }

    /// Whether the subject may see the reason.
    ///
    /// A person on the watch list must not be warned. A reason that reveals more than that a claim is wrong would help an
    /// impostor to correct it. Defects of the answer concern only the provider and the operator.
    pub fn tell_subject(self) -> bool {
        let gives_away = matches!(
            self,
            Self::WatchListed
                | Self::DayAndMonthSwapped(_)
                | Self::Ambiguous(_)
                | Self::CloseToMidnight(_)
                | Self::MaidenName
        );
        !gives_away && !self.is_of_answer()
    }

    /// Whether another request can help, after the subject has corrected or completed their claims.
    pub fn ask_again(self) -> bool {
        matches!(
            self,
            Self::Mismatch(_)
                | Self::Partial(_)
                | Self::DayAndMonthSwapped(_)
                | Self::NotClaimed(_)
                | Self::NotFound
                | Self::Rejected
        )
    }

    /// Whether the reason is about an image, not about a claim.
    pub fn is_of_image(self) -> bool {
        matches!(
            self,
            Self::ImageUndecodable
                | Self::ImageMissing
                | Self::ImageTooLarge
                | Self::ImageUnrecognised
                | Self::ImageDamaged
        )
    }

    /// Whether the reason is about the answer or its images, not about a claim.
    pub fn is_of_answer(self) -> bool {
        self.is_of_image() || matches!(self, Self::FieldUnreadable | Self::AnswerRepaired)
    }
}

impl From<ReasonCode> for Reason {
    fn from(code: ReasonCode) -> Self {
        Self {
            code: code.name(),
            sentence: code.sentence(),
            tell_subject: code.tell_subject(),
            ask_again: code.ask_again(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_s_table_has_every_code_and_no_other() {
        let readme = include_str!("../README.md");
        let start =
            "| code | sentence | tell the subject | ask again |\n| --- | --- | --- | --- |\n";
        let (_, table) = readme.split_once(start).expect("the table");
        let rows: Vec<&str> = table
            .lines()
            .take_while(|line| line.starts_with('|'))
            .collect();
        let yes_or_no = |truth| if truth { "yes" } else { "no" };
        let row = |code: ReasonCode| {
            let (tell, again) = (yes_or_no(code.tell_subject()), yes_or_no(code.ask_again()));
            format!(
                "| `{}` | {} | {tell} | {again} |",
                code.name(),
                code.sentence()
            )
        };
        let codes: Vec<String> = ReasonCode::all().map(row).collect();
        assert_eq!(rows, codes);
    }

    #[test]
    fn names_are_unique_and_lead_back_to_their_code() {
        for code in ReasonCode::all() {
            assert_eq!(ReasonCode::named(&code.name()), Some(code));
        }
        assert_eq!(ReasonCode::named("shoe_size_mismatch"), None);
    }

    #[test]
    fn the_watch_list_is_never_shown_to_the_subject() {
        assert!(!ReasonCode::WatchListed.tell_subject());
        assert!(!Reason::from(ReasonCode::WatchListed).tell_subject);
    }

    #[test]
    fn reasons_about_images_are_recognised_by_the_code_alone() {
        for code in ReasonCode::all() {
            let is = Reason::from(code).saying("In other words.").is_of_image();
            assert_eq!(is, code.name().starts_with("image_"), "{}", code.name());
        }
    }

    #[test]
    fn older_outcomes_are_read() {
        let text = r#"{"code": "nin_mismatch", "sentence": "No.", "tell_subject": true}"#;
        let reason: Reason = serde_json::from_str(text).unwrap();
        assert!(!reason.ask_again && reason.tell_subject);
    }
}
