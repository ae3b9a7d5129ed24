//! As whom PostgreSQL runs: as this user, but never as root.

use std::{fs, io, os::unix::fs::chown, path::Path, process::Command};

use super::programs::new_command;

/// Users that root may become for it, the better one first.
const INSTEAD_OF_ROOT: [&str; 2] = ["postgres", "nobody"];

/// As whom the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// As whoever runs the test.
    Own,
    /// As another, since the test runs as root.
    Other { user: u32, group: u32 },
}

impl Account {
    /// Who is there to be.
    pub(super) fn to_run_as() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return Some(Self::Own);
        }
        let users = fs::read_to_string("/etc/passwd").ok()?;
        INSTEAD_OF_ROOT
            .iter()
            .find_map(|name| look_up(&users, name))
    }

    /// Makes it the owner of `folder`.
    pub(super) fn give(&self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => chown(folder, Some(*user), Some(*group)),
        }
    }

    /// A program that will run as this account, and end when the test does.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Self::Other { user, group } = self else {
            return new_command(program);
        };
        let mut command = new_command(Path::new("setpriv"));
        command
            .arg(format!("--reuid={user}"))
            .arg(format!("--regid={group}"))
            .args(["--clear-groups", "--pdeathsig=KILL", "--"])
            .arg(program);
        command
    }
}

fn look_up(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account::Other { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:/bin/sh\npostgres:x:101:104:A:/:/x\n";
        assert_eq!(
            look_up(users, "postgres"),
            Some(Account::Other {
                user: 101,
                group: 104
            })
        );
        assert_eq!(look_up(users, "nobody"), None);
    }
}
