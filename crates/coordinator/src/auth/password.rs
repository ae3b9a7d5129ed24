//! Passwords: Argon2id, a few at a time, away from the async threads.

use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use protocol::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use tokio::sync::Semaphore;

/// Longest password that is hashed: a character takes four bytes at most.
const PASSWORD_BYTES_MAX: usize = 4 * PASSWORD_CHARS_MAX;
/// Memory of one hash in KiB; with two passes and one lane.
const MEMORY_KIB: u32 = 19 * 1024;
/// How many hashes are made at once.
const AT_ONCE_MAX: usize = 2;

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// It has too few characters.
    #[error("the password is shorter than {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    /// It is larger than anybody types.
    #[error("the password is longer than {PASSWORD_CHARS_MAX} characters")]
    TooLong,
    /// It is one character, again and again.
    #[error("the password repeats a single character")]
    OneCharacter,
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashFailed {
    /// The library refused.
    #[error("the password could not be hashed")]
    Hash(#[source] argon2::password_hash::Error),
    /// The thread that hashed went away.
    #[error("the thread that hashes passwords ended early")]
    Thread(#[source] tokio::task::JoinError),
}

/// Whether `password` is good enough for an account.
pub(crate) fn check_new_password(password: &str) -> Result<(), PasswordRefused> {
    let mut characters = password.chars();
    let first = characters.next();
    let count = password.chars().count();
    if count < PASSWORD_CHARS_MIN {
        Err(PasswordRefused::TooShort)
    } else if count > PASSWORD_CHARS_MAX {
        Err(PasswordRefused::TooLong)
    } else if characters.all(|character| Some(character) == first) {
        Err(PasswordRefused::OneCharacter)
    } else {
        Ok(())
    }
}

/// Hashes and checks passwords, so that sign-ins cannot starve everything else.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE_MAX)),
        }
    }
}

impl Passwords {
    /// The text that is kept for `password`.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, HashFailed> {
        let password = password.to_owned();
        self.run(move || hash_now(&password))
            .await?
            .map_err(HashFailed::Hash)
    }

    /// Whether `password` belongs to `kept`.
    ///
    /// Without an account it takes as long as with one, so that the time tells nothing.
    pub(crate) async fn matches(
        &self,
        password: &str,
        kept: Option<String>,
    ) -> Result<bool, HashFailed> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        let password = password.to_owned();
        self.run(move || {
            let known = kept.is_some();
            let kept = match kept {
                Some(kept) => kept,
                None => nobodys_hash()?,
            };
            let kept = PasswordHash::new(&kept).map_err(argon2::password_hash::Error::from)?;
            Ok(argon2().verify_password(password.as_bytes(), &kept).is_ok() && known)
        })
        .await?
        .map_err(HashFailed::Hash)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFailed> {
        // The semaphore is never closed; without a permit the work is only slower.
        let permit = Arc::clone(&self.at_once).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(HashFailed::Thread)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(argon2().hash_password(password.as_bytes())?.to_string())
}

/// The hash of a password that nobody has.
fn nobodys_hash() -> Result<String, argon2::password_hash::Error> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash.clone());
    }
    let hash = hash_now(&super::Secret::new("").reveal())?;
    Ok(NOBODY.get_or_init(|| hash).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_matches() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let matches = |password: &'static str, kept: Option<&str>| {
            let (passwords, kept) = (passwords.clone(), kept.map(str::to_owned));
            async move { passwords.matches(password, kept).await.unwrap() }
        };
        assert!(matches("correct horse", Some(&kept)).await);
        assert!(!matches("wrong horse!", Some(&kept)).await);
        assert!(!matches("correct horse", None).await);
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        assert_eq!(
            check_new_password("ninechars"),
            Err(PasswordRefused::TooShort)
        );
        assert_eq!(
            check_new_password("aaaaaaaaaaaa"),
            Err(PasswordRefused::OneCharacter)
        );
        assert_eq!(
            check_new_password(&"ab".repeat(600)),
            Err(PasswordRefused::TooLong)
        );
        assert_eq!(check_new_password("ten chars!"), Ok(()));
        assert_eq!(check_new_password("pässwörter"), Ok(()));
    }
}
