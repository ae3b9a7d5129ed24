//! What well-known programs do with their arguments.

use protocol::approval::Risk;

use super::{
    Look, Touch,
    floor::{CONTROLS, CREDENTIALS, DISKS, GIT},
};

/// Looks at a program by its bare name.
pub(super) fn look_at(look: &mut Look<'_, '_>, name: &str, arguments: &[String]) {
    note_risks(look, name, arguments);
    match name {
        "rm" | "rmdir" | "unlink" | "shred" | "del" | "erase" | "rd" | "remove-item" => {
            delete(look, name, arguments);
        }
        "mv" | "move" | "move-item" => {
            for path in plain(arguments) {
                look.touch(path, Touch::DeleteTree);
            }
            write_each(look, target_directory(arguments));
        }
        "cp" | "install" | "ln" | "rsync" | "scp" | "copy" | "xcopy" | "copy-item" => {
            write_each(look, plain(arguments).last().copied());
            write_each(look, target_directory(arguments));
        }
        "tee" | "touch" | "mkdir" | "truncate" | "mkfifo" | "mknod" | "set-content"
        | "add-content" | "out-file" | "new-item" => write_each(look, plain(arguments)),
        "chmod" | "chown" | "chgrp" | "chattr" | "setfacl" | "icacls" | "takeown" => {
            change_rights(look, arguments);
        }
        "sed" | "perl" if has_short(arguments, 'i') => write_each(look, plain(arguments)),
        "dd" => write_each(
            look,
            arguments.iter().filter_map(|word| word.strip_prefix("of=")),
        ),
        "curl" | "wget" => write_each(look, values_of(arguments, &["-o", "-O", "--output", "-P"])),
        "tar" | "unzip" => write_each(look, values_of(arguments, &["-C", "--directory", "-d"])),
        "find" | "fd" => find(look, arguments),
        "git" => git(look, arguments),
        "coord" | "coord-runner" => coord(look, arguments),
        "fdisk" | "sfdisk" | "gdisk" | "sgdisk" | "cgdisk" | "parted" | "wipefs" | "blkdiscard"
        | "diskpart" | "format" | "mkswap" | "cryptsetup" | "mke2fs" | "lvremove" | "vgremove"
        | "pvremove" | "format-volume" | "clear-disk" | "initialize-disk" | "remove-partition" => {
            deny_disk(look, name);
        }
        "diskutil" | "nvme" | "zpool" | "hdparm" => {
            let destroys = |word: &String| {
                let word = word.to_lowercase();
                [
                    "erase",
                    "partition",
                    "delete",
                    "destroy",
                    "format",
                    "sanitize",
                ]
                .iter()
                .any(|verb| word.contains(verb))
            };
            if arguments.iter().any(destroys) {
                deny_disk(look, name);
            }
        }
        "security" | "secret-tool" | "pass" | "gpg" | "gh" | "gcloud" | "cmdkey" | "aws" => {
            credentials(look, name, arguments);
        }
        _ if name.starts_with("mkfs") || name.starts_with("newfs") => deny_disk(look, name),
        _ => {}
    }
}

fn note_risks(look: &mut Look<'_, '_>, name: &str, arguments: &[String]) {
    let first = plain(arguments)
        .first()
        .copied()
        .unwrap_or_default()
        .to_lowercase();
    let risk = match (name, first.as_str()) {
        (
            "curl" | "wget" | "ssh" | "scp" | "sftp" | "ftp" | "rsync" | "nc" | "ncat" | "netcat"
            | "telnet" | "socat" | "dig" | "nslookup" | "ping" | "apt" | "apt-get" | "dnf" | "yum"
            | "pacman" | "brew" | "npx" | "gh" | "invoke-webrequest" | "iwr",
            _,
        )
        | ("git", "push" | "pull" | "fetch" | "clone" | "ls-remote")
        | (
            "npm" | "pnpm" | "yarn" | "pip" | "pip3" | "uv" | "gem" | "go" | "bundle",
            "install" | "i" | "add" | "ci" | "publish" | "get" | "update" | "upgrade",
        )
        | ("cargo", "install" | "add" | "publish" | "update" | "fetch")
        | ("docker" | "podman", "pull" | "push" | "run" | "build") => Risk::Network,
        (
            "rm" | "rmdir" | "unlink" | "shred" | "del" | "erase" | "rd" | "remove-item"
            | "truncate",
            _,
        )
        | ("git", "clean" | "reset" | "rm") => Risk::Delete,
        (
            "shutdown" | "reboot" | "poweroff" | "halt" | "systemctl" | "service" | "launchctl"
            | "mount" | "umount" | "insmod" | "modprobe" | "iptables" | "useradd" | "usermod"
            | "passwd" | "visudo",
            _,
        ) => Risk::Elevated,
        (
            "env" | "printenv" | "export" | "set" | "security" | "secret-tool" | "pass" | "gpg",
            _,
        ) => Risk::Secrets,
        _ => return,
    };
    look.findings.risk(risk);
}

