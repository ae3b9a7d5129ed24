//! All SQL of the coordinator, on SQLite and on PostgreSQL.
//!
//! A [`Store`] has one function a use case; each is one transaction, and what
//! it returns has been committed. Missing is `None`, and a refusal is a value of
//! its own, never a string. The caller brings the time and the hashes of secrets.
//!
//! Not here: when something may happen (`lifecycle`), who may ask for it, and
//! any content of files (they stand in the object store).

#[cfg(test)]
extern crate self as store;

mod account;
mod alive;
mod api_token;
mod approval;
mod artifact;
mod assignment;
mod attachment;
mod attempt;
mod audit;
mod cancel;
mod claim;
mod derived;
mod device;
mod device_rule;
mod engine;
mod entry;
mod error;
mod grant;
mod identity;
mod invitation;
mod job;
mod job_list;
mod log_check;
mod membership;
mod notices;
mod notification;
mod object;
mod options;
mod order;
mod outcome;
mod overdue;
mod plan;
#[cfg(test)]
mod plans;
mod poisoned;
mod question;
mod queue;
mod register;
mod reset;
mod runner;
mod sealed_log;
mod session;
mod setup_token;
mod storage;
mod stream;
mod sync;
mod token_rule;
mod transfer;
mod transition;
mod workspace;

pub use account::{Account, AccountDeleted, NewAccount, NewOwner, OwnerCreated, SignedUp};
pub use api_token::{ApiBearer, NewApiToken};
pub use approval::{Answered, ApprovalRecord};
pub use artifact::{Artifact, ManifestResult, Part};
pub use attachment::{AttachmentAdded, NewAttachment};
pub use attempt::{Attempt, AttemptRef};
pub use audit::{Actor, Audit, AuditFilter, AuditLog, Subject};
pub use claim::{Claim, Claimed};
pub use device::{DeviceCode, DeviceDecided, DevicePoll, DeviceState, NewDeviceCode};
pub use entry::{Appended, Entry};
pub use error::{Error, Result};
pub use grant::{Bearer, Grant, GrantKind, NewGrant, Refreshed, TokenHashes};
pub use identity::{Identity, IdentityFound, ProviderSignIn};
pub use invitation::{InvitationAccepted, InvitationCreated, InvitationRenewed, NewInvitation};
pub use job::{
    CancelRequested, Job, JobChange, JobChanged, JobFilter, Moved, NewJob, Retried, TeamChanged,
};
pub use log_check::UncheckedLog;
pub use membership::{MemberRow, MembershipEnded, RoleChanged, Transferred};
pub use notices::{NOTICE_BYTES_MAX, Notices};
pub use notification::SilentRunner;
pub use options::{Options, Store};
pub use outcome::{OutcomeAccepted, OutcomeRefused};
pub use plan::AccountUse;
pub use poisoned::{Page, Poisoned};
pub use question::QuestionRecord;
pub use queue::{MonthlyQuotas, Place, QueueAsk, QueueLook, QueuedJob};
pub use register::{NewRunner, Registered};
pub use reset::NewResetLink;
pub use runner::{
    AccountRunner, PlaceChanged, RecentRefusal, Renamed, Runner, RunnerInView, RunnerPlace,
};
pub use sealed_log::{SealableLog, SealedLog};
pub use session::{NewSession, Session};
pub use setup_token::{NewSetupToken, SetupMachine};
pub use stream::{Entries, LogEntries};
pub use sync::{SyncAccepted, SyncRefused};
pub use transfer::{Source, TableDigest, Tally, Target, TransferError, copy as copy_database};
pub use workspace::{
    ErasableJob, Member, NewWorkspace, PlaceBeside, WorkspaceCreated, WorkspaceDeleted,
    WorkspaceKey, WorkspaceRenamed,
};
