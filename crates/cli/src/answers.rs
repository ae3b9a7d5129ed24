//! Answering agents: on the coordinator (`coord approvals`), and the words that
//! this machine's service (`coord runner approvals`) shares with it.

pub(crate) mod always;
pub(crate) mod approvals;
pub(crate) mod items;
pub(crate) mod pick;
pub(crate) mod questions;

pub(crate) use pick::pick;
