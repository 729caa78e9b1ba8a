//! Metadata and activity of users.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    id::{AppId, UserId},
    session::JsonObject,
    store::Store,
    time::Timestamp,
};
use serde_json::{Value, json};

use super::{HOUR, MILLISECOND, NOW, at_once, object, tenant};

fn app(name: &str) -> AppId {
    tenant(name, "public").app
}

fn zoe() -> UserId {
    "Zoë \u{1f44b} '\"\\; DROP TABLE user_metadata; --".into()
}

/// What is kept, as text: the order of members shows.
async fn kept(store: &dyn Store, app: &AppId, user: &UserId) -> Option<String> {
    store.metadata_find(app, user).await.unwrap().map(|kept| serde_json::to_string(&kept).unwrap())
}

/// Merges, and looks whether what came back is what is kept.
async fn merge(store: &dyn Store, app: &AppId, user: &UserId, update: Value) -> String {
    let merged = store.metadata_merge(app, user, &object(update)).await.unwrap();
    let text = serde_json::to_string(&merged).unwrap();
    assert_eq!(kept(store, app, user).await.as_ref(), Some(&text));
    text
}

/// At the top level: a member replaces, a null removes, whatever is nested is taken as it is.
pub async fn metadata_is_merged(store: Arc<dyn Store>) {
    let (store, app, zoe) = (&*store, AppId::public(), zoe());
    assert_eq!(kept(store, &app, &zoe).await, None);
    assert_eq!(
        merge(store, &app, &zoe, json!({ "z": { "x": null, "y": 1 }, "a": 1, "m": [null] })).await,
        r#"{"z":{"x":null,"y":1},"a":1,"m":[null]}"#
    );
    assert_eq!(merge(store, &app, &zoe, json!({ "a": null, "z": { "w": 0 }, "b": null })).await, r#"{"z":{"w":0},"m":[null]}"#);
    assert_eq!(merge(store, &app, &zoe, json!({})).await, r#"{"z":{"w":0},"m":[null]}"#);
    assert_eq!(merge(store, &app, &zoe, json!({ "z": null, "m": null })).await, "{}", "nothing is left, and that is kept");
    assert_eq!(merge(store, &app, &"".into(), json!({})).await, "{}");
}

/// The application's JSON is its own: order of members, every number, every character.
pub async fn metadata_comes_back_byte_for_byte(store: Arc<dyn Store>) {
    let update = json!({
        "z": [true, {}, [], ""], "a": { "y": 1, "b": { "x": [null] } },
        "integers": [0, -1, i64::MIN, u64::MAX, 9_007_199_254_740_993_i64, 1_767_225_600_000_i64],
        "floats": [0.1, -0.0, 1.0, 0.300_000_000_000_000_04, 5e-324, 1.797_693_134_862_315_7e308, 123_456_789.123_456_79],
        "text": "\u{1f44b} ä\u{0}\u{1}\u{7f}\u{2028}\\\"'/\r\n\t", "ключ 鍵": "שלום", "": "empty name", "blob": "x".repeat(100_000),
    });
    let written = serde_json::to_string(&update).unwrap();
    assert_eq!(merge(&*store, &AppId::public(), &zoe(), update).await, written);
    assert_eq!(merge(&*store, &AppId::public(), &zoe(), json!({})).await, written, "and again after it was read");
}

/// Once, and nobody else's; a user or app of nearly the same name keeps its own.
pub async fn metadata_is_deleted_and_found_by_app_and_user(store: Arc<dyn Store>) {
    let store = &*store;
    let (here, user) = (app("a1"), UserId::from("zoe"));
    let others = [("a1", "Zoe"), ("a1", ""), ("a1", "zoe "), ("a2", "zoe"), ("a", "zoe"), ("public", "zoe")];
    let others = others.map(|(name, user)| (app(name), UserId::from(user)));
    let of = |app: &AppId, user: &UserId| json!({ "of": format!("{app}/{user}") });
    for (app, other) in others.iter().chain([&(here.clone(), user.clone())]) {
        merge(store, app, other, of(app, other)).await;
    }
    merge(store, &here, &user, json!({ "more": 1 })).await;
    assert!(store.metadata_delete(&here, &user).await.unwrap());
    assert!(!store.metadata_delete(&here, &user).await.unwrap());
    assert_eq!(kept(store, &here, &user).await, None);
    for (app, other) in &others {
        assert_eq!(kept(store, app, other).await, Some(of(app, other).to_string()));
    }
    assert_eq!(merge(store, &here, &user, json!({ "new": 1 })).await, r#"{"new":1}"#, "nothing of before comes back");
}

/// None is lost, the first ones included, which find no row.
pub async fn a_hundred_merges_at_once_all_survive(store: Arc<dyn Store>) {
    let merged = at_once(100, |number| {
        let (store, update) = (store.clone(), object(json!({ format!("{number:02}"): number, "last": number })));
        async move { store.metadata_merge(&AppId::public(), &zoe(), &update).await.unwrap() }
    });
    let merged = merged.await;
    let kept = store.metadata_find(&AppId::public(), &zoe()).await.unwrap().unwrap();
    for number in 0..100 {
        assert_eq!(kept[&format!("{number:02}")], json!(number));
    }
    assert_eq!(kept.len(), 101);
    // each was told what was kept after its own: one member more each time
    let mut sizes: Vec<_> = merged.iter().map(JsonObject::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, (2..=101).collect::<Vec<_>>());
}

/// Who was active at a moment or later, in one app; the latest moment counts, in whatever order they come.
pub async fn users_who_were_active_are_counted(store: Arc<dyn Store>) {
    let store = &*store;
    let (here, there) = (app("a1"), app("a2"));
    let count = async |app: &AppId, since: Timestamp| store.activity_count(app, since).await.unwrap();
    let record = async |seen: &[(&AppId, &str, Timestamp)]| {
        let seen: Vec<_> = seen.iter().map(|(app, user, at)| ((*app).clone(), UserId::from(*user), *at)).collect();
        store.activity_record(&seen).await.unwrap();
    };
    record(&[]).await;
    assert_eq!(count(&here, Timestamp::from_millis(0)).await, 0);

    // one user twice in one call, and not in the order of time
    record(&[(&here, "zoe", NOW + HOUR), (&here, "zoe", NOW), (&here, "", NOW), (&here, "Zoe", NOW - HOUR), (&there, "zoe", NOW - HOUR)])
        .await;
    let counts = async |app: &AppId| {
        let moments =
            [Timestamp::from_millis(0), NOW - HOUR, NOW - HOUR + MILLISECOND, NOW, NOW + MILLISECOND, NOW + HOUR, NOW + HOUR + MILLISECOND];
        let mut counts = Vec::new();
        for since in moments {
            counts.push(count(app, since).await);
        }
        counts
    };
    assert_eq!(counts(&here).await, [3, 3, 2, 2, 1, 1, 0]);
    assert_eq!(counts(&there).await, [1, 1, 0, 0, 0, 0, 0]);

    record(&[(&here, "zoe", NOW - HOUR), (&here, "Zoe", NOW - HOUR), (&here, "", NOW + HOUR)]).await;
    assert_eq!(counts(&here).await, [3, 3, 2, 2, 2, 2, 0], "never backwards");
    assert_eq!(counts(&there).await, [1, 1, 0, 0, 0, 0, 0]);
}

/// Many nodes flush what they saw, in different orders, and the latest moment of each user stays.
pub async fn activity_from_everywhere_keeps_the_latest(store: Arc<dyn Store>) {
    let later = |seconds: usize| NOW + Duration::from_secs(u64::try_from(seconds).unwrap());
    let flushed = at_once(20, |node| {
        let store = store.clone();
        let mut seen: Vec<_> =
            (0..50).map(|user| (AppId::public(), UserId::from(user.to_string()), later((node * 7 + user) % 20))).collect();
        seen.rotate_left(node * 2);
        async move { store.activity_record(&seen).await.unwrap() }
    });
    flushed.await;
    // each user was seen by one of the nodes in each of the twenty seconds
    assert_eq!(store.activity_count(&AppId::public(), later(19)).await.unwrap(), 50);
    assert_eq!(store.activity_count(&AppId::public(), later(20)).await.unwrap(), 0);
}
