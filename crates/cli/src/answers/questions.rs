//! `coord questions`: on the coordinator.

use protocol::{api::QuestionView, question::QuestionAnswer};

use super::{items, pick::pick};
use crate::{
    arguments::{Questions, QuestionsCommand},
    client::Client,
    context::Context,
    exit::Done,
    format,
};

/// What is said when a question was left to the agent.
pub(crate) const DECLINED: &str = "Left to the agent.";

/// Shows or answers what waits.
pub(crate) async fn run(context: &Context, arguments: Questions) -> Done {
    let client = Client::signed_in(context, arguments.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.workspace.as_deref()).await?;
    let waiting = client.pending(&workspace).await?.questions;
    match arguments.command.unwrap_or_default() {
        QuestionsCommand::List => context.output.result(&waiting, || listed(&waiting)),
        QuestionsCommand::Answer { id, values, items } => {
            let view = pick(&waiting, |view| view.question.id, &id, "question")?;
            let answer = items::answer(&view.question, values, items)?;
            let answered = client.answer_question(view.question.id, &answer).await?;
            context.output.result(&answered, || "Answered.".to_owned())
        }
        QuestionsCommand::Decline { id } => {
            let view = pick(&waiting, |view| view.question.id, &id, "question")?;
            let answer = QuestionAnswer::declining(&view.question);
            let answered = client.answer_question(view.question.id, &answer).await?;
            context.output.result(&answered, || DECLINED.to_owned())
        }
    }
}

fn listed(waiting: &[QuestionView]) -> String {
    if waiting.is_empty() {
        return "No question waits.".to_owned();
    }
    let one = |view: &QuestionView| {
        format::question_lines(view.job_number, &view.job_title, &view.question)
    };
    waiting.iter().map(one).collect::<Vec<_>>().join("\n")
}
