//! A program's output, which ends soon after the program does.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, ReadBuf};

/// How long output is still read after the program has ended: what is in the
/// pipe arrives at once, and only a grandchild can keep it open for longer.
pub const PIPE_LINGER: Duration = Duration::from_secs(2);

/// One output of a program.
///
/// It ends when the pipe does, or [`PIPE_LINGER`] after the program itself, since
/// a grandchild that inherited the pipe may hold it open for ever.
pub struct OutputPipe<R> {
    pipe: R,
    over: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
    cut: bool,
}

impl<R: AsyncRead + Unpin> OutputPipe<R> {
    /// Reads `pipe` until it ends or `exited` has been over for [`PIPE_LINGER`].
    pub(crate) fn new(pipe: R, exited: impl Future<Output = ()> + Send + Sync + 'static) -> Self {
        Self {
            pipe,
            over: Box::pin(async move {
                exited.await;
                tokio::time::sleep(PIPE_LINGER).await;
            }),
            cut: false,
        }
    }

    /// Whether something still held the pipe when reading was given up.
    pub fn was_cut(&self) -> bool {
        self.cut
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for OutputPipe<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.cut || this.over.as_mut().poll(context).is_ready() {
            this.cut = true;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.pipe).poll_read(context, buffer)
    }
}
