//! Bans: kept, listed and lifted; and while one is in force its user has no session.

use std::sync::Arc;

use hallpass_engine::{
    ban::Ban,
    event::{Event, EventKind},
    id::{AppId, Tenant, UserId},
    session::Session,
    store::{Inserted, Store},
    time::Timestamp,
};

use super::{HOUR, MILLISECOND, NOW, at_once, event, hash, insert, kinds, rotation, session, session_in, tenant};

fn ban(user: &str, tenant: Option<&str>, until: Option<Timestamp>) -> Ban {
    Ban { user: user.into(), tenant: tenant.map(|name| name.parse().unwrap()), at: NOW, until, by: None, reason: None }
}

fn told(app: &AppId, ban: &Ban, kind: EventKind, number: u8) -> Event {
    let event = Event::new(kind, app.clone(), NOW, [number; 16]);
    Event { user: ban.user.clone(), tenant: ban.tenant.clone(), felt_until: Some(NOW + HOUR), ..event }
}

async fn put(store: &dyn Store, app: &AppId, ban: &Ban, number: u8) {
    store.ban_put(app, ban, &told(app, ban, EventKind::UserBanned, number)).await.unwrap();
}

async fn of(store: &dyn Store, user: &str) -> Vec<Ban> {
    store.bans_of(&AppId::public(), &user.into(), NOW).await.unwrap()
}

async fn sign_in(store: &dyn Store, session: &Session, number: u8) -> Inserted {
    store.session_insert(session, &event(EventKind::SessionCreated, session, number)).await.unwrap()
}

/// Nothing is lost or changed; another one of the same user and place replaces it; and each is told with its event.
pub async fn a_ban_comes_back_as_it_was_made(store: Arc<dyn Store>) {
    let (store, app) = (&*store, AppId::public());
    let longest = "u".repeat(512);
    for user in ["user", "", "Zoë \u{1f98a} '; DROP TABLE ban; --", &longest] {
        let plain = ban(user, None, None);
        let words = Some("Åsa\n\u{1f44b}".to_owned());
        let full = Ban { by: words.clone(), reason: words, ..ban(user, Some(&"t".repeat(64)), Some(NOW + MILLISECOND)) };
        put(store, &app, &full, 1).await;
        put(store, &app, &plain, 2).await;
        assert_eq!(of(store, user).await, [plain.clone(), full.clone()], "the one everywhere first");
        let told = store.event_list(&app, &plain.user, 1).await.unwrap().remove(0);
        assert_eq!(told, self::told(&app, &plain, EventKind::UserBanned, 2));

        let shorter = Ban { at: NOW + MILLISECOND, until: Some(NOW + HOUR), by: Some("another".into()), ..plain };
        put(store, &app, &shorter, 3).await;
        assert_eq!(of(store, user).await, [shorter, full]);
    }
    assert_eq!(of(store, "User").await, []);
    assert_eq!(store.bans_of(&tenant("a1", "public").app, &"user".into(), NOW).await.unwrap(), [], "nor in another app");
    let again = store.ban_put(&app, &ban("new", None, None), &told(&app, &ban("user", None, None), EventKind::UserBanned, 3)).await;
    assert!(again.is_err(), "the event's name is taken");
    assert_eq!(of(store, "new").await, [], "and no ban is made without its event");
}

