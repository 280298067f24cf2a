//! Removes names of the request from sentences of the provider.
//!
//! A company may be called "Low Balance Foods". A sentence that repeats this name does not say that the wallet is empty.

use crate::Subject;

/// Returns the sentence without the details of the subject that were sent to the provider.
///
/// Case and the punctuation between words are ignored.
pub fn without_echo(sentence: &str, subject: &Subject) -> String {
    let mut words: Vec<&str> = split(sentence).collect();
    for detail in subject.details.values() {
        let detail: Vec<&str> = split(detail.expose()).collect();
        // A short word may be the provider's own.
        if detail.iter().map(|word| word.len()).sum::<usize>() < 4 {
            continue;
        }
        while let Some(at) = words
            .windows(detail.len())
            .position(|some| same(some, &detail))
        {
            words.drain(at..at + detail.len());
        }
    }
    words.join(" ")
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn same(some: &[&str], detail: &[&str]) -> bool {
    let lower = |word: &&str| word.to_lowercase();
    some.iter().map(lower).eq(detail.iter().map(lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Number, Sensitive};

    #[test]
    fn names_that_were_told_go_and_the_rest_stays() {
        let company = |name: &str| {
            let number = Number::company("RC 613").unwrap();
            Subject::new("rc_number", number).with("company_name", Sensitive::from(name))
        };
        for (name, sentence, left) in [
            (
                "Low Balance Foods Ltd",
                "Low Balance Foods Ltd not found",
                "not found",
            ),
            (
                "Low Balance Foods Ltd.",
                "No record: LOW-BALANCE FOODS LTD!",
                "No record",
            ),
            ("Acme", "Acme, acme and ACME", "and"),
            ("Acme", "Insufficient balance", "Insufficient balance"),
            ("No", "No record", "No record"),
            ("", "Not found", "Not found"),
        ] {
            assert_eq!(without_echo(sentence, &company(name)), left, "{name}");
        }
    }
}
