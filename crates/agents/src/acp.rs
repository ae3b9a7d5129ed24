//! Any agent that speaks the Agent Client Protocol, version 1, over its pipes.
//!
//! The messages are read leniently by hand: an update of a kind that is not known
//! yet is ignored, and a line of any length or content does no harm. Nothing is
//! queued without a bound, so an agent that floods is slowed down.

mod content;
mod ending;
mod errors;
mod form;
mod handshake;
mod mode;
mod permission;
mod probe;
mod requests;
mod tools;
mod wire;

use std::{path::Path, path::PathBuf, time::Duration};

use async_trait::async_trait;
use process::Program;
use protocol::agent::{AgentAbilities, AgentName, AgentStatus, Detection, SignIn};

use crate::{
    driver::{Agent, Launch, Lookout, Session, StartError, Traces},
    launch::program_of,
    turn::{self, Patience},
    version,
};
use probe::Host;
use wire::{AcpWire, Habits};

pub use probe::Introduction;

/// An agent takes this many times longer to begin a session than to say its version.
const INTRODUCTION_LONGER: u32 = 4;

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
    /// The argument that a model is named after; without one it is chosen over the protocol.
    pub model_argument: Option<String>,
    /// Variables that the owner set for it.
    pub environment: Vec<(String, String)>,
    /// The arguments that make it print its version; none when it is asked nothing.
    pub version_arguments: Vec<String>,
    /// The mode that its owner chose; one in which it asks without it.
    pub mode: Option<String>,
    /// The mode in which it only reads, where that has a name of its own.
    pub reading_mode: Option<String>,
    /// Whether it cannot ask but by ending its turn.
    pub ends_with_questions: bool,
    /// Whether it needs an account; such an agent is asked for an introduction.
    pub needs_sign_in: bool,
    /// Whether its owner described it in the settings.
    pub custom: bool,
    /// What to do when it is not here.
    pub install_hint: Option<String>,
}

impl AcpAgent {
    /// An agent without any specialities.
    pub fn new(name: impl Into<String>, title: impl Into<String>, program: PathBuf) -> Self {
        Self {
            name: AgentName::new(name),
            title: title.into(),
            program,
            arguments: Vec::new(),
            model_argument: None,
            environment: Vec::new(),
            version_arguments: Vec::new(),
            mode: None,
            reading_mode: None,
            ends_with_questions: false,
            needs_sign_in: false,
            custom: false,
            install_hint: None,
        }
    }
}

#[async_trait]
impl Agent for AcpAgent {
    fn name(&self) -> AgentName {
        self.name.clone()
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn traces(&self, _: &Lookout) -> Traces {
        Traces {
            programs: vec![self.program.clone()],
            files: Vec::new(),
        }
    }

    async fn detect(&self, lookout: &Lookout) -> AgentStatus {
        let mut status = AgentStatus {
            sign_in: if self.needs_sign_in {
                SignIn::Unknown
            } else {
                SignIn::NotNeeded
            },
            custom: self.custom,
            hint: self.install_hint.clone(),
            ..AgentStatus::not_found(self.name.as_str(), self.title.as_str())
        };
        let Some(program) = self.find(lookout) else {
            if let Some(program) = &lookout.program {
                status.hint = Some(format!("There is no program at {}.", program.display()));
            }
            return status;
        };
        status.path = Some(program.display().to_string());
        let (version, told) = tokio::join!(
            self.ask_version(&program, lookout),
            self.asked_for_introduction(&program, lookout)
        );
        match version {
            Ok(version) => {
                status.detection = Detection::Detected;
                status.version = version;
                status.hint = None;
            }
            Err(why) => {
                status.detection = Detection::Unsupported;
                status.hint = Some(why);
                return status;
            }
        }
        match told {
            None => {}
            Some(Ok(told)) => self.add(told, &mut status),
            Some(Err(why)) => {
                // What says its version can still be given a job; the job tells more then.
                if self.version_arguments.is_empty() {
                    status.detection = Detection::Unsupported;
                }
                status.hint = Some(why);
            }
        }
        status
    }

    async fn start(&self, launch: Launch) -> Result<Session, StartError> {
        let mut launch = launch;
        let mut program = program_of(&launch)
            .environment(self.environment.clone())
            .arguments(&self.arguments);
        if let Some(argument) = &self.model_argument
            && let Some(model) = launch.model.take()
        {
            program = program.arguments([argument, &model]);
        }
        let program = program.arguments(&launch.extra_arguments);
        let wire = AcpWire::new(&self.title, &launch, self.habits());
        turn::start(&program, wire, Patience::USUAL)
            .await
            // The wire begins anew by itself; it never says that the session is gone.
            .map_err(|refusal| refusal.for_start(&self.title))
    }
}

impl AcpAgent {
    fn habits(&self) -> Habits {
        Habits {
            mode: self.mode.clone(),
            reading_mode: self.reading_mode.clone(),
            ends_with_questions: self.ends_with_questions,
        }
    }