/// It is over at the millisecond at which it ends, or when it is lifted; which happens once, with its event.
pub async fn a_ban_ends_by_itself_or_is_lifted_once(store: Arc<dyn Store>) {
    let (store, app) = (&*store, AppId::public());
    let (everywhere, here, brief) =
        (ban("u", None, None), ban("u", Some("t1"), Some(NOW + HOUR)), ban("u", Some("t2"), Some(NOW + MILLISECOND)));
    for (ban, number) in [&everywhere, &here, &brief].into_iter().zip(1..) {
        put(store, &app, ban, number).await;
    }
    let at = async |now| store.bans_of(&app, &"u".into(), now).await.unwrap();
    assert_eq!(at(NOW).await, [everywhere.clone(), here.clone(), brief.clone()]);
    assert_eq!(at(NOW + MILLISECOND).await, [everywhere.clone(), here.clone()]);

    let lift = async |ban: &Ban, now: Timestamp, number| {
        let event = Event { at: now, ..told(&app, ban, EventKind::UserUnbanned, number) };
        store.ban_delete(&app, &ban.user, ban.tenant.as_ref(), &event).await.unwrap()
    };
    assert!(!lift(&brief, NOW + MILLISECOND, 10).await, "it is over by itself");
    assert!(!lift(&ban("u", Some("t3"), None), NOW, 11).await);
    assert!(!lift(&ban("v", None, None), NOW, 12).await);
    assert!(lift(&everywhere, NOW, 13).await);
    assert!(!lift(&everywhere, NOW, 14).await);
    assert_eq!(at(NOW).await, [here, brief], "the others stay");
    let unbanned = kinds(store, &"u".into()).await.into_iter().filter(|kind| *kind == EventKind::UserUnbanned).count();
    assert_eq!(unbanned, 1);
}

/// A page has whole users, in the order of their ids' bytes.
pub async fn bans_are_listed_by_user(store: Arc<dyn Store>) {
    let (store, app) = (&*store, AppId::public());
    let users = ["", "B", "a", "a\u{301}", "b"];
    let mut all = Vec::new();
    for (user, number) in users.into_iter().zip(1..) {
        for (tenant, number) in [(None, number), (Some("t1"), number + 100)] {
            put(store, &app, &ban(user, tenant, None), number).await;
            all.push(ban(user, tenant, None));
        }
    }
    put(store, &app, &ban("aa", None, Some(NOW)), 200).await; // is over
    put(store, &tenant("a1", "public").app, &ban("ab", None, None), 201).await;
    let list = async |after: Option<&str>, limit| store.ban_list(&app, after.map(UserId::from).as_ref(), limit, NOW).await.unwrap();
    assert_eq!(list(None, 100).await, all);
    for limit in 1..4 {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = list(after, limit).await;
            let Some(last) = page.last() else { break };
            after = users.into_iter().find(|user| *user == last.user.as_str());
            pages.extend(page);
        }
        assert_eq!(pages, all, "pages of {limit}");
    }
    assert_eq!(list(None, 0).await, []);
}

/// Neither by a new session nor by one that is left; in the tenant that it is of, or everywhere; as long as it is in force.
pub async fn while_a_ban_is_in_force_no_session_is_made_or_rotates(store: Arc<dyn Store>) {
    let store = &*store;
    let (t1, public, foreign) = (tenant("public", "t1"), Tenant::public(), tenant("a1", "t1"));
    let places = [(&t1, 1), (&public, 2), (&foreign, 3)];
    for (place, number) in places {
        insert(store, &session_in(place.clone(), number)).await;
    }
    // where a session can be made and the one that is there rotates
    let free = async |now: Timestamp, round: u8| {
        let mut free = Vec::new();
        for (place, number) in places {
            let number = round * 10 + number;
            let new = Session { created_at: now, ..session_in(place.clone(), number) };
            let made = match sign_in(store, &new, number).await {
                Inserted::Now => true,
                Inserted::Banned => false,
                Inserted::Taken => panic!("the handle is new"),
            };
            assert_eq!(store.session_find(&new.key).await.unwrap().is_some(), made);
            let old = session_in(place.clone(), number % 10);
            let before = store.session_find(&old.key).await.unwrap().unwrap();
            let rotated = store.session_rotate(&old.key, &rotation(&before, hash(round)), now).await.unwrap();
            assert_eq!(rotated.is_some(), made, "a new session and an old one fare alike");
            if !made {
                assert_eq!(store.session_find(&old.key).await.unwrap(), Some(before), "it stays as it is");
            }
            if made {
                free.push(number % 10);
            }
        }
        free
    };
    let app = AppId::public();
    let lift = async |ban: &Ban, number| {
        let unbanned = told(&app, ban, EventKind::UserUnbanned, number);
        assert!(store.ban_delete(&app, &ban.user, ban.tenant.as_ref(), &unbanned).await.unwrap());
    };
    put(store, &app, &ban("another", None, None), 200).await;
    assert_eq!(free(NOW, 1).await, [1, 2, 3]);
    let here = ban("user", Some("t1"), Some(NOW + MILLISECOND));
    put(store, &app, &here, 201).await;
    assert_eq!(free(NOW, 2).await, [2, 3]);
    assert_eq!(free(NOW + MILLISECOND, 3).await, [1, 2, 3], "it is over");
    let everywhere = ban("user", None, None);
    put(store, &app, &everywhere, 202).await;
    assert_eq!(free(NOW + HOUR - MILLISECOND, 4).await, [3]);
    lift(&everywhere, 203).await;
    assert_eq!(free(NOW, 5).await, [2, 3], "the one in the tenant is in force at that moment");
    lift(&here, 204).await;
    assert_eq!(free(NOW, 6).await, [1, 2, 3]);
}

