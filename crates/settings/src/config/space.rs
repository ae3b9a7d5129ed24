//! Room on the disk, and how long what is over stays there.

/// How much room the runner leaves, and when it cleans up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceSettings {
    /// Free space below which the runner takes nothing new, in megabytes; 0 for none.
    pub disk_floor_mb: u32,
    /// Days after the end of an attempt until its folders are put aside; 0 for never.
    pub keep_days: u32,
    /// Days until what was put aside is deleted.
    pub aside_days: u32,
}

impl SpaceSettings {
    /// The floor in bytes.
    pub const fn disk_floor_bytes(self) -> u64 {
        self.disk_floor_mb as u64 * 1_000_000
    }
}

impl Default for SpaceSettings {
    fn default() -> Self {
        Self {
            disk_floor_mb: 1000,
            keep_days: 30,
            aside_days: 7,
        }
    }
}