    fn find(&self, lookout: &Lookout) -> Option<PathBuf> {
        if lookout.program.is_none() && self.program.is_absolute() {
            return self.program.is_file().then(|| self.program.clone());
        }
        lookout.find(self.program.to_str()?)
    }

    /// Starts the agent, hears what it says of itself, and ends it; no job is given to it.
    ///
    /// An error holds what went wrong in the agent's own words.
    pub async fn introduce(&self, lookout: &Lookout) -> Result<Introduction, String> {
        let program = self.find(lookout).ok_or_else(|| {
            let wanted = lookout.program.as_ref().unwrap_or(&self.program);
            format!(
                "There is no program `{}` on this machine.",
                wanted.display()
            )
        })?;
        self.introduced(&program, lookout).await
    }

    async fn introduced(&self, program: &Path, lookout: &Lookout) -> Result<Introduction, String> {
        let folder = probe::empty_folder(lookout)
            .map_err(|error| format!("no folder could be made to start it in: {error}"))?;
        let program = Program::new(program)
            .folder(&folder)
            .environment(lookout.environment.clone())
            .environment(self.environment.clone())
            .arguments(&self.arguments);
        let host = Host {
            title: &self.title,
            mode: self.mode.as_deref(),
            folder: &folder,
            patience: introduction_patience(lookout),
        };
        host.introduced(&program).await
    }

    async fn asked_for_introduction(
        &self,
        program: &Path,
        lookout: &Lookout,
    ) -> Option<Result<Introduction, String>> {
        if !self.needs_sign_in && !self.custom {
            return None;
        }
        Some(self.introduced(program, lookout).await)
    }

    fn add(&self, told: Introduction, status: &mut AgentStatus) {
        status.version = status.version.take().or(told.version);
        status.abilities = AgentAbilities {
            resume: told.resumes,
            questions: self.ends_with_questions,
            modes: told.modes,
            models: told.models,
        };
        if let Some(problem) = told.problem {
            status.detection = Detection::Unsupported;
            status.hint = Some(problem);
        } else if let Some(words) = told.signed_out {
            status.sign_in = SignIn::SignedOut;
            status.hint = Some(sign_in_hint(&words, &told.sign_ins));
        } else if told.signed_in == Some(true) || !told.sign_ins.is_empty() {
            // Without a credential it would not have begun a session.
            status.sign_in = SignIn::SignedIn;
            status.account = told.account;
        }
    }

    async fn ask_version(
        &self,
        program: &Path,
        lookout: &Lookout,
    ) -> Result<Option<String>, String> {
        if self.version_arguments.is_empty() {
            return Ok(None);
        }
        let arguments: Vec<&str> = self.version_arguments.iter().map(String::as_str).collect();
        let question = version::Question {
            program,
            arguments: &arguments,
            environment: lookout.environment.clone(),
            patience: lookout.patience,
        };
        let version = question.asked(|said| said.split_whitespace().find_map(version::believed));
        version.await.map(Some)
    }
}

fn introduction_patience(lookout: &Lookout) -> Duration {
    lookout.patience * INTRODUCTION_LONGER
}

fn sign_in_hint(words: &str, ways: &[String]) -> String {
    if ways.is_empty() {
        words.to_owned()
    } else {
        format!("{words} Its ways to sign in: {}.", ways.join(", "))
    }
}

/// What a person is asked by a form, and the form as `answers` fill it in.
#[cfg(test)]
pub(crate) fn form_of(
    request: &serde_json::Value,
    answers: impl FnOnce(&[protocol::question::QuestionItem]) -> Vec<protocol::question::ItemAnswer>,
) -> Option<serde_json::Value> {
    let (form, items) = form::Form::read(request)?;
    Some(form.fill(&answers(&items)))
}

/// What an agent says of itself, read from its answers to the greeting and to a session's begin.
#[cfg(test)]
pub(crate) fn introduction_of(
    greeting: &serde_json::Value,
    offer: &serde_json::Value,
) -> Result<Introduction, String> {
    Host::of_answers(greeting, offer)
}

/// The question in which a turn ended.
#[cfg(test)]
pub(crate) fn question_in(message: &str) -> Option<protocol::question::QuestionItem> {
    ending::question_in(message)
}

#[cfg(test)]
pub(crate) fn wire_for(title: &str, launch: &Launch) -> impl crate::wire::Wire + use<> {
    AcpWire::new(title, launch, Habits::default())
}

#[cfg(test)]
mod tests;
