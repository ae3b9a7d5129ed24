//! `coord job artifacts`: shows or downloads what a job handed back.

use std::path::{Component, Path, PathBuf};

use futures::{StreamExt as _, pin_mut};
use protocol::{
    api::{ArtifactView, JobView},
    digest::RunningDigest,
};
use serde_json::json;
use tokio::{fs, io::AsyncWriteExt as _};

use crate::{
    arguments::Artifacts,
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    format,
    output::Table,
};

/// Shows the files, and downloads them where a directory is given.
pub(super) async fn run(context: &Context, arguments: Artifacts) -> Done {
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    let files = newest(&job);
    if let Some(out) = &arguments.out {
        for file in &files {
            let path = download(&client, file, out).await?;
            context.output.message(&format!("{}", path.display()));
        }
    }
    let result = json!({"artifacts": files, "out": arguments.out});
    context.output.result(&result, || match &arguments.out {
        Some(out) => format!("{} downloaded into {}.", count(files.len()), out.display()),
        None => table(&files),
    })
}

/// The files of the newest attempt that handed some back.
fn newest(job: &JobView) -> Vec<&ArtifactView> {
    let newest = job.artifacts.iter().map(|file| file.attempt_number).max();
    let of_newest = |file: &&ArtifactView| Some(file.attempt_number) == newest;
    job.artifacts.iter().filter(of_newest).collect()
}

fn count(files: usize) -> String {
    match files {
        1 => "1 file".to_owned(),
        several => format!("{several} files"),
    }
}

fn table(files: &[&ArtifactView]) -> String {
    let mut table = Table::new(&["PATH", "SIZE", "SHA-256"]);
    for file in files {
        table.row(vec![
            format::printable(&file.path),
            format::bytes(file.size),
            file.sha256.clone(),
        ]);
    }
    table.or("No files.")
}

/// Downloads one file; it gets its name only once its checksum is right.
async fn download(client: &Client, file: &ArtifactView, out: &Path) -> Result<PathBuf, Failure> {
    let path = out.join(safe_path(&file.path)?);
    let failed = |error: std::io::Error| {
        Failure::plain(format!("{} cannot be written: {error}", path.display()))
    };
    if fs::try_exists(&path).await.map_err(failed)? {
        return Err(
            Failure::new(Exit::Conflict, format!("{} exists already", path.display()))
                .hint("Choose another directory, or remove it first."),
        );
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).await.map_err(failed)?;
    }
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write(client, file, &part).await;
    let done = match written {
        Ok(()) => fs::rename(&part, &path).await.map_err(failed),
        Err(failure) => Err(failure),
    };
    if done.is_err() {
        // What is there is of no use; if it stays, its name says what it is.
        drop(fs::remove_file(&part).await);
    }
    done.map(|()| path)
}

async fn write(client: &Client, file: &ArtifactView, part: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::plain(format!("{} cannot be written: {error}", part.display()))
    };
    let mut target = fs::File::create(part).await.map_err(failed)?;
    let content = client.artifact(file.id).await?;
    pin_mut!(content);
    let mut digest = RunningDigest::default();
    while let Some(bytes) = content.next().await {
        let bytes = bytes?;
        digest.update(&bytes);
        target.write_all(&bytes).await.map_err(failed)?;
    }
    target.sync_all().await.map_err(failed)?;
    if digest.hex() == file.sha256 {
        return Ok(());
    }
    Err(Failure::plain(format!(
        "the checksum of `{}` is wrong: it was damaged on its way or in the coordinator's store",
        format::printable(&file.path)
    ))
    .hint("Download it again."))
}

/// The path within the directory, refused when it would leave it.
fn safe_path(path: &str) -> Result<PathBuf, Failure> {
    let relative = PathBuf::from(path);
    let safe = !path.is_empty()
        && !path.contains(['\\', '\0', ':'])
        && relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    if safe {
        return Ok(relative);
    }
    Err(Failure::plain(format!(
        "the file name `{}` would leave the directory, and is refused",
        format::printable(path)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_never_leaves_the_directory() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "",
            "C:\\x",
            "a\\b",
            "./a",
        ] {
            assert!(safe_path(path).is_err(), "{path}");
        }
        assert_eq!(safe_path("a/b.txt").unwrap(), PathBuf::from("a/b.txt"));
    }
}
