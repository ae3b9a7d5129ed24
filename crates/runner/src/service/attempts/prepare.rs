//! Making everything ready for the worker: folders, inputs, the choice of the agent.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use lifecycle::{
    permission::{Levels, level},
    retry,
};
use protocol::{
    agent::{AgentStatus, Capabilities, Detection, SignIn},
    digest::RunningDigest,
    job::{Failure, FailureClass},
    runner::Input,
};

use settings::config::AgentSettings;

use super::{Entry, folders, resume};
use crate::{
    folder::JobFolder,
    link::Address,
    service::{api::CallError, consent, shared::Shared},
    worker::plan::{self, AgentSession, CustomPlan, LaunchPlan, Retry},
};

/// How often an input is fetched anew before the attempt fails.
const FETCHES_MAX: u32 = 5;
/// Time for a look for agents that is under way.
const SCAN_PATIENCE: Duration = Duration::from_mins(1);
/// How large a log may grow.
const LOG_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Sets the first wait between tries of an agent, in milliseconds; for tests.
const RETRY_BASE: &str = "COORD_RETRY_BASE_MS";
/// Sets how long an attempt is parked at most, in milliseconds; for tests.
const PARK_MAX: &str = "COORD_PARK_MAX_MS";
/// Sets how long it is parked at least, in milliseconds; for tests.
const PARK_MIN: &str = "COORD_PARK_MIN_MS";
/// Sets how long a request waits for a person, in milliseconds; for tests.
const ANSWER_PATIENCE: &str = "COORD_ANSWER_PATIENCE_MS";

/// Makes ready; every step may be repeated after a crash.
pub(super) async fn prepare(shared: &Shared, entry: &Entry) -> Result<LaunchPlan, Failure> {
    let settings = shared.settings();
    let Some(workspace_dir) = settings.workspace_dir.clone() else {
        return Err(Failure {
            class: FailureClass::Config,
            message: "This runner has no workspace directory, so the job has no place to run."
                .to_owned(),
            hint: Some("Choose one in the runner's settings.".to_owned()),
            until: None,
        });
    };
    let agent = choose(shared, entry).await?;
    let earlier = resume::earlier(shared, entry).await;
    let (agent, resume) = with_earlier(shared, entry, agent, earlier);
    // What the session knows of stands in the folder in which it was begun.
    let kept = resume
        .as_ref()
        .and_then(|session| session.job_folder.clone());
    let own = JobFolder::of(&workspace_dir, &entry.assignment);
    let job = kept.map_or(own, JobFolder::at);
    folders::make(&job).map_err(|error| no_folder(job.path(), &error))?;
    entry.change_view(|view| view.folder = Some(job.path().display().to_string()));
    for input in &entry.assignment.inputs {
        fetch(shared, entry, input, &job).await?;
    }
    entry.change_view(|view| view.agent = Some(agent.name.clone()));
    let wishes = settings.agent(&agent.name);
    let extra_arguments = arguments(&wishes, entry, &agent)?;
    let permission = level(Levels {
        general: settings.permission,
        agent: wishes.permission,
        workspace: settings.in_workspace(&entry.assignment.workspace),
        others: (entry.assignment.shared).then_some(settings.shared_use.permission),
    });
    let program = agent.path.as_deref().map(PathBuf::from);
    let custom = wishes.custom.map(|custom| CustomPlan {
        title: agent.title.clone(),
        arguments: custom.arguments,
        variables: custom.environment.into_keys().collect(),
        mode: custom.mode,
    });
    let plan = LaunchPlan {
        program: program.unwrap_or_else(|| shared.program.clone()),
        agent: agent.name,
        model: entry.assignment.model.clone().or(wishes.model),
        extra_arguments,
        job_folder: job.path().to_owned(),
        socket: Address::new(control::worker_socket(&shared.runtime_dir, entry.id())),
        retry: limits(),
        log_bytes_max: LOG_BYTES_MAX,
        custom,
        resume,
        permission,
        rules: (*shared.rules.now()).clone(),
        patience_ms: patience_ms(settings.approval_timeout_min),
    };
    let written = folders::make_record(entry)
        .and_then(|()| plan::write_for_now(&entry.folder.launch(), &plan));
    written.map_err(|error| no_folder(entry.folder.path(), &error))?;
    Ok(plan)
}

/// The agent of the earlier session where the job does not ask for another, and the
/// session where its own agent goes on with it.
fn with_earlier(
    shared: &Shared,
    entry: &Entry,
    chosen: AgentStatus,
    earlier: Option<AgentSession>,
) -> (AgentStatus, Option<AgentSession>) {
    let Some(name) = earlier.as_ref().and_then(|session| session.agent.clone()) else {
        return (chosen, None);
    };
    let mut wish = entry.assignment.clone();
    wish.agent.get_or_insert_with(|| name.clone());
    let settings = shared.settings();
    let capabilities = shared.capabilities();
    let again = consent::agent_for(&capabilities, &wish, &settings.shared_use).cloned();
    let agent = again.unwrap_or(chosen);
    let resume = earlier.filter(|_| agent.name == name);
    (agent, resume)
}

/// The owner's arguments for the agent, and the job's where the owner lets jobs bring some.
fn arguments(
    wishes: &AgentSettings,
    entry: &Entry,
    agent: &AgentStatus,
) -> Result<Vec<String>, Failure> {
    let asked = &entry.assignment.extra_arguments;
    if !asked.is_empty() && !wishes.job_arguments {
        return Err(Failure::new(
            FailureClass::Config,
            format!(
                "The job brings arguments for {}, and this runner's owner does not let jobs do that.",
                agent.title
            ),
        )
        .hint(format!(
            "Submit it without them, or set `job_arguments = true` under `[agents.{}]` in the \
             runner's settings.",
            agent.name
        )));
    }
    Ok([wishes.extra_arguments.as_slice(), asked].concat())
}

