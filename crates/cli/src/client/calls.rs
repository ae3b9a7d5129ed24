//! The calls that verbs make, with their types.

use futures::{Stream, TryStreamExt as _};
use protocol::{
    api::{
        ApprovalView, EventPage, JobList, JobView, LogPage, Me, NewJob, PendingList, QuestionView,
        RetryRequest, RunnerList,
    },
    approval::ApprovalAnswer,
    ids::{ApprovalId, ArtifactId, JobId, QuestionId},
    question::QuestionAnswer,
};
use reqwest::{Method, Response, header};
use serde_json::json;

use super::{Client, unreachable};
use crate::{
    arguments::{JobRef, JobSelector},
    exit::Failure,
};

/// Most entries that are asked for at once.
const ENTRIES_PER_PAGE: u32 = 1000;

impl Client {
    /// Who is signed in.
    pub(crate) async fn me(&self) -> Result<Me, Failure> {
        self.get(&["api", "v1", "me"], &[]).await
    }

    /// The job that is meant.
    pub(crate) async fn selected_job(&self, selector: &JobSelector) -> Result<JobView, Failure> {
        match selector.job {
            JobRef::Id(id) => self.job(id).await,
            JobRef::Number(number) => {
                let workspace = self.workspace(selector.workspace.as_deref()).await?;
                let number = number.to_string();
                self.get(
                    &["api", "v1", "workspaces", &workspace, "jobs", &number],
                    &[],
                )
                .await
            }
        }
    }

    /// A job, whole.
    pub(crate) async fn job(&self, id: JobId) -> Result<JobView, Failure> {
        self.get(&["api", "v1", "jobs", &id.to_string()], &[]).await
    }

    /// A page of jobs, newest first.
    pub(crate) async fn jobs(
        &self,
        workspace: &str,
        query: &[(&str, String)],
    ) -> Result<JobList, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "jobs"], query)
            .await
    }

    /// Submits a job.
    pub(crate) async fn submit(&self, workspace: &str, job: &NewJob) -> Result<JobView, Failure> {
        self.post(&["api", "v1", "workspaces", workspace, "jobs"], job)
            .await
    }

    /// Makes a job of the backlog ready.
    pub(crate) async fn ready(&self, id: JobId) -> Result<(), Failure> {
        self.act(&["api", "v1", "jobs", &id.to_string(), "ready"], &json!({}))
            .await
    }

    /// Calls a job off.
    pub(crate) async fn cancel(&self, id: JobId) -> Result<(), Failure> {
        self.act(
            &["api", "v1", "jobs", &id.to_string(), "cancel"],
            &json!({}),
        )
        .await
    }

    /// Has one more attempt at a job that is over.
    pub(crate) async fn retry(
        &self,
        id: JobId,
        feedback: Option<String>,
    ) -> Result<JobView, Failure> {
        self.post(
            &["api", "v1", "jobs", &id.to_string(), "retry"],
            &RetryRequest { feedback },
        )
        .await
    }

    /// Hands a file to a job of the backlog.
    pub(crate) async fn attach(
        &self,
        id: JobId,
        name: &str,
        file: tokio::fs::File,
        size: u64,
    ) -> Result<(), Failure> {
        let body = reqwest::Body::wrap_stream(tokio_util::io::ReaderStream::new(file));
        let path = ["api", "v1", "jobs", &id.to_string(), "attachments", name];
        let request = self
            .request(Method::PUT, &path)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_LENGTH, size)
            .body(body);
        self.send(request).await.map(drop)
    }

    /// The runners in view of a workspace.
    pub(crate) async fn runners(&self, workspace: &str) -> Result<RunnerList, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "runners"], &[])
            .await
    }

    /// What waits for a person.
    pub(crate) async fn pending(&self, workspace: &str) -> Result<PendingList, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "pending"], &[])
            .await
    }

    /// Answers an approval.
    pub(crate) async fn answer_approval(
        &self,
        id: ApprovalId,
        answer: &ApprovalAnswer,
    ) -> Result<ApprovalView, Failure> {
        self.post(
            &["api", "v1", "approvals", &id.to_string(), "answer"],
            answer,
        )
        .await
    }

    /// Answers a question.
    pub(crate) async fn answer_question(
        &self,
        id: QuestionId,
        answer: &QuestionAnswer,
    ) -> Result<QuestionView, Failure> {
        self.post(
            &["api", "v1", "questions", &id.to_string(), "answer"],
            answer,
        )
        .await
    }

    /// Log entries of an attempt, after number `after`.
    pub(crate) async fn log(
        &self,
        id: JobId,
        attempt: u32,
        after: u64,
    ) -> Result<LogPage, Failure> {
        self.page(id, attempt, "log", after).await
    }

    /// Events of an attempt, after number `after`.
    pub(crate) async fn events(
        &self,
        id: JobId,
        attempt: u32,
        after: u64,
    ) -> Result<EventPage, Failure> {
        self.page(id, attempt, "events", after).await
    }

    async fn page<T: serde::de::DeserializeOwned>(
        &self,
        id: JobId,
        attempt: u32,
        stream: &str,
        after: u64,
    ) -> Result<T, Failure> {
        let (id, attempt) = (id.to_string(), attempt.to_string());
        let path = ["api", "v1", "jobs", &id, "attempts", &attempt, stream];
        let query = [
            ("after", after.to_string()),
            ("limit", ENTRIES_PER_PAGE.to_string()),
        ];
        self.get(&path, &query).await
    }

    /// The content of a file that an attempt handed back.
    pub(crate) async fn artifact(
        &self,
        id: ArtifactId,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, Failure>> + use<>, Failure> {
        let path = ["api", "v1", "artifacts", &id.to_string(), "content"];
        let response = self.send(self.request(Method::GET, &path)).await?;
        let server = self.server().to_owned();
        Ok(response
            .bytes_stream()
            .map_ok(Vec::from)
            .map_err(move |error| unreachable(&server, &error)))
    }

    /// The stream that says what changes in a workspace.
    pub(crate) async fn live(&self, workspace: &str) -> Result<Response, Failure> {
        let path = ["api", "v1", "workspaces", workspace, "live"];
        let request = self.request(Method::GET, &path);
        self.send(request.header(header::ACCEPT, "text/event-stream"))
            .await
    }
}
