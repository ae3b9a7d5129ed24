//! What the machine can do: which system it is, and which agents are here.

use std::{path::PathBuf, sync::Arc, time::Duration};

use agents::driver::Lookout;
use protocol::agent::{AgentName, Platform};

use super::shared::Shared;
use crate::worker;

/// Time for the login shell to say its search path.
const SHELL_PATIENCE: Duration = Duration::from_secs(5);
/// Time for an agent's program to answer.
const AGENT_PATIENCE: Duration = Duration::from_secs(10);

/// Looks for agents at the start, when asked, and when their settings change.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut config = shared.config.subscribe();
    let mut agents_were = config.borrow_and_update().agents.clone();
    loop {
        look(&shared).await;
        loop {
            tokio::select! {
                () = shared.rescan.notified() => break,
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

async fn look(shared: &Shared) {
    shared.board.update(|state| state.scanning = true);
    // What is on the path of this process is known at once. A login shell may
    // take seconds to say its own, so that comes second.
    let near = process::usual_path(&[]);
    look_along(shared, &near).await;
    let mut path = near.clone();
    let shell = process::login_shell_path(SHELL_PATIENCE).await;
    for more in shell.unwrap_or_default() {
        if !path.contains(&more) {
            path.push(more);
        }
    }
    if path != near {
        look_along(shared, &path).await;
    }
    shared.board.update(|state| state.scanning = false);
}

async fn look_along(shared: &Shared, path: &[PathBuf]) {
    let settings = shared.settings();
    let lookout = |name: &AgentName| Lookout {
        program: settings.agent(name).program.map(PathBuf::from),
        search_path: path.to_vec(),
        environment: environment_along(path, name),
        patience: AGENT_PATIENCE,
    };
    let known = agents::catalog::known(shared.program.clone());
    let mut found = agents::catalog::detect_all(&known, lookout).await;
    for status in &mut found {
        status.enabled = settings.agent(&status.name).enabled;
    }
    shared.search_path.send_replace(path.to_vec());
    let changed = shared.board.now().agents != found;
    shared.board.update(|state| state.agents = found);
    if changed {
        shared.sync_wanted.notify_one();
    }
}

/// What `agent` may see of the owner's environment, with `path` as its search path:
/// a program that was found along it may need others from there.
pub(crate) fn environment_along(path: &[PathBuf], agent: &AgentName) -> Vec<(String, String)> {
    let mut environment = worker::allowed_environment(std::env::vars(), agent);
    let joined = std::env::join_paths(path)
        .ok()
        .and_then(|path| path.into_string().ok());
    if let Some(joined) = joined.filter(|path| !path.is_empty()) {
        environment.retain(|(name, _)| name != "PATH");
        environment.push(("PATH".to_owned(), joined));
    }
    environment
}

/// The machine, in words for a person.
pub(crate) fn platform() -> Platform {
    Platform {
        os: std::env::consts::OS.to_owned(),
        os_version: os_version(),
        arch: std::env::consts::ARCH.to_owned(),
        hostname: hostname(),
    }
}

#[cfg(target_os = "linux")]
fn os_version() -> String {
    let facts = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    pretty_name(&facts).unwrap_or_else(|| "Linux".to_owned())
}

/// The name in the file `os-release`, without its quotes.
#[cfg(target_os = "linux")]
fn pretty_name(facts: &str) -> Option<String> {
    let line = facts
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = line.trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn os_version() -> String {
    let facts = rustix::system::uname();
    format!(
        "{} {}",
        facts.sysname().to_string_lossy(),
        facts.release().to_string_lossy()
    )
}

#[cfg(not(unix))]
fn os_version() -> String {
    "Windows".to_owned()
}

#[cfg(unix)]
fn hostname() -> String {
    let facts = rustix::system::uname();
    facts.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn hostname() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_systems_name_is_read_without_its_quotes() {
        let facts = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(
            pretty_name(facts).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(pretty_name("ID=x\n"), None);
    }

    #[test]
    fn the_machine_has_a_name() {
        assert!(!platform().hostname.is_empty());
    }
}
