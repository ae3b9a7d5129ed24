//! What the bytes of a sealed piece mean.
//!
//! One Zstandard frame for each block, then a skippable frame with the index: so any
//! tool for Zstandard unpacks the whole. Within a block every entry stands between
//! the character RS (0x1E), which no JSON holds, and a line end (RFC 7464).

use std::io;

use protocol::digest::RunningDigest;
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

/// Most entries of a block.
const BLOCK_ENTRIES_MAX: usize = 1000;
/// A block is closed once it has so many bytes.
const BLOCK_BYTES: usize = 256 * 1024;
/// No block is unpacked to more than this.
const BLOCK_BYTES_MAX: usize = 64 * 1024 * 1024;
const LEVEL: i32 = 3;
const RECORD_BEGINS: u8 = 0x1E;
/// A frame that tools for Zstandard skip.
const SKIPPABLE_FRAME: u32 = 0x184D_2A5C;
const END_MARK: [u8; 8] = *b"coordlog";
/// Length of what stands behind the index's text: its length, and the mark.
pub(super) const END_BYTES: usize = 12;

/// One block of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    /// How many entries it has.
    pub(super) entries: u32,
    /// How many bytes it has in the object.
    pub(super) packed: u32,
    /// How many bytes it has unpacked.
    pub(super) plain: u32,
}

/// Where in a piece everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// Number of the first entry.
    pub(super) first: u64,
    /// The blocks, in order.
    pub(super) blocks: Vec<Block>,
}

/// Makes a piece of entries that are pushed one by one.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    plain: Vec<u8>,
    entries: u32,
    index: Index,
    digest: RunningDigest,
}

impl Packer {
    /// For a piece whose first entry has this number.
    pub(super) fn new(first: u64) -> io::Result<Self> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.include_checksum(true)?;
        Ok(Self {
            compressor,
            plain: Vec::new(),
            entries: 0,
            index: Index {
                first,
                blocks: Vec::new(),
            },
            digest: RunningDigest::default(),
        })
    }

    /// Adds an entry; gives a block when one is full.
    pub(super) fn push(&mut self, json: &str) -> io::Result<Option<Vec<u8>>> {
        self.digest.update(json.as_bytes());
        self.digest.update(b"\n");
        self.plain.push(RECORD_BEGINS);
        self.plain.extend_from_slice(json.as_bytes());
        self.plain.push(b'\n');
        self.entries += 1;
        let is_full = self.entries as usize >= BLOCK_ENTRIES_MAX || self.plain.len() >= BLOCK_BYTES;
        is_full.then(|| self.close_block()).transpose()
    }

    /// Gives the last block with the index, and the digest of all lines.
    pub(super) fn finish(mut self) -> io::Result<(Vec<u8>, String)> {
        let mut end = if self.entries == 0 {
            Vec::new()
        } else {
            self.close_block()?
        };
        let index = serde_json::to_vec(&self.index)?;
        let length = u32::try_from(index.len()).map_err(io::Error::other)?;
        let frame = u32::try_from(index.len() + END_BYTES).map_err(io::Error::other)?;
        end.extend(SKIPPABLE_FRAME.to_le_bytes());
        end.extend(frame.to_le_bytes());
        end.extend(index);
        end.extend(length.to_le_bytes());
        end.extend(END_MARK);
        Ok((end, self.digest.hex()))
    }

    fn close_block(&mut self) -> io::Result<Vec<u8>> {
        let packed = self.compressor.compress(&self.plain)?;
        self.index.blocks.push(Block {
            entries: self.entries,
            packed: u32::try_from(packed.len()).map_err(io::Error::other)?,
            plain: u32::try_from(self.plain.len()).map_err(io::Error::other)?,
        });
        self.plain.clear();
        self.entries = 0;
        Ok(packed)
    }
}

/// How long the index's text is, by the last bytes of an object.
pub(super) fn index_bytes(end: &[u8]) -> io::Result<usize> {
    let end = end
        .last_chunk::<END_BYTES>()
        .ok_or_else(|| broken("it is too short"))?;
    let Some((length, mark)) = end.split_first_chunk::<4>() else {
        return Err(broken("it is too short"));
    };
    if *mark != END_MARK {
        return Err(broken("its end is not that of a sealed log"));
    }
    usize::try_from(u32::from_le_bytes(*length)).map_err(io::Error::other)
}

