//! What the agent asks: permission, answers, and what nobody can give it.

use protocol::{approval::Decision, question::QuestionItem};
use serde_json::{Value, json};

use super::{
    ending, errors,
    form::{self, Form},
    permission::{self, Options},
    wire::{AcpWire, Stage},
};
use crate::{bounds::weight, driver::TurnEnd, wire::Step};

/// A request of the agent that waits.
#[derive(Debug)]
pub(super) enum Request {
    Permission {
        id: Value,
        options: Options,
        tool_call: Option<String>,
    },
    Question {
        id: Value,
        form: Form,
    },
    /// The question in which the turn ended; its answer is the next prompt.
    Ending,
}

impl Request {
    /// The answer to what is not decided any more.
    fn withdrawn(&self) -> Option<Step> {
        match self {
            Self::Permission { id, .. } => Some(respond(id, &permission::cancelled())),
            Self::Question { id, .. } => Some(respond(id, &json!({"action": "cancel"}))),
            Self::Ending => None,
        }
    }
}

impl AcpWire {
    /// The agent wants something, and waits for the answer.
    pub(super) fn request(&mut self, id: &Value, method: &str, parameters: &Value) -> Vec<Step> {
        let in_turn = self.stage == Stage::Prompting && !self.interrupted;
        match method {
            "session/request_permission" if in_turn => self.asked(id, parameters),
            "session/request_permission" => vec![respond(id, &permission::cancelled())],
            "elicitation/create" if in_turn => match Form::read(parameters) {
                Some((form, items)) => {
                    let (key, id) = (id.to_string(), id.clone());
                    let waits = Request::Question { id, form };
                    match self.waiting.add(&key, waits, weight(parameters)) {
                        Ok(()) => vec![Step::Ask { key, items }],
                        Err(waits) => waits.withdrawn().into_iter().collect(),
                    }
                }
                None => vec![
                    respond(id, &form::declined()),
                    Step::notice("the agent asked something that is no form; it was declined"),
                ],
            },
            "elicitation/create" => vec![respond(id, &form::declined())],
            _ => vec![Step::Send(json!({
                "jsonrpc": "2.0",
                "id": id,
                "error": {
                    "code": errors::METHOD_NOT_FOUND,
                    "message": format!("{method} is not supported"),
                },
            }))],
        }
    }

    fn asked(&mut self, id: &Value, parameters: &Value) -> Vec<Step> {
        // Some agents tell of a tool in no other way.
        self.words_end();
        let options = Options::read(&parameters["options"]);
        let (tool_call, mut steps) = self.tools.asked(&parameters["toolCall"]);
        let call = self.tools.known(&parameters["toolCall"]);
        let refusal = if !options.can_allow() {
            Some("the agent asked for more than a single permission; it was denied")
        } else if !self.tools.are_whole(&parameters["toolCall"]) {
            Some("the agent asked for more than can be shown; it was denied")
        } else {
            None
        };
        if let Some(refusal) = refusal {
            steps.push(respond(id, &options.outcome(Decision::Deny)));
            steps.push(Step::notice(refusal));
            return steps;
        }
        let key = id.to_string();
        let waits = Request::Permission {
            id: id.clone(),
            options,
            tool_call: tool_call.clone(),
        };
        if let Err(waits) = self.waiting.add(&key, waits, weight(parameters)) {
            steps.extend(waits.withdrawn());
            return steps;
        }
        steps.push(Step::Approve {
            key,
            subject: permission::subject_of(&self.folder, &call),
            tool_call,
        });
        steps
    }

    /// Answers everything that waits as not decided any more.
    pub(super) fn withdraw_all(&mut self) -> Vec<Step> {
        let waiting = self.waiting.take_all();
        waiting
            .flat_map(|(key, request)| {
                let answer = request.withdrawn();
                [Some(Step::Withdraw(key)), answer].into_iter().flatten()
            })
            .collect()
    }

    /// The question in which a turn ended, where the agent has no other way to ask.
    pub(super) fn asked_by_ending(&mut self, end: &TurnEnd) -> Option<QuestionItem> {
        let may = self.habits.ends_with_questions
            && !self.interrupted
            && matches!(end, TurnEnd::Completed { .. })
            && self.questions < ending::QUESTIONS_MAX;
        let item = ending::question_in(&self.message).filter(|_| may)?;
        self.questions += 1;
        Some(item)
    }
}

pub(super) fn respond(id: &Value, result: &Value) -> Step {
    Step::Send(json!({"jsonrpc": "2.0", "id": id, "result": result}))
}
