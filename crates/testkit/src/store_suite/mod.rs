//! What every [`Store`] must do, one property per function. Each gets an empty store.
//!
//! [`store_suite!`](crate::store_suite!) makes a test of each, so that a failure has a name.

mod bans;
mod creation;
mod deletion;
mod events;
mod keys;
mod roles;
mod rotation;
mod tenants;
mod users;

use std::{future::Future, sync::Arc, time::Duration};

use hallpass_engine::{
    event::{Event, EventKind},
    id::{SessionHandle, SessionKey, Tenant, UserId},
    judge::{Lineage, Retired},
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily, Session},
    store::{Inserted, Rotation, Store},
    time::Timestamp,
};
use serde_json::Value;
use tokio::{sync::Barrier, task::JoinSet};

pub use self::{bans::*, creation::*, deletion::*, events::*, keys::*, roles::*, rotation::*, tenants::*, users::*};

/// One test for each property of a store. The argument makes an empty store and whatever must live as long as it does:
/// an expression of type `(Arc<dyn Store>, _)`, which may `.await`. The crate needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! store_suite {
    ($open:expr) => {
        $crate::store_suite! { $open;
            a_session_comes_back_as_it_was_stored
            json_comes_back_byte_for_byte
            a_handle_is_taken_once
            a_session_is_found_by_its_whole_key
            an_expired_session_is_still_found
            the_live_sessions_of_a_user_are_listed_oldest_first
            payload_and_data_are_replaced_while_the_session_lives

            a_rotation_replaces_the_current_token_and_nothing_else
            only_the_current_token_rotates
            an_expired_session_does_not_rotate
            a_rotation_touches_its_own_session_only
            of_a_hundred_rotations_of_one_token_one_wins
            a_lineage_is_replaced_together_with_the_event
            a_lineage_that_moved_is_not_replaced
            a_child_is_confirmed_once
            only_the_current_child_is_confirmed
            of_a_confirmation_and_a_replacement_at_once_one_wins

            a_session_is_deleted_together_with_the_event
            a_session_that_moved_is_not_deleted
            of_a_hundred_deletions_one_wins
            a_change_whose_event_is_refused_does_not_happen
            a_sweep_visits_every_session_and_deletes_the_expired

            keys_come_back_newest_first
            the_first_key_of_a_sequence_number_wins
            a_deleted_key_is_gone
            roots_come_back_in_order
            the_first_root_of_a_number_wins
            the_latest_events_of_a_user_come_first

            a_store_answers
            a_tenant_comes_back_as_it_was_stored
            tenants_are_listed_by_app_and_name
            of_fifty_who_make_a_tenant_one_does
            settings_are_replaced_if_nobody_was_faster
            a_deleted_tenant_takes_its_sessions_and_assignments_along
            a_deleted_tenant_tells_of_the_end_of_its_sessions
            what_is_left_over_of_a_tenant_goes_with_it
            a_deleted_app_leaves_the_others_whole
            an_app_is_deleted_whatever_is_left_of_it

            permissions_are_added_to_a_role
            permissions_are_taken_from_a_role
            roles_permissions_and_users_come_back_as_they_are
            the_longest_names_fit
            a_role_is_given_and_taken_once
            a_deleted_role_is_taken_from_everybody
            roles_of_one_app_or_tenant_are_none_of_anothers
            of_fifty_who_make_and_give_a_role_one_does
            a_role_that_is_deleted_meanwhile_is_given_to_nobody

            metadata_is_merged
            metadata_comes_back_byte_for_byte
            metadata_is_deleted_and_found_by_app_and_user
            a_hundred_merges_at_once_all_survive
            users_who_were_active_are_counted
            activity_from_everywhere_keeps_the_latest

            a_ban_comes_back_as_it_was_made
            a_ban_ends_by_itself_or_is_lifted_once
            bans_are_listed_by_user
            while_a_ban_is_in_force_no_session_is_made_or_rotates
            of_a_ban_and_sign_ins_at_once_the_ban_wins
            bans_that_are_over_are_swept
            the_feed_has_what_verifiers_have_to_know
            a_sweep_visits_every_event_and_deletes_the_old
        }
    };
    ($open:expr; $($property:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $property() {
                let (store, _alive) = $open;
                $crate::store_suite::$property(store).await;
            }
        )*
    };
}

