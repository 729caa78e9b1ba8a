//! On the way to every answer there is one round trip to the server.

use hallpass_engine::{
    event::EventKind,
    session::JsonObject,
    store::{RoleStore, Store, TenantStore, UserStore},
};
use hallpass_store::Postgres;
use hallpass_testkit::postgres::database;

use super::{ONE, SCHEMA, hash, lineage, proxy::Proxy, rotation};
use crate::{NOW, TOMORROW, event, insert, numbered};

#[tokio::test]
async fn every_session_operation_is_one_round_trip() {
    let database = database();
    let proxy = Proxy::start(database.server().port()).await;
    let store = Postgres::connect(&database.url_through(proxy.port()), ONE, SCHEMA).await.unwrap();
    for round in 0..2 {
        let mut session = numbered(round);
        session.lineage = lineage(&session, 0);
        let (key, user) = (&session.key, &session.user);
        let mut trips = Vec::new();
        let mut tell = |method| trips.push((method, proxy.trips()));
        tell("before");

        assert!(insert(&store, &session).await.unwrap());
        tell("session_insert");
        assert!(store.session_find(key).await.unwrap().is_some());
        tell("session_find");
        let rotated = store.session_rotate(key, &rotation(&session, 0), NOW).await.unwrap().unwrap();
        tell("session_rotate");
        assert_eq!(store.session_rotate(key, &rotation(&session, 0), NOW).await.unwrap(), None);
        tell("session_rotate of a token that is not current");
        assert!(store.session_confirm(key, &hash(&session, 1), TOMORROW).await.unwrap());
        tell("session_confirm");
        assert!(
            !store.session_replace(key, &rotated.as_seen(), &rotated.lineage, &event(EventKind::RefreshReissued, &session)).await.unwrap()
        );
        tell("session_replace");
        assert!(store.session_set_payload(key, &JsonObject::new(), NOW).await.unwrap());
        tell("session_set_payload");
        assert!(store.session_set_data(key, &JsonObject::new(), NOW).await.unwrap());
        tell("session_set_data");
        assert_eq!(store.session_list(&key.app, None, user, NOW).await.unwrap().len(), 1);
        tell("session_list");
        assert_eq!(store.session_sweep(None, 10, NOW).await.unwrap().deleted, 0);
        tell("session_sweep");
        assert!(store.session_delete(key, None, &event(EventKind::SessionRevoked, &session)).await.unwrap());
        tell("session_delete");
        assert_eq!(store.event_list(&key.app, user, 9).await.unwrap().len(), 2);
        tell("event_list");
        assert!(store.key_list(&key.app).await.unwrap().is_empty());
        tell("key_list");
        assert!(store.root_list(&key.app).await.unwrap().is_empty());
        tell("root_list");
        assert!(store.tenant_list(None).await.unwrap().is_empty());
        tell("tenant_list");
        assert!(store.role_list(&key.app).await.unwrap().is_empty());
        tell("role_list");
        store.activity_record(&[(key.app.clone(), user.clone(), NOW)]).await.unwrap();
        tell("activity_record");
        store.ping().await.unwrap().unwrap();
        tell("ping");

        if round == 1 {
            for (method, trips) in &trips[1..] {
                assert_eq!(*trips, 1, "{method}"); // the first use of a statement prepares it
            }
        }
    }
    assert_eq!(proxy.connections(), 2, "one for the migrations, and then one for all");
}