fn delete(look: &mut Look<'_, '_>, name: &str, arguments: &[String]) {
    let recursive = has_short(arguments, 'r')
        || has_short(arguments, 'R')
        || matches!(name, "rd" | "remove-item")
        || arguments.iter().any(|word| {
            matches!(
                word.to_lowercase().as_str(),
                "--recursive" | "--no-preserve-root" | "/s"
            )
        });
    for path in plain(arguments) {
        if name == "shred" {
            look.write(path);
        }
        let everything_beside = path.contains('*');
        let touch = if recursive || everything_beside {
            Touch::DeleteTree
        } else {
            Touch::Write
        };
        look.touch(path, touch);
    }
}

fn change_rights(look: &mut Look<'_, '_>, arguments: &[String]) {
    let recursive = has_short(arguments, 'R') || arguments.iter().any(|word| word == "--recursive");
    let touch = if recursive {
        Touch::DeleteTree
    } else {
        Touch::Write
    };
    // The first is the mode or the owner.
    for path in plain(arguments).iter().skip(1) {
        look.touch(path, touch);
    }
}

fn find(look: &mut Look<'_, '_>, arguments: &[String]) {
    let is_test = |word: &String| word.starts_with('-') || word == "(" || word == "!";
    let starts = arguments.iter().take_while(|word| !is_test(word));
    if arguments.iter().any(|word| word == "-delete") {
        look.findings.risk(Risk::Delete);
        for path in starts.clone() {
            look.touch(path, Touch::DeleteTree);
        }
    }
    let Some(at) = arguments.iter().position(|word| {
        matches!(
            word.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X"
        )
    }) else {
        return;
    };
    let inner: Vec<String> = arguments.iter().skip(at + 1).cloned().collect();
    // What is found stands for the places where it is looked for.
    for path in starts {
        let filled = inner
            .iter()
            .map(|word| word.replace("{}", path))
            .collect::<Vec<_>>();
        look.depth += 1;
        if look.depth <= super::DEPTH_MAX {
            look.words(&filled);
        }
        look.depth -= 1;
    }
}

fn git(look: &mut Look<'_, '_>, arguments: &[String]) {
    for setting in values_of(arguments, &["-c", "--config-env"]) {
        deny_dangerous_setting(look, setting);
    }
    if arguments
        .iter()
        .any(|word| word == "credential" || word.starts_with("credential-"))
    {
        deny_credentials(look, "git credential");
    }
    let mut words = arguments.iter().map(String::as_str);
    let is_config = words.any(|word| word == "config");
    if !is_config {
        return;
    }
    let rest: Vec<&str> = words.collect();
    let reads = rest.iter().any(|word| {
        matches!(
            *word,
            "--get" | "--get-all" | "--get-regexp" | "--list" | "-l" | "get" | "list"
        )
    });
    if reads {
        return;
    }
    let beyond = rest
        .iter()
        .any(|word| matches!(*word, "--global" | "--system"));
    let values = rest.iter().filter(|word| !word.starts_with('-')).count();
    if beyond && values > 1 {
        look.findings.deny(
            GIT,
            "this would change git's configuration for all of this person's work",
        );
    }
    for word in rest {
        deny_dangerous_setting(look, word);
    }
}

