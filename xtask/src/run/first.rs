//! What happens at the first run only: an owner, a sign-in, a job.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::place::Place;
use crate::say;

/// The owner's account.
pub(super) const EMAIL: &str = "owner@localhost.localdomain";
/// The workspace's name.
const WORKSPACE: &str = "Home";
/// Letters and digits that nobody takes for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// What the sample job does; the demo agent needs no model.
const SAMPLE: &str = "\
think A first job, to see that everything works.
say Hello. I am the demo agent: I do what the instructions say, line by line.
say This log is written on the runner, sent to the coordinator, and shown live in the web app.
output report.md This file came back as an artifact of the first job.
say Done. Try a job of your own: New job in the web app.
";

/// Makes the owner at the first run, and comes back with the password.
pub(super) fn owner(place: &Place) -> Result<Option<String>> {
    let mark = place.folder().join("owner");
    if mark.exists() {
        return Ok(None);
    }
    // A first run that broke off before the end begins anew.
    let data = place.coordinator();
    if data.exists() {
        fs::remove_dir_all(&data)
            .with_context(|| format!("{} cannot be removed", data.display()))?;
    }
    let password = password()?;
    with_password(place, &password, |file| {
        place
            .command(&[
                "server",
                "bootstrap",
                "--email",
                EMAIL,
                "--workspace",
                WORKSPACE,
                "--data",
            ])
            .args([&data])
            .args(["--password-file".as_ref(), file.as_os_str()])
            .quiet()
            .run()
    })?;
    Ok(Some(password))
}

/// Signs this user in, by the same device flow as everywhere.
pub(super) fn sign_in(place: &Place, url: &str, password: &str) -> Result<()> {
    with_password(place, password, |file| {
        place
            .command(&[
                "login",
                "--server",
                url,
                "--email",
                EMAIL,
                "--password-file",
            ])
            .args([file])
            .quiet()
            .run()
    })?;
    fs::write(place.folder().join("owner"), EMAIL).context("the owner cannot be noted")
}

/// Has the sample job done, and shows its log and its artifact.
pub(super) fn sample_job(place: &Place) -> Result<()> {
    let script = place.folder().join("sample.txt");
    fs::write(&script, SAMPLE)
        .with_context(|| format!("{} cannot be written", script.display()))?;
    let answer = place
        .command(&[
            "job",
            "submit",
            "--title",
            "A first job",
            "--agent",
            "demo",
            "--json",
        ])
        .args(["--instructions-file".as_ref(), script.as_os_str()])
        .output()?;
    let job: serde_json::Value = serde_json::from_str(&answer).context("the job is not JSON")?;
    let id = job["id"].as_str().context("the job has no id")?;
    place
        .command(&["job", "wait", id, "--timeout", "2m"])
        .quiet()
        .run()?;
    place.command(&["job", "logs", id]).quiet().run()?;
    let out = place.folder().join("sample");
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("{} cannot be removed", out.display()))?;
    }
    place
        .command(&["job", "artifacts", id, "--out"])
        .args([&out])
        .quiet()
        .run()?;
    let report = out.join("report.md");
    let text = fs::read_to_string(&report).context("the job's artifact is not there")?;
    say::line(&format!("--- {}\n{}", report.display(), text.trim_end()));
    Ok(())
}

/// Hands a password to a program by a file that only its owner can read.
fn with_password(
    place: &Place,
    password: &str,
    work: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let path: PathBuf = place.folder().join("password");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&path)
        .and_then(|mut file| file.write_all(password.as_bytes()));
    let done = written
        .with_context(|| format!("{} cannot be written", path.display()))
        .and_then(|()| work(&path));
    fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    done
}

/// 100 bits from the system's own source.
fn password() -> Result<String> {
    let mut random = [0_u8; 20];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("the system gives no random bytes")?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    Ok(random.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_password_is_another_one() {
        let (one, two) = (password().unwrap(), password().unwrap());
        assert_eq!(one.len(), 20);
        assert_ne!(one, two);
    }
}
