//! Artifacts: manifests and parts; the content stands in the object store.

use std::collections::{BTreeSet, HashMap};

use lifecycle::attempt;
use protocol::{
    api::ArtifactView,
    ids::{ArtifactId, AttemptId, JobId, RunnerId},
    runner::{ArtifactFile, ArtifactManifest},
    time::Timestamp,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, Value, sql},
    entry::load_own,
    storage::recount,
};

/// One stored part of an attempt's artifacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// SHA-256 of its content.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// A file that an attempt handed back, with where its content stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Of which attempt.
    pub at: AttemptRef,
    /// As people see it.
    pub view: ArtifactView,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// What came of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestResult {
    /// Everything is there.
    Stored(AttemptRef),
    /// These parts have to be sent first.
    MissingParts(Vec<String>),
    /// A file's size is not that of its parts.
    SizeDiffers {
        /// Which file.
        path: String,
    },
    /// The fence has moved on, or the attempt has ended.
    FenceMovedOn,
    /// The runner does not have such an attempt.
    NotYours,
}

impl Store {
    /// Notes that a part's content stands in the object store.
    pub async fn add_part(&self, attempt_id: AttemptId, part: Part, now: Timestamp) -> Result<()> {
        self.write((attempt_id, part, now), |tx, (attempt_id, part, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "INSERT INTO parts (attempt_id, sha256, size, created_at)
                     VALUES ($1, $2, $3, $4) ON CONFLICT (attempt_id, sha256) DO NOTHING",
                    *attempt_id,
                    &part.sha256,
                    part.size,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Parts of an attempt whose content stands in the object store.
    pub async fn parts_of(&self, attempt_id: AttemptId) -> Result<Vec<Part>> {
        read_parts(&mut self.reader().await?, attempt_id).await
    }

    /// Keeps the list of everything that an attempt hands back, under its fence.
    pub async fn store_manifest(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        manifest: ArtifactManifest,
        now: Timestamp,
    ) -> Result<ManifestResult> {
        self.write(
            (runner_id, attempt_id, manifest, now),
            |tx, (runner_id, attempt_id, manifest, now)| {
                Box::pin(store_manifest(tx, *runner_id, *attempt_id, manifest, *now))
            },
        )
        .await
    }

    /// Files that the attempts of a job handed back, newest attempt first, then by path.
    pub async fn artifacts_of(&self, job_id: JobId) -> Result<Vec<ArtifactView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT f.id, f.path, f.size, f.sha256, t.number
             FROM artifacts f JOIN attempts t ON t.id = f.attempt_id
             WHERE f.job_id = $1 ORDER BY t.fence DESC, f.path",
            job_id
        ))
        .await?
        .iter()
        .map(view)
        .collect()
    }

    /// The artifact.
    pub async fn artifact(&self, id: ArtifactId) -> Result<Option<Artifact>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT f.*, t.number, t.workspace_id, t.runner_id
             FROM artifacts f JOIN attempts t ON t.id = f.attempt_id
             WHERE f.id = $1",
            id
        ))
        .await?
        .map(|row| {
            Ok(Artifact {
                at: AttemptRef::read(&row)?,
                view: view(&row)?,
                parts: row.json("parts")?,
            })
        })
        .transpose()
    }
}

fn view(row: &Row) -> Result<ArtifactView> {
    Ok(ArtifactView {
        id: row.parsed("id")?,
        attempt_number: row.small_option("number")?.unwrap_or_default(),
        path: row.text("path")?,
        size: row.count("size")?,
        sha256: row.text("sha256")?,
    })
}

async fn read_parts(conn: &mut Conn, attempt_id: AttemptId) -> Result<Vec<Part>> {
    conn.all(sql!(
        "SELECT sha256, size FROM parts WHERE attempt_id = $1 ORDER BY sha256",
        attempt_id
    ))
    .await?
    .iter()
    .map(|row| {
        Ok(Part {
            sha256: row.text("sha256")?,
            size: row.count("size")?,
        })
    })
    .collect()
}

async fn store_manifest(
    tx: &mut Conn,
    runner_id: RunnerId,
    attempt_id: AttemptId,
    manifest: &ArtifactManifest,
    now: Timestamp,
) -> Result<ManifestResult> {
    let Some(standing) = load_own(tx, runner_id, attempt_id, manifest.fence).await? else {
        return Ok(ManifestResult::NotYours);
    };
    if attempt::is_late(standing.attempt, standing.facts(now, now)) {
        return Ok(ManifestResult::FenceMovedOn);
    }
    let parts = read_parts(tx, attempt_id).await?;
    let known: HashMap<&str, u64> = parts
        .iter()
        .map(|part| (part.sha256.as_str(), part.size))
        .collect();
    let missing = missing_parts(manifest, &known);
    if !missing.is_empty() {
        return Ok(ManifestResult::MissingParts(missing));
    }
    if let Some(file) = manifest
        .files
        .iter()
        .find(|file| size(file, &known) != file.size)
    {
        return Ok(ManifestResult::SizeDiffers {
            path: file.path.clone(),
        });
    }
    keep_files(tx, standing.at, manifest, &known, now).await?;
    Ok(ManifestResult::Stored(standing.at))
}

fn missing_parts(manifest: &ArtifactManifest, known: &HashMap<&str, u64>) -> Vec<String> {
    let wanted = manifest.files.iter().flat_map(|file| &file.parts);
    let missing: BTreeSet<&String> = wanted
        .filter(|part| !known.contains_key(part.as_str()))
        .collect();
    missing.into_iter().cloned().collect()
}

fn size(file: &ArtifactFile, known: &HashMap<&str, u64>) -> u64 {
    let sizes = file
        .parts
        .iter()
        .filter_map(|part| known.get(part.as_str()));
    sizes.sum()
}

/// The newest manifest counts whole; files that it repeats keep their ids.
async fn keep_files(
    tx: &mut Conn,
    at: AttemptRef,
    manifest: &ArtifactManifest,
    known: &HashMap<&str, u64>,
    now: Timestamp,
) -> Result<()> {
    let kept = tx
        .all(sql!(
            "SELECT id, path, size FROM artifacts WHERE attempt_id = $1",
            at.attempt_id
        ))
        .await?;
    let mut bytes_before = 0;
    for row in kept {
        bytes_before += row.count("size")?;
        let path = row.text("path")?;
        if !manifest.files.iter().any(|file| file.path == path) {
            let id: ArtifactId = row.parsed("id")?;
            tx.run(sql!("DELETE FROM artifacts WHERE id = $1", id))
                .await?;
        }
    }
    let bytes_after = manifest.files.iter().map(|file| file.size).sum();
    recount(tx, at.job_id, bytes_before, bytes_after).await?;
    for file in &manifest.files {
        let parts: Vec<Part> = file
            .parts
            .iter()
            .map(|sha256| Part {
                sha256: sha256.clone(),
                size: known.get(sha256.as_str()).copied().unwrap_or_default(),
            })
            .collect();
        tx.run(sql!(
            "INSERT INTO artifacts
             (id, attempt_id, job_id, path, size, sha256, parts, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (attempt_id, path) DO UPDATE
                 SET size = $5, sha256 = $6, parts = $7",
            ArtifactId(Uuid::now_v7()),
            at.attempt_id,
            at.job_id,
            &file.path,
            file.size,
            &file.sha256,
            Value::json(&parts),
            now
        ))
        .await?;
    }
    Ok(())
}
