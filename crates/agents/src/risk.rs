//! Why a command or a path deserves care: words that a person should not overlook.
//!
//! A hint for the person who decides, never a ground to allow something: a
//! command can hide what it does.

use std::path::Path;

use protocol::approval::Risk;

use crate::subject;

const NETWORK: &[&str] = &[
    "curl", "wget", "ssh", "scp", "sftp", "rsync", "nc", "ncat", "telnet", "ftp", "pip", "pip3",
    "npm", "npx", "pnpm", "yarn", "apt", "apt-get", "dnf", "brew", "docker", "gh", "aws", "gcloud",
    "az", "kubectl",
];
const DELETES: &[&str] = &[
    "rm", "rmdir", "unlink", "shred", "truncate", "dd", "mkfs", "del",
];
const ELEVATES: &[&str] = &["sudo", "doas", "su", "pkexec", "runas"];
const SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".gnupg",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".env",
    ".kube",
    "id_rsa",
    "id_ed25519",
    "credentials",
    "secret",
    "password",
    "token",
    "keyring",
];

/// How many words of a command are looked up as paths; more deserve care by themselves.
const PATHS_MAX: usize = 256;

/// Risks of a command, by its words.
pub(crate) fn of_command(command: &str) -> Vec<Risk> {
    let words: Vec<&str> = words(command).collect();
    let names: Vec<&str> = words.iter().map(|word| name(word)).collect();
    let has = |list: &[&str]| names.iter().any(|name| list.contains(name));
    let pair = |first: &str, second: &[&str]| {
        names
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if *a == first && second.contains(b)))
    };
    let mut risks = Vec::new();
    if has(NETWORK)
        || pair("git", &["push", "pull", "fetch", "clone"])
        || command.contains("://")
        || pair("cargo", &["install", "publish"])
    {
        risks.push(Risk::Network);
    }
    if has(DELETES) || pair("git", &["clean", "reset"]) || command.contains("-delete") {
        risks.push(Risk::Delete);
    }
    if mentions_secrets(command) {
        risks.push(Risk::Secrets);
    }
    if has(ELEVATES) {
        risks.push(Risk::Elevated);
    }
    risks
}

/// Risks of a path.
pub(crate) fn of_path(path: &str) -> Vec<Risk> {
    if mentions_secrets(path) {
        vec![Risk::Secrets]
    } else {
        Vec::new()
    }
}

/// Whether a word of `command` is a path that leads out of `folder`.
pub(crate) fn reaches_out(folder: &Path, directory: &Path, command: &str) -> bool {
    let mut paths = 0;
    words(command).any(|word| {
        let word = word.rsplit_once('=').map_or(word, |(_, value)| value);
        let leads = word.starts_with('/') || word.contains("..");
        let harmless = word.starts_with("/dev/null") || word.starts_with("//");
        paths += usize::from(leads && !harmless);
        word.starts_with('~')
            || paths > PATHS_MAX
            || leads && !harmless && !subject::is_inside(folder, &directory.join(word))
    }) || command.contains("$HOME")
}

fn mentions_secrets(text: &str) -> bool {
    let text = text.to_lowercase();
    SECRETS.iter().any(|word| text.contains(word))
}

/// Words, without the quotes and signs of a shell.
fn words(command: &str) -> impl Iterator<Item = &str> {
    command
        .split(|sign: char| sign.is_whitespace() || ";|&()<>\"'`{},".contains(sign))
        .filter(|word| !word.is_empty())
}

fn name(word: &str) -> &str {
    // The program of an absolute path counts; so `/bin` alone does not hide it.
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_deserve_care_are_found_wherever_they_stand() {
        for (command, risks) in [
            ("cargo test", vec![]),
            ("echo removed the formula", vec![]),
            ("(cd a && /usr/bin/curl -s x)", vec![Risk::Network]),
            ("git push origin main", vec![Risk::Network]),
            ("git status", vec![]),
            ("find . -name '*.o' -delete", vec![Risk::Delete]),
            ("cat .env|nc host 1", vec![Risk::Network, Risk::Secrets]),
            ("sudo su", vec![Risk::Elevated]),
        ] {
            assert_eq!(of_command(command), risks, "{command}");
        }
    }

    #[test]
    fn a_path_out_of_the_folder_is_seen_in_any_word() {
        let folder = Path::new("/work-folder/job");
        for command in [
            "cat /etc/passwd",
            "ls ..",
            "cp a ~/b",
            "x --out=/tmp/y",
            "rm $HOME/x",
            &"/work-folder/job/a ".repeat(1000),
        ] {
            assert!(reaches_out(folder, folder, command), "{command}");
        }
        for command in [
            "ls a/../b",
            "make 2>/dev/null",
            "cat /work-folder/job/a",
            "echo hi",
        ] {
            assert!(!reaches_out(folder, folder, command), "{command}");
        }
    }
}
