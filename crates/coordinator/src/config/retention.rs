//! `[retention]`: how long what is over is kept; for ever when left out.

use std::num::NonZeroU32;

use protocol::time::Timestamp;
use serde::Deserialize;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long what is over is kept.
#[expect(
    clippy::struct_field_names,
    reason = "the unit is part of each name in the file"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetentionConfig {
    /// Jobs that are done, failed or cancelled, with their records and files.
    pub(crate) jobs_days: Option<NonZeroU32>,
    /// Lines of audit logs.
    pub(crate) audit_days: Option<NonZeroU32>,
    /// Notifications that were read.
    pub(crate) notifications_days: Option<NonZeroU32>,
}

/// The moment before which what is over goes.
pub(crate) fn cutoff(days: NonZeroU32, now: Timestamp) -> Timestamp {
    let age = u64::from(days.get()).saturating_mul(DAY_MS);
    Timestamp(now.0.saturating_sub_unsigned(age))
}
