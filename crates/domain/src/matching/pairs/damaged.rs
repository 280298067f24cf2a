//! Pairs words with lost letters that are not simply the same word: the lost sign may have divided two words, and the claim may
//! have another spelling, too.

use super::{How, Pairs, Tie, Word, together};
use crate::matching::{lost, spelling};

impl Pairs {
    /// Pairs the remaining words if letters are lost on either side.
    pub(super) fn damaged(&mut self, claimed: &[Word], known: &[Word], how: How) {
        let mut all = claimed.iter().chain(known);
        if !all.any(|word| lost::in_word(&word.text)) {
            return;
        }
        self.joined(claimed, known, halves);
        for (at, word) in claimed.iter().enumerate() {
            if self.claimed[at].is_some() || word.beside {
                continue;
            }
            let answers = |(there, other): &(usize, &Word)| {
                !self.taken[*there] && !other.beside && may_be_one(&word.text, &other.text, how)
            };
            if let Some((there, other)) = known.iter().enumerate().find(answers) {
                let score = lost::score(&word.text, &other.text);
                self.tie(at, there, Tie::Lost, score, other.place);
            }
        }
    }
}

fn may_be_one(one: &str, other: &str, how: How) -> bool {
    let damaged = lost::in_word(one) || lost::in_word(other);
    let respelt = || how.persons && spelling::may_be_one(one, other);
    damaged && (lost::is_part(one, other) || respelt())
}

/// Finds two unpaired neighbours that can make up the whole word.
fn halves(whole: &Word, words: &[Word], free: &dyn Fn(usize) -> bool) -> Option<(usize, usize)> {
    let mut beside = words.windows(2).enumerate();
    beside.find_map(|(at, pair)| {
        let [start, end] = pair else { return None };
        let mut all = [whole, start, end].into_iter();
        let fits = all.any(|word| lost::in_word(&word.text))
            && !(start.beside || end.beside)
            && free(at)
            && free(at + 1)
            && together(start, end)
            && lost::fits(&format!("{}{}", start.text, end.text), &whole.text);
        fits.then_some((at, at + 1))
    })
}
