//! Decisions, read from what a fuzzer makes up.

/// Bytes that are used up as decisions are made.
pub(super) struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether nothing is left to decide with.
    pub(super) fn are_over(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next byte; nothing once there are no more.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        *first
    }

    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let number = usize::from(self.byte());
        let number = if count > 256 {
            number << 8 | usize::from(self.byte())
        } else {
            number
        };
        number % count.max(1)
    }

    /// One of `items`.
    pub(super) fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// Up to `count` bytes as they are.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken.to_vec()
    }
}
