//! Any agent that speaks the Agent Client Protocol, version 1, over its pipes.
//!
//! The messages are read leniently by hand: an update of a kind that is not known
//! yet is ignored, and a line of any length or content does no harm. Nothing is
//! queued without a bound, so an agent that floods is slowed down.

mod content;
mod errors;
mod form;
mod handshake;
mod permission;
mod tools;
mod wire;

use std::{path::Path, path::PathBuf};

use async_trait::async_trait;
use protocol::agent::{AgentName, AgentStatus, Detection, SignIn};

use crate::{
    driver::{Agent, Launch, Lookout, Session, StartError},
    failure,
    launch::program_of,
    turn::{self, Patience},
    wire::Refusal,
};
use wire::AcpWire;

/// An agent of the Agent Client Protocol.
#[derive(Debug, Clone)]
pub struct AcpAgent {
    /// Its short name.
    pub name: AgentName,
    /// Its product name.
    pub title: String,
    /// What its program is called, to be looked for; a path is taken as it is.
    pub program: PathBuf,
    /// The arguments that make it speak the protocol.
    pub arguments: Vec<String>,
    /// The arguments that make it print its version; none when it is asked nothing.
    pub version_arguments: Vec<String>,
    /// Whether it needs an account.
    pub needs_sign_in: bool,
    /// What to do when it is not here.
    pub install_hint: Option<String>,
}

#[async_trait]
impl Agent for AcpAgent {
    fn name(&self) -> AgentName {
        self.name.clone()
    }

    fn title(&self) -> &str {
        &self.title
    }

    async fn detect(&self, lookout: &Lookout) -> AgentStatus {
        let found = lookout
            .program
            .clone()
            .or_else(|| self.find(&lookout.search_path))
            .filter(|program| program.is_file());
        let mut status = AgentStatus {
            path: found.as_ref().map(|path| path.display().to_string()),
            sign_in: if self.needs_sign_in {
                SignIn::Unknown
            } else {
                SignIn::NotNeeded
            },
            hint: self.install_hint.clone(),
            ..AgentStatus::not_found(self.name.as_str(), self.title.as_str())
        };
        let Some(program) = found else {
            return status;
        };
        if self.version_arguments.is_empty() {
            status.detection = Detection::Detected;
            status.hint = None;
            return status;
        }
        match self.ask_version(&program, lookout).await {
            Ok(version) => {
                status.detection = Detection::Detected;
                status.version = Some(version);
                status.hint = None;
            }
            Err(why) => {
                status.detection = Detection::Unsupported;
                status.hint = Some(why);
            }
        }
        status
    }

    async fn start(&self, launch: Launch) -> Result<Session, StartError> {
        let program = program_of(&launch)
            .arguments(&self.arguments)
            .arguments(&launch.extra_arguments);
        let wire = AcpWire::new(&self.title, &launch);
        turn::start(&program, wire, Patience::USUAL)
            .await
            .map_err(|refusal| match refusal {
                Refusal::Failed(failure) => failure.into(),
                // The wire begins anew by itself; it never says this.
                Refusal::SessionGone => failure::transient("the session is gone").into(),
            })
    }
}

impl AcpAgent {
    fn find(&self, search_path: &[PathBuf]) -> Option<PathBuf> {
        if self.program.is_absolute() {
            return Some(self.program.clone());
        }
        process::find_program(self.program.to_str()?, search_path)
    }

    async fn ask_version(&self, program: &Path, lookout: &Lookout) -> Result<String, String> {
        let arguments: Vec<&str> = self.version_arguments.iter().map(String::as_str).collect();
        let answer = process::run_briefly(
            program,
            &arguments,
            lookout.environment.clone(),
            lookout.patience,
        )
        .await
        .map_err(|error| failure::chain(&error))?;
        let version = answer.stdout.split_whitespace().find(|word| {
            word.trim_start_matches('v')
                .starts_with(|sign: char| sign.is_ascii_digit())
        });
        match version {
            Some(version) if answer.status.success() => Ok(version.to_owned()),
            _ => Err(format!(
                "{} did not say its version ({}); reinstall it",
                program.display(),
                answer.status
            )),
        }
    }
}

#[cfg(test)]
pub(crate) fn wire_for(title: &str, launch: &Launch) -> impl crate::wire::Wire + use<> {
    AcpWire::new(title, launch)
}
