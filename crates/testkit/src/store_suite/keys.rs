//! Signing keys, refresh roots and events.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    event::{Event, EventKind},
    id::AppId,
    keys::{Algorithm, KeyRecord},
    session::KeyFamily,
    store::{RootRecord, Store},
};

use super::{NOW, at_once, event, session, session_in, tenant};

fn key(app: &AppId, family: KeyFamily, sequence: u32) -> KeyRecord {
    let letter = if family == KeyFamily::Static { 's' } else { 'd' };
    KeyRecord {
        app: app.clone(),
        family,
        sequence,
        kid: format!("{letter}-{sequence}"),
        algorithm: Algorithm::ALL[sequence as usize % Algorithm::ALL.len()],
        sealed: vec![0, 0xff, u8::try_from(sequence % 256).unwrap()],
        created_at: NOW + Duration::from_secs(sequence.into()),
    }
}

fn key_event(key: &KeyRecord, kind: EventKind, number: u8) -> Event {
    Event { app: key.app.clone(), user: "".into(), handle: None, at: key.created_at, ..event(kind, &session(1), number) }
}

async fn insert(store: &dyn Store, key: &KeyRecord, number: u8) {
    assert!(store.key_insert(key, &key_event(key, EventKind::KeyCreated, number)).await.unwrap());
}

/// Those of the app, in each family the highest number first.
pub async fn keys_come_back_newest_first(store: Arc<dyn Store>) {
    let (public, other) = (AppId::public(), tenant("a1", "public").app);
    let dynamic = [3, 1, 2, u32::MAX].map(|sequence| key(&public, KeyFamily::Dynamic, sequence));
    let (of_family, of_app) = (key(&public, KeyFamily::Static, 1), key(&other, KeyFamily::Dynamic, 1));
    for (key, number) in dynamic.iter().chain([&of_family, &of_app]).zip(0..) {
        insert(&*store, key, number).await;
    }
    let (dynamics, statics): (Vec<_>, Vec<_>) =
        store.key_list(&public).await.unwrap().into_iter().partition(|key| key.family == KeyFamily::Dynamic);
    let [third, first, second, last] = dynamic;
    assert_eq!(dynamics, [last, third, second, first]);
    assert_eq!(statics, [of_family]);
    assert_eq!(store.key_list(&other).await.unwrap(), [of_app]);
    assert_eq!(store.key_list(&tenant("a2", "public").app).await.unwrap(), []);
}

/// Of several nodes that make the next key, one does; the others find its key, and no trace of theirs.
pub async fn the_first_key_of_a_sequence_number_wins(store: Arc<dyn Store>) {
    let app = AppId::public();
    let won = at_once(20, |number| {
        let key = KeyRecord { kid: format!("d-{number}"), ..key(&app, KeyFamily::Dynamic, 1) };
        let created = key_event(&key, EventKind::KeyCreated, u8::try_from(number).unwrap());
        let store = store.clone();
        async move { store.key_insert(&key, &created).await.unwrap().then_some(key) }
    });
    let won: Vec<_> = won.await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(store.key_list(&app).await.unwrap(), won);
    assert_eq!(store.event_list(&app, &"".into(), 100).await.unwrap().len(), 1);
}

/// Once, with the event if there is one.
pub async fn a_deleted_key_is_gone(store: Arc<dyn Store>) {
    let (app, other) = (AppId::public(), tenant("a1", "public").app);
    let keys = [1, 2, 3].map(|sequence| key(&app, KeyFamily::Dynamic, sequence));
    let namesake = key(&other, KeyFamily::Dynamic, 1);
    for (key, number) in keys.iter().chain([&namesake]).zip(0..) {
        insert(&*store, key, number).await;
    }
    let revoked = key_event(&keys[0], EventKind::KeyRevoked, 99);
    assert!(store.key_delete(&app, "d-1", Some(&revoked)).await.unwrap());
    assert!(!store.key_delete(&app, "d-1", Some(&revoked)).await.unwrap());
    assert!(store.key_delete(&app, "d-2", None).await.unwrap());
    let [_, _, left] = keys;
    assert_eq!(store.key_list(&app).await.unwrap(), [left]);
    assert_eq!(store.key_list(&other).await.unwrap(), [namesake]);
    let revocations = store.event_list(&app, &"".into(), 100).await.unwrap();
    assert_eq!(revocations.into_iter().filter(|event| event.kind == EventKind::KeyRevoked).collect::<Vec<_>>(), [revoked]);
}

/// Those of the app.
pub async fn roots_come_back_in_order(store: Arc<dyn Store>) {
    let root = |app: &AppId, id| RootRecord { app: app.clone(), id, sealed: vec![id, 0, 0xff] };
    let (public, other) = (AppId::public(), tenant("a1", "public").app);
    for root in [root(&public, 2), root(&public, 255), root(&public, 0), root(&other, 1)] {
        assert!(store.root_insert(&root).await.unwrap());
    }
    assert_eq!(store.root_list(&public).await.unwrap(), [0, 2, 255].map(|id| root(&public, id)));
    assert_eq!(store.root_list(&other).await.unwrap(), [root(&other, 1)]);
    assert_eq!(store.root_list(&tenant("a2", "public").app).await.unwrap(), []);
}

/// Every token hangs on it: all nodes must agree.
pub async fn the_first_root_of_a_number_wins(store: Arc<dyn Store>) {
    let won = at_once(20, |number| {
        let root = RootRecord { app: AppId::public(), id: 1, sealed: vec![u8::try_from(number).unwrap()] };
        let store = store.clone();
        async move { store.root_insert(&root).await.unwrap().then_some(root) }
    });
    let won: Vec<_> = won.await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(store.root_list(&AppId::public()).await.unwrap(), won);
}

/// As they were recorded, of that user and app only, up to the limit; also those of one millisecond are all there.
pub async fn the_latest_events_of_a_user_come_first(store: Arc<dyn Store>) {
    let session = session_in(tenant("a1", "t1"), 1);
    let mut written = Vec::new();
    for (kind, number) in EventKind::ALL.into_iter().zip(1..) {
        let text = (number % 2 == 0).then(|| format!("Zoë\u{1}\n{number}"));
        let moment = NOW + Duration::from_millis(u64::from(number) / 3);
        let handle = (number % 3 != 0).then(|| session.key.handle.clone());
        let event = Event { at: moment, handle, actor: text.clone(), reason: text, ..event(kind, &session, number) };
        // any change brings its event along
        let key = KeyRecord { sequence: number.into(), kid: number.to_string(), ..key(&session.key.app, KeyFamily::Dynamic, 1) };
        assert!(store.key_insert(&key, &event).await.unwrap());
        written.push(event);
    }
    let list = async |app: &AppId, user: &str, limit| store.event_list(app, &user.into(), limit).await.unwrap();
    let app = &session.key.app;
    let all = list(app, "user", 100).await;
    assert!(all.is_sorted_by(|newer, older| newer.at >= older.at));
    assert_eq!(all.len(), written.len());
    assert!(written.iter().all(|event| all.contains(event)));
    assert_eq!(list(app, "user", 3).await, all[..3]);
    assert_eq!(list(app, "user", 0).await, []);
    assert_eq!(list(app, "", 100).await, []);
    assert_eq!(list(&AppId::public(), "user", 100).await, []);
}
