//! Pages of rows of which one that cannot be read holds up none of the others.

use crate::{Result, engine::Row};

/// A row that could not be read.
#[derive(Debug)]
pub struct Poisoned {
    /// Its key, as it stands in the database.
    pub key: String,
    /// What is wrong with it.
    pub error: crate::Error,
}

/// Some rows in the order of their keys.
#[derive(Debug)]
pub struct Page<T> {
    /// Those that could be read.
    pub rows: Vec<T>,
    /// Those that could not.
    pub poisoned: Vec<Poisoned>,
    /// The key after which the next page begins; none after the last page.
    pub next: Option<String>,
}

/// Reads each row by itself; `key` is the column by which the page is ordered.
pub(crate) fn read_each<T>(
    rows: &[Row],
    key: &'static str,
    limit: u32,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Page<T>> {
    let mut page = Page {
        rows: Vec::with_capacity(rows.len()),
        poisoned: Vec::new(),
        next: None,
    };
    for row in rows {
        let key = row.text(key)?;
        match read(row) {
            Ok(value) => page.rows.push(value),
            Err(error) => page.poisoned.push(Poisoned {
                key: key.clone(),
                error,
            }),
        }
        page.next = Some(key);
    }
    if rows.len() < limit as usize {
        page.next = None;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use protocol::time::Timestamp;

    use crate::{
        Options, Result, Store,
        engine::{Conn, Statement, sql},
    };

    const NOW: Timestamp = Timestamp(10_000_000_000);

    /// Three attempts that are long overdue, of which the one in the middle cannot be read.
    async fn three_attempts(tx: &mut Conn) -> Result<()> {
        let mut statements: Vec<Statement> = vec![
            sql!("INSERT INTO accounts (id, email, name, password_hash, created_at) VALUES ('00000000-0000-7000-8000-000000000009', 'a', 'a', '', 1)"),
            sql!("INSERT INTO workspaces (id, slug, name, created_at) VALUES ('00000000-0000-7000-8000-000000000001', 'w', 'w', 1)"),
            sql!(
                "INSERT INTO runners (id, account_id, installation_id, short_id, name, platform,
                                      runner_version, machine_key, registered_at)
                 VALUES ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000009', 'i', 's', 'n', '{}', '1', 'k', 1)"
            ),
        ];
        for n in 1_u64..=3 {
            let id = format!("00000000-0000-7000-8000-00000000001{n}");
            let outcome = if n == 2 {
                "not JSON"
            } else {
                r#"{"kind":"failed","log_last":0,"log_sha256":""}"#
            };
            statements.push(sql!(
                "INSERT INTO jobs (id, workspace_id, number, title, instructions, context, target,
                                   state, fence, created_by, created_at, updated_at)
                 VALUES ($1, '00000000-0000-7000-8000-000000000001', $2, 't', 'i', '{}', '{}',
                         'in_progress', 1, '00000000-0000-7000-8000-000000000009', 1, 1)",
                &id,
                n
            ));
            let values = |stage: &'static str, attempt: String, fence: u64| {
                sql!(
                    "INSERT INTO attempts (id, job_id, workspace_id, runner_id, fence, stage, phase,
                                           assigned_at, accept_by, lease_ends_at, ended_at, outcome,
                                           outcome_detail)
                     VALUES ($1, $2, '00000000-0000-7000-8000-000000000001',
                             '00000000-0000-7000-8000-000000000002', $3, $4, $5, 1, 1, 1, 1,
                             'failed', $6)",
                    attempt,
                    &id,
                    fence,
                    stage,
                    if n == 2 { "a phase from nowhere" } else { "running" },
                    (stage == "ended").then_some(outcome)
                )
            };
            statements.push(values("held", id.clone(), 1));
            statements.push(values("ended", id.replacen("0000", "0001", 1), 2));
        }
        for statement in statements {
            tx.run(statement).await?;
        }
        Ok(())
    }

    /// Three of everything that a sweep looks at; the one in the middle has a key that is none.
    async fn three_of_each(tx: &mut Conn) -> Result<()> {
        let mut statements = Vec::new();
        for (n, last) in [(4_u64, "4"), (5, "x"), (6, "6")] {
            let id = format!("00000000-0000-7000-8000-0000000000{n}{last}");
            statements.push(sql!("INSERT INTO accounts (id, email, name, password_hash, created_at) VALUES ($1, $1, 'a', '', 1)", &id));
            statements.push(sql!("INSERT INTO workspaces (id, slug, name, created_at, deleted_at) VALUES ($1, $1, 'w', 1, 2)", &id));
            statements.push(sql!(
                "INSERT INTO runners (id, account_id, installation_id, short_id, name, platform,
                                      runner_version, machine_key, registered_at, last_sync_at)
                 VALUES ($1, $1, $1, $1, $1, '{}', '1', 'k', 1, $2)",
                &id,
                Timestamp(NOW.0 - 5_000)
            ));
            statements.push(sql!(
                "INSERT INTO notifications (id, account_id, kind, about, text, created_at, changed_at)
                 VALUES ($1, $1, 'job_done', 'x', 'x', $2, $2)",
                &id,
                NOW
            ));
            statements.push(sql!(
                "INSERT INTO jobs (id, workspace_id, number, title, instructions, context, target,
                                   state, fence, created_by, created_at, updated_at)
                 VALUES ($1, '00000000-0000-7000-8000-000000000001', $2, 't', 'i', '{}', '{}',
                         'done', 1, '00000000-0000-7000-8000-000000000009', 1, 1)",
                &id,
                n
            ));
            statements.push(sql!(
                "INSERT INTO attachments (id, job_id, name, size, sha256, created_at)
                 VALUES ($1, $1, 'x', 1, 'x', 1)",
                &id
            ));
        }
        statements.push(sql!(
            "INSERT INTO notification_settings (account_id, muted)
             VALUES ('00000000-0000-7000-8000-000000000066', 'not JSON')"
        ));
        statements.push(sql!(
            "UPDATE workspaces SET deleted_at = 1 WHERE id = '00000000-0000-7000-8000-000000000001'"
        ));
        for statement in statements {
            tx.run(statement).await?;
        }
        Ok(())
    }

    /// All pages of one row each: those that could be read, and how many could not.
    async fn walk<T>(
        read: impl AsyncFn(Option<&str>) -> Result<super::Page<T>>,
    ) -> (Vec<T>, usize) {
        let (mut rows, mut poisoned, mut after) = (Vec::new(), 0, None::<String>);
        loop {
            let page = read(after.as_deref()).await.unwrap();
            rows.extend(page.rows);
            poisoned += page.poisoned.len();
            match page.next {
                Some(next) => after = Some(next),
                None => return (rows, poisoned),
            }
        }
    }

    async fn every_sweep_goes_on(store: &Store) {
        store
            .write((), |tx, ()| three_of_each(tx).boxed())
            .await
            .unwrap();
        let (fallen, bad) = walk(async |after| {
            store
                .runners_fallen_silent((1_000, 9_000), NOW, after, 1)
                .await
        })
        .await;
        assert_eq!((fallen.len(), bad), (2, 1));
        let (silent, bad) = walk(async |after| store.silent_runners(NOW, after, 1).await).await;
        assert_eq!((silent.len(), bad), (2, 1));
        let mut told = Vec::new();
        for runner in silent {
            told.push(store.tell_of_silence(runner, NOW).await.is_ok());
        }
        assert_eq!(told, [true, false], "the settings of one cannot be read");
        let ago = Timestamp(NOW.0 - 1);
        let (notified, bad) = walk(async |after| store.notified_since(ago, after, 1).await).await;
        assert_eq!((notified.len(), bad), (2, 1));
        let (jobs, bad) = walk(async |after| store.erasable_jobs(after, 1).await).await;
        assert_eq!((jobs.len(), bad), (2, 1));
        let (jobs, bad) = walk(async |after| store.jobs_over_before(NOW, after, 1).await).await;
        assert_eq!((jobs.len(), bad), (2, 1));
        let (jobs, bad) = walk(async |after| store.jobs_with_attachments(after, 1).await).await;
        assert_eq!((jobs.len(), bad), (2, 1));
        let (gone, bad) = walk(async |after| store.erasable_workspaces(after, 1).await).await;
        assert_eq!((gone.len(), bad), (2, 1));
        for id in gone {
            assert!(store.erase_workspace(id).await.unwrap());
        }
    }

    async fn the_others_go_on(store: Store) {
        store
            .write((), |tx, ()| three_attempts(tx).boxed())
            .await
            .unwrap();
        judging_goes_on(&store).await;
        every_sweep_goes_on(&store).await;
        store.close().await;
    }

    async fn judging_goes_on(store: &Store) {
        let mut judged = Vec::new();
        let mut after = None;
        loop {
            // Pages of one row: the one that fails stands between the others.
            let page = store
                .overdue_attempts(after.as_deref(), 1, NOW)
                .await
                .unwrap();
            for id in page.rows {
                let judge = store.check_attempt(id, Timestamp(0), NOW).await;
                judged.push(judge.map(|at| at.is_some()).map_err(drop));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(judged, [Ok(true), Err(()), Ok(true)]);
        let page = store.unchecked_logs(None, 9).await.unwrap();
        assert_eq!((page.rows.len(), page.poisoned.len()), (2, 1));
        assert!(page.poisoned[0].key.ends_with("12"), "{page:?}");
    }

    #[tokio::test]
    async fn one_row_that_cannot_be_read_holds_up_no_other_on_the_embedded_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coord.db");
        the_others_go_on(Store::open(Options::Sqlite { path }).await.unwrap()).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn one_row_that_cannot_be_read_holds_up_no_other_on_postgresql() {
        let server = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
            .await
            .unwrap()
            .unwrap();
        let url = server.database().unwrap();
        the_others_go_on(Store::open(Options::Postgres { url }).await.unwrap()).await;
        drop(server);
    }
}
