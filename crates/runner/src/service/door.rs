//! The door for faces: each request to the one function that does it.

use std::{path::PathBuf, sync::Arc};

use control::{
    Handler,
    message::{Reply, Request},
    state::{
        AgentTest, Config, CustomAgent, DirectoryCheck, ServerCheck, ServiceState, SpaceConfig,
        WorkspaceConfig,
    },
};
use protocol::{
    agent::AgentName,
    error::{ErrorCode, Problem},
};
use settings::{
    directory::{self, Places},
    places,
};
use tokio::sync::watch;

use super::{
    answers, api::Api, capabilities, configure, pause, place, reading::Reading, rules,
    session::Wish, shared::Shared, stopping,
};

/// Most entries in one answer.
const ENTRIES_MAX: u32 = 2000;

/// What the service does behind its socket.
pub(crate) struct Door {
    shared: Arc<Shared>,
    reading: Reading,
}

impl Door {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            reading: Reading::new(Arc::clone(&shared)),
            shared,
        }
    }

    async fn carry_out(&self, request: Request) -> Result<Reply, Problem> {
        let shared = &self.shared;
        match request {
            Request::SignIn => {
                place::become_own(shared).await.map_err(internal)?;
                self.wish(Wish::SignIn)
            }
            Request::Moved => {
                place::moved(shared).await.map_err(internal)?;
                Ok(Reply::Done)
            }
            Request::CancelSignIn => self.wish(Wish::CancelSignIn),
            Request::SignOut => self.wish(Wish::SignOut),
            Request::Pause { for_ms, note } => {
                pause::pause(shared, for_ms, note).await;
                Ok(Reply::Done)
            }
            Request::Resume => {
                pause::resume(shared).await;
                Ok(Reply::Done)
            }
            Request::Stop { now } => {
                stopping::stop(shared, now);
                Ok(Reply::Done)
            }
            Request::Rescan => {
                shared.board.update(|state| state.scanning = true);
                shared.rescan.notify_one();
                shared.recheck.notify_one();
                Ok(Reply::Done)
            }
            Request::Configure { patch } => {
                configure::configure(shared, patch).await?;
                Ok(Reply::Done)
            }
            Request::AnswerApproval {
                approval_id,
                answer,
                surface,
            } => {
                answers::approval(shared, approval_id, answer, surface).await?;
                Ok(Reply::Done)
            }
            Request::AnswerQuestion {
                question_id,
                answer,
                surface,
            } => {
                answers::question(shared, question_id, answer, surface).await?;
                Ok(Reply::Done)
            }
            Request::AddRule { rule } => Ok(Reply::Rule {
                rule: rules::add(shared, rule).await?,
            }),
            Request::RevokeRule { rule_id } => {
                rules::revoke(shared, rule_id).await?;
                Ok(Reply::Done)
            }
            Request::CancelAttempt { attempt_id } => {
                answers::cancel(shared, attempt_id)?;
                Ok(Reply::Done)
            }
            reading => self.read(reading).await,
        }
    }

    /// Requests that only look.
    async fn read(&self, request: Request) -> Result<Reply, Problem> {
        match request {
            Request::CheckDirectory { path } => Ok(Reply::Directory {
                check: self.check_directory(path).await?,
            }),
            Request::CheckServer { url } => Ok(Reply::Server {
                check: check_server(&url).await,
            }),
            Request::TestAgent { name, custom } => Ok(Reply::AgentTest {
                test: Box::new(self.test_agent(&name, custom).await?),
            }),
            Request::History { limit } => {
                let attempts = self.shared.ledger.history(limit).await.map_err(internal)?;
                Ok(Reply::History { attempts })
            }
            Request::ReadLog {
                attempt_id,
                after,
                limit,
                wait_ms,
            } => {
                let limit = limit.min(ENTRIES_MAX);
                let (entries, complete) =
                    self.reading.log(attempt_id, after, limit, wait_ms).await?;
                Ok(Reply::Log { entries, complete })
            }
            Request::ReadEvents {
                attempt_id,
                after,
                limit,
                wait_ms,
            } => {
                let limit = limit.min(ENTRIES_MAX);
                let (entries, complete) = self
                    .reading
                    .events(attempt_id, after, limit, wait_ms)
                    .await?;
                Ok(Reply::Events { entries, complete })
            }
            _ => Ok(Reply::State {
                state: Box::new((*self.shared.board.now()).clone()),
            }),
        }
    }

    async fn test_agent(
        &self,
        name: &AgentName,
        custom: Option<CustomAgent>,
    ) -> Result<AgentTest, Problem> {
        let custom = custom.map(configure::kept_custom);
        let kept = || self.shared.settings().agent(name).custom;
        let Some(custom) = custom.or_else(kept) else {
            return Err(Problem::new(
                ErrorCode::NotFound,
                format!("There is no agent of your own called `{name}`."),
            )
            .hint("Describe it first; agents that come with the runner need no test."));
        };
        Ok(capabilities::test(&self.shared, name, &custom).await)
    }

    fn wish(&self, wish: Wish) -> Result<Reply, Problem> {
        if self.shared.session.wish(wish) {
            return Ok(Reply::Done);
        }
        Err(answers::busy())
    }

    async fn check_directory(&self, path: String) -> Result<DirectoryCheck, Problem> {
        let data = self.shared.data.clone();
        tokio::task::spawn_blocking(move || {
            let home = places::home_dir();
            let known = Places {
                home: home.as_deref(),
                data_dir: &data,
            };
            let findings = directory::look_at(&PathBuf::from(path), known);
            DirectoryCheck {
                path: findings.path.display().to_string(),
                exists: findings.exists,
                problem: findings.problem.map(|problem| problem.to_string()),
                warnings: findings.warnings,
                free_bytes: findings.free_bytes,
            }
        })
        .await
        .map_err(internal)
    }
}

