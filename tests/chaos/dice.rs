//! Chance that can be had again: the same seed throws the same.

/// A row of throws.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The row that begins with `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A row of its own for one thing, whatever is thrown for others.
    pub(crate) fn of(seed: u64, thing: u64) -> Self {
        let mut dice = Self(seed ^ thing.wrapping_mul(0xA24B_AED4_963E_E407));
        dice.next();
        dice
    }

    /// The next number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, with both.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }

    /// One of `count` places.
    pub(crate) fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap()
    }
}

#[test]
fn the_same_seed_throws_the_same() {
    let throws = |seed| {
        (0..5)
            .map(|n| Dice::of(seed, n).between(1, 6))
            .collect::<Vec<_>>()
    };
    assert_eq!(throws(1), throws(1));
    let mut dice = Dice::new(7);
    assert!((0..1_000).all(|_| (3..=5).contains(&dice.between(3, 5))));
    assert!((0..1_000).all(|_| dice.place(4) < 4));
}
