//! Protocol versions: each side says the range that it understands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The newest version of the runner protocol that this build speaks.
pub const CURRENT: u32 = 1;
/// The oldest version of the runner protocol that this build still understands.
pub const OLDEST: u32 = 1;

/// A range of protocol versions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionRange {
    /// The oldest version understood.
    pub min: u32,
    /// The newest version understood.
    pub max: u32,
}

impl VersionRange {
    /// What this build understands.
    pub const OURS: Self = Self {
        min: OLDEST,
        max: CURRENT,
    };

    /// The newest version that both understand, if there is one.
    pub fn common_with(self, other: Self) -> Option<u32> {
        let newest = self.max.min(other.max);
        (newest >= self.min.max(other.min)).then_some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_common_version_is_taken() {
        let range = |min, max| VersionRange { min, max };
        assert_eq!(range(1, 3).common_with(range(2, 5)), Some(3));
        assert_eq!(range(1, 1).common_with(range(2, 5)), None);
    }
}
