//! Which cases there are, and how they run on each engine.

use store::{Options, Store};

/// Makes a test of its own of each case on the embedded database, and one of all
/// cases on PostgreSQL, where starting the server costs more than a case.
macro_rules! suite {
    ($($module:ident::$case:ident,)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("coord.db");
                    let store = super::open(super::Options::Sqlite { path }).await;
                    super::super::$module::$case(&store).await;
                    store.close().await;
                }
            )*
        }

        #[cfg(unix)]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn every_case_on_postgres() {
            let server = testkit::postgres::Postgres::start().unwrap();
            let cases: &[(&str, Case)] = &[
                $((stringify!($case), |store| Box::pin(super::$module::$case(store))),)*
            ];
            for (name, case) in cases {
                println!("case {name}");
                let url = server.database().unwrap();
                let store = open(Options::Postgres { url: url.clone() }).await;
                case(&store).await;
                store.close().await;
                assert_eq!(deadlocks(&url).await, 0, "{name}: transactions waited in a circle");
            }
        }
    };
}

/// One case; all of them within one function would be too much for its stack.
#[cfg(unix)]
type Case = for<'a> fn(&'a Store) -> futures::future::BoxFuture<'a, ()>;

async fn open(options: Options) -> Store {
    Store::open(options).await.expect("the store opens")
}

/// How often the server broke off a transaction because two waited for each other. Whoever has
/// gone has told of its own.
#[cfg(unix)]
async fn deadlocks(url: &str) -> i64 {
    use sqlx::Connection as _;
    let mut connection = sqlx::PgConnection::connect(url).await.expect("connected");
    let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let count = sqlx::query_scalar(count).fetch_one(&mut connection);
    count.await.expect("counted")
}

