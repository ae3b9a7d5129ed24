//! Whatever is sent twice, too late or out of order: no entry is lost, none is doubled.

#[cfg(test)]
#[path = "conformance/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the conformance suite, which uses all of it"
)]
mod world;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use store::{Appended, Options, Store};

    use super::world::{START, World, log_entry};

    /// Uploads of `count` entries from `from` on, in any order and overlap.
    fn uploads() -> impl Strategy<Value = Vec<(u64, u64)>> {
        prop::collection::vec((1_u64..30, 0_u64..12), 1..25)
    }

    async fn play(uploads: Vec<(u64, u64)>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coord.db");
        let store = Store::open(Options::Sqlite { path }).await.unwrap();
        let world = World::new(&store).await;
        let mut machine = world.machine(1).await;
        let at = world.held(&mut machine, START).await;
        let mut model = 0;
        for (from, count) in uploads {
            let entries = (from..from + count).map(log_entry).collect();
            let answer = store
                .append_log(machine.id, at.attempt_id, 1, entries, START)
                .await
                .unwrap();
            let leaves_gap = count > 0 && from > model + 1;
            if !leaves_gap && count > 0 {
                model = model.max(from + count - 1);
            }
            match answer {
                Appended::Kept { last, .. } => {
                    assert!(!leaves_gap);
                    assert_eq!(last, model);
                }
                Appended::Refused(_) => assert!(leaves_gap),
                Appended::NotYours => panic!("it is this runner's"),
            }
        }
        let page = store.log(at.attempt_id, 0, 1000).await.unwrap().unwrap();
        let page = page.entries;
        let expected: Vec<String> = (1..=model).map(|n| log_entry(n).json).collect();
        assert_eq!((page.json, page.last), (expected, model));
        store.close().await;
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_entry_is_lost_and_none_is_doubled(uploads in uploads()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(play(uploads));
        }
    }
}
