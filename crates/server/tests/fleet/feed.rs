//! What one server does is heard at the other, and listening costs others nothing.

use std::net::SocketAddr;

use hallpass_testkit::postgres;
use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    caller::{Caller, eventually, new_session, token},
    node::Setup,
};

const FEED: &str = "/hallpass/feed";
const KEY: &str = "key-of-everybody-who-calls";

/// Everything that counts, and where to go on.
async fn cursor(caller: &Caller, at: SocketAddr) -> String {
    caller.get(at, FEED).await.json()["cursor"].as_str().unwrap().to_owned()
}

/// A call that waits for news.
fn listening(caller: &Caller, at: SocketAddr, after: &str) -> JoinHandle<Value> {
    let (caller, path) = (caller.clone(), format!("{FEED}?after={after}"));
    tokio::spawn(async move { caller.get(at, &path).await.json() })
}

/// Waits until so many calls are under way at a server, beside the one that asks.
async fn under_way(caller: &Caller, at: SocketAddr, count: usize) {
    let line = format!("hallpass_requests_in_flight {}\n", count + 1);
    eventually("all wait", async || caller.get(at, "/metrics").await.text.contains(&line)).await;
}

fn kinds(told: &Value) -> Vec<&str> {
    told["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_ban_at_one_server_is_heard_and_obeyed_at_the_other() {
    let database = postgres::database();
    let nodes = Setup::new(database.url()).start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    let caller = Caller::new("5.4");
    let session = caller.sign_in(one, "mallory").await;
    let heard = listening(&caller, other, &cursor(&caller, other).await);
    let banned = caller.post(one, "/hallpass/ban", &json!({ "userId": "mallory" })).await;
    assert_eq!(banned["sessionHandlesRevoked"], json!([session["session"]["handle"]]));

    // the revocation is a change of its own: it may be told before the ban, or with it
    let (mut told, mut all) = (heard.await.unwrap(), Vec::new());
    loop {
        assert_eq!(told["isWhole"], false, "{told}");
        assert_ne!(told["entries"], json!([]), "nothing more is told than {all:?}");
        all.extend(told["entries"].as_array().unwrap().clone());
        if all.iter().any(|entry| entry["kind"] == "user.banned" && entry["userId"] == "mallory") {
            break;
        }
        told = listening(&caller, other, told["cursor"].as_str().unwrap()).await.unwrap();
    }
    assert_eq!(caller.verify(other, token(&session, "accessToken")).await["status"], "UNAUTHORISED");
    assert_eq!(caller.refresh(other, token(&session, "refreshToken")).await["status"], "UNAUTHORISED");
    let refused = caller.call(other, Method::POST, "/recipe/session", &new_session("mallory")).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.text.as_str()), (403, "User is banned\n"));
}

#[tokio::test]
async fn whoever_waits_holds_no_connection_to_the_database_and_no_place_among_the_requests() {
    const WAITING: usize = 2;
    let database = postgres::database();
    let setup = Setup::new(database.url()).with("HALLPASS_DATABASE_POOL_SIZE", "1").with("HALLPASS_API_KEYS", KEY);
    let nodes = setup.with("HALLPASS_MAX_REQUESTS", &WAITING.to_string()).start(1);
    let node = nodes[0].address;
    let caller = Caller::new("5.4").with_key(KEY);
    let after = cursor(&caller, node).await;
    let waiting: Vec<_> = (0..WAITING).map(|_| listening(&caller, node, &after)).collect();
    under_way(&caller, node, WAITING).await;
    for number in 0..20 {
        let session = caller.sign_in(node, &format!("user {number}")).await;
        assert_eq!(caller.refresh(node, token(&session, "refreshToken")).await["status"], "OK");
    }
    assert!(waiting.iter().all(|call| !call.is_finished()), "they did not wait");
    let too_many = caller.call(node, Method::GET, &format!("{FEED}?after={after}"), &Value::Null).await.unwrap();
    assert!(too_many.is_not_now(), "{}", too_many.text);
    caller.post(node, "/hallpass/ban", &json!({ "userId": "mallory" })).await;
    for call in waiting {
        assert_eq!(kinds(&call.await.unwrap()), ["user.banned"]);
    }
}

#[tokio::test]
async fn a_server_that_stops_answers_whoever_waits() {
    let database = postgres::database();
    // shorter than the longest wait: who is not answered before is broken off, and the log says so
    let setup = Setup::new(database.url()).with("HALLPASS_SHUTDOWN_GRACE", "10s").with("HALLPASS_API_KEYS", KEY);
    let mut nodes = setup.start(1);
    let node = nodes[0].address;
    let caller = Caller::new("5.4").with_key(KEY);
    let waiting = listening(&caller, node, &cursor(&caller, node).await);
    under_way(&caller, node, 1).await;
    nodes[0].signal("-TERM");
    let told = waiting.await.unwrap();
    assert_eq!((&told["status"], kinds(&told)), (&json!("OK"), vec![]));
    assert_eq!(nodes[0].ended().code(), Some(0), "{}", nodes[0].log());
    assert!(!nodes[0].log().contains("broken off"), "{}", nodes[0].log());
}
