//! Reading parts of a sealed piece.

use std::{io, ops::Range};

use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, path::Path};
use protocol::digest::RunningDigest;

use super::format::{Block, END_BYTES, Index, broken, index_bytes, read_index, unpack};

/// How much of the end is asked for at first; the index of most logs is in it.
const END_GUESS_BYTES: u64 = 64 * 1024;

/// Why a piece cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The object store does not give it.
    #[error("the object of a sealed log cannot be read")]
    Object(#[from] object_store::Error),
    /// What it gives is not what was written.
    #[error("a sealed log is damaged")]
    Damaged(#[from] io::Error),
}

/// A sealed piece with its index at hand.
pub(crate) struct SealedReader<'a> {
    objects: &'a dyn ObjectStore,
    path: Path,
    index: Index,
}

/// Where a block stands.
struct Place {
    block: Block,
    bytes: Range<u64>,
    first: u64,
}

impl<'a> SealedReader<'a> {
    /// Reads the index.
    pub(crate) async fn open(objects: &'a dyn ObjectStore, path: Path) -> Result<Self, Unreadable> {
        let end = last_bytes(objects, &path, END_GUESS_BYTES).await?;
        let length = index_bytes(&end)?;
        let wanted = length + END_BYTES;
        let end = if end.len() < wanted {
            last_bytes(objects, &path, wanted as u64).await?
        } else {
            end
        };
        let begins = end
            .len()
            .checked_sub(wanted)
            .ok_or_else(|| broken("its index is cut off"))?;
        let index = read_index(&end[begins..][..length])?;
        Ok(Self {
            objects,
            path,
            index,
        })
    }

    /// Entries after number `after`, at least one while there are any, and no more than
    /// `limit`; block by block, so that only what is asked for is unpacked.
    pub(crate) async fn entries(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<String>, Unreadable> {
        let mut found = Vec::new();
        for place in self.places() {
            if place.first + u64::from(place.block.entries) <= after + 1 {
                continue;
            }
            if found.len() >= limit {
                break;
            }
            let skip =
                usize::try_from((after + 1).saturating_sub(place.first)).unwrap_or(usize::MAX);
            let entries = self.block(&place).await?;
            found.extend(entries.into_iter().skip(skip).take(limit - found.len()));
        }
        Ok(found)
    }

    /// How many entries there are, and the digest of their lines: everything is read once.
    pub(crate) async fn check(&self) -> Result<(u64, String), Unreadable> {
        let mut digest = RunningDigest::default();
        let mut count = 0;
        for place in self.places() {
            for entry in self.block(&place).await? {
                digest.update(entry.as_bytes());
                digest.update(b"\n");
                count += 1;
            }
        }
        Ok((count, digest.hex()))
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        let begin = (0_u64, self.index.first);
        self.index
            .blocks
            .iter()
            .scan(begin, |(offset, first), block| {
                let place = Place {
                    block: *block,
                    bytes: *offset..*offset + u64::from(block.packed),
                    first: *first,
                };
                *offset += u64::from(block.packed);
                *first += u64::from(block.entries);
                Some(place)
            })
    }

    async fn block(&self, place: &Place) -> Result<Vec<String>, Unreadable> {
        let packed = self
            .objects
            .get_range(&self.path, place.bytes.clone())
            .await?;
        Ok(unpack(&packed, place.block)?)
    }
}

async fn last_bytes(
    objects: &dyn ObjectStore,
    path: &Path,
    count: u64,
) -> Result<bytes::Bytes, object_store::Error> {
    let options = GetOptions {
        range: Some(GetRange::Suffix(count)),
        ..GetOptions::default()
    };
    objects.get_opts(path, options).await?.bytes().await
}
