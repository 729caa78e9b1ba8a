//! What SDKs ask besides.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Place, World};

#[tokio::test]
async fn a_licence_is_kept_and_told_and_forgotten() {
    let (world, place) = (World::new().await, Place::public());
    let app = world.app("alpha").await;
    let get = async |place: &Place| world.get(place, "/ee/license", &[]).await.json();
    let none = json!({ "status": "NO_LICENSE_KEY_FOUND_ERROR" });
    assert_eq!(get(&place).await, none);
    let put = async |body: Value| world.put(&place, "/ee/license", body).await;
    assert_eq!(put(json!({ "licenseKey": "a-key" })).await.json(), json!({ "status": "OK" }));
    // asks to look it up again
    assert_eq!(put(json!({})).await.json(), json!({ "status": "OK" }));
    assert_eq!(put(json!({ "key": 1 })).await.problem(400), "Field name 'licenseKey' is missing in JSON input");
    assert_eq!(get(&place).await, json!({ "status": "OK", "licenseKey": "a-key" }));
    assert_eq!(get(&app).await, none);
    assert_eq!(world.send_at(&place, axum::http::Method::DELETE, "/ee/license", String::new()).await.json(), json!({ "status": "OK" }));
    assert_eq!(get(&place).await, none);
}

#[tokio::test]
async fn users_who_were_there_are_counted_per_app() {
    let world = World::new().await;
    let (place, app) = (Place::public(), world.app("alpha").await);
    let start = "1767225600000";
    let count =
        async |place: &Place, since: &str| world.get(place, "/users/count/active", &[("since", since)]).await.json()["count"].clone();
    assert_eq!(count(&place, "0").await, 0);
    let session = world.session(&place, "alice", json!({}), json!({})).await;
    world.session(&place, "bob", json!({}), json!({})).await;
    world.session(&place, "bob", json!({}), json!({})).await;
    assert_eq!((count(&place, start).await, count(&app, "0").await), (json!(2), json!(0)));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(count(&place, "1767225600001").await, 0);
    let refresh = json!({ "refreshToken": session.refresh_token, "enableAntiCsrf": false, "useDynamicSigningKey": true });
    assert_eq!(world.post(&place, "/recipe/session/refresh", refresh).await.json()["status"], "OK");
    assert_eq!(count(&place, "1767225600001").await, 1);
    let used = world.get(&place, "/ee/featureflag", &[]).await.json();
    assert_eq!(used["usageStats"]["maus"], json!(vec![2; 31]));
    world.clock.advance(Duration::from_secs(86_400 * 3));
    let used = world.get(&place, "/ee/featureflag", &[]).await.json();
    let maus: Vec<_> = used["usageStats"]["maus"].as_array().unwrap().iter().map(|count| count.as_i64().unwrap()).collect();
    assert_eq!(maus[..5], [0, 0, 1, 2, 2]);
    assert_eq!(world.get(&place, "/users/count/active", &[("since", "-1")]).await.status, 400);
}

#[tokio::test]
async fn nobody_is_counted_because_users_are_not_kept() {
    let (world, place) = (World::new().await, Place::public());
    let tenant = world.tenant(&place, "t1").await;
    let count = async |place: &Place, query: &[(&str, &str)]| world.get(place, "/users/count", query).await;
    let none = json!({ "status": "OK", "count": 0 });
    assert_eq!(count(&tenant, &[]).await.json(), none);
    assert_eq!(count(&place, &[("includeAllTenants", "TRUE"), ("includeRecipeIds", "emailpassword,session")]).await.json(), none);
    assert_eq!(count(&tenant, &[("includeAllTenants", "true")]).await.status, 403);
    assert_eq!(count(&place.tenant("t2"), &[]).await.problem(400), "AppId or tenantId not found => (, public, t2)");
    assert_eq!(count(&place, &[("includeRecipeIds", "session,<b>")]).await.problem(400), "Unknown recipe ID: &lt;b>");
    let approximate = [("allowApproximate", "true")];
    assert_eq!(count(&place.version("5.5"), &approximate).await.json(), none);
    let told = json!({ "status": "OK", "count": 0, "approximate": false, "asOf": 1_767_225_600_000_i64 });
    assert_eq!(count(&place.version("5.6"), &approximate).await.json(), told);
}

#[tokio::test]
async fn statistics_have_a_place_for_each_minute_of_a_day_and_no_data() {
    let (world, place) = (World::new().await, Place::public());
    let told = world.get(&place, "/requests/stats", &[]).await.json();
    assert_eq!(told["atMinute"], 1_767_225_600_000_i64 / 60_000);
    for series in ["averageRequestsPerSecond", "peakRequestsPerSecond"] {
        assert_eq!(told[series], json!(vec![-1; 1440]));
    }
}

#[tokio::test]
async fn answers_begin_with_their_status() {
    let (world, place) = (World::new().await, Place::public());
    let session = world.session(&place, "alice", json!({}), json!({})).await;
    for operation in hallpass_server::api::operations() {
        let request = session.in_example(operation.example.request);
        let answer = world.ask(&place, operation, &serde_json::from_str(&request).unwrap()).await;
        let has_status = !["/apiversion", "/telemetry", "/.well-known/jwks.json", "/hello"].contains(&operation.path);
        assert_eq!(answer.text.starts_with(r#"{"status":""#), has_status, "{} {answer:?}", operation.path);
        assert!(answer.text.ends_with('\n'), "{}", operation.path);
    }
}
