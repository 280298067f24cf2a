//! The rules by which comparisons are decided: stable codes, each with a sentence for people.

/// The rule that decided a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every claimed word stands in the record's field.
    AllWords,
    /// Every claimed word stands in the record, under another name of the person.
    AllWordsInOtherNames,
    /// The same words, where one side writes two of them as one.
    JoinedWords,
    /// It is the record's name from before a marriage.
    MaidenName,
    /// It is another spelling of the same name.
    KnownVariant,
    /// It is a short form of the record's name.
    ShortForm,
    /// It differs by one slip of the pen.
    CloseSpelling,
    /// Letters of it were lost on their way, and all others agree.
    LettersLost,
    /// An initial fits the record's name.
    Initial,
    /// It is a title that the record has beside the name.
    TitleOnly,
    /// The suffixes differ, as those of father and son.
    SuffixDiffers,
    /// All but an article stands in the record.
    ParticleLeftOut,
    /// Most of the words stand on both sides.
    EnoughWords,
    /// All of the record's words were claimed, and more besides.
    MoreClaimedThanRecorded,
    /// The words differ.
    WordsDiffer,
    /// Every name of the record belongs to another claim, so it says nothing of this one.
    NotInRecord,
    /// The record leaves it blank.
    BlankInRecord,
    /// The record has it in a form that nobody can read.
    UnreadableInRecord,
    /// The claim holds nothing that could be compared.
    NothingClaimed,
    /// The names agree, and the legal forms differ.
    LegalFormDiffers,
    /// The numbers in the address differ.
    NumbersDiffer,
    /// The claim names a part of the address only.
    PartOfAddress,
    /// The same words stand in another order.
    OrderDiffers,
    /// Such values agree exactly or not at all.
    Exact,
    /// It agrees with the record's day before its month, as the provider writes dates.
    DayFirst,
    /// It agrees only if the record has the month before the day.
    DayAndMonthAmbiguous,
    /// It would agree with day and month exchanged.
    DayAndMonthSwapped,
    /// The record's date is a moment close to midnight, which can mean two days.
    CloseToMidnight,
}

impl Rule {
    /// All there are.
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

    /// The rule of that code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// The stable code.
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

    /// The sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AllWords => "Every claimed word stands in the record's field.",
            Self::AllWordsInOtherNames => {
                "Every claimed word stands in the record, under another name of the person."
            }
            Self::JoinedWords => "The same words, where one side writes two of them as one.",
            Self::MaidenName => "It is the record's name from before a marriage.",
            Self::KnownVariant => "It is another spelling of the same name.",
            Self::ShortForm => "It is a short form of the record's name.",
            Self::CloseSpelling => "It differs by one slip of the pen.",
            Self::LettersLost => "Letters of it were lost on their way, and all others agree.",
            Self::Initial => "An initial fits the record's name.",
            Self::TitleOnly => "It is a title that the record has beside the name.",
            Self::SuffixDiffers => "The suffixes differ, as those of father and son.",
            Self::ParticleLeftOut => "All but an article stands in the record.",
            Self::EnoughWords => "Most of the words stand on both sides.",
            Self::MoreClaimedThanRecorded => {
                "All of the record's words were claimed, and more besides."
            }
            Self::WordsDiffer => "The words differ.",
            Self::NotInRecord => {
                "Every name of the record belongs to another claim, so it says nothing of this one."
            }
            Self::BlankInRecord => "The record leaves it blank.",
            Self::UnreadableInRecord => "The record has it in a form that nobody can read.",
            Self::NothingClaimed => "The claim holds nothing that could be compared.",
            Self::LegalFormDiffers => "The names agree, and the legal forms differ.",
            Self::NumbersDiffer => "The numbers in the address differ.",
            Self::PartOfAddress => "The claim names a part of the address only.",
            Self::OrderDiffers => "The same words stand in another order.",
            Self::Exact => "Such values agree exactly or not at all.",
            Self::DayFirst => {
                "It agrees with the record's day before its month, as the provider writes dates."
            }
            Self::DayAndMonthAmbiguous => {
                "It agrees only if the record has the month before the day."
            }
            Self::DayAndMonthSwapped => "It would agree with day and month exchanged.",
            Self::CloseToMidnight => {
                "The record's date is a moment close to midnight, which can mean two days."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_code_of_its_own_and_stands_in_the_readme() {
        let readme = include_str!("../../README.md");
        for rule in Rule::ALL {
            let code = rule.code();
            assert_eq!(Rule::named(code), Some(rule));
            assert!(readme.contains(&format!("`{code}`")), "{code}");
        }
        assert_eq!(Rule::named("none"), None);
    }
}