fn no_folder(folder: &Path, error: &io::Error) -> Failure {
    let full = error.kind() == io::ErrorKind::StorageFull;
    Failure {
        class: if full {
            FailureClass::Transient
        } else {
            FailureClass::Config
        },
        message: format!("The folder {} cannot be used: {error}.", folder.display()),
        hint: Some(if full {
            "Free some space on the runner's disk.".to_owned()
        } else {
            "Check the runner's workspace directory, and who may write to it.".to_owned()
        }),
        until: None,
    }
}

/// Fetches one input and puts it, checked, into the job's folder.
async fn fetch(
    shared: &Shared,
    entry: &Entry,
    input: &Input,
    job: &JobFolder,
) -> Result<(), Failure> {
    // A name is one segment: anything else could lead out of the folder.
    let harmless = Path::new(&input.name)
        .file_name()
        .is_some_and(|name| name == input.name.as_str())
        && !input.name.contains(['/', '\\']);
    if !harmless {
        return Err(Failure {
            class: FailureClass::Permanent,
            message: format!("The attachment's name `{}` is no file name.", input.name),
            hint: Some("Attach the file under another name.".to_owned()),
            until: None,
        });
    }
    let inputs = entry.folder.inputs();
    fs::create_dir_all(&inputs).map_err(|error| no_folder(&inputs, &error))?;
    let fetched = inputs.join(&input.name);
    let target = job.inputs().join(&input.name);
    let mut tries = 0;
    loop {
        if is_the_one(&fetched, input) {
            fs::copy(&fetched, &target).map_err(|error| no_folder(&target, &error))?;
            return Ok(());
        }
        tries += 1;
        let problem = match download(shared, entry, input, &fetched).await {
            Ok(()) if is_the_one(&fetched, input) => continue,
            Ok(()) => "what came is not what was attached (its checksum differs)".to_owned(),
            Err(error) => error.to_string(),
        };
        if tries >= FETCHES_MAX {
            return Err(Failure {
                class: FailureClass::Transient,
                message: format!(
                    "The attachment `{}` could not be fetched: {problem}",
                    input.name
                ),
                hint: None,
                until: None,
            });
        }
        let delay = retry::CALL.delay_ms(tries, rand::random_range(0..=1000), None);
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
}

async fn download(
    shared: &Shared,
    entry: &Entry,
    input: &Input,
    target: &Path,
) -> Result<(), CallError> {
    let call = shared.session.call().await?;
    call.api
        .input(&call.token, entry.id(), &input.name, target)
        .await
        .map_err(|error| call.judged(error))
}

fn is_the_one(path: &Path, input: &Input) -> bool {
    sha256_of(path).is_ok_and(|digest| digest == input.sha256)
}

fn sha256_of(path: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut file = fs::File::open(path)?;
    let mut digest = RunningDigest::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(digest.hex());
        }
        digest.update(&buffer[..read]);
    }
}

/// The agent that the job asks for, or the first that the owner prefers.
async fn choose(shared: &Shared, entry: &Entry) -> Result<AgentStatus, Failure> {
    let wish = entry.assignment.agent.as_ref();
    let settings = shared.settings();
    let found = |capabilities: &Capabilities| {
        consent::agent_for(capabilities, &entry.assignment, &settings.shared_use).cloned()
    };
    let mut capabilities = shared.capabilities();
    if wish.is_none() || found(&capabilities).is_none() {
        // Just after a start it is not known yet which agents are here.
        let mut state = shared.board.watch();
        let known = state.wait_for(|state| !state.scanning);
        if tokio::time::timeout(SCAN_PATIENCE, known).await.is_err() {
            tracing::warn!("agents are still being looked for");
        }
        capabilities = shared.capabilities();
    }
    if let Some(agent) = found(&capabilities) {
        return Ok(agent);
    }
    let Some(wish) = wish else {
        return Err(Failure {
            class: FailureClass::Config,
            message: "No agent on this runner can be used.".to_owned(),
            hint: Some("Enable an agent in the runner's settings, and sign it in.".to_owned()),
            until: None,
        });
    };
    let known = capabilities.agents.iter().find(|agent| agent.name == *wish);
    let (class, why) = match known {
        None => (FailureClass::Config, "this runner does not know it"),
        Some(agent) if agent.detection == Detection::NotFound => {
            (FailureClass::Config, "it is not installed on this machine")
        }
        Some(agent) if agent.detection == Detection::Unsupported => {
            (FailureClass::Config, "its version cannot be used")
        }
        Some(agent) if agent.sign_in == SignIn::SignedOut => {
            (FailureClass::Auth, "nobody is signed in to it")
        }
        Some(_) => (FailureClass::Config, "it is switched off on this runner"),
    };
    Err(Failure {
        class,
        message: format!("The agent `{wish}` cannot be used here: {why}."),
        hint: known.and_then(|agent| agent.hint.clone()),
        until: None,
    })
}

/// How long a request waits for a person.
fn patience_ms(minutes: u32) -> u64 {
    std::env::var(ANSWER_PATIENCE)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(u64::from(minutes) * 60_000)
}

fn limits() -> Retry {
    let set = |name| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
    };
    let backoff = retry::Backoff {
        first_ms: set(RETRY_BASE).unwrap_or(retry::AGENT.first_ms),
        ..retry::AGENT
    };
    let parking = retry::Parking {
        total_ms_max: set(PARK_MAX).unwrap_or(retry::PARKING.total_ms_max),
        once_ms_min: set(PARK_MIN).unwrap_or(retry::PARKING.once_ms_min),
    };
    Retry::new(backoff, parking)
}
