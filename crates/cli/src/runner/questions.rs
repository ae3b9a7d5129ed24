//! `coord runner questions`: on this machine, also while the coordinator is away.

use std::path::Path;

use control::{message::Request, state::WaitingQuestion};
use protocol::{
    approval::Surface,
    question::{Question, QuestionAnswer},
};
use serde_json::json;

use super::client;
use crate::{
    answers::{items, pick::pick, questions},
    arguments::{LocalAnswers, QuestionsCommand},
    context::Context,
    exit::Done,
    format,
};

/// Shows or answers what waits.
pub(super) async fn run(
    context: &Context,
    data: &Path,
    arguments: LocalAnswers<QuestionsCommand>,
) -> Done {
    let waiting = client::running_state(data).await?.questions;
    match arguments.command.unwrap_or_default() {
        QuestionsCommand::List => context.output.result(&waiting, || listed(&waiting)),
        QuestionsCommand::Answer { id, values, items } => {
            let one = pick(&waiting, |one| one.question.id, &id, "question")?;
            let answer = items::answer(&one.question, values, items)?;
            give(context, data, &one.question, answer, "Answered.").await
        }
        QuestionsCommand::Decline { id } => {
            let one = pick(&waiting, |one| one.question.id, &id, "question")?;
            let answer = QuestionAnswer::declining(&one.question);
            give(context, data, &one.question, answer, questions::DECLINED).await
        }
    }
}

async fn give(
    context: &Context,
    data: &Path,
    question: &Question,
    answer: QuestionAnswer,
    done: &str,
) -> Done {
    let request = Request::AnswerQuestion {
        question_id: question.id,
        answer,
        surface: Surface::CommandLine,
    };
    client::call(data, request).await?;
    let result = json!({"question_id": question.id});
    context.output.result(&result, || done.to_owned())
}

fn listed(waiting: &[WaitingQuestion]) -> String {
    if waiting.is_empty() {
        return "No question waits.".to_owned();
    }
    let one =
        |one: &WaitingQuestion| format::question_lines(one.job_number, &one.title, &one.question);
    waiting.iter().map(one).collect::<Vec<_>>().join("\n")
}
