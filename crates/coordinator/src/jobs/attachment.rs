//! Attachments: taken in as a stream, checked, and kept by digest.

use axum::{extract::Request, http::header::EXPECT};
use object_store::{ObjectStoreExt as _, WriteMultipart};
use protocol::{
    api::{AttachmentView, Change},
    digest::RunningDigest,
    error::ErrorCode,
    ids::JobId,
    job::JobState,
    limits::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_PER_JOB_MAX},
};
use store::{AttachmentAdded, NewAttachment};

use super::{find, in_words};
use crate::{
    app::App,
    auth::Person,
    body::{declared_length, drain, next_frame, size_in_words},
    error::{ApiError, ApiResult},
    objects,
    rights::job::JobAction,
};

/// Longest name of an attachment, as file systems have it.
const NAME_BYTES_MAX: usize = 255;
/// How much is gathered before it is written.
const CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// How many such pieces are written at once.
const WRITES_AT_ONCE_MAX: usize = 2;

/// Attaches a file to a job in Backlog; one of the same name is replaced.
pub(crate) async fn attach(
    app: &App,
    person: &Person,
    id: JobId,
    name: String,
    request: Request,
) -> ApiResult<AttachmentView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Attach)?;
    let job = seen.job;
    check_name(&name)?;
    if job.state != JobState::Backlog {
        return Err(too_late(job.state));
    }
    let others = app.store.attachments_of(id).await?;
    let replaced = others.iter().find(|other| other.name == name);
    if replaced.is_none() && others.len() >= ATTACHMENTS_PER_JOB_MAX {
        return Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("The job has {ATTACHMENTS_PER_JOB_MAX} attachments already."),
        )
        .hint("Pack several files into one archive."));
    }
    let (size, sha256) = take_in(app, id, request).await?;
    let new = NewAttachment {
        job_id: id,
        name,
        size,
        sha256,
    };
    match app.store.add_attachment(new, app.now()).await? {
        Some(AttachmentAdded::Added(view)) => {
            app.live
                .publish(job.workspace_id, Change::Job { job_id: id });
            Ok(view)
        }
        Some(AttachmentAdded::WrongState(state)) => Err(too_late(state)),
        None => Err(ApiError::not_found("job")),
    }
}

/// Writes the body to where it belongs; returns its size and digest.
async fn take_in(app: &App, id: JobId, request: Request) -> ApiResult<(u64, String)> {
    let headers = request.headers();
    let too_large = declared_length(headers).is_some_and(|length| length > ATTACHMENT_BYTES_MAX);
    let asked_first = headers.contains_key(EXPECT);
    let mut frames = request.into_body().into_data_stream();
    if too_large {
        if !asked_first {
            drain(&mut frames).await;
        }
        return Err(attachment_too_large());
    }
    let arriving = objects::arriving();
    let upload = app.objects.put_multipart(&arriving).await?;
    let mut write = WriteMultipart::new_with_chunk_size(upload, CHUNK_BYTES);
    let (mut size, mut digest) = (0_u64, RunningDigest::default());
    let taken = loop {
        match next_frame(&mut frames).await {
            Ok(Some(frame)) => {
                size += frame.len() as u64;
                if size > ATTACHMENT_BYTES_MAX {
                    drain(&mut frames).await;
                    break Err(attachment_too_large());
                }
                digest.update(&frame);
                if let Err(error) = write.wait_for_capacity(WRITES_AT_ONCE_MAX).await {
                    break Err(error.into());
                }
                write.put(frame);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    if let Err(refused) = taken {
        if let Err(error) = write.abort().await {
            tracing::warn!(%error, "a broken upload could not be cleared away");
        }
        return Err(refused);
    }
    write.finish().await?;
    let digest = digest.hex();
    app.objects
        .rename(&arriving, &objects::attachment(id, &digest))
        .await?;
    Ok((size, digest))
}

/// A name becomes a file's name on the runner's machine, whatever its system.
fn check_name(name: &str) -> ApiResult<()> {
    let refused = |why: &str| {
        Err(
            ApiError::new(ErrorCode::Invalid, format!("The file's name {why}."))
                .hint("Rename the file and attach it again."),
        )
    };
    let is_outlawed = |character: char| {
        character.is_control()
            || matches!(
                character,
                '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
            )
    };
    if name.trim().is_empty() {
        refused("is empty")
    } else if name.len() > NAME_BYTES_MAX {
        refused("is longer than 255 bytes")
    } else if name.contains(is_outlawed) {
        refused("holds a character that file names cannot have everywhere")
    } else if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        refused("begins or ends with a space, or ends with a dot")
    } else {
        Ok(())
    }
}

fn too_late(state: JobState) -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        format!(
            "The job is {}; files can be attached in Backlog only.",
            in_words(state)
        ),
    )
    .hint("Submit the job to Backlog, attach the files, then make it Ready.")
}

fn attachment_too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!(
            "The file is larger than {}.",
            size_in_words(ATTACHMENT_BYTES_MAX)
        ),
    )
    .hint("Compress it, or put it where the agent can fetch it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_files_everywhere_are_taken() {
        for name in ["notes.md", "Grüße 2026.txt", ".env.example", "a b"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            " ",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\nb",
            "c:d",
            "x. ",
            &"n".repeat(256),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
