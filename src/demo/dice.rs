//! The dice of the demo: the same seed throws the same numbers on every machine.

/// A small generator (SplitMix64, Steele, Lea and Flood 2014). For invented people only, never for keys.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// Whether a chance of `percent` in a hundred comes up.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several.
    pub(super) fn one_of<'t, T>(&mut self, several: &'t [T]) -> Option<&'t T> {
        let last = i64::try_from(several.len()).ok()? - 1;
        several.get(usize::try_from(self.between(0, last)).ok()?)
    }
}
