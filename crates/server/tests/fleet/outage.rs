//! The database dies under load, and comes back.

use std::time::Duration;

use hallpass_testkit::postgres;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    caller::{Caller, eventually, new_session, token, verifying},
    load::Load,
    node::Setup,
};

/// Longer than anything is remembered that could be read again.
const AWAY: Duration = Duration::from_millis(5500);

/// Connections are made anew in that time.
const RECOVERY: Duration = Duration::from_secs(2);

/// A call is answered in that time, whatever the database does.
const BOUND: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn one_server_outlives_its_database() {
    outage_of_the_database_of(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_outlive_their_database() {
    outage_of_the_database_of(2).await;
}

async fn outage_of_the_database_of(servers: usize) {
    let server = postgres::Server::start();
    let database = server.database();
    let mut nodes = Setup::new(database.url()).start(servers);
    let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
    let caller = Caller::new("5.6");
    caller.put(addresses[0], "/recipe/multitenancy/app/v2", &json!({ "appId": "shop" })).await;
    let shop = caller.of_app("shop");
    let session = shop.sign_in(addresses[0], "u").await;
    let mut keys = Vec::new();
    for node in &addresses {
        keys.push(shop.get(*node, "/.well-known/jwks.json").await.json());
    }
    let load = Load::start(16, &nodes);
    load.goes_on(300).await;

    server.kill();
    let since = Instant::now();
    for node in &addresses {
        eventually("not ready", async || caller.get(*node, "/ready").await.status == StatusCode::SERVICE_UNAVAILABLE).await;
    }
    while since.elapsed() < AWAY {
        for (node, keys) in addresses.iter().zip(&keys) {
            assert_eq!(caller.get(*node, "/live").await.status, StatusCode::OK);
            assert_eq!(shop.get(*node, "/.well-known/jwks.json").await.json(), *keys, "public keys are known without a database");
            let verified = shop.post(*node, "/recipe/session/verify", &verifying(token(&session, "accessToken"), false)).await;
            assert_eq!(verified["status"], "OK", "{verified}");
            let created = shop.call(*node, Method::POST, "/recipe/session", &new_session("u")).await.unwrap();
            assert!(created.is_not_now(), "{} {}", created.status, created.text);
        }
        sleep(Duration::from_millis(100)).await;
    }
    server.restart();

    for node in &addresses {
        eventually("ready again", async || caller.get(*node, "/ready").await.status == StatusCode::OK).await;
    }
    load.goes_on_undisturbed(RECOVERY, 300).await;
    let seen = load.settle().await;
    assert!(seen.longest() < BOUND, "{:?}", seen.longest());
    assert!(!seen.mishaps.lock().unwrap().is_empty(), "nobody noticed: that was no load");
    assert_eq!(shop.refresh(addresses[0], token(&session, "refreshToken")).await["status"], "OK");
    assert!(nodes.iter_mut().all(|node| node.is_running()));
}
