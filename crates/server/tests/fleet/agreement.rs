//! What one server does counts on the other.

use std::{collections::BTreeSet, net::SocketAddr};

use hallpass_testkit::postgres;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::{
    caller::{Caller, eventually, new_session, token},
    node::Setup,
};

const JWKS: &str = "/.well-known/jwks.json";

async fn numbers(url: &str, sql: &str) -> Vec<i64> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn kids(caller: &Caller, at: SocketAddr) -> BTreeSet<String> {
    let keys = caller.get(at, JWKS).await.json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_requests_at_once_make_one_key_and_one_root() {
    let database = postgres::database();
    let nodes = Setup::new(database.url()).with("HALLPASS_SIGNING_ALGORITHM", "RS256").start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    let caller = Caller::new("5.6");
    caller.put(one, "/recipe/multitenancy/app/v2", &json!({ "appId": "shop" })).await;
    let shop = caller.of_app("shop");
    let mut first = JoinSet::new();
    for number in 0..40 {
        let (shop, node) = (shop.clone(), [one, other][number % 2]);
        first.spawn(async move {
            if number % 5 == 0 {
                shop.get(node, JWKS).await.json();
                return None;
            }
            let mut body = new_session(&format!("u{number}"));
            body["useDynamicSigningKey"] = (number % 3 > 0).into();
            Some(shop.post(node, "/recipe/session", &body).await)
        });
    }
    for session in first.join_all().await.into_iter().flatten() {
        for node in [one, other] {
            let verified = shop.verify(node, token(&session, "accessToken")).await;
            assert_eq!(verified["status"], "OK", "{verified}");
        }
        assert_eq!(shop.refresh(one, token(&session, "refreshToken")).await["status"], "OK");
    }
    assert_eq!(shop.get(one, JWKS).await.json(), shop.get(other, JWKS).await.json());
    for (what, sql) in [
        ("dynamic keys", "SELECT count(*) FROM hallpass.signing_key WHERE app_id = 'shop' AND family = 'dynamic'"),
        ("static keys", "SELECT count(*) FROM hallpass.signing_key WHERE app_id = 'shop' AND family = 'static'"),
        ("roots", "SELECT count(*) FROM hallpass.refresh_root WHERE app_id = 'shop'"),
        ("keys of the public app", "SELECT count(*) FROM hallpass.signing_key WHERE app_id = 'public' AND family = 'dynamic'"),
    ] {
        assert_eq!(numbers(&database.url(), sql).await, [1], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_replaced_once_however_many_servers_find_it_old() {
    const DUE_AFTER_MS: i64 = 2880; // a fifth earlier than it has to be
    let database = postgres::database();
    let interval = ("HALLPASS_ACCESS_TOKEN_DYNAMIC_SIGNING_KEY_UPDATE_INTERVAL", "0.001"); // hours: 3.6 s
    let nodes = Setup::new(database.url()).with("HALLPASS_TEST_MODE", "true").with(interval.0, interval.1).start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    let caller = Caller::new("5.6");
    let made = "SELECT created_at_ms FROM hallpass.signing_key WHERE app_id = 'public' AND family = 'dynamic' ORDER BY sequence";
    let all_verify = async || {
        let signing_in = (0..6).map(|number| {
            let (caller, node) = (caller.clone(), [one, other][number % 2]);
            async move { caller.sign_in(node, "u").await }
        });
        for session in signing_in.collect::<JoinSet<_>>().join_all().await {
            for node in [one, other] {
                let verified = caller.verify(node, token(&session, "accessToken")).await;
                assert_eq!(verified["status"], "OK", "{verified}");
            }
        }
        numbers(&database.url(), made).await.len() >= 4
    };
    eventually("three rotations", all_verify).await;
    let made = numbers(&database.url(), made).await;
    assert!(made.windows(2).all(|pair| pair[1] - pair[0] > DUE_AFTER_MS), "made twice: {made:?}");
    eventually("the same keys", async || kids(&caller, one).await == kids(&caller, other).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_server_is_a_session_of_the_other_and_its_end_counts_at_once() {
    let database = postgres::database();
    let nodes = Setup::new(database.url()).start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    for version in ["5.0", "5.4", "5.5", "5.6"] {
        let caller = Caller::new(version);
        let session = caller.sign_in(one, "u").await;
        let handle = &session["session"]["handle"];
        assert_eq!(caller.verify(other, token(&session, "accessToken")).await["status"], "OK");
        let refreshed = caller.refresh(other, token(&session, "refreshToken")).await;
        assert_eq!(refreshed["session"]["handle"], *handle, "{refreshed}");
        let again = caller.refresh(one, token(&session, "refreshToken")).await;
        assert_eq!(token(&again, "refreshToken"), token(&refreshed, "refreshToken"), "two tabs at two servers get the same");
        let changed = json!({ "sessionHandle": handle, "userDataInJWT": { "plan": version } });
        assert_eq!(caller.put(one, "/recipe/jwt/data", &changed).await["status"], "OK");
        let next = caller.refresh(other, token(&refreshed, "refreshToken")).await;
        assert_eq!(next["session"]["userDataInJWT"]["plan"], version, "{next}");

        let revoked = caller.post(one, "/recipe/session/remove", &json!({ "sessionHandles": [handle] })).await;
        assert_eq!(revoked["sessionHandlesRevoked"], json!([handle]));
        for node in [one, other] {
            assert_eq!(caller.verify(node, token(&next, "accessToken")).await["status"], "UNAUTHORISED");
            assert_eq!(caller.refresh(node, token(&next, "refreshToken")).await["status"], "UNAUTHORISED");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_apps_tenants_roles_and_keys_reach_the_other_server() {
    const OLD: &str = "old-old-old-old-old-1";
    const NEW: &str = "new-new-new-new-new-2";
    let database = postgres::database();
    let nodes = Setup::new(database.url()).start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    let caller = Caller::new("5.6");
    let put_app = async |app: &str, config: Value| {
        let made = caller.put(one, "/recipe/multitenancy/app/v2", &json!({ "appId": app, "coreConfig": config })).await;
        assert_eq!(made["status"], "OK", "{made}");
    };
    let remove_app = async |app: &str| {
        let removed = caller.post(one, "/recipe/multitenancy/app/remove", &json!({ "appId": app })).await;
        assert_eq!(removed["didExist"], true, "{removed}");
    };
    let [shop, gone, anew] = ["shop", "gone", "anew"].map(|app| caller.of_app(app));
    put_app("shop", json!({ "api_keys": OLD })).await;
    put_app("gone", json!({})).await;
    put_app("anew", json!({})).await;
    let [with_old, with_new] = [shop.with_key(OLD), shop.with_key(NEW)];
    with_old.put(one, "/recipe/multitenancy/tenant/v2", &json!({ "tenantId": "leaving" })).await;

    // the other server knows all of it
    assert_eq!(with_old.sign_in(other, "u").await["accessToken"]["expiry"].as_i64().map(|_| ()), Some(()));
    with_old.post(other, "/leaving/recipe/session", &new_session("u")).await;
    gone.sign_in(other, "u").await;
    let before = anew.sign_in(other, "u").await;
    let keys_before = kids(&anew, other).await;

    let config = json!({ "api_keys": NEW, "access_token_validity": 60, "access_token_validity_jitter": 0 });
    put_app("shop", config).await;
    remove_app("gone").await;
    remove_app("anew").await;
    put_app("anew", json!({})).await;
    let after = anew.sign_in(one, "v").await;
    with_new.put(one, "/recipe/multitenancy/tenant/v2", &json!({ "tenantId": "joining" })).await;
    with_new.post(one, "/recipe/multitenancy/tenant/remove", &json!({ "tenantId": "leaving" })).await;
    with_new.put(one, "/recipe/role", &json!({ "role": "admin", "permissions": ["all"] })).await;
    with_new.put(one, "/recipe/user/role", &json!({ "userId": "u", "role": "admin" })).await;

    let status = async |caller: &Caller, path: &str| caller.call(other, Method::POST, path, &new_session("u")).await.unwrap().status;
    eventually("the new key opens", async || status(&with_new, "/recipe/session").await == StatusCode::OK).await;
    assert_eq!(status(&with_old, "/recipe/session").await, StatusCode::UNAUTHORIZED);
    let session = with_new.sign_in(other, "u").await;
    let life = |token: &Value| token["expiry"].as_i64().unwrap() - token["createdTime"].as_i64().unwrap();
    assert_eq!(life(&session["accessToken"]), 60_000, "the life of an access token is the app's");
    assert_eq!(with_new.get(other, "/recipe/user/roles?userId=u").await.json()["roles"], json!(["admin"]));
    eventually("a new tenant", async || status(&with_new, "/joining/recipe/session").await == StatusCode::OK).await;
    eventually("a tenant that is gone", async || status(&with_new, "/leaving/recipe/session").await == StatusCode::BAD_REQUEST).await;
    eventually("an app that is gone", async || status(&gone, "/recipe/session").await == StatusCode::BAD_REQUEST).await;

    let keys = kids(&anew, one).await;
    eventually("an app that was made anew", async || kids(&anew, other).await == keys).await;
    assert!(keys.is_disjoint(&keys_before));
    assert_ne!(anew.verify(other, token(&before, "accessToken")).await["status"], "OK");
    assert_eq!(anew.refresh(other, token(&before, "refreshToken")).await["status"], "UNAUTHORISED");
    assert_eq!(anew.verify(other, token(&after, "accessToken")).await["status"], "OK");
    assert_eq!(anew.refresh(other, token(&after, "refreshToken")).await["status"], "OK");
}

#[tokio::test]
async fn a_leaked_key_that_an_operator_replaces_is_refused_at_every_server_and_nobody_is_signed_out() {
    let database = postgres::database();
    let setup = Setup::new(database.url());
    let nodes = setup.start(2);
    let [one, other] = [nodes[0].address, nodes[1].address];
    let caller = Caller::new("5.4");
    let session = caller.sign_in(one, "u").await;
    assert_eq!(caller.verify(other, token(&session, "accessToken")).await["status"], "OK");
    let said = setup.tool(&["keys", "rotate", "--now", "--revoke-old"]).output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(said.status.success() && text.starts_with("The new signing key is d-"), "{text}");
    for at in [one, other] {
        eventually("the old key is refused", async || {
            caller.verify(at, token(&session, "accessToken")).await["status"] == "TRY_REFRESH_TOKEN"
        })
        .await;
    }
    let refreshed = caller.refresh(other, token(&session, "refreshToken")).await;
    assert_eq!(caller.verify(one, token(&refreshed, "accessToken")).await["status"], "OK");
    // whoever has the database and not the master key changes nothing
    let stranger = Setup::new(database.url()).tool(&["keys", "rotate", "--now", "--revoke-old"]).output().unwrap();
    let error = String::from_utf8(stranger.stderr).unwrap();
    assert!(!stranger.status.success() && error.contains("cannot be opened"), "{error}");
    assert_eq!(caller.verify(one, token(&refreshed, "accessToken")).await["status"], "OK");
    // and another app has keys of its own, or none
    let elsewhere = setup.tool(&["keys", "rotate", "--now", "--app", "shop"]).output().unwrap();
    let error = String::from_utf8(elsewhere.stderr).unwrap();
    assert!(error.contains("has no keys of the app `shop`") && !error.contains('@'), "{error}");
}