/// Settings by which git runs programs or hands out credentials.
fn deny_dangerous_setting(look: &mut Look<'_, '_>, setting: &str) {
    let key = setting.split('=').next().unwrap_or_default().to_lowercase();
    let runs_programs = matches!(
        key.as_str(),
        "core.hookspath"
            | "core.fsmonitor"
            | "core.sshcommand"
            | "core.editor"
            | "core.pager"
            | "core.gitproxy"
            | "core.askpass"
            | "sequence.editor"
            | "gpg.program"
            | "init.templatedir"
    ) || key.starts_with("credential.")
        || key.starts_with("filter.")
        || key.starts_with("alias.")
        || key.starts_with("include.")
        || key.starts_with("includeif.");
    if runs_programs {
        look.findings.deny(
            GIT,
            format!("the setting {key} decides which programs git runs; a job may not change it"),
        );
    }
}

/// A job may look at jobs, and never answer for a person or steer a runner.
fn coord(look: &mut Look<'_, '_>, arguments: &[String]) {
    let verb = plain(arguments).first().copied().unwrap_or_default();
    if matches!(
        verb,
        "approvals" | "questions" | "runner" | "login" | "logout" | "server" | "worker"
    ) {
        look.findings.deny(
            CONTROLS,
            format!(
                "`coord {verb}` is for people; a job may not steer the runner or answer for them"
            ),
        );
    }
}

/// Tools that print what a person keeps secret.
fn credentials(look: &mut Look<'_, '_>, name: &str, arguments: &[String]) {
    let words: Vec<String> = arguments.iter().map(|word| word.to_lowercase()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let hands_out = match name {
        "security" => has(&[
            "find-generic-password",
            "find-internet-password",
            "dump-keychain",
            "export",
        ]),
        "secret-tool" => has(&["lookup", "search"]),
        "pass" => has(&["show", "find", "grep"]),
        "gpg" => has(&["--export-secret-keys", "--export-secret-subkeys"]),
        "gh" => has(&["auth"]) && has(&["token"]),
        "gcloud" => has(&["print-access-token", "print-identity-token"]),
        "aws" => has(&["export-credentials", "get-session-token"]),
        "cmdkey" => true,
        _ => false,
    };
    if hands_out {
        deny_credentials(look, name);
    }
}

fn deny_credentials(look: &mut Look<'_, '_>, name: &str) {
    look.findings.deny(
        CREDENTIALS,
        format!("{name} would hand out credentials of this machine's user"),
    );
}

fn deny_disk(look: &mut Look<'_, '_>, name: &str) {
    look.findings
        .deny(DISKS, format!("{name} can destroy what is on a disk"));
}

fn write_each<'a>(look: &mut Look<'_, '_>, paths: impl IntoIterator<Item = &'a str>) {
    for path in paths {
        look.write(path);
    }
}

/// Arguments that are no options; after `--` all are.
fn plain(arguments: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut only_plain = false;
    for word in arguments {
        if !only_plain && word == "--" {
            only_plain = true;
        } else if only_plain || !word.starts_with('-') {
            found.push(word.as_str());
        }
    }
    found
}

fn has_short(arguments: &[String], letter: char) -> bool {
    arguments
        .iter()
        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(letter))
}

fn target_directory(arguments: &[String]) -> Vec<&str> {
    values_of(arguments, &["-t", "--target-directory"])
}

/// Values of options, written as `-o x`, `-ox`, `--output x` or `--output=x`.
fn values_of<'a>(arguments: &'a [String], options: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, word) in arguments.iter().enumerate() {
        for option in options {
            let Some(rest) = word.strip_prefix(option) else {
                continue;
            };
            if rest.is_empty() {
                found.extend(arguments.get(at + 1).map(String::as_str));
            } else if let Some(value) = rest.strip_prefix('=') {
                found.push(value);
            } else if option.len() == 2 {
                found.push(rest);
            }
        }
    }
    found
}
