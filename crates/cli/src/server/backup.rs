//! `coord server backup`, `restore` and `copy`.

use coordinator::{
    BackupError, BackupOptions, Clock as _, CopyOptions, Manifest, RestoreOptions, SystemClock,
};
use serde_json::json;

use crate::{
    arguments::{Backup, CopyDatabase, Restore},
    context::Context,
    exit::{Done, Exit, Failure},
};

/// Makes a back-up.
pub(super) async fn back_up(context: &Context, arguments: Backup) -> Done {
    let out = arguments.out.clone();
    let options = BackupOptions {
        data: arguments.data,
        database: arguments.database,
        out: arguments.out,
        now: SystemClock.now(),
    };
    let made = coordinator::backup(options).await.map_err(failure)?;
    context.output.result(&summary(&made), || {
        format!("{} in {}", words(&made), out.display())
    })
}

/// Restores a back-up.
pub(super) async fn restore(context: &Context, arguments: Restore) -> Done {
    let options = RestoreOptions {
        from: arguments.from,
        data: arguments.data,
        database: arguments.database,
    };
    let restored = coordinator::restore(options).await.map_err(failure)?;
    context.output.result(&summary(&restored), || {
        format!(
            "{} restored and compared with their checksums.\nNext: coord server --data DIR.",
            words(&restored)
        )
    })
}

/// Copies the embedded database.
pub(super) async fn copy(context: &Context, arguments: CopyDatabase) -> Done {
    let data = arguments.from.clone();
    let options = CopyOptions {
        from: arguments.from,
        to: arguments.to,
    };
    let tables = coordinator::copy_database(options).await.map_err(failure)?;
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    let result = json!({"tables": tables, "rows": rows});
    context.output.result(&result, || {
        format!(
            "{rows} rows of {} tables copied, read back and compared.\n\
             Next: coord server --data {} --database URL; files stay in the data directory.",
            tables.len(),
            data.display()
        )
    })
}

fn summary(manifest: &Manifest) -> serde_json::Value {
    json!({
        "tables": manifest.tables,
        "files": manifest.files,
        "file_bytes": manifest.file_bytes,
        "made_at": manifest.made_at,
        "structure": manifest.structure,
    })
}

fn words(manifest: &Manifest) -> String {
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    format!(
        "{rows} rows of {} tables and {} files",
        manifest.tables.len(),
        manifest.files
    )
}

fn failure(error: BackupError) -> Failure {
    match error {
        BackupError::NotEmpty(_) | BackupError::Exists(_) => {
            Failure::new(Exit::Conflict, error.to_string())
        }
        other => anyhow::Error::from(other).into(),
    }
}
