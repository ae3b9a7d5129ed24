//! A server that is killed, suspended and started again.

use std::{fs, path::PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use super::{NoPostgres, Postgres, account::Account, doing, launch};

/// The machine does not fail with its processes, so nothing has to reach the disk.
const KEPT: &[&str] = &["synchronous_commit=on", "full_page_writes=on"];

impl Postgres {
    /// Starts a server whose commits outlive the death of its processes.
    pub fn start_kept() -> Result<Self, NoPostgres> {
        Self::start_with(KEPT)
    }

    /// The socket on which it listens.
    pub fn socket(&self) -> PathBuf {
        self.home.path().join(".s.PGSQL.5432")
    }

    /// Kills it with all its processes at once.
    pub fn kill(&mut self) -> Result<(), NoPostgres> {
        // Stopped first, so that it starts no further process meanwhile.
        self.signal(Signal::STOP);
        self.signal(Signal::KILL);
        self.server
            .wait()
            .map_err(doing("waiting for PostgreSQL's end"))?;
        Ok(())
    }

    /// Stops all its processes where they are.
    pub fn suspend(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Starts it again after its end, with everything that it had.
    pub fn start_again(&mut self) -> Result<(), NoPostgres> {
        let account = Account::to_run_as().ok_or(NoPostgres::NobodyToBe)?;
        // What the last one left there would say that this one is ready.
        fs::remove_file(self.data().join("postmaster.pid"))
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
            .map_err(doing("removing what the last server left"))?;
        self.server = launch(&self.programs, &account, &self.home, self.settings)?;
        self.wait_until_ready()
    }

    fn signal(&self, signal: Signal) {
        let Ok(first) = i32::try_from(self.server.id()) else {
            return;
        };
        let Some(first) = Pid::from_raw(first) else {
            return;
        };
        for pid in std::iter::once(first).chain(children(first)) {
            // One that has just ended needs no signal.
            let _ = kill_process(pid, signal);
        }
    }
}

/// The processes that `parent` started.
fn children(parent: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (_, after_name) = stat.rsplit_once(')')?;
            let of: i32 = after_name.split_whitespace().nth(1)?.parse().ok()?;
            (of == parent.as_raw_nonzero().get()).then_some(pid)
        })
        .filter_map(Pid::from_raw)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(server: &Postgres, url: &str, sql: &str) -> String {
        let mut psql = server.programs.command("psql");
        let output = psql.args([url, "-qtAc", sql]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.trim().to_owned()
    }

    #[test]
    fn what_was_confirmed_is_there_after_it_was_killed() {
        let mut server = Postgres::start_kept().unwrap();
        let url = server.database().unwrap();
        ask(&server, &url, "CREATE TABLE kept (n int)");
        for n in 0..3 {
            ask(&server, &url, &format!("INSERT INTO kept VALUES ({n})"));
            server.kill().unwrap();
            server.start_again().unwrap();
        }
        assert_eq!(ask(&server, &url, "SELECT count(*) FROM kept"), "3");
        server.suspend();
        server.resume();
        assert_eq!(ask(&server, &url, "SELECT sum(n) FROM kept"), "3");
    }
}
