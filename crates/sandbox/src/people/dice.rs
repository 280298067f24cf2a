//! Pseudo-random choices that depend on a number only.

use crate::kind::Kind;

/// A stream of choices. The same kind and number give the same stream in every version of this crate.
pub(super) struct Dice(u64);

impl Dice {
    /// Returns a stream that is seeded with FNV-1a of the kind and the canonical spelling of the number.
    pub(super) fn of(kind: Kind, number: &str) -> Self {
        let number = kind.canonical(number);
        let bytes = kind.name().bytes().chain([b'/']).chain(number.bytes());
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }

    /// Returns the next 64 bits (splitmix64).
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`, which must not be 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        // The high half times the bound, shifted by 32 bits, is below the bound and therefore fits.
        (((self.roll() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// Returns a number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i16, high: i16) -> i16 {
        let span = i32::from(high) - i32::from(low) + 1;
        let drawn = self.below(span.unsigned_abs());
        low + i16::try_from(drawn).unwrap_or(0)
    }

    /// Returns one of `options`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.index(options.len())]
    }

    /// Returns two different elements of `options`, which must have at least two and no duplicates.
    pub(super) fn pick_two<T: Copy>(&mut self, options: &[T]) -> (T, T) {
        let first = self.index(options.len());
        let second = (first + 1 + self.index(options.len() - 1)) % options.len();
        (options[first], options[second])
    }

    /// Returns `count` digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }

    fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_follow_from_the_number() {
        let rolls = |kind, number| {
            let mut dice = Dice::of(kind, number);
            [dice.roll(), dice.roll(), dice.roll()]
        };
        assert_eq!(
            rolls(Kind::Bvn, "22200000000"),
            rolls(Kind::Bvn, "22200000000")
        );
        assert_ne!(
            rolls(Kind::Bvn, "22200000000"),
            rolls(Kind::Nin, "22200000000")
        );
        assert_ne!(
            rolls(Kind::Bvn, "22200000000"),
            rolls(Kind::Bvn, "22200001000")
        );
    }

    #[test]
    fn choices_stay_in_their_bounds() {
        let mut dice = Dice::of(Kind::Bvn, "1");
        for _ in 0..1_000 {
            assert!((1960..=1999).contains(&dice.between(1960, 1999)));
            let (first, second) = dice.pick_two(&['a', 'b', 'c']);
            assert_ne!(first, second);
        }
    }
}
