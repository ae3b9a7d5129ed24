//! The runners of a workspace as one answer, computed once for everybody who looks.
//!
//! A page fetches anew when it is told of a change, and all pages of a workspace
//! are told at the same moment (see `live`). So the list is read and written out
//! once for each telling, and each reader gets it with what they may do on top.

use std::{
    collections::HashMap,
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use protocol::{
    api::{Role, RunnerList, RunnerView},
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};
use tokio::sync::Mutex as Turn;

use super::view::{condition, relation, without_options};
use crate::{
    app::App,
    auth::Membership,
    error::{ApiError, ApiResult},
    live::Marks,
    rights::{Right, runner::options},
};

/// How long a list stays good when nothing is known to have changed: heartbeats are not told.
const QUIET_MS_MAX: u64 = 5_000;
/// How long it stays good while readers have not been told of changes that are known.
const UNTOLD_MS_MAX: u64 = 1_000;
/// How many lists are kept before old ones are let go.
const KEPT_MAX: usize = 64;

/// The newest list of each workspace.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<HashMap<WorkspaceId, Arc<Slot>>>);

/// One workspace's list; whoever holds the turn computes it, and the others wait for that.
#[derive(Debug, Default)]
struct Slot(Turn<Option<Arc<Computed>>>);

/// A list as everybody sees it, with the answers that were made of it.
#[derive(Debug)]
struct Computed {
    runners: Vec<RunnerView>,
    marks: Marks,
    at: Timestamp,
    answers: Mutex<HashMap<Reader, Arc<ListAnswer>>>,
}

/// Readers who get the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Reader {
    role: Role,
    /// Set when some of the runners are theirs.
    account: Option<AccountId>,
    own_only: bool,
}

/// The list for some readers, ready to be sent.
#[derive(Debug)]
pub(crate) struct ListAnswer {
    /// Names this very content.
    pub(crate) tag: String,
    /// As JSON.
    pub(crate) plain: Bytes,
    /// The same, compressed.
    pub(crate) gzip: Bytes,
}

/// The runners in view of a workspace, by name; with `own_only` those of the reader.
pub(crate) async fn list(
    app: &App,
    reader: &Membership,
    own_only: bool,
) -> ApiResult<Arc<ListAnswer>> {
    reader.require(Right::Read)?;
    let computed = newest(app, reader.0.workspace.id).await?;
    let account = reader.0.account_id;
    let owns_some = computed
        .runners
        .iter()
        .any(|runner| runner.owner.id == account);
    let reader = Reader {
        role: reader.0.role,
        account: owns_some.then_some(account),
        own_only,
    };
    if let Some(answer) = computed.answers().get(&reader) {
        return Ok(Arc::clone(answer));
    }
    let answer = Arc::new(computed.answer(reader)?);
    computed.answers().insert(reader, Arc::clone(&answer));
    Ok(answer)
}

async fn newest(app: &App, workspace: WorkspaceId) -> ApiResult<Arc<Computed>> {
    let slot = app.lists.slot(workspace);
    let mut turn = slot.0.lock().await;
    let marks = app.live.marks(workspace);
    let now = app.now();
    if let Some(computed) = turn.as_ref().filter(|list| list.is_good(marks, now)) {
        return Ok(Arc::clone(computed));
    }
    let seen = app.store.runners_in_view(workspace).await?;
    let runners = seen
        .into_iter()
        .map(|seen| compact(without_options(seen, now)))
        .collect();
    let computed = Arc::new(Computed {
        runners,
        marks,
        at: now,
        answers: Mutex::default(),
    });
    *turn = Some(Arc::clone(&computed));
    metrics::counter!("coord_runner_lists_total").increment(1);
    Ok(computed)
}

impl Lists {
    fn slot(&self, workspace: WorkspaceId) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT_MAX && !slots.contains_key(&workspace) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(workspace).or_default())
    }
}