impl Handler for Door {
    fn states(&self) -> watch::Receiver<Arc<ServiceState>> {
        self.shared.board.watch()
    }

    fn workers(&self) -> Vec<u32> {
        self.shared.attempts.workers()
    }

    async fn handle(&self, request: Request) -> Reply {
        match self.carry_out(request).await {
            Ok(reply) => reply,
            Err(problem) => Reply::Refused { problem },
        }
    }
}

/// Looks whether a coordinator answers at `url`.
async fn check_server(url: &str) -> ServerCheck {
    let checked = async {
        let url = settings::server::normalize(url).map_err(|error| error.to_string())?;
        let api = Api::new(&url).map_err(|error| error.to_string())?;
        let instance = api.instance().await.map_err(|error| error.to_string())?;
        if instance.product != "coord" {
            return Err("Something answers there that is no coordinator.".to_owned());
        }
        Ok((url, instance.version))
    };
    match checked.await {
        Ok((url, version)) => ServerCheck {
            url,
            version: Some(version),
            problem: None,
        },
        Err(problem) => ServerCheck {
            url: url.to_owned(),
            version: None,
            problem: Some(problem),
        },
    }
}

/// The settings as a face shows them.
pub(crate) fn shown(configuration: &settings::config::Configuration) -> Config {
    let config = configuration.config();
    Config {
        server: config.server.clone(),
        name: config.name.clone(),
        workspace_dir: config
            .workspace_dir
            .as_ref()
            .map(|path| path.display().to_string()),
        slots: config.slots,
        agents: config
            .agents
            .iter()
            .map(|(name, agent)| (name.clone(), configure::shown_agent(agent)))
            .collect(),
        shared_use: configure::shown_shared_use(&config.shared_use),
        permission: config.permission,
        approval_timeout_min: config.approval_timeout_min,
        space: SpaceConfig {
            disk_floor_mb: config.space.disk_floor_mb,
            keep_days: config.space.keep_days,
            aside_days: config.space.aside_days,
        },
        workspaces: config
            .workspaces
            .iter()
            .map(|(name, one)| {
                let permission = one.permission;
                (name.clone(), WorkspaceConfig { permission })
            })
            .collect(),
        locked: configuration
            .locked()
            .iter()
            .map(ToString::to_string)
            .collect(),
        file: configuration.file().display().to_string(),
    }
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::new(
        ErrorCode::Internal,
        format!("The runner could not do it: {error}."),
    )
}
