//! From the first message to the first prompt.

use std::time::Duration;

use protocol::{
    job::{Failure, FailureClass},
    runner::PermissionLevel,
};
use serde_json::{Value, json};

use super::{
    errors,
    mode::{Modes, Setting},
    wire::{AcpWire, Stage},
};
use crate::{
    driver::AgentEvent,
    failure,
    wire::{Refusal, Step},
};

/// An agent may go on replaying a loaded session after it has said that it is loaded.
pub(super) const REPLAY_QUIET: Duration = Duration::from_millis(300);

impl AcpWire {
    pub(super) fn initialize(&mut self) -> Vec<Step> {
        let call = self.call(Stage::Initializing, "initialize", &introduction());
        vec![call]
    }

    /// The answer to a call of the handshake.
    pub(super) fn shaken(&mut self, stage: Stage, answer: Result<&Value, &Value>) -> Vec<Step> {
        match (stage, answer) {
            (Stage::Initializing, Ok(result)) => self.initialized(result),
            (Stage::Opening, Ok(result)) => self.opened(result),
            (Stage::Loading, Ok(result)) => {
                self.session.clone_from(&self.earlier);
                self.replays = true;
                self.opened(result)
            }
            (Stage::Resuming, Ok(result)) => {
                self.session.clone_from(&self.earlier);
                self.opened(result)
            }
            (Stage::Resuming, Err(_)) if self.can_load => vec![self.load()],
            (Stage::Loading | Stage::Resuming, Err(error)) => {
                let words = errors::of(&self.title, error).message;
                self.before.push(Step::notice(format!(
                    "the earlier session could not be taken up again, as it could not be found or \
                     read ({words}); a new one was begun"
                )));
                vec![self.open()]
            }
            (Stage::SettingMode, Ok(_)) => self.mode_set(),
            (Stage::SettingMode, Err(error)) => self.mode_refused(error),
            (Stage::SettingModel, Ok(_)) => self.settled(),
            (Stage::SettingModel, Err(error)) => self.model_refused(error),
            (Stage::Initializing | Stage::Opening, Err(error)) => {
                vec![Step::Refuse(Refusal::Failed(self.explained(error)))]
            }
            (Stage::Prompting | Stage::Settling | Stage::Asking | Stage::Over, _) => Vec::new(),
        }
    }

    fn initialized(&mut self, result: &Value) -> Vec<Step> {
        if let Err(failure) = check_version(&self.title, result) {
            return refuse(failure);
        }
        self.version = result["agentInfo"]["version"].as_str().map(str::to_owned);
        self.sign_ins = sign_ins(result);
        self.can_load = can_load(result);
        if self.earlier.is_none() {
            return vec![self.open()];
        }
        // An agent that offers it goes on without telling everything again.
        if can_resume(result) {
            let parameters = self.earlier_parameters();
            return vec![self.call(Stage::Resuming, "session/resume", &parameters)];
        }
        if self.can_load {
            return vec![self.load()];
        }
        self.before.push(Step::notice(
            "this agent cannot take up an earlier session; a new one was begun",
        ));
        vec![self.open()]
    }

    fn load(&mut self) -> Step {
        let parameters = self.earlier_parameters();
        self.call(Stage::Loading, "session/load", &parameters)
    }

    fn earlier_parameters(&self) -> Value {
        json!({"sessionId": self.earlier, "cwd": self.folder, "mcpServers": []})
    }

    fn open(&mut self) -> Step {
        let parameters = json!({"cwd": self.folder, "mcpServers": []});
        self.call(Stage::Opening, "session/new", &parameters)
    }

    fn opened(&mut self, result: &Value) -> Vec<Step> {
        if let Some(session) = result["sessionId"].as_str() {
            self.session = Some(session.to_owned());
        }
        let Some(session) = self.session.clone() else {
            return refuse(failure::transient(format!(
                "{} began a session without naming it",
                self.title
            )));
        };
        self.offer = result.clone();
        let modes = Modes::read(result);
        let unnamed = modes.offered.is_empty();
        let reads = self.level == PermissionLevel::ReadOnly;
        // A session that was taken up again may not name its modes, and still has them.
        let taken_up = self.is_taken_up();
        if unnamed && !taken_up && (reads || self.habits.mode.is_none()) {
            if reads {
                self.before.push(Step::notice(
                    "this agent has no mode in which it only reads: what it asks for is denied, \
                     and what it does without asking is not held back",
                ));
            }
            return self.mode_set();
        }
        let setting = if unnamed && taken_up {
            let habits = &self.habits;
            let mode = if reads {
                &habits.reading_mode
            } else {
                &habits.mode
            };
            Setting::Mode(mode.clone().unwrap_or_else(|| "default".to_owned()))
        } else {
            match modes.choose(&self.title, &self.habits, self.level) {
                Ok(setting) => setting,
                Err(why) => return refuse(no_mode(why)),
            }
        };
        vec![self.set_mode(&session, &setting)]
    }

    fn set_mode(&mut self, session: &str, setting: &Setting) -> Step {
        self.mode = Some(setting.mode().to_owned());
        match setting {
            Setting::Mode(mode) => {
                let parameters = json!({"sessionId": session, "modeId": mode});
                self.call(Stage::SettingMode, "session/set_mode", &parameters)
            }
            Setting::Option { id, mode } => {
                let parameters = json!({"sessionId": session, "configId": id, "value": mode});
                self.call(Stage::SettingMode, "session/set_config_option", &parameters)
            }
        }
    }

