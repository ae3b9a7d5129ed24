//! Bounds that both sides keep; each name carries its unit.

/// Longest instructions of a job; more belongs into an attachment.
pub const INSTRUCTIONS_BYTES_MAX: usize = 1024 * 1024;
/// Longest title of a job.
pub const TITLE_CHARS_MAX: usize = 200;
/// Longest name of a runner.
pub const RUNNER_NAME_CHARS_MAX: usize = 64;
/// Longest text of one log entry; a longer line continues in the next entry.
pub const LOG_TEXT_BYTES_MAX: usize = 16 * 1024;
/// Most entries in one upload of events or log.
pub const ENTRIES_PER_UPLOAD_MAX: usize = 1000;
/// Most bytes of text in one upload of log entries.
pub const UPLOAD_BYTES_MAX: usize = 1024 * 1024;
/// Largest part of an artifact or attachment in one call.
pub const PART_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest attachment of a job.
pub const ATTACHMENT_BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Most attachments of a job.
pub const ATTACHMENTS_PER_JOB_MAX: usize = 100;
/// Most files that one attempt hands back.
pub const ARTIFACTS_PER_ATTEMPT_MAX: usize = 1000;
/// How long a coordinator holds a sync open when nothing changes.
pub const SYNC_HOLD_MS: u64 = 20_000;
/// How long a runner waits for the answer to a sync.
pub const SYNC_GIVE_UP_MS: u64 = 25_000;
/// How long a lease lasts, from the sending of the sync that renewed it.
pub const LEASE_MS: u64 = 60_000;
/// Silence after which a runner shows as unreachable.
pub const UNREACHABLE_AFTER_MS: u64 = 30_000;
/// Time after a lease's end before the job may be claimed anew.
pub const LEASE_GRACE_MS: u64 = 240_000;
/// Time in which an assignment must be listed by a sync, or it goes back.
pub const ASSIGNMENT_ACCEPT_MS: u64 = 30_000;
/// Time that a cancelled attempt has to end before the job is Cancelled without it.
pub const CANCEL_DEADLINE_MS: u64 = 60_000;
/// Shortest deadline of a job.
pub const DEADLINE_S_MIN: u64 = 60;
/// Longest deadline of a job.
pub const DEADLINE_S_MAX: u64 = 90 * 24 * 60 * 60;
/// Most concurrent jobs that one runner may be set to.
pub const SLOTS_MAX: u32 = 64;
/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password; more would only cost time.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Longest name of a person or a workspace.
pub const NAME_CHARS_MAX: usize = 80;
/// How long an invitation can be accepted.
pub const INVITATION_LIFE_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// How long a link for a new password works.
pub const RESET_LIFE_MS: u64 = 60 * 60 * 1000;
/// How long a one-time token for a machine works.
pub const SETUP_TOKEN_LIFE_MS: u64 = 60 * 60 * 1000;
/// Longest reason or note that goes with disabling or pausing.
pub const NOTE_CHARS_MAX: usize = 200;
/// How long a removed runner can still be found and explained.
pub const TOMBSTONE_LIFE_MS: u64 = 90 * 24 * 60 * 60 * 1000;
/// Longest name of a model.
pub const MODEL_CHARS_MAX: usize = 100;
/// Most arguments that a job brings for its agent.
pub const EXTRA_ARGUMENTS_MAX: usize = 32;
/// Longest of these arguments.
pub const EXTRA_ARGUMENT_CHARS_MAX: usize = 500;
/// Longest rules of a workspace for its jobs.
pub const HOUSE_RULES_BYTES_MAX: usize = 16 * 1024;
/// Longest feedback to an attempt.
pub const FEEDBACK_BYTES_MAX: usize = 16 * 1024;
/// Most earlier attempts that an agent is told of.
pub const EARLIER_ATTEMPTS_MAX: usize = 5;
/// How long a rule of a machine's owner holds when nothing else is said.
pub const RULE_DAYS_DEFAULT: u32 = 30;
/// How long a rule may hold at most.
pub const RULE_DAYS_MAX: u32 = 365;
/// Most rules on one machine.
pub const RULES_MAX: usize = 200;
/// How long a request of an agent waits for a person when nothing else is set.
pub const APPROVAL_TIMEOUT_MIN_DEFAULT: u32 = 30;
/// Longest time that a request of an agent may be set to wait for a person: a week.
pub const APPROVAL_TIMEOUT_MIN_MAX: u32 = 7 * 24 * 60;
