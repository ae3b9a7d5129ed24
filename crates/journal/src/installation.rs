//! Who this installation is: its id, its starts, its registration, its pause.

use protocol::{
    api::PersonRef,
    ids::{AttemptId, InstallationId, RunnerId},
    runner::Pause,
};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use uuid::Uuid;

use crate::{Error, Journal};

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
        sqlx::query(
            "INSERT INTO installation (id, installation_id) VALUES (1, $1) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// This installation, as it stands.
    pub async fn installation(&self) -> Result<Installation, Error> {
        let row = sqlx::query(
            "SELECT installation_id, boot_number, registration, pause, pause_revision, breaker,
                 place
             FROM installation",
        )
        .fetch_one(&self.pool)
        .await?;
        let id: String = row.try_get(0)?;
        let boot_number: i64 = row.try_get(1)?;
        Ok(Installation {
            id: id
                .parse()
                .map_err(|error: uuid::Error| Error::content("an installation id", error))?,
            boot_number: boot_number.unsigned_abs(),
            registration: from_json("a registration", row.try_get(2)?)?,
            pause: from_json("a pause", row.try_get(3)?)?,
            pause_revision: row.try_get::<i64, _>(4)?.unsigned_abs(),
            breaker: from_json("a count of failures", row.try_get(5)?)?.unwrap_or_default(),
            place: row.try_get(6)?,
        })
    }

    /// Counts a start of the service, and returns its number, from 1.
    pub async fn begin_boot(&self) -> Result<u64, Error> {
        let number: i64 = sqlx::query(
            "UPDATE installation SET boot_number = boot_number + 1 RETURNING boot_number",
        )
        .fetch_one(&self.pool)
        .await?
        .try_get(0)?;
        Ok(number.unsigned_abs())
    }

    /// Keeps a registration, or forgets it.
    pub async fn set_registration(&self, registration: Option<&Registration>) -> Result<(), Error> {
        let text = to_json("a registration", registration)?;
        sqlx::query("UPDATE installation SET registration = $1")
            .bind(text)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps a pause, so that a restart does not end it; or forgets it, and begins to count anew.
    pub async fn set_pause(&self, pause: Option<&Pause>) -> Result<(), Error> {
        let text = to_json("a pause", pause)?;
        sqlx::query(
            "UPDATE installation SET pause = $1,
                 breaker = CASE WHEN $1 IS NULL THEN NULL ELSE breaker END",
        )
        .bind(text)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps what was counted; with the pause that follows from it, in one step.
    pub async fn set_breaker(&self, breaker: &Breaker, pause: Option<&Pause>) -> Result<(), Error> {
        sqlx::query("UPDATE installation SET breaker = $1, pause = COALESCE($2, pause)")
            .bind(to_json("a count of failures", Some(breaker))?)
            .bind(to_json("a pause", pause)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps where the directory is.
    pub async fn set_place(&self, place: &str) -> Result<(), Error> {
        sqlx::query("UPDATE installation SET place = $1")
            .bind(place)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Makes this directory an installation of its own, for nobody's attempts: what it held
    /// belongs to the one that it was copied from.
    pub async fn become_own(&self, place: &str) -> Result<(), Error> {
        let id = InstallationId(Uuid::now_v7()).to_string();
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM held_attempt")
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE installation SET installation_id = $1, registration = NULL, place = $2,
                 pause = NULL, pause_revision = 0, breaker = NULL",
        )
        .bind(id)
        .bind(place)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
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
        sqlx::query(
            "UPDATE installation SET pause = $1, pause_revision = $2,
                 breaker = CASE WHEN $1 IS NULL THEN NULL ELSE breaker END",
        )
        .bind(text)
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await?;
        Ok(())
    }
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
