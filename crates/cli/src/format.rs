//! How single things are written for people.

mod age;
mod approval;
mod job;
mod question;
mod text;

pub(crate) use age::{ago, clock, now};
pub(crate) use approval::{action, approval_lines};
pub(crate) use job::{hold, job_page, outcome, state};
pub(crate) use question::question_lines;
pub(crate) use text::{LogWriter, bytes, printable, short};
