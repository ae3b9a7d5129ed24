//! The record of an attempt: two numbered streams, events and log.
//!
//! Each is append-only and numbered from 1 without gaps. One entry is one line
//! of JSON; the same bytes stand on the runner's disk, travel, and can be made
//! again from what the coordinator keeps.

mod event;
mod log;

pub use event::{
    Event, EventEntry, NoticeLevel, PlanItem, PlanStatus, ToolKind, ToolStatus, TurnUsage, Usage,
};
pub use log::{LogEntry, LogKind, log_line};
