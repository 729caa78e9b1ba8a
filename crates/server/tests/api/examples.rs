//! Each example in the description is true: called so, the server answers so.

use hallpass_server::api::{Operation, operations};
use serde_json::{Value, json};

use crate::world::{Place, Session, World};

#[tokio::test]
async fn every_operation_answers_as_its_example_says() {
    let (world, place) = (World::with_rsa().await, Place::public());
    for operation in operations() {
        let session = prepare(&world, &place, operation).await;
        let request = serde_json::from_str(&session.in_example(operation.example.request)).unwrap();
        let answer = world.ask(&place, operation, &request).await;
        let name = format!("{} {}", operation.verb.as_str(), operation.path);
        match serde_json::from_str(operation.example.response).unwrap() {
            Value::String(text) => assert_eq!((answer.status.as_u16(), answer.text), (200, format!("{text}\n")), "{name}"),
            example => assert!(looks_like(&answer.json(), &example), "{name} answered {} instead of {example}", answer.text),
        }
    }
}

/// What the examples take for granted, whatever the one before it did: alice has one session.
async fn prepare(world: &World, place: &Place, operation: &Operation) -> Session {
    let put = async |path, body| {
        world.put(place, path, body).await.json();
    };
    let post = async |path, body| {
        world.post(place, path, body).await.json();
    };
    for role in ["author", "editor", "reader"] {
        post("/recipe/role/remove", json!({ "role": role })).await;
    }
    put("/recipe/role", json!({ "role": "reader", "permissions": ["read"] })).await;
    put("/recipe/role", json!({ "role": "editor", "permissions": ["read", "write"] })).await;
    put("/recipe/user/role", json!({ "userId": "alice", "role": "editor" })).await;
    post("/recipe/user/metadata/remove", json!({ "userId": "alice" })).await;
    put("/recipe/user/metadata", json!({ "userId": "alice", "metadataUpdate": { "theme": "dark" } })).await;

    post("/recipe/multitenancy/app/remove", json!({ "appId": "shop" })).await;
    put("/recipe/multitenancy/app/v2", json!({ "appId": "blog" })).await;
    post("/recipe/multitenancy/tenant/remove", json!({ "tenantId": "customer-2" })).await;
    put("/recipe/multitenancy/tenant/v2", json!({ "tenantId": "customer-1" })).await;
    for provider in ["github", "google"] {
        post("/recipe/multitenancy/config/thirdparty/remove", json!({ "thirdPartyId": provider })).await;
    }
    if operation.example.request.contains("google") {
        put("/recipe/multitenancy/config/thirdparty", json!({ "config": { "thirdPartyId": "google" } })).await;
    }
    put("/ee/license", json!({ "licenseKey": "a-key" })).await;

    post("/hallpass/ban", json!({ "userId": "mallory", "by": "support", "reason": "spam" })).await;
    post("/recipe/session/remove", json!({ "userId": "alice" })).await;
    world.session(place, "alice", json!({ "plan": "pro" }), json!({})).await
}

/// The same names and types, the same statuses and flags; whatever is in a list looks like something in the example's.
fn looks_like(answer: &Value, example: &Value) -> bool {
    match (answer, example) {
        (Value::Object(answer), Value::Object(example)) => {
            let is_same = |(name, value): (&String, &Value)| match example.get(name) {
                Some(example) if name == "status" => value == example,
                Some(example) => looks_like(value, example),
                None => false,
            };
            answer.len() == example.len() && answer.iter().all(is_same)
        }
        (Value::Array(answer), Value::Array(examples)) => {
            let is_known = |element| examples.iter().any(|example| looks_like(element, example));
            answer.is_empty() == examples.is_empty() && answer.iter().all(is_known)
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => true,
        _ => answer == example,
    }
}
