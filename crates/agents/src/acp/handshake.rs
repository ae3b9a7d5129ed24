//! From the first message to the first prompt.

use std::time::Duration;

use protocol::job::{Failure, FailureClass};
use serde_json::{Value, json};

use super::{
    errors,
    wire::{AcpWire, Stage},
};
use crate::{
    driver::{AgentEvent, SessionPlan},
    failure,
    wire::{Refusal, Step},
};

/// Modes in which an agent asks before it acts, in the order of preference.
const ASKING_MODES: &[&str] = &["default", "ask", "manual", "read-only"];
/// An agent may go on replaying a loaded session after it has said that it is loaded.
pub(super) const REPLAY_QUIET: Duration = Duration::from_millis(300);

impl AcpWire {
    pub(super) fn initialize(&mut self) -> Vec<Step> {
        let call = self.call(
            Stage::Initializing,
            "initialize",
            &json!({
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
            }),
        );
        vec![call]
    }

    /// The answer to a call of the handshake.
    pub(super) fn shaken(&mut self, stage: Stage, answer: Result<&Value, &Value>) -> Vec<Step> {
        match (stage, answer) {
            (Stage::Initializing, Ok(result)) => self.initialized(result),
            (Stage::Opening, Ok(result)) => self.opened(result),
            (Stage::Loading, Ok(result)) => {
                let SessionPlan::Resume { session } = &self.plan else {
                    return Vec::new();
                };
                self.session = Some(session.clone());
                self.opened(result)
            }
            (Stage::Loading, Err(error)) => {
                let words = errors::of(&self.title, error).message;
                self.before.push(Step::notice(format!(
                    "the earlier session could not be taken up again ({words}); a new one was begun"
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
            (Stage::Prompting | Stage::Settling | Stage::Over, _) => Vec::new(),
        }
    }

    fn initialized(&mut self, result: &Value) -> Vec<Step> {
        let version = result["protocolVersion"].as_u64().unwrap_or_default();
        if version != 1 {
            return refuse(failure::of(
                FailureClass::Config,
                format!(
                    "{} speaks version {version} of its protocol, and only version 1 is understood",
                    self.title
                ),
            ));
        }
        self.version = result["agentInfo"]["version"].as_str().map(str::to_owned);
        self.sign_ins = result["authMethods"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|method| method["name"].as_str().map(str::to_owned))
            .collect();
        let SessionPlan::Resume { session } = self.plan.clone() else {
            return vec![self.open()];
        };
        if result["agentCapabilities"]["loadSession"] != true {
            self.before.push(Step::notice(
                "this agent cannot take up an earlier session; a new one was begun",
            ));
            return vec![self.open()];
        }
        let parameters = json!({"sessionId": session, "cwd": self.folder, "mcpServers": []});
        vec![self.call(Stage::Loading, "session/load", &parameters)]
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
        let modes = &result["modes"]["availableModes"];
        let offered: Vec<&str> = modes
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|mode| mode["id"].as_str())
            .collect();
        if offered.is_empty() {
            return self.mode_set();
        }
        let asking = ASKING_MODES.iter().find(|mode| offered.contains(mode));
        let Some(mode) = asking else {
            return refuse(Failure {
                class: FailureClass::Config,
                message: format!(
                    "{} offers no mode in which it asks before it acts (it offers {})",
                    self.title,
                    offered.join(", ")
                ),
                hint: Some("Update the runner, or use another agent.".to_owned()),
            });
        };
        // Also when it is the current one: agents start in modes that do not ask.
        let parameters = json!({"sessionId": session, "modeId": mode});
        self.mode = Some((*mode).to_owned());
        vec![self.call(Stage::SettingMode, "session/set_mode", &parameters)]
    }

    fn mode_refused(&mut self, error: &Value) -> Vec<Step> {
        let is_current = self.offer["modes"]["currentModeId"].as_str() == self.mode.as_deref();
        if error["code"] == errors::METHOD_NOT_FOUND && is_current {
            return self.mode_set();
        }
        let mut failure = self.explained(error);
        failure.message = format!(
            "{} could not be set to ask before it acts: {}",
            self.title, failure.message
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
        let loaded = matches!(&self.plan, SessionPlan::Resume { session } if self.session.as_ref() == Some(session));
        if loaded {
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
        let parameters = json!({
            "sessionId": self.session,
            "prompt": [{"type": "text", "text": self.words}],
        });
        steps.push(self.call(Stage::Prompting, "session/prompt", &parameters));
        steps
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

fn refuse(failure: Failure) -> Vec<Step> {
    vec![Step::Refuse(Refusal::Failed(failure))]
}
