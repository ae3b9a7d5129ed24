//! A running program, and its end.

use std::{io, process::ExitStatus, sync::Arc, time::Duration};

use process_wrap::tokio::ChildWrapper;
use tokio::{
    process::{ChildStderr, ChildStdin, ChildStdout},
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    Identity, OutputPipe,
    kin::{self, Kin, Mark},
    system,
};

/// A running program; dropping it kills it and everything that it started.
pub struct Child {
    identity: Identity,
    stdin: Option<ChildStdin>,
    stdout: Option<OutputPipe<ChildStdout>>,
    stderr: Option<OutputPipe<ChildStderr>>,
    exit: watch::Receiver<Option<ExitStatus>>,
    kill: Arc<Notify>,
    kin: Kin,
    gently: bool,
    // Owns the program itself; dropped last, so that it is collected.
    keeper: JoinSet<()>,
}

/// How a program and its descendants were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How the program itself ended; none when the system could not end it.
    pub status: Option<ExitStatus>,
    /// How many processes had to be stopped because they did not end by themselves.
    pub stopped: usize,
}

impl Child {
    pub(crate) fn watch(
        mut child: Box<dyn ChildWrapper>,
        mark: Option<Mark>,
        gently: bool,
    ) -> io::Result<Self> {
        let pid = child
            .id()
            .ok_or_else(|| io::Error::other("the program ended before it could be watched"))?;
        // It cannot have been collected yet, so its number is still its own.
        let identity = Identity::of(pid)
            .ok_or_else(|| io::Error::other("the system does not list the program"))?;
        let stdin = child.stdin().take();
        let (stdout, stderr) = (child.stdout().take(), child.stderr().take());
        let (tell, exit) = watch::channel(None);
        let kill = Arc::new(Notify::new());
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(child, pid, tell, Arc::clone(&kill)));
        Ok(Self {
            identity,
            stdin,
            stdout: stdout.map(|pipe| OutputPipe::new(pipe, exited(exit.clone()))),
            stderr: stderr.map(|pipe| OutputPipe::new(pipe, exited(exit.clone()))),
            exit,
            kill,
            kin: Kin::of(identity, mark),
            gently,
            keeper,
        })
    }

    /// Who it is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Its input; the first caller gets it, and closes it by dropping it.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.stdin.take()
    }

    /// Its output; the first caller gets it.
    pub fn take_stdout(&mut self) -> Option<OutputPipe<ChildStdout>> {
        self.stdout.take()
    }

    /// Its error output; the first caller gets it.
    pub fn take_stderr(&mut self) -> Option<OutputPipe<ChildStderr>> {
        self.stderr.take()
    }

    /// Waits until the program itself has ended; its descendants may still run.
    pub async fn wait(&self) -> Option<ExitStatus> {
        let mut exit = self.exit.clone();
        let status = exit.wait_for(Option::is_some).await.ok()?;
        *status
    }

    /// How the program itself ended, if it has.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// A handle that tells when and how the program ends.
    pub fn exit(&self) -> watch::Receiver<Option<ExitStatus>> {
        self.exit.clone()
    }

    /// Interrupts the program's whole group, as Ctrl-C in a terminal does.
    pub fn interrupt(&self) {
        system::interrupt_group(self.identity);
    }

    /// Asks everything to stop at once, and kills what does not within `patience`.
    pub(crate) async fn stop(&mut self, patience: Duration) {
        kin::end_kin(&mut self.kin, patience).await;
        self.kill.notify_one();
    }

    /// Ends the program and everything that it started: closes its input, waits
    /// up to `grace`, asks the rest to stop, and at last kills.
    ///
    /// The input has to be closed by whoever took it.
    pub async fn end(&mut self, grace: Duration) -> Ended {
        drop(self.stdin.take());
        // Looked at before it ends: what it started may lose its ties with it.
        self.kin.look();
        let left_in_time = tokio::time::timeout(grace, self.wait()).await.is_ok();
        let stopped = kin::end_kin(&mut self.kin, grace).await;
        self.kill.notify_one();
        let status = if left_in_time {
            self.status()
        } else {
            let killed = tokio::time::timeout(crate::PIPE_LINGER, self.wait()).await;
            killed.ok().flatten()
        };
        Ended { status, stopped }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.gently {
            kin::kill_kin(&mut self.kin);
        } else if self.status().is_none() {
            kin::ask_kin(&mut self.kin);
        }
        kin::own_children().remove(&self.identity.pid);
        self.keeper.abort_all();
    }
}

/// Holds the program until it ends; on Windows its Job Object ends with it.
async fn keep(
    mut child: Box<dyn ChildWrapper>,
    pid: u32,
    tell: watch::Sender<Option<ExitStatus>>,
    kill: Arc<Notify>,
) {
    let status = loop {
        tokio::select! {
            // The innermost alone: others wait for the whole group, which a
            // daemon among the descendants would draw out for ever.
            status = innermost(child.as_mut()).wait() => break status,
            () = kill.notified() => {
                let killed = child.start_kill();
                tracing::trace!(pid, ok = killed.is_ok(), "killed");
            }
        }
    };
    kin::own_children().remove(&pid);
    match status {
        Ok(status) => drop(tell.send(Some(status))),
        Err(error) => tracing::warn!(pid, %error, "a program's end could not be seen"),
    }
    // Descendants may outlive the program: its job stays until it is ended.
    tokio::select! {
        () = tell.closed() => {}
        () = kill.notified() => drop(child.start_kill()),
    }
}

fn innermost(child: &mut dyn ChildWrapper) -> &mut dyn ChildWrapper {
    child.inner_mut()
}

async fn exited(mut exit: watch::Receiver<Option<ExitStatus>>) {
    // A closed channel means that nobody watches any more, which is an end as well.
    drop(exit.wait_for(Option::is_some).await);
}
