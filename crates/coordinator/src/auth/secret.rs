//! Secrets of 256 random bits that are handed out once and kept as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A fresh secret; only its hash is kept.
pub(crate) struct Secret(String);

impl Secret {
    /// Makes one; `prefix` says what it is for, to people and to scanners for leaked secrets.
    pub(crate) fn new(prefix: &str) -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What is kept.
    pub(crate) fn sha256(&self) -> String {
        sha256_of(&self.0)
    }

    /// What is handed out.
    pub(crate) fn reveal(self) -> String {
        self.0
    }
}

/// The hash under which a presented secret is looked up.
///
/// 256 random bits need no slow hash: nobody can guess them.
pub(crate) fn sha256_of(secret: &str) -> String {
    protocol::digest::sha256_hex(secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_again_by_its_hash_and_never_repeats() {
        let (first, second) = (Secret::new("coa_"), Secret::new("coa_"));
        let (hash, text) = (first.sha256(), first.reveal());
        assert!(text.starts_with("coa_"));
        assert_eq!(sha256_of(&text), hash);
        assert_ne!(text, second.reveal());
        assert_eq!(text.len(), "coa_".len() + 43);
    }
}
