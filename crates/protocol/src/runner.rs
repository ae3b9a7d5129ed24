//! What a runner and a coordinator say to each other (`/api/runner/v1`).
//!
//! State, not messages: a lost answer costs nothing, since the next sync brings
//! the same assignments and orders again. Every call carries a bearer token of
//! the runner's own and can be repeated.

#[cfg(test)]
mod older;
mod owner;
mod register;
mod sync;
mod upload;

pub use owner::{PauseTerms, PauseWish, PermissionLevel, RefusedAssignment, SharedUse};
pub use register::{RegisterRequest, RegisterResponse, TokenSet};
pub use sync::{
    Assignment, HeldAttempt, Input, LeaseGrant, Order, OrderKind, Pause, RunnerSettings, Slots,
    StopAttempt, StopReason, SyncRequest, SyncResponse, Trouble,
};
pub use upload::{
    AppendEvents, AppendLog, Appended, ArtifactFile, ArtifactManifest, ManifestStored, PartStored,
};
