//! Who this installation is: its id, its starts, its registration, its pause.

use protocol::{
    api::PersonRef,
    ids::{AttemptId, InstallationId, RunnerId},
    runner::Pause,
};
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Journal, database::run};

/// What a coordinator knows this installation as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The coordinator's address.
    pub server: String,
    /// The runner's id there.
    pub runner_id: RunnerId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub account: PersonRef,
}

/// Jobs that failed one after the other before an agent began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// How many in a row.
    pub failures: u32,
    /// The attempt that was counted last: none is counted twice.
    pub counted: Option<AttemptId>,
}

/// This installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Made once for a data directory, and never again.
    pub id: InstallationId,
    /// How often the service has been started.
    pub boot_number: u64,
    /// Set while it is registered.
    pub registration: Option<Registration>,
    /// Set while its owner has paused it.
    pub pause: Option<Pause>,
    /// The newest wish for a pause, made elsewhere, that was carried out.
    pub pause_revision: u64,
    /// Jobs that failed here one after the other.
    pub breaker: Breaker,
    /// Where the directory was when the service last said so.
    pub place: Option<String>,
}

impl Journal {
    pub(crate) async fn make_installation(&self) -> Result<(), Error> {
        let id = InstallationId(Uuid::now_v7()).to_string();
        self.run(
            "INSERT INTO installation (id, installation_id) VALUES (1, ?1) ON CONFLICT DO NOTHING",
            (id,),
        )
        .await?;
        Ok(())
    }

    /// This installation, as it stands.
    pub async fn installation(&self) -> Result<Installation, Error> {
        let words = "SELECT installation_id, boot_number, registration, pause, pause_revision, \
             breaker, place FROM installation";
        let row = self.rows(words, (), read).await?;
        row.into_iter().next().ok_or_else(no_row)
    }

    /// Counts a start of the service, and returns its number, from 1.
    pub async fn begin_boot(&self) -> Result<u64, Error> {
        let words = "UPDATE installation SET boot_number = boot_number + 1 RETURNING boot_number";
        let number: Vec<i64> = self.rows(words, (), |row| Ok(row.get(0)?)).await?;
        let number = number.first().ok_or_else(no_row)?;
        Ok(number.unsigned_abs())
    }

    /// Keeps a registration, or forgets it.
    pub async fn set_registration(&self, registration: Option<&Registration>) -> Result<(), Error> {
        let text = to_json("a registration", registration)?;
        self.run("UPDATE installation SET registration = ?1", (text,))
            .await?;
        Ok(())
    }

    /// Keeps a pause, so that a restart does not end it; or forgets it, and begins to count anew.
    pub async fn set_pause(&self, pause: Option<&Pause>) -> Result<(), Error> {
        let text = to_json("a pause", pause)?;
        self.run(
            "UPDATE installation SET pause = ?1,
                 breaker = CASE WHEN ?1 IS NULL THEN NULL ELSE breaker END",
            (text,),
        )
        .await?;
        Ok(())
    }

    /// Keeps what was counted; with the pause that follows from it, in one step.
    pub async fn set_breaker(&self, breaker: &Breaker, pause: Option<&Pause>) -> Result<(), Error> {
        self.run(
            "UPDATE installation SET breaker = ?1, pause = COALESCE(?2, pause)",
            (
                to_json("a count of failures", Some(breaker))?,
                to_json("a pause", pause)?,
            ),
        )
        .await?;
        Ok(())
    }

    /// Keeps where the directory is.
    pub async fn set_place(&self, place: &str) -> Result<(), Error> {
        self.run("UPDATE installation SET place = ?1", (place,))
            .await?;
        Ok(())
    }

    /// Makes this directory an installation of its own, for nobody's attempts: what it held
    /// belongs to the one that it was copied from.
    pub async fn become_own(&self, place: &str) -> Result<(), Error> {
        let id = InstallationId(Uuid::now_v7()).to_string();
        self.write(|transaction| {
            run(transaction, "DELETE FROM held_attempt", ())?;
            run(
                transaction,
                "UPDATE installation SET installation_id = ?1, registration = NULL, place = ?2,
                 pause = NULL, pause_revision = 0, breaker = NULL",
                (id, place),
            )?;
            Ok(())
        })
        .await
    }

    /// Carries out the wish with this number: keeps its pause, or forgets the one there is.
    ///
    /// Both in one step, so that an old wish never undoes what was decided at the machine since.
    pub async fn grant_pause_wish(
        &self,
        pause: Option<&Pause>,
        revision: u64,
    ) -> Result<(), Error> {
        let text = to_json("a pause", pause)?;
        self.run(
            "UPDATE installation SET pause = ?1, pause_revision = ?2,
                 breaker = CASE WHEN ?1 IS NULL THEN NULL ELSE breaker END",
            (text, i64::try_from(revision).unwrap_or(i64::MAX)),
        )
        .await?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<Installation, Error> {
    let id: String = row.get(0)?;
    let boot_number: i64 = row.get(1)?;
    let pause_revision: i64 = row.get(4)?;
    Ok(Installation {
        id: id
            .parse()
            .map_err(|error: uuid::Error| Error::content("an installation id", error))?,
        boot_number: boot_number.unsigned_abs(),
        registration: from_json("a registration", row.get(2)?)?,
        pause: from_json("a pause", row.get(3)?)?,
        pause_revision: pause_revision.unsigned_abs(),
        breaker: from_json("a count of failures", row.get(5)?)?.unwrap_or_default(),
        place: row.get(6)?,
    })
}

/// Its one row is made when the file is opened: somebody took it away.
fn no_row() -> Error {
    rusqlite::Error::QueryReturnedNoRows.into()
}

pub(crate) fn to_json<T: Serialize>(
    what: &'static str,
    value: Option<&T>,
) -> Result<Option<String>, Error> {
    value
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| Error::content(what, error))
}

pub(crate) fn from_json<T: for<'de> Deserialize<'de>>(
    what: &'static str,
    text: Option<String>,
) -> Result<Option<T>, Error> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| Error::content(what, error))
}