/// Reads the index's text.
pub(super) fn read_index(text: &[u8]) -> io::Result<Index> {
    Ok(serde_json::from_slice(text)?)
}

/// The entries of a block.
pub(super) fn unpack(packed: &[u8], block: Block) -> io::Result<Vec<String>> {
    let size = block.plain as usize;
    if size > BLOCK_BYTES_MAX {
        return Err(broken("a block is too large"));
    }
    let plain = Decompressor::new()?.decompress(packed, size)?;
    let entries: Vec<String> = plain
        .split(|byte| *byte == RECORD_BEGINS)
        .skip(1)
        .map(|record| {
            let json = record.strip_suffix(b"\n").unwrap_or(record);
            String::from_utf8(json.to_vec()).map_err(io::Error::other)
        })
        .collect::<Result<_, _>>()?;
    if plain.len() != size || entries.len() != block.entries as usize {
        return Err(broken("a block is not what the index says"));
    }
    Ok(entries)
}

pub(super) fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::digest::sha256_hex;

    use super::*;

    /// The object of these entries, with the digest of their lines.
    fn pack(entries: &[String]) -> (Vec<u8>, String) {
        let mut packer = Packer::new(5).unwrap();
        let mut object = Vec::new();
        for entry in entries {
            object.extend(packer.push(entry).unwrap().unwrap_or_default());
        }
        let (end, digest) = packer.finish().unwrap();
        object.extend(end);
        (object, digest)
    }

    fn unpack_all(object: &[u8]) -> Vec<String> {
        let length = index_bytes(object).unwrap();
        let text = object.len() - END_BYTES - length;
        let index = read_index(&object[text..][..length]).unwrap();
        assert_eq!(index.first, 5);
        let mut rest = object;
        let mut entries = Vec::new();
        for block in index.blocks {
            let (packed, after) = rest.split_at(block.packed as usize);
            entries.extend(unpack(packed, block).unwrap());
            rest = after;
        }
        entries
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_was_packed_comes_back(
            some in prop::collection::vec("(\\PC|\n){0,60}", 1..40),
            count in 0..2500_usize,
        ) {
            let entries: Vec<String> = some.iter().cycle().take(count).cloned().collect();
            let (object, digest) = pack(&entries);
            let mut lines = String::new();
            for entry in &entries {
                lines.push_str(entry);
                lines.push('\n');
            }
            prop_assert_eq!(digest, sha256_hex(lines.as_bytes()));
            prop_assert_eq!(unpack_all(&object), entries);
        }

        #[test]
        fn what_is_no_sealed_log_is_an_error_and_nothing_worse(
            object in prop::collection::vec(any::<u8>(), 0..300)
        ) {
            prop_assert!(index_bytes(&object).is_err() || object.ends_with(&END_MARK));
            let block = Block { entries: 1, packed: 9, plain: 100 };
            prop_assert!(unpack(&object, block).is_err());
            let _ = read_index(&object);
        }
    }

    #[test]
    fn any_tool_for_zstandard_unpacks_it() {
        let entries: Vec<_> = (0..3000).map(|n| format!("{{\"n\":{n}}}")).collect();
        let (object, _) = pack(&entries);
        let plain = zstd::stream::decode_all(object.as_slice()).unwrap();
        let text = String::from_utf8(plain).unwrap();
        assert!(
            text.starts_with("\u{1e}{\"n\":0}\n\u{1e}{\"n\":1}\n"),
            "{text:.40}"
        );
        assert_eq!(text.lines().count(), 3000);
    }

    #[test]
    fn a_flipped_bit_gives_an_error_and_never_other_entries() {
        let entries: Vec<_> = (0..50).map(|n| format!("{{\"n\":{n}}}")).collect();
        let (object, _) = pack(&entries);
        let length = index_bytes(&object).unwrap();
        let text = object.len() - END_BYTES - length;
        let block = read_index(&object[text..][..length]).unwrap().blocks[0];
        let packed = &object[..block.packed as usize];
        let mut noticed = 0;
        for bit in 0..packed.len() * 8 {
            let mut damaged = packed.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            match unpack(&damaged, block) {
                Ok(same) => assert_eq!(same, entries, "bit {bit}"),
                Err(_) => noticed += 1,
            }
        }
        assert!(
            noticed > packed.len() * 6,
            "{noticed} of {} bits",
            packed.len() * 8
        );
    }
}