suite! {
    people::the_first_owner_is_made_once,
    people::accounts_are_found_in_any_case,
    people::a_workspace_is_found_by_id_and_slug_but_only_by_members,
    people::sessions_end,
    people::a_text_with_nul_is_refused_alike,
    accounts::an_address_belongs_to_one_account,
    accounts::a_new_password_signs_other_browsers_out,
    accounts::a_reset_link_works_once_and_ends,
    accounts::a_token_for_scripts_ends_and_is_revoked,
    accounts::devices_are_listed_while_they_can_come_back,
    accounts::an_identity_is_linked_only_when_both_sides_vouch,
    accounts::an_invitation_is_accepted_with_the_sign_up_or_nothing_is_made,
    accounts::a_deleted_account_leaves_its_jobs_and_nothing_that_signs_in,
    accounts::an_account_that_owns_what_others_use_stays,
    accounts::a_sign_in_comes_back_from_the_provider_once,
    tokens::a_refresh_token_lives_until_its_successor_is_used,
    tokens::a_trade_that_comes_twice_takes_nothing_away,
    tokens::using_the_new_access_token_ends_the_old_refresh_token,
    tokens::a_revoked_grant_is_worth_nothing,
    tokens::a_crowd_of_new_tokens_is_let_in,
    tokens::a_device_code_becomes_a_grant_once,
    tokens::a_device_that_asks_too_often_has_to_wait_longer,
    tokens::codes_end_and_denials_count,
    runners::the_same_installation_is_the_same_runner,
    runners::names_of_an_account_differ,
    runners::only_the_newest_sync_counts,
    runners::a_sync_says_what_is_to_be_seen,
    runners::a_sign_out_from_afar_is_told_as_what_it_was,
    runners::what_a_removed_runner_had_ends_for_that_reason,
    runners::busy_time_is_added_up_by_the_hour,
    runners::signing_out_ends_credentials_and_attempts,
    fleet::a_runner_is_private_and_enabled_until_somebody_says_otherwise,
    fleet::a_name_is_its_owners_to_give,
    fleet::a_wish_for_a_pause_stands_until_it_is_carried_out,
    fleet::a_removed_runner_is_nowhere_until_it_registers_again,
    fleet::a_timeline_tells_what_happened_and_where,
    fleet::what_a_runner_does_not_take_goes_back_at_once_and_is_remembered,
    fleet::a_history_has_what_was_begun_newest_first,
    fleet::a_setup_token_signs_in_one_machine_once,
    jobs::numbers_are_given_out_without_gaps,
    jobs::lists_are_filtered_and_paged,
    jobs::a_place_in_the_whole_list_is_found_by_counting,
    jobs::only_backlog_becomes_ready,
    jobs::a_job_that_nobody_has_is_cancelled_at_once,
    queue::each_lane_shows_its_oldest_jobs,
    queue::who_is_beyond_the_quota_is_left_out_until_the_month_ends,
    queue::a_claim_judges_once_more,
    queue::limits_hold_a_claim_back,
    queue::a_job_is_changed_until_somebody_works_on_it,
    queue::files_are_counted_for_the_owner,
    queue::an_account_has_no_more_runners_than_it_may,
    queue::only_members_are_in_a_team,
    claims::a_job_is_claimed_once,
    claims::a_runner_gets_no_more_than_its_free_slots,
    claims::a_claim_for_anothers_runner_needs_that_it_is_shared,
    claims::a_claim_needs_the_consent_of_the_machines_owner,
    claims::whoever_has_left_claims_nothing_and_is_claimed_from_no_more,
    claims::a_claim_needs_the_newest_sync,
    claims::an_unconfirmed_claim_goes_back_and_frees_its_number,
    claims::a_runner_that_never_answers_rests_and_is_tried_again,
    claims::another_start_of_a_runner_that_rested_is_tried_at_once,
    retry::what_is_over_is_tried_again_and_hears_what_was_said,
    retry::bad_luck_is_counted_anew,
    retry::what_waits_or_runs_is_not_tried_again,
    attempts::from_claim_to_done,
    attempts::an_outcome_counts_once,
    attempts::an_outcome_waits_for_everything_that_it_counts,
    attempts::a_lost_runner_that_comes_back_first_goes_on,
    attempts::after_the_next_claim_only_late_entries_are_kept,
    attempts::an_outage_of_the_coordinator_loses_nothing,
    attempts::bad_luck_three_times_fails_the_job,
    attempts::a_cancel_has_a_deadline_of_its_own,
    attempts::cancelling_an_unconfirmed_attempt_takes_it_back,
    forgotten::what_a_runner_has_forgotten_is_over_with_that_sync,
    forgotten::only_a_sync_that_counts_forgets_and_only_what_was_confirmed,
    forgotten::what_was_called_off_and_forgotten_is_cancelled,
    record::uploads_may_repeat_and_overlap_but_leave_no_gap,
    record::entries_stay_as_they_came,
    over::a_deadline_ends_an_attempt_without_its_runner,
    over::a_job_that_says_no_deadline_has_the_default,
    over::only_what_is_over_and_old_and_dealt_with_is_erased,
    retention::whatever_happened_nothing_that_is_not_over_is_erased,
    retention::lines_of_the_audit_log_go_by_their_age,
    retention::only_notifications_that_were_read_go_by_their_age,
    files::rows_name_their_objects,
    sealed::a_sealed_part_leaves_the_rows_that_follow_it,
    sealed::pieces_leave_no_gap_and_are_written_down_once,
    record::only_the_runner_with_the_fence_may_write,
    rivals::whoever_syncs_writes_or_cancels_never_waits_in_a_circle,
    record::events_are_followed,
    answers::an_approval_is_answered_once_and_settled_by_the_record,
    answers::what_is_seen_has_to_be_what_is_asked,
    answers::an_approval_goes_with_its_attempt,
    answers::a_question_is_answered_and_settled,
    files::attachments_are_added_in_backlog_only,
    files::a_manifest_needs_its_parts_its_sizes_and_its_fence,
    files::logs_are_compared_once,
    team::an_invitation_is_accepted_once_by_whom_it_is_for,
    team::an_invitation_ends_by_time_or_when_it_is_taken_back,
    team::a_workspace_always_has_one_owner,
    team::runners_leave_with_their_owner_and_jobs_stay,
    team::a_deleted_workspace_is_gone_for_everybody_and_then_erased,
    notifications::what_waits_is_told_once_and_over_with_its_answer,
    notifications::nobody_is_told_of_what_they_do_not_want_to_hear,
    notifications::a_silent_runner_is_told_of_once_for_each_silence,
    audit::what_people_do_with_a_job_is_in_the_log,
    audit::changes_of_a_jobs_team_are_in_the_log,
    audit::the_audit_log_is_filtered_paged_and_kept_apart,
}
