//! Content digests: SHA-256, written as 64 lower-case hexadecimal digits.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The digest of a value's JSON, so that both sides can tell "exactly this".
///
/// A value that cannot be written as JSON has the digest of the empty text; no
/// type in this crate is such a value.
pub fn of_json(value: &impl Serialize) -> String {
    sha256_hex(&serde_json::to_vec(value).unwrap_or_default())
}

/// A digest that grows with a stream of parts.
#[derive(Debug, Clone, Default)]
pub struct RunningDigest(Sha256);

impl RunningDigest {
    /// Takes in the next part.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything taken in so far.
    pub fn hex(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_digest_of_the_whole() {
        let mut running = RunningDigest::default();
        running.update(b"ab");
        running.update(b"c");
        assert_eq!(running.hex(), sha256_hex(b"abc"));
        assert!(running.hex().starts_with("ba7816bf"));
    }
}
