//! The conformance suite: what every store has to do, whatever it keeps its rows in.
//!
//! `conformance!(open)` makes one test of each case. `open` gives a fixture whose `check` is called at the end:
//! it audits, and for a store on disk opens the files again and compares.

#![allow(dead_code)] // shared by several test programs, each of which uses a part

pub mod build;
pub mod files;
pub mod jobs;
pub mod money;
pub mod orders;
pub mod outbox;
pub mod query;
pub mod stock;
pub mod ticketing;
pub mod users;

#[macro_export]
macro_rules! conformance {
    ($open:expr) => {
        $crate::conformance!(@cases $open;
            orders: an_order_comes_back_as_it_was, a_stale_version_is_refused, one_of_many_writers_wins,
                a_taken_number_is_refused, orders_are_found_by_shipment_and_unit, events_are_gapless,
                a_failed_part_undoes_all_parts, fresh_reads_see_every_acknowledged_write,
                events_need_their_order;
            stock: never_oversold_by_many_takers, never_oversold_by_many_holders, taking_a_hold_twice_is_once,
                releasing_twice_is_once, an_overdue_hold_is_no_hold, a_hold_ends_by_the_clock_alone,
                a_lost_hold_takes_anew_or_falls_short,
                setting_a_hold_again_changes_it, everything_short_is_named, opposite_orders_do_not_deadlock,
                a_return_can_be_taken_again, backorders_go_below_zero, staff_changes_leave_movements,
                absurd_levels_are_refused, a_set_keeps_holds, a_removed_item_is_gone,
                an_item_with_holds_is_not_removed, a_return_makes_its_stock_item, a_failed_return_makes_nothing,
                giving_comes_before_taking, items_and_movements_are_paged;
            money: coupon_limits_hold_under_concurrency, a_claim_is_counted_once, a_release_is_counted_once,
                one_use_per_user, code_limits_hold, credit_is_not_spent_twice, credit_moves_are_once,
                the_credit_ledger_adds_up, a_buyer_is_what_the_rows_say,
                a_buyer_asked_again_is_as_new, buyers_who_buy_at_once_have_what_the_rows_say,
                a_code_asked_again_is_as_new, money_of_orders_becomes_credit_once;
            ticketing: many_holders_never_oversell_a_pool, several_pools_are_held_together_or_not_at_all,
                overdue_holds_of_a_pool_go_to_who_needs_them, a_pool_shrinks_below_what_is_sold,
                units_are_claimed_within_their_limit, claiming_or_releasing_twice_is_once,
                tickets_lead_to_their_order, tickets_are_listed_by_what_they_are,
                what_is_waited_for_is_left_alone, the_queue_wins_every_race;
            users: emails_are_unique_among_accounts, an_address_leads_to_one_contact,
                a_stale_user_is_refused, keys_find_their_user,
                a_providers_user_is_linked_to_one_record, the_stores_own_key_is_drawn_once,
                a_key_that_is_declared_no_longer_opens_nothing, a_removed_user_is_gone,
                a_dropped_key_opens_nothing_and_declared_ones_are_known,
                entities_are_in_the_snapshot_at_once, ids_are_unique, stored_ids_are_not_drawn_again;
            jobs: replies_are_kept_until_they_expire, one_of_many_same_requests_is_done,
                a_job_is_leased_to_one_worker, a_lease_runs_out, a_job_put_again_is_free, tidying_is_bounded_work,
                a_notice_is_noted_once;
            query: every_test_on_every_column, sorts_and_pages;
            files: a_file_comes_back_by_its_bytes;
        );
    };
    (@cases $open:expr; $($module:ident: $($case:ident),+;)+) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let fixture = $open;
                    suite::$module::$case(fixture.store()).await;
                    fixture.check().await;
                }
            )+
        }
    )+};
}

/// The same for the rows of the outbox: the fixture's `rows` are those of its `store`.
#[macro_export]
macro_rules! outbox_conformance {
    ($open:expr) => {
        mod outbox {
            use super::*;
            $crate::outbox_conformance!(@cases $open;
                events_are_read_in_the_order_of_their_commits, the_position_moves_from_where_it_is,
                a_delivery_is_leased_to_one_worker, a_later_event_waits_for_the_one_before,
                a_late_end_changes_nothing_of_the_next_try, what_was_given_up_is_forgotten_in_time);
        }
    };
    (@cases $open:expr; $($case:ident),+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let fixture = $open;
            suite::outbox::$case(fixture.store(), fixture.rows()).await;
            fixture.check().await;
        }
    )+};
}
