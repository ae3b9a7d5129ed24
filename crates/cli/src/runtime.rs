//! The asynchronous runtimes: each kind of process gets the smallest that does.

use tokio::runtime::{Builder, Runtime};

use crate::{
    context::Context,
    exit::{Done, Exit, Failure},
};

/// For commands that ask and show: one thread.
pub(crate) fn small() -> Result<Runtime, Failure> {
    finish(&mut Builder::new_current_thread())
}

/// For the runner's service: two threads, so that a checksum never delays a sync.
pub(crate) fn service() -> Result<Runtime, Failure> {
    finish(Builder::new_multi_thread().worker_threads(2))
}

/// For the coordinator: a thread a processor.
pub(crate) fn server() -> Result<Runtime, Failure> {
    finish(&mut Builder::new_multi_thread())
}

/// Runs `work` until it ends or a person presses Ctrl-C.
pub(crate) fn interruptible(context: &Context, work: impl Future<Output = Done>) -> Done {
    small()?.block_on(async {
        tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => {
                context.output.message("Interrupted.");
                Ok(Exit::Interrupted)
            }
        }
    })
}

fn finish(builder: &mut Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| {
        Failure::plain(format!("the system gives no threads or no events: {error}"))
    })
}