    fn mode_refused(&mut self, error: &Value) -> Vec<Step> {
        let modes = Modes::read(&self.offer);
        let no_call = error["code"] == errors::METHOD_NOT_FOUND;
        if no_call && (modes.offered.is_empty() || modes.current == self.mode) {
            return self.mode_set();
        }
        if self.level == PermissionLevel::ReadOnly
            && let (Some(refused), Some(session)) = (self.mode.clone(), self.session.clone())
            && let Some(asking) = modes.asking_instead(&refused)
        {
            return vec![self.set_mode(&session, &asking)];
        }
        let mut failure = self.explained(error);
        failure.message = format!(
            "{} could not be set to the mode `{}`: {}",
            self.title,
            self.mode.as_deref().unwrap_or_default(),
            failure.message
        );
        refuse(failure)
    }

    fn mode_set(&mut self) -> Vec<Step> {
        let (Some(model), Some(session)) = (self.model.clone(), self.session.clone()) else {
            return self.settled();
        };
        let options = self.offer["configOptions"].as_array();
        let option = options
            .into_iter()
            .flatten()
            .find(|option| option["category"] == "model" || option["id"] == "model")
            .and_then(|option| option["id"].as_str());
        if let Some(option) = option {
            let parameters = json!({"sessionId": session, "configId": option, "value": model});
            return vec![self.call(
                Stage::SettingModel,
                "session/set_config_option",
                &parameters,
            )];
        }
        if self.offer["models"].is_object() {
            let parameters = json!({"sessionId": session, "modelId": model});
            return vec![self.call(Stage::SettingModel, "session/set_model", &parameters)];
        }
        self.before.push(Step::notice(format!(
            "this agent does not let its model be chosen; {model} was asked for"
        )));
        self.model = None;
        self.settled()
    }

    fn model_refused(&mut self, error: &Value) -> Vec<Step> {
        let model = self.model.clone().unwrap_or_default();
        let mut failure = self.explained(error);
        failure.class = FailureClass::Config;
        failure.message = format!(
            "{} does not take the model {model}: {}",
            self.title, failure.message
        );
        failure.hint = Some("Choose another model for the job.".to_owned());
        refuse(failure)
    }

    /// All is set; a loaded session may still be replayed for a moment.
    fn settled(&mut self) -> Vec<Step> {
        if self.replays && self.session == self.earlier {
            self.stage = Stage::Settling;
            return Vec::new();
        }
        self.prompt()
    }

    pub(super) fn prompt(&mut self) -> Vec<Step> {
        let offered = &self.offer;
        let current = offered["configOptions"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|option| option["category"] == "model")
            .map_or(
                &offered["models"]["currentModelId"],
                |option| &option["currentValue"],
            );
        let model = self
            .model
            .clone()
            .or_else(|| current.as_str().map(str::to_owned));
        let mut steps = vec![
            Step::Ready,
            Step::Emit(AgentEvent::Started {
                version: self.version.clone(),
                session: self.session.clone(),
                model,
            }),
        ];
        steps.append(&mut self.before);
        let words = self.words.clone();
        steps.push(self.say(&words));
        steps
    }

    /// Says something to the agent; its answer ends the turn.
    pub(super) fn say(&mut self, words: &str) -> Step {
        let parameters = json!({
            "sessionId": self.session,
            "prompt": [{"type": "text", "text": words}],
        });
        self.call(Stage::Prompting, "session/prompt", &parameters)
    }

    /// An error of the handshake, with the ways to sign in where that is what is missing.
    fn explained(&self, error: &Value) -> Failure {
        let mut failure = errors::of(&self.title, error);
        if failure.class == FailureClass::Auth && !self.sign_ins.is_empty() {
            failure.hint = Some(format!(
                "Sign in with {} on the runner's machine ({}), then try again.",
                self.title,
                self.sign_ins.join(", ")
            ));
        }
        failure
    }
}

/// What we say of ourselves, and what we can.
pub(super) fn introduction() -> Value {
    json!({
        "protocolVersion": 1,
        "clientCapabilities": {
            "fs": {"readTextFile": false, "writeTextFile": false},
            "terminal": false,
            "elicitation": {"form": {}},
            "_meta": {"terminal_output": true},
        },
        "clientInfo": {
            "name": "coord-runner",
            "title": "Coord Runner",
            "version": env!("CARGO_PKG_VERSION"),
        },
    })
}

/// Whether an agent speaks the version of the protocol that is understood here.
pub(super) fn check_version(title: &str, result: &Value) -> Result<(), Failure> {
    let version = result["protocolVersion"].as_u64().unwrap_or_default();
    if version == 1 {
        return Ok(());
    }
    Err(failure::of(
        FailureClass::Config,
        format!(
            "{title} speaks version {version} of its protocol, and only version 1 is understood"
        ),
    ))
}

/// Whether an agent takes up a session and tells all of it again.
pub(super) fn can_load(result: &Value) -> bool {
    result["agentCapabilities"]["loadSession"] == true
}

/// Whether an agent takes up a session without telling it again.
pub(super) fn can_resume(result: &Value) -> bool {
    result["agentCapabilities"]["sessionCapabilities"]["resume"].is_object()
}

/// The ways to sign in, for people.
pub(super) fn sign_ins(result: &Value) -> Vec<String> {
    let methods = result["authMethods"].as_array();
    methods
        .into_iter()
        .flatten()
        .filter_map(|method| method["name"].as_str().map(str::to_owned))
        .collect()
}

fn no_mode(why: String) -> Failure {
    let mut failure = failure::of(FailureClass::Config, why);
    failure.hint = Some("Choose a mode in the agent's settings, or use another agent.".to_owned());
    failure
}

fn refuse(failure: Failure) -> Vec<Step> {
    vec![Step::Refuse(Refusal::Failed(failure))]
}
