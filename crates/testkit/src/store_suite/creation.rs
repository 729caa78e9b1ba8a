//! Sessions are stored, found, listed and changed.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    event::EventKind,
    id::Tenant,
    judge::{Lineage, Retired},
    session::{JsonObject, KeyFamily, Session},
    store::{Inserted, Store},
};
use serde_json::json;

use super::{HOUR, MILLISECOND, NOW, event, hash, insert, key, kinds, object, session, session_in, tenant};

/// Nothing is lost or changed, at either end of every range.
pub async fn a_session_comes_back_as_it_was_stored(store: Arc<dyn Store>) {
    let plain = session(1);
    let retired = Retired { hash: hash(0), salt: [0xff; 32], root: u8::MAX, at: NOW, until: Some(NOW + HOUR), reissues: u8::MAX };
    let full = Session {
        user: "Zoë \u{1f98a} 日本 '\"; DROP TABLE session; --".into(),
        data: object(json!({ "theme": "dark" })),
        family: KeyFamily::Static,
        lineage: Lineage { generation: u32::MAX, retired: Some(retired), ..plain.lineage.clone() },
        ..session_in(tenant("a-1", &"t".repeat(64)), 0xff)
    };
    let nobody = Session { user: "".into(), payload: JsonObject::new(), ..session(2) };
    for session in [plain, full, nobody] {
        insert(&*store, &session).await;
        assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
    }
}

/// The application's JSON is its own: order of members, every number, every character.
pub async fn json_comes_back_byte_for_byte(store: Arc<dyn Store>) {
    let json = object(json!({
        "z": null, "a": [true, {}, [], ""], "m": { "y": 1, "b": { "x": [null] } },
        "integers": [0, -1, i64::MIN, i64::MAX, u64::MAX, 9_007_199_254_740_993_i64],
        "floats": [0.1, -0.0, 1.0, 0.300_000_000_000_000_04, 5e-324, 1.797_693_134_862_315_7e308, 123_456_789.123_456_79],
        "text": "ä\u{0}\u{1}\u{7f}\u{2028}\u{1f98a}\\\"/\r\n\t",
        "ключ 鍵": "שלום", "": "empty name",
    }));
    let written = serde_json::to_string(&json).unwrap();
    let before = Session { payload: json.clone(), data: json.clone(), ..session(1) };
    insert(&*store, &before).await;
    let after = store.session_find(&before.key).await.unwrap().unwrap();
    assert_eq!(serde_json::to_string(&after.payload).unwrap(), written);
    assert_eq!(serde_json::to_string(&after.data).unwrap(), written);

    let large = object(json!({ "blob": "x".repeat(100_000), "tail": 1 }));
    assert!(store.session_set_payload(&before.key, &large, NOW).await.unwrap());
    assert_eq!(store.session_find(&before.key).await.unwrap().unwrap().payload, large);
}

/// A second session does not replace the first.
pub async fn a_handle_is_taken_once(store: Arc<dyn Store>) {
    let first = session(1);
    insert(&*store, &first).await;
    let second = Session { user: "another".into(), ..session(1) };
    let created = event(EventKind::SessionCreated, &second, 2);
    assert_eq!(store.session_insert(&second, &created).await.unwrap(), Inserted::Taken);
    assert_eq!(store.session_find(&first.key).await.unwrap(), Some(first));
    assert_eq!(kinds(&*store, &second.user).await, [], "no event of a session that was not created");
}

/// App, tenant and handle: one that differs in any of them is another session.
pub async fn a_session_is_found_by_its_whole_key(store: Arc<dyn Store>) {
    let worlds = [tenant("public", "public"), tenant("public", "t1"), tenant("a1", "public"), tenant("a1", "t1")];
    let in_world = |number: usize| {
        let user = format!("user of world {number}");
        Session { user: user.into(), ..session_in(worlds[number].clone(), 1) }
    };
    for number in 0..worlds.len() {
        insert(&*store, &in_world(number)).await;
    }
    for number in 0..worlds.len() {
        let session = in_world(number);
        assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
    }
    for unknown in [key(tenant("public", "t2"), 1), key(tenant("a2", "public"), 1), key(Tenant::public(), 2)] {
        assert_eq!(store.session_find(&unknown).await.unwrap(), None);
    }
}

