//! What the machine can do: which system it is, and which agents and tools are here.

mod platform;
mod tools;
mod watch;

use std::{path::PathBuf, sync::Arc, time::Duration};

use agents::{
    acp::AcpAgent,
    custom::{self, CustomAgent},
    driver::Lookout,
};
use control::state::AgentTest;
use protocol::agent::AgentName;
use settings::config::{CustomSettings, RunnerConfig};

use super::shared::Shared;
use crate::worker;
use watch::Watching;

pub(crate) use platform::platform;

/// Time for the login shell to say its search path.
const SHELL_PATIENCE: Duration = Duration::from_secs(5);
/// Time for an agent's program to answer.
const AGENT_PATIENCE: Duration = Duration::from_secs(10);

/// Looks for agents and tools at the start, when asked, when their settings change, and
/// when a program or a sign-in of theirs does.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut config = shared.config.subscribe();
    let mut agents_were = config.borrow_and_update().agents.clone();
    let mut path = None;
    loop {
        let known = look(&shared, path.take()).await;
        let mut watching = Watching::begin(&traces(&shared, &known), &known);
        path = Some(known);
        loop {
            tokio::select! {
                () = shared.rescan.notified() => {
                    // Where programs are is asked anew as well.
                    path = None;
                    break;
                }
                () = watching.changed() => {
                    tracing::info!("an agent or its settings changed; looking again");
                    break;
                }
                changed = config.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let agents = config.borrow_and_update().agents.clone();
                    if agents != agents_were {
                        agents_were = agents;
                        break;
                    }
                }
            }
        }
    }
}

/// Looks along `path`, or along one that is found out first; gives it back.
async fn look(shared: &Shared, path: Option<Vec<PathBuf>>) -> Vec<PathBuf> {
    shared.board.update(|state| state.scanning = true);
    let path = match path {
        Some(path) => {
            look_along(shared, &path).await;
            path
        }
        None => look_anew(shared).await,
    };
    shared.board.update(|state| state.scanning = false);
    path
}

async fn look_anew(shared: &Shared) -> Vec<PathBuf> {
    // What is on the path of this process is known at once. A login shell may
    // take seconds to say its own, so that comes second.
    let own = process::usual_path(&[]);
    let near = with_usual_places(own.clone());
    let (shell, ()) = tokio::join!(
        process::login_shell_path(SHELL_PATIENCE),
        look_along(shared, &near)
    );
    // What the person's shell prefers comes before what merely is there.
    let mut path = own;
    for more in shell.unwrap_or_default() {
        if !path.contains(&more) {
            path.push(more);
        }
    }
    let path = with_usual_places(path);
    if path != near {
        look_along(shared, &path).await;
    }
    path
}

/// Where programs are that a bare search path leaves out comes after what it names.
fn with_usual_places(mut path: Vec<PathBuf>) -> Vec<PathBuf> {
    for folder in agents::places::usual_folders(&process::own_environment()) {
        if !path.contains(&folder) {
            path.push(folder);
        }
    }
    path
}

async fn look_along(shared: &Shared, path: &[PathBuf]) {
    let settings = shared.settings();
    let before = shared.board.now();
    let known = agents::catalog::all(shared.program.clone(), &described(&settings));
    let lookout_for = |name: &AgentName| lookout(&settings, path, name);
    let find_agents = async {
        let mut found = agents::catalog::detect_all(&known, lookout_for).await;
        for status in &mut found {
            status.enabled = settings.agent(&status.name).enabled;
        }
        shared.search_path.send_replace(path.to_vec());
        // Jobs wait for agents, and not for the tools beside them.
        shared.board.update(|state| state.agents = found);
        if shared.board.now().agents != before.agents {
            shared.sync_wanted.notify_one();
        }
    };
    let ((), tools) = tokio::join!(find_agents, tools::look(path));
    if before.tools != tools {
        shared.board.update(|state| state.tools = tools);
        shared.sync_wanted.notify_one();
    }
}

fn lookout(settings: &RunnerConfig, path: &[PathBuf], name: &AgentName) -> Lookout {
    Lookout {
        program: settings.agent(name).program.map(PathBuf::from),
        search_path: path.to_vec(),
        environment: environment_along(path, name),
        patience: AGENT_PATIENCE,
    }
}

fn traces(shared: &Shared, path: &[PathBuf]) -> agents::driver::Traces {
    let settings = shared.settings();
    let mut all = agents::driver::Traces::default();
    for agent in agents::catalog::all(shared.program.clone(), &described(&settings)) {
        let lookout = lookout(&settings, path, &agent.name());
        let more = agent.traces(&lookout);
        match lookout.program {
            Some(program) => all.programs.push(program),
            None => all.programs.extend(more.programs),
        }
        all.files.extend(more.files);
    }
    all
}

/// The agents that the owner described.
fn described(settings: &RunnerConfig) -> Vec<CustomAgent> {
    let agents = settings.agents.iter();
    agents
        .filter_map(|(name, agent)| Some(description(name, agent.custom.as_ref()?)))
        .collect()
}

fn description(name: &AgentName, custom: &CustomSettings) -> CustomAgent {
    CustomAgent {
        name: name.clone(),
        title: custom.title.clone().unwrap_or_else(|| name.to_string()),
        command: custom.command.clone(),
        arguments: custom.arguments.clone(),
        environment: custom.environment.clone().into_iter().collect(),
        mode: custom.mode.clone(),
    }
}

/// Starts an agent of the owner's own, hears what it says of itself, and ends it.
pub(crate) async fn test(shared: &Shared, name: &AgentName, custom: &CustomSettings) -> AgentTest {
    let settings = shared.settings();
    let path = shared.search_path.borrow().clone();
    let agent: AcpAgent = custom::agent(&description(name, custom));
    match agent.introduce(&lookout(&settings, &path, name)).await {
        Ok(told) => AgentTest {
            name: told.name,
            version: told.version,
            modes: told.modes,
            mode: told.mode,
            models: told.models,
            sign_ins: told.sign_ins,
            signed_out: told.signed_out,
            resumes: told.resumes,
            problem: told.problem,
        },
        Err(why) => AgentTest {
            problem: Some(why),
            ..AgentTest::default()
        },
    }
}

/// As [`environment_along`], with the variables that the owner set for the agent.
pub(crate) fn environment_for(
    settings: &RunnerConfig,
    path: &[PathBuf],
    agent: &AgentName,
) -> Vec<(String, String)> {
    let mut environment = environment_along(path, agent);
    if let Some(custom) = settings.agent(agent).custom {
        environment.retain(|(name, _)| !custom.environment.contains_key(name));
        environment.extend(custom.environment);
    }
    environment
}

/// What a worker sees of the owner's environment before it has an agent.
pub(crate) fn environment_of_workers() -> Vec<(String, String)> {
    worker::common_environment(process::own_environment())
}

/// What `agent` may see of the owner's environment, with `path` as its search path:
/// a program that was found along it may need others from there.
pub(crate) fn environment_along(path: &[PathBuf], agent: &AgentName) -> Vec<(String, String)> {
    let mut environment = worker::allowed_environment(process::own_environment(), agent);
    let joined = std::env::join_paths(path)
        .ok()
        .and_then(|path| path.into_string().ok());
    if let Some(joined) = joined.filter(|path| !path.is_empty()) {
        environment.retain(|(name, _)| name != "PATH");
        environment.push(("PATH".to_owned(), joined));
    }
    environment
}
