//! The service: one process a data directory, which takes jobs and looks after them.
//!
//! Every loop has a file of its own, and all are started and joined here. Ending
//! has three words: drained (`stop`), stopped now (`stop --now`), and detached
//! (a signal): then the workers run on, and the next start finds them.

mod answers;
mod api;
mod attempts;
mod breaker;
mod capabilities;
mod configure;
mod consent;
mod door;
mod health;
mod janitor;
mod ledger;
mod outbox;
mod pause;
mod place;
mod reading;
mod rules;
mod session;
mod shared;
mod standby;
mod state;
mod stopping;
mod sync;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use control::state::{Connection, ServiceState};
use journal::Journal;
use protocol::{
    ids::BootId,
    runner::{Pause, Slots},
};
use settings::{
    config::{Configuration, RunnerConfig, Values},
    credentials::{Choice, Credentials},
    data_dir::DataDir,
    places,
    rules::RuleFile,
};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock,
    options::{Error, Exit, Options},
};
use attempts::Attempts;
use door::Door;
use ledger::Ledger;
use rules::Rules;
use session::{Session, Wish};
use shared::{Boot, Shared};
use standby::Standby;
use state::Board;

/// Time for the loops to end once they are told to.
const JOIN_PATIENCE: Duration = Duration::from_secs(10);

/// Runs the service until it is stopped, or until `shutdown`: then it goes away, and its workers run on.
pub async fn run(
    options: Options,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<Exit, Error> {
    let choice = Choice::from_environment(|name| std::env::var(name).ok());
    run_with(options, choice, shutdown).await
}

/// As [`run`], with the place for tokens chosen by the caller.
pub async fn run_with(
    options: Options,
    credentials: Choice,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<Exit, Error> {
    let data = DataDir::open(&options.data)?;
    stopping::unmark(data.path());
    let configuration = configuration(data.path(), &options)?;
    let journal = Journal::open(data.path()).await?;
    let installation = journal.installation().await?;
    let here = place::of(data.path()).map_err(Error::Place)?;
    let elsewhere = place::is_elsewhere(installation.place.as_deref(), &here);
    if installation.place.is_none() {
        journal.set_place(&here).await?;
    }
    let boot = Boot {
        id: BootId(uuid::Uuid::now_v7()),
        number: journal.begin_boot().await?,
    };
    let rules = Rules::open(RuleFile::of(data.path()));
    let mut first = first_state(&configuration, installation.pause);
    first.rules.clone_from(&rules.now());
    let board = Arc::new(Board::new(first));
    let credentials = Credentials::new(&data.path().join("credentials.json"), credentials);
    let (session, wishes) =
        Session::new(Arc::clone(&board), credentials, installation.id, elsewhere);
    let config = Arc::new(configuration.config().clone());
    let door = control::Server::bind(data.path(), control::Limits::default()).await?;
    let shared = Arc::new(Shared {
        runtime_dir: control::runtime_dir(data.path())?,
        program: program(&options)?,
        data: data.path().to_owned(),
        place: here,
        boot,
        platform: capabilities::platform(),
        ledger: Ledger::new(journal),
        board,
        session,
        pause_revision: AtomicU64::new(installation.pause_revision),
        attempts: Attempts::default(),
        standby: Standby::new(data.path()),
        calendars_apart_ms: AtomicU64::new(janitor::UNKNOWN_MS),
        breaker: tokio::sync::Mutex::new(installation.breaker),
        rules,
        configuration: tokio::sync::Mutex::new(configuration),
        config: watch::Sender::new(config),
        sync_wanted: Notify::new(),
        search_path: watch::Sender::new(process::usual_path(&[])),
        rescan: Notify::new(),
        recheck: Notify::new(),
        troubles: std::sync::Mutex::default(),
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
        exit: watch::Sender::new(None),
        _lock: data,
    });
    // Whoever drops this future ends the loops with it; the workers run on.
    let _ends_all = shared.stop.clone().drop_guard();
    // Everything that is held is known before the first sync says so.
    if !elsewhere {
        shared.take_up_again().await?;
    }
    health::look(&shared).await;
    tracing::info!(data = %shared.data.display(), boot = boot.number, "the runner service is ready");
    start(&shared, door, wishes, &options);
    let exit = wait_for_end(&shared, &options, shutdown).await;
    finish(&shared).await;
    tracing::info!(?exit, "the runner service has ended");
    Ok(exit)
}

fn configuration(data: &Path, options: &Options) -> Result<Configuration, Error> {
    let environment = Values::from_environment(|name| std::env::var(name).ok())?;
    let given = Values {
        server: options.server.clone(),
        name: options.name.clone(),
        workspace_dir: options.workspace_dir.clone(),
        slots: options.slots,
        ..Values::default()
    };
    let configuration = Configuration::load(&places::config_file(data), environment, given)?;
    for key in configuration.unknown_keys() {
        tracing::warn!(key, "a key in the configuration file means nothing");
    }
    Ok(configuration)
}

fn program(options: &Options) -> Result<std::path::PathBuf, Error> {
    match &options.program {
        Some(program) => Ok(program.clone()),
        None => std::env::current_exe().map_err(Error::Program),
    }
}

fn first_state(configuration: &Configuration, paused: Option<Pause>) -> ServiceState {
    let slots = configuration.config().slots;
    ServiceState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: clock::now(),
        connection: Connection::SignedOut { because: None },
        runner: None,
        account: None,
        credentials: None,
        slots: Slots {
            total: slots,
            free: slots,
        },
        paused,
        draining: false,
        troubles: Vec::new(),
        agents: Vec::new(),
        tools: Vec::new(),
        scanning: true,
        space_used: None,
        attempts: Vec::new(),
        approvals: Vec::new(),
        questions: Vec::new(),
        settled: Vec::new(),
        rules: Vec::new(),
        config: door::shown(configuration),
    }
}

/// Starts every loop.
fn start(
    shared: &Arc<Shared>,
    door: control::Server,
    wishes: mpsc::Receiver<Wish>,
    options: &Options,
) {
    let until_stop = |name: &'static str, work: futures::future::BoxFuture<'static, ()>| {
        let stop = shared.stop.clone();
        shared.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => tracing::debug!(name, "a loop of the service has ended"),
            }
        });
    };
    let context = session::Context {
        server: server_address(shared),
        name: options
            .name
            .clone()
            .or_else(|| shared.settings().name.clone()),
        platform: shared.platform.clone(),
        account_login: options.account_login.clone(),
    };
    let session = Arc::clone(&shared.session);
    until_stop("session", Box::pin(session::run(session, context, wishes)));
    until_stop(
        "capabilities",
        Box::pin(capabilities::run(Arc::clone(shared))),
    );
    until_stop("health", Box::pin(health::run(Arc::clone(shared))));
    until_stop("janitor", Box::pin(janitor::run(Arc::clone(shared))));
    until_stop("standby", Box::pin(standby::run(Arc::clone(shared))));
    until_stop("pause", Box::pin(pause::run(Arc::clone(shared))));
    shared
        .tasks
        .spawn(sync::run(Arc::clone(shared), shared.stop.clone()));
    let handler = Arc::new(Door::new(Arc::clone(shared)));
    shared.tasks.spawn(door.serve(handler, shared.stop.clone()));
}