/// Whoever began to sign in before the ban was there is in the list of those to be revoked, or is refused.
pub async fn of_a_ban_and_sign_ins_at_once_the_ban_wins(store: Arc<dyn Store>) {
    for round in 0..30_u8 {
        let user = format!("user {round}");
        let outcomes = at_once(32, |number| {
            let (store, user) = (store.clone(), user.clone());
            async move {
                let number = u8::try_from(number).unwrap();
                if number == 16 {
                    put(&*store, &AppId::public(), &ban(&user, None, None), round).await;
                    let left = store.session_list(&AppId::public(), None, &user.into(), NOW).await.unwrap();
                    for session in &left {
                        store
                            .session_delete(
                                &session.key,
                                None,
                                &event(EventKind::SessionRevoked, session, 200 + session.key.handle.id()[0]),
                            )
                            .await
                            .unwrap();
                    }
                    return left.len();
                }
                let mut session = Session { user: user.into(), ..session(0) };
                let mut id = [number; 16];
                id[1] = round;
                session.key.handle = hallpass_engine::id::SessionHandle::from_parts(id, Tenant::public().tenant);
                usize::from(sign_in(&*store, &session, number + 100).await != Inserted::Now)
            }
        });
        let settled: usize = outcomes.await.into_iter().sum();
        assert_eq!(settled, 31, "each was refused or revoked");
        assert_eq!(store.session_list(&AppId::public(), None, &user.into(), NOW).await.unwrap(), []);
    }
}

/// Bans that are over leave nothing behind, and neither does what they were in.
pub async fn bans_that_are_over_are_swept(store: Arc<dyn Store>) {
    let store = &*store;
    let (app, other) = (AppId::public(), tenant("a1", "t1"));
    let bans = [ban("u", None, None), ban("u", Some("t1"), Some(NOW)), ban("v", Some("t1"), Some(NOW + MILLISECOND))];
    for (ban, number) in bans.iter().zip(1..) {
        put(store, &app, ban, number).await;
        put(store, &other.app, ban, number).await;
    }
    assert_eq!(store.ban_sweep(NOW).await.unwrap(), 2);
    assert_eq!(store.ban_sweep(NOW).await.unwrap(), 0);
    let all = async |app: &AppId| store.ban_list(app, None, 100, Timestamp::default()).await.unwrap();
    assert_eq!(all(&app).await, [bans[0].clone(), bans[2].clone()]);

    assert!(!store.tenant_delete(&other, &super::tenants::ended(&other.app)).await.unwrap(), "it had no row");
    assert_eq!(all(&other.app).await, bans[..1], "a tenant takes its bans along");
    assert!(store.app_delete(&other.app).await.unwrap());
    assert_eq!(all(&other.app).await, [], "and so does an app");
    assert_eq!(all(&app).await.len(), 2);
}
