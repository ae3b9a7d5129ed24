//! Writing a sealed piece, block by block.

use std::{io, sync::Arc};

use object_store::{ObjectStore, buffered::BufWriter, path::Path};
use tokio::io::AsyncWriteExt as _;

use super::format::Packer;

/// How much is gathered before it goes out.
const WRITE_BYTES: usize = 5 * 1024 * 1024;

/// A piece that is being written; nothing of it is seen before it is finished.
pub(crate) struct Writer {
    packer: Packer,
    out: BufWriter,
}

/// A piece could not be written.
#[derive(Debug, thiserror::Error)]
#[error("a sealed log could not be written")]
pub(crate) struct NotWritten(#[from] io::Error);

impl Writer {
    /// Begins a piece whose first entry has this number.
    pub(crate) fn begin(
        objects: Arc<dyn ObjectStore>,
        path: Path,
        first: u64,
    ) -> Result<Self, NotWritten> {
        Ok(Self {
            packer: Packer::new(first)?,
            out: BufWriter::with_capacity(objects, path, WRITE_BYTES),
        })
    }

    /// Adds an entry.
    pub(crate) async fn push(&mut self, json: &str) -> Result<(), NotWritten> {
        if let Some(block) = self.packer.push(json)? {
            self.out.write_all(&block).await?;
        }
        Ok(())
    }

    /// Ends the piece; the digest of its lines.
    pub(crate) async fn finish(mut self) -> Result<String, NotWritten> {
        let (end, digest) = self.packer.finish()?;
        self.out.write_all(&end).await?;
        self.out.shutdown().await?;
        Ok(digest)
    }

    /// Gives up; what went out already is taken back.
    pub(crate) async fn abort(mut self) {
        if let Err(error) = self.out.abort().await {
            tracing::warn!(%error, "a half written log could not be taken back");
        }
    }
}