/// The coordinator's address by itself, so that other settings wake nobody.
fn server_address(shared: &Arc<Shared>) -> watch::Receiver<Option<String>> {
    let (address, seen) = watch::channel(shared.settings().server.clone());
    let mut config = shared.config.subscribe();
    let stop = shared.stop.clone();
    shared.tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = config.changed() => if changed.is_err() { return },
            }
            let now: Arc<RunnerConfig> = Arc::clone(&config.borrow_and_update());
            address.send_if_modified(|server| {
                let changed = *server != now.server;
                server.clone_from(&now.server);
                changed
            });
        }
    });
    seen
}

async fn wait_for_end(
    shared: &Shared,
    options: &Options,
    shutdown: impl Future<Output = ()> + Send,
) -> Exit {
    let mut exit = shared.exit.subscribe();
    let nobody = async {
        if options.no_input {
            shared.session.signed_out().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = shutdown => Exit::Detached,
        () = nobody => Exit::NotSignedIn,
        set = exit.wait_for(Option::is_some) => {
            set.ok().and_then(|exit| *exit).unwrap_or(Exit::Stopped)
        }
    }
}

/// Ends the loops; the workers are not touched.
async fn finish(shared: &Shared) {
    shared.stop.cancel();
    shared.tasks.close();
    if tokio::time::timeout(JOIN_PATIENCE, shared.tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!("a loop did not end in time");
    }
    shared.standby.clear().await;
    shared.ledger.close().await;
}
