//! `coord job submit`

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use protocol::{
    api::{JobView, NewJob},
    job::{JobContext, Priority},
    limits::{ATTACHMENT_BYTES_MAX, INSTRUCTIONS_BYTES_MAX},
};
use serde_json::json;

use super::{target, text};
use crate::{
    arguments::Submit,
    client::Client,
    context::Context,
    exit::{Done, Failure},
    format,
};

/// Submits a job, with its attachments.
pub(super) async fn run(context: &Context, arguments: Submit) -> Done {
    // Everything that can be wrong here is looked at before anything is sent.
    let instructions = instructions(&arguments.instructions_file)?;
    let attachments = arguments
        .attach
        .iter()
        .map(|path| Attachment::look(path))
        .collect::<Result<Vec<_>, _>>()?;
    let client = Client::signed_in(context, arguments.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.workspace.as_deref()).await?;
    let new = NewJob {
        title: arguments.title,
        instructions,
        context: JobContext::Local,
        target: target::resolve(&client, &workspace, &arguments.target).await?,
        agent: arguments.agent,
        model: arguments.model,
        extra_arguments: arguments.agent_arguments,
        priority: Priority::default(),
        deadline_s: arguments.deadline_s,
        team: Vec::new(),
        ready: !arguments.backlog && attachments.is_empty(),
    };
    let mut job = client.submit(&workspace, &new).await?;
    if !attachments.is_empty() {
        job = hand_over(context, &client, job, &attachments, arguments.backlog).await?;
    }
    show(context, &job)
}

/// Uploads the attachments, then makes the job ready unless it shall wait.
async fn hand_over(
    context: &Context,
    client: &Client,
    job: JobView,
    attachments: &[Attachment],
    backlog: bool,
) -> Result<JobView, Failure> {
    for attachment in attachments {
        let sent = attachment.send(client, &job).await;
        if let Err(failure) = sent {
            context.output.message(&format!(
                "Job #{} stays in the backlog without `{}`.",
                job.number, attachment.name
            ));
            return Err(failure);
        }
    }
    if !backlog {
        client.ready(job.id).await?;
    }
    client.job(job.id).await
}

fn show(context: &Context, job: &JobView) -> Done {
    let result = json!({"id": job.id, "number": job.number, "state": job.state});
    context.output.result(&result, || {
        format!(
            "Job #{} is {}: {}\nNext: coord job logs {} --follow",
            job.number,
            format::state(job.state),
            format::printable(&job.title),
            job.id
        )
    })
}

/// Reads the instructions.
fn instructions(path: &Path) -> Result<String, Failure> {
    let hint = "Attach long texts with --attach, and name them in the instructions.";
    text::read(path, "instructions", INSTRUCTIONS_BYTES_MAX, hint)
}

/// A file that the job brings along.
struct Attachment {
    path: PathBuf,
    name: String,
    size: u64,
}

impl Attachment {
    /// Looks whether `path` can be attached.
    fn look(path: &Path) -> Result<Self, Failure> {
        let refused =
            |why: &str| Failure::plain(format!("{} cannot be attached: {why}", path.display()));
        let facts = std::fs::metadata(path).map_err(|error| refused(&error.to_string()))?;
        if !facts.is_file() {
            return Err(refused("it is not a file"));
        }
        if facts.len() > ATTACHMENT_BYTES_MAX {
            let max = format::bytes(ATTACHMENT_BYTES_MAX);
            return Err(refused(&format!("it is larger than {max}")));
        }
        let name = path.file_name().and_then(OsStr::to_str);
        Ok(Self {
            path: path.to_owned(),
            name: name
                .ok_or_else(|| refused("its name is not UTF-8"))?
                .to_owned(),
            size: facts.len(),
        })
    }

    async fn send(&self, client: &Client, job: &JobView) -> Result<(), Failure> {
        let file = tokio::fs::File::open(&self.path).await.map_err(|error| {
            Failure::plain(format!("{} cannot be read: {error}", self.path.display()))
        })?;
        client.attach(job.id, &self.name, file, self.size).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_have_a_limit_and_are_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("task.md");
        std::fs::write(&path, vec![b'a'; INSTRUCTIONS_BYTES_MAX]).unwrap();
        assert_eq!(instructions(&path).unwrap().len(), INSTRUCTIONS_BYTES_MAX);
        std::fs::write(&path, vec![b'a'; INSTRUCTIONS_BYTES_MAX + 1]).unwrap();
        let failure = instructions(&path).unwrap_err();
        assert!(failure.message.contains("longer than 1.0 MiB"), "{failure}");
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(instructions(&path).unwrap_err().message.contains("UTF-8"));
    }

    #[test]
    fn a_directory_cannot_be_attached() {
        let dir = tempfile::tempdir().unwrap();
        let failure = Attachment::look(dir.path()).err().unwrap();
        assert!(failure.message.contains("not a file"), "{failure}");
    }
}
