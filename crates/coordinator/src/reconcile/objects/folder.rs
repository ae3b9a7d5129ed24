//! One folder of objects, and what is named in it.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use object_store::{ObjectMeta, ObjectStoreExt as _, path::Path};
use protocol::{
    ids::{AttemptId, JobId},
    time::Timestamp,
};

use super::{ASIDE_MS, NotCompared, OLD_MS, Owner};
use crate::{
    app::App,
    objects::{self, ARTIFACTS, ASIDE, ATTACHMENTS, LOGS},
};

/// Where objects lie that no row names.
pub(super) fn aside() -> Path {
    Path::from(ASIDE)
}

/// Puts aside what is old in a folder and named by no row.
pub(super) async fn put_aside(app: &App, folder: &Path, now: Timestamp) -> Result<(), NotCompared> {
    let old: Vec<ObjectMeta> = app
        .objects
        .list(Some(folder))
        .try_filter(|object| std::future::ready(is_old(object, now)))
        .try_collect()
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    let named = named_in(app, folder).await?;
    for object in old {
        if named.contains(&object.location) {
            continue;
        }
        let to = Path::from(format!("{ASIDE}/{}/{}", now.0, object.location));
        if moved(app, &object.location, &to).await? {
            tracing::info!(object = %object.location, "no row names it: it is put aside");
            metrics::counter!("coord_objects_put_aside_total").increment(1);
        }
    }
    Ok(())
}

/// Gives back what a row names after all, and deletes what has lain aside for long enough.
pub(super) async fn look_aside(
    app: &App,
    folder: &Path,
    now: Timestamp,
) -> Result<(), NotCompared> {
    let moment = folder.filename().and_then(|name| name.parse().ok());
    let Some(moment) = moment.map(Timestamp) else {
        return Ok(());
    };
    let is_over = now.millis_since(moment) >= ASIDE_MS;
    let objects: Vec<ObjectMeta> = app.objects.list(Some(folder)).try_collect().await?;
    for object in objects {
        let Some(parts) = object.location.prefix_match(folder) else {
            continue;
        };
        let origin: Path = parts.collect();
        let parent: Path = origin.parts().take(2).collect();
        if named_in(app, &parent).await?.contains(&origin) {
            give_back(app, &object.location, &origin).await?;
        } else if is_over {
            remove(app, &object.location).await?;
            metrics::counter!("coord_objects_deleted_total").increment(1);
        }
    }
    Ok(())
}

/// What was uploaded anew meanwhile has the same content, since its name is made from it.
async fn give_back(app: &App, from: &Path, origin: &Path) -> Result<(), NotCompared> {
    match app.objects.head(origin).await {
        Ok(_) => remove(app, from).await,
        Err(object_store::Error::NotFound { .. }) => {
            tracing::warn!(object = %origin, "a row names it after all: it is back");
            moved(app, from, origin).await.map(drop)
        }
        Err(error) => Err(error.into()),
    }
}

/// Every object that rows name within the folder of a job or an attempt.
async fn named_in(app: &App, folder: &Path) -> Result<HashSet<Path>, NotCompared> {
    let named = match owner_of(folder) {
        Some(Owner::Job(id)) => named_by_job(app, id).await?,
        Some(Owner::Attempt(id)) => named_by_attempt(app, id).await?,
        None => Vec::new(),
    };
    Ok(named.into_iter().collect())
}

pub(super) async fn named_by_job(app: &App, id: JobId) -> Result<Vec<Path>, store::Error> {
    let attachments = app.store.attachments_of(id).await?;
    let path = |sha256: &String| objects::attachment(id, sha256);
    Ok(attachments.iter().map(|one| path(&one.sha256)).collect())
}

pub(super) async fn named_by_attempt(app: &App, id: AttemptId) -> Result<Vec<Path>, store::Error> {
    let parts = app.store.parts_of(id).await?;
    let pieces = app.store.sealed_pieces(id).await?;
    let parts = parts.iter().map(|part| objects::part(id, &part.sha256));
    let pieces = pieces
        .iter()
        .map(|piece| objects::log_piece(id, piece.first, piece.last));
    Ok(parts.chain(pieces).collect())
}

fn owner_of(folder: &Path) -> Option<Owner> {
    let mut parts = folder.parts();
    let (kind, id) = (parts.next()?, parts.next()?);
    match kind.as_ref() {
        ATTACHMENTS => Some(Owner::Job(id.as_ref().parse().ok()?)),
        ARTIFACTS | LOGS => Some(Owner::Attempt(id.as_ref().parse().ok()?)),
        _ => None,
    }
}

fn is_old(object: &ObjectMeta, now: Timestamp) -> bool {
    let modified = Timestamp(object.last_modified.timestamp_millis());
    now.millis_since(modified) >= OLD_MS
}

/// Moves an object; false when another coordinator was first.
async fn moved(app: &App, from: &Path, to: &Path) -> Result<bool, NotCompared> {
    match app.objects.rename(from, to).await {
        Ok(()) => Ok(true),
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn remove(app: &App, path: &Path) -> Result<(), NotCompared> {
    match app.objects.delete(path).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_a_job_or_an_attempt_or_to_nobody() {
        let id = "00000000-0000-7000-8000-000000000001";
        let owner = |text: String| owner_of(&Path::from(text));
        assert!(matches!(
            owner(format!("attachments/{id}")),
            Some(Owner::Job(_))
        ));
        for kind in ["artifacts", "logs"] {
            assert!(matches!(
                owner(format!("{kind}/{id}")),
                Some(Owner::Attempt(_))
            ));
        }
        for text in ["attachments/x", "arriving/1", "logs"] {
            assert!(owner(text.to_owned()).is_none(), "{text}");
        }
    }
}