/// Whether it still counts is for the engine to say.
pub async fn an_expired_session_is_still_found(store: Arc<dyn Store>) {
    let mut session = session(1);
    session.lineage.expires_at = NOW - HOUR;
    insert(&*store, &session).await;
    assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
}

/// By user and app, in one tenant or in all; a session is over at the millisecond at which it expires.
pub async fn the_live_sessions_of_a_user_are_listed_oldest_first(store: Arc<dyn Store>) {
    let (public, t1, foreign) = (Tenant::public(), tenant("public", "t1"), tenant("a1", "public"));
    let aged = |tenant: &Tenant, number: u8, age: u64| Session {
        created_at: NOW - Duration::from_secs(age),
        ..session_in(tenant.clone(), number)
    };
    let (youngest, middle, oldest) = (aged(&public, 1, 0), aged(&t1, 2, 10), aged(&public, 3, 20));
    let mut expired = aged(&public, 4, 30);
    expired.lineage.expires_at = NOW;
    let mut last_moment = aged(&public, 5, 40);
    last_moment.lineage.expires_at = NOW + MILLISECOND;
    let of_another = Session { user: "User".into(), ..aged(&public, 6, 50) };
    let of_another_app = aged(&foreign, 7, 60);
    for session in [&youngest, &middle, &oldest, &expired, &last_moment, &of_another, &of_another_app] {
        insert(&*store, session).await;
    }
    let list = async |app: &Tenant, tenant: Option<&Tenant>| {
        let tenant = tenant.map(|tenant| &tenant.tenant);
        store.session_list(&app.app, tenant, &"user".into(), NOW).await.unwrap()
    };
    assert_eq!(list(&public, None).await, [last_moment.clone(), oldest.clone(), middle.clone(), youngest.clone()]);
    assert_eq!(list(&public, Some(&public)).await, [last_moment, oldest, youngest]);
    assert_eq!(list(&public, Some(&t1)).await, [middle]);
    assert_eq!(list(&foreign, None).await, [of_another_app]);
    assert_eq!(list(&tenant("a2", "public"), None).await, []);
    assert_eq!(store.session_list(&public.app, None, &"".into(), NOW).await.unwrap(), []);
}

/// Each by itself, and nothing else.
pub async fn payload_and_data_are_replaced_while_the_session_lives(store: Arc<dyn Store>) {
    let (session, bystander) = (session(1), session(2));
    insert(&*store, &session).await;
    insert(&*store, &bystander).await;
    let (payload, data) = (object(json!({ "new": null })), object(json!({ "n": [1, "2"] })));
    let last_moment = session.lineage.expires_at - MILLISECOND;
    assert!(store.session_set_payload(&session.key, &payload, last_moment).await.unwrap());
    assert!(store.session_set_data(&session.key, &data, last_moment).await.unwrap());
    let changed = Session { payload: payload.clone(), data: data.clone(), ..session.clone() };
    assert_eq!(store.session_find(&session.key).await.unwrap(), Some(changed.clone()));
    assert_eq!(store.session_find(&bystander.key).await.unwrap(), Some(bystander));

    for (key, now) in [(&session.key, session.lineage.expires_at), (&key(Tenant::public(), 9), NOW)] {
        assert!(!store.session_set_payload(key, &JsonObject::new(), now).await.unwrap());
        assert!(!store.session_set_data(key, &JsonObject::new(), now).await.unwrap());
    }
    assert_eq!(store.session_find(&session.key).await.unwrap(), Some(changed));
}
