//! Gemini CLI, over the Agent Client Protocol: its only protocol in which it can be
//! answered.
//!
//! What is special about it: it asks by ending its turn; it tells of a tool that needs
//! permission only in the request, and nothing after a denial; and it loses a session
//! that is loaded in the minute in which it was begun.

mod detect;
mod minute;
mod policy;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use async_trait::async_trait;
use protocol::agent::{AgentName, AgentStatus};

use crate::{
    acp::AcpAgent,
    driver::{Agent, Launch, Lookout, Session, SessionPlan, StartError, Traces},
    failure, tidy,
};
use policy::{ARGUMENT, PolicyFile};

/// Its product name.
const TITLE: &str = "Gemini CLI";

/// The agent.
#[derive(Debug)]
pub struct GeminiAgent {
    agent: AcpAgent,
    /// When this process last began or loaded a session.
    opened: Mutex<Option<SystemTime>>,
}

impl Default for GeminiAgent {
    fn default() -> Self {
        let agent = AcpAgent {
            arguments: vec!["--acp".to_owned()],
            model_argument: Some("-m".to_owned()),
            version_arguments: vec!["--version".to_owned()],
            mode: Some("default".to_owned()),
            reading_mode: Some("plan".to_owned()),
            ends_with_questions: true,
            needs_sign_in: true,
            install_hint: Some(detect::INSTALL.to_owned()),
            ..AcpAgent::new(AgentName::GEMINI, TITLE, PathBuf::from("gemini"))
        };
        Self {
            agent,
            opened: Mutex::default(),
        }
    }
}

#[async_trait]
impl Agent for GeminiAgent {
    fn name(&self) -> AgentName {
        self.agent.name.clone()
    }

    fn title(&self) -> &str {
        TITLE
    }

    fn traces(&self, lookout: &Lookout) -> Traces {
        detect::traces(lookout)
    }

    async fn detect(&self, lookout: &Lookout) -> AgentStatus {
        let mut status = self.agent.detect(lookout).await;
        detect::explain(lookout, &mut status);
        status
    }

    async fn start(&self, launch: Launch) -> Result<Session, StartError> {
        if matches!(launch.session, SessionPlan::Resume { .. }) {
            // What another process opened it may have opened just now.
            let opened = self.opened_at().unwrap_or_else(SystemTime::now);
            minute::wait_beyond(opened).await;
        }
        let policy = PolicyFile::write(&launch).map_err(|error| {
            let why = failure::chain(&error);
            failure::transient(format!("the policy for {TITLE} cannot be written: {why}"))
        })?;
        let mut agent = self.agent.clone();
        let path = policy.path().display().to_string();
        agent.arguments.extend([ARGUMENT.to_owned(), path]);
        let started = agent.start(launch).await;
        self.remember_opening();
        Ok(tidy::after(started?, move || policy.remove()))
    }
}

impl GeminiAgent {
    fn opened_at(&self) -> Option<SystemTime> {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session was opened by now at the latest.
    fn remember_opening(&self) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        *opened = Some(SystemTime::now());
    }
}