impl Computed {
    fn is_good(&self, marks: Marks, now: Timestamp) -> bool {
        let age = now.millis_since(self.at);
        let quiet = marks == self.marks && age < QUIET_MS_MAX;
        let untold = marks.told == self.marks.told && age < UNTOLD_MS_MAX;
        marks.demanded == self.marks.demanded && (quiet || untold)
    }

    fn answer(&self, reader: Reader) -> ApiResult<ListAnswer> {
        let account = reader.account;
        let runners = self
            .runners
            .iter()
            .filter(|runner| !reader.own_only || Some(runner.owner.id) == account)
            .map(|runner| {
                let relation = relation(runner, account.unwrap_or(NOBODY));
                RunnerView {
                    options: options(relation, reader.role, condition(runner)),
                    ..runner.clone()
                }
            })
            .collect();
        let plain = serde_json::to_vec(&RunnerList { runners })
            .map_err(|error| ApiError::internal(&error))?;
        // It is made anew at every change: little time counts for more than the last bytes.
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let written = gzip.write_all(&plain).and_then(|()| gzip.finish());
        let gzip = written.map_err(|error| ApiError::internal(&error))?;
        let digest = protocol::digest::sha256_hex(&plain);
        Ok(ListAnswer {
            // Weak, since the same list travels plain and compressed.
            tag: format!("W/\"{}\"", digest.get(..32).unwrap_or(&digest)),
            plain: plain.into(),
            gzip: gzip.into(),
        })
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Reader, Arc<ListAnswer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const NOBODY: AccountId = AccountId(uuid::Uuid::nil());

/// Leaves out what only the runner's own page shows: agents that are not there, and how they are installed.
fn compact(mut view: RunnerView) -> RunnerView {
    if let Some(capabilities) = &mut view.capabilities {
        capabilities
            .agents
            .retain(|agent| agent.detection == protocol::agent::Detection::Detected);
        for agent in &mut capabilities.agents {
            agent.path = None;
            agent.hint = None;
        }
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    fn computed(marks: Marks) -> Computed {
        Computed {
            runners: Vec::new(),
            marks,
            at: Timestamp(10_000),
            answers: Mutex::default(),
        }
    }

    #[test]
    fn a_list_is_computed_anew_once_readers_are_told_of_a_change() {
        let marks = Marks {
            changed: 4,
            told: 2,
            demanded: 1,
        };
        let list = computed(marks);
        let soon = Timestamp(10_500);
        assert!(list.is_good(marks, soon));
        let untold = Marks {
            changed: 5,
            ..marks
        };
        assert!(
            list.is_good(untold, soon),
            "those who look will be told, and ask again"
        );
        let told = Marks { told: 3, ..untold };
        assert!(!list.is_good(told, soon));
    }

    #[test]
    fn what_a_person_has_done_shows_at_once() {
        let list = computed(Marks::default());
        let demanded = Marks {
            demanded: 1,
            ..Marks::default()
        };
        assert!(!list.is_good(demanded, Timestamp(10_001)));
    }

    #[test]
    fn no_list_stays_for_long() {
        let list = computed(Marks::default());
        let changed = Marks {
            changed: 1,
            ..Marks::default()
        };
        assert!(!list.is_good(changed, Timestamp(11_000)));
        assert!(list.is_good(Marks::default(), Timestamp(11_000)));
        assert!(!list.is_good(Marks::default(), Timestamp(15_000)));
    }

    #[test]
    fn readers_with_the_same_rights_share_an_answer() {
        let list = computed(Marks::default());
        let reader = Reader {
            role: Role::Member,
            account: None,
            own_only: false,
        };
        let answer = list.answer(reader).unwrap();
        assert_eq!(&answer.plain[..], br#"{"runners":[]}"#);
        let mut read = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::GzDecoder::new(&answer.gzip[..]),
            &mut read,
        )
        .unwrap();
        assert_eq!(read.as_bytes(), &answer.plain[..]);
    }
}
