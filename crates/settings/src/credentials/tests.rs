//! The fallback's rules, over a keyring whose condition the test decides.

use std::{collections::BTreeMap, sync::Mutex};

use super::*;

#[derive(Debug, Default)]
struct Fake {
    condition: Mutex<Condition>,
    entries: Mutex<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Condition {
    #[default]
    Usable,
    Absent,
    Locked,
}

impl Fake {
    fn becomes(&self, condition: Condition) {
        *self.condition.lock().unwrap() = condition;
    }

    fn usable(&self) -> Result<(), VaultError> {
        match *self.condition.lock().unwrap() {
            Condition::Usable => Ok(()),
            Condition::Absent => Err(VaultError::Absent),
            Condition::Locked => Err(VaultError::Locked),
        }
    }
}

impl Vault for Fake {
    fn get(&self, name: &str) -> Result<Option<String>, VaultError> {
        self.usable()?;
        Ok(self.entries.lock().unwrap().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), VaultError> {
        self.usable()?;
        self.entries
            .lock()
            .unwrap()
            .insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        self.usable()?;
        self.entries.lock().unwrap().remove(name);
        Ok(())
    }
}

struct Place {
    folder: tempfile::TempDir,
    keyring: Arc<Fake>,
    credentials: Credentials,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Arc::new(Fake::default());
        let credentials = Credentials::over(
            Some(Arc::clone(&keyring) as Arc<dyn Vault>),
            &folder.path().join("config/credentials.json"),
        );
        Self {
            folder,
            keyring,
            credentials,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config/credentials.json")
    }

    async fn get(&self) -> Option<(String, KeptIn)> {
        self.credentials.get("runner:1").await.unwrap()
    }

    async fn set(&self, secret: &str) -> KeptIn {
        self.credentials.set("runner:1", secret).await.unwrap()
    }
}

#[tokio::test]
async fn with_a_keyring_no_file_comes_into_being() {
    let place = Place::new();
    assert_eq!(place.set("a").await, KeptIn::Keyring);
    assert_eq!(place.get().await, Some(("a".to_owned(), KeptIn::Keyring)));
    place.credentials.delete("runner:1").await.unwrap();
    assert_eq!(place.get().await, None);
    assert!(!place.file().exists());
}

#[tokio::test]
async fn without_a_keyring_a_private_file_takes_its_place_until_there_is_one() {
    let place = Place::new();
    place.keyring.becomes(Condition::Absent);
    assert_eq!(place.get().await, None);
    let in_file = KeptIn::File(place.file());
    assert_eq!(place.set("a").await, in_file);
    assert_eq!(place.get().await, Some(("a".to_owned(), in_file.clone())));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place.file()), 0o600);
        assert_eq!(mode(place.file().parent().unwrap()), 0o700);
    }

    place.keyring.becomes(Condition::Usable);
    assert_eq!(place.get().await, Some(("a".to_owned(), in_file)));
    assert_eq!(place.set("b").await, KeptIn::Keyring);
    assert_eq!(place.get().await, Some(("b".to_owned(), KeptIn::Keyring)));
    let text = std::fs::read_to_string(place.file()).unwrap();
    assert!(!text.contains("runner:1"), "{text}");
}

#[tokio::test]
async fn a_locked_keyring_is_never_passed_by() {
    let place = Place::new();
    place.set("a").await;
    place.keyring.becomes(Condition::Locked);
    let refused = place.credentials.get("runner:1").await;
    assert!(matches!(refused, Err(VaultError::Locked)));
    let refused = place.credentials.set("runner:1", "b").await;
    assert!(matches!(refused, Err(VaultError::Locked)));
    assert!(!place.file().exists());
    place.keyring.becomes(Condition::Usable);
    assert_eq!(place.get().await, Some(("a".to_owned(), KeptIn::Keyring)));
}

#[tokio::test]
async fn a_keyring_that_holds_the_secret_and_is_not_there_yet_is_waited_for() {
    let place = Place::new();
    place.set("a").await;
    place.keyring.becomes(Condition::Absent);
    let refused = place.credentials.get("runner:1").await;
    assert!(matches!(refused, Err(VaultError::Locked)));
    assert_eq!(place.credentials.get("runner:2").await.unwrap(), None);
    place.keyring.becomes(Condition::Usable);
    assert_eq!(place.get().await, Some(("a".to_owned(), KeptIn::Keyring)));
    place.credentials.delete("runner:1").await.unwrap();
    place.keyring.becomes(Condition::Absent);
    assert_eq!(place.get().await, None);
    for entry in std::fs::read_dir(place.file().parent().unwrap()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("\"a\""), "{text}");
    }
}

#[tokio::test]
async fn a_broken_file_is_an_error_and_stays_as_it_is() {
    let place = Place::new();
    place.keyring.becomes(Condition::Absent);
    place.set("a").await;
    std::fs::write(place.file(), "{").unwrap();
    for result in [
        place.credentials.get("runner:1").await.map(drop),
        place.credentials.set("runner:1", "b").await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, VaultError::BrokenFile { .. }), "{error}");
    }
    assert_eq!(std::fs::read_to_string(place.file()).unwrap(), "{");
}

#[test]
fn several_processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let vault = FileVault::new(path);
                for n in 0..10 {
                    vault.set(&format!("{thread}:{n}"), "x").unwrap();
                }
            });
        }
    });
    let vault = FileVault::new(&path);
    for thread in 0..4 {
        for n in 0..10 {
            assert!(vault.get(&format!("{thread}:{n}")).unwrap().is_some());
        }
    }
}

#[test]
fn an_operator_may_choose_the_file() {
    assert_eq!(
        Choice::from_environment(|name| (name == Choice::VARIABLE).then(|| "File".to_owned())),
        Choice::File
    );
    assert_eq!(Choice::from_environment(|_| None), Choice::Keyring);
}