/// The moment at which most properties are tried.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

fn tenant(app: &str, tenant: &str) -> Tenant {
    Tenant { app: app.parse().unwrap(), tenant: tenant.parse().unwrap() }
}

fn key(tenant: Tenant, number: u8) -> SessionKey {
    SessionKey { app: tenant.app, handle: SessionHandle::from_parts([number; 16], tenant.tenant) }
}

fn hash(number: u8) -> RefreshHash {
    RefreshHash::from_bytes([number; 32])
}

fn object(json: Value) -> JsonObject {
    let Value::Object(object) = json else { panic!("no JSON object") };
    object
}

/// A session that was just made, and lives for an hour.
fn session_in(tenant: Tenant, number: u8) -> Session {
    Session {
        key: key(tenant, number),
        user: "user".into(),
        payload: object(serde_json::json!({ "role": "admin" })),
        data: JsonObject::new(),
        family: KeyFamily::Dynamic,
        created_at: NOW,
        lineage: Lineage { generation: 0, current: hash(number), retired: None, expires_at: NOW + HOUR },
    }
}

fn session(number: u8) -> Session {
    session_in(Tenant::public(), number)
}

/// The rotation of a session's current token to `child`, an hour and a minute from expiry.
fn rotation(session: &Session, child: RefreshHash) -> Rotation {
    let presented = session.lineage.current;
    let retired = Retired { hash: presented, salt: [0x5a; 32], root: 1, at: NOW, until: None, reissues: 0 };
    let next = Lineage {
        generation: session.lineage.generation + 1,
        current: child,
        retired: Some(retired),
        expires_at: NOW + HOUR + Duration::from_secs(60),
    };
    Rotation { presented, next, family: None }
}

/// An event about a session; `number` makes its name.
fn event(kind: EventKind, session: &Session, number: u8) -> Event {
    let event = Event::new(kind, session.key.app.clone(), NOW, [number; 16]);
    Event { user: session.user.clone(), handle: Some(session.key.handle.clone()), ..event }
}

async fn insert(store: &dyn Store, session: &Session) {
    let created = event(EventKind::SessionCreated, session, 0);
    // several sessions of one user: each creation is its own event
    let created = Event { id: *session.key.handle.id(), ..created };
    assert_eq!(store.session_insert(session, &created).await.unwrap(), Inserted::Now);
}

/// A stored session after one rotation, as it is in the store.
async fn insert_rotated(store: &dyn Store, number: u8, child: RefreshHash) -> Session {
    let session = session(number);
    insert(store, &session).await;
    store.session_rotate(&session.key, &rotation(&session, child), NOW).await.unwrap().expect("the token was current")
}

async fn kinds(store: &dyn Store, user: &UserId) -> Vec<EventKind> {
    let events = store.event_list(&Tenant::public().app, user, 1000).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

/// Runs `count` tasks that all start at the same moment.
async fn at_once<F>(count: usize, task: impl Fn(usize) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (barrier, task) = (barrier.clone(), task(number));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_property_becomes_a_test() {
        let suite = include_str!("mod.rs");
        let files = [
            include_str!("bans.rs"),
            include_str!("events.rs"),
            include_str!("creation.rs"),
            include_str!("rotation.rs"),
            include_str!("deletion.rs"),
            include_str!("keys.rs"),
            include_str!("tenants.rs"),
            include_str!("roles.rs"),
            include_str!("users.rs"),
        ];
        let properties = files.iter().flat_map(|file| file.lines()).filter_map(|line| line.strip_prefix("pub async fn "));
        for property in properties.map(|line| line.split('(').next().unwrap()) {
            assert!(suite.lines().any(|line| line.trim() == property), "{property} is missing in the macro");
        }
    }
}
