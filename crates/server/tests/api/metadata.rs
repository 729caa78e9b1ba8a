//! Metadata of users.

use serde_json::{Value, json};

use crate::world::{Place, World};

const PATH: &str = "/recipe/user/metadata";

#[tokio::test]
async fn members_are_replaced_removed_by_null_and_otherwise_taken_as_they_are() {
    let (world, place) = (World::new().await, Place::public());
    let update = async |update: Value| {
        let body = json!({ "userId": "alice", "metadataUpdate": update });
        let told = world.put(&place, PATH, body).await.json();
        assert_eq!(told, world.get(&place, PATH, &[("userId", "alice")]).await.json());
        told["metadata"].clone()
    };
    assert_eq!(world.get(&place, PATH, &[("userId", "alice")]).await.json(), json!({ "status": "OK", "metadata": {} }));
    let nested = json!({ "a": null, "b": [null, { "c": 1767225600123_i64 }] });
    assert_eq!(update(json!({ "nested": nested, "gone": 1 })).await, json!({ "nested": nested, "gone": 1 }));
    assert_eq!(update(json!({ "gone": null, "never": null, "nested": { "x": 1 } })).await, json!({ "nested": { "x": 1 } }));
    assert_eq!(update(json!({ "nested": null })).await, json!({}));
}

#[tokio::test]
async fn of_updates_at_once_none_is_lost() {
    let (world, place) = (World::new().await, Place::public());
    let update = |number: usize| {
        let body = json!({ "userId": "alice", "metadataUpdate": { number.to_string(): number } });
        world.put(&place, PATH, body)
    };
    let (a, b, c, d) = tokio::join!(update(1), update(2), update(3), update(4));
    for answer in [a, b, c, d] {
        answer.json();
    }
    let kept = world.get(&place, PATH, &[("userId", "alice")]).await.json();
    assert_eq!(kept["metadata"].as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn many_are_told_in_the_order_asked_for() {
    let (world, place) = (World::new().await, Place::public());
    world.put(&place, PATH, json!({ "userId": "bob", "metadataUpdate": { "a": 1 } })).await.json();
    world.put(&place, PATH, json!({ "userId": "empty", "metadataUpdate": {} })).await.json();
    let bulk = async |ids: Value| world.post(&place, "/recipe/user/metadata/bulk", json!({ "userIds": ids })).await;
    let users = json!([
        { "userId": "carol", "metadata": null },
        { "userId": "bob", "metadata": { "a": 1 } },
        { "userId": "empty", "metadata": {} },
    ]);
    assert_eq!(bulk(json!(["carol", "bob", "empty"])).await.json(), json!({ "status": "OK", "users": users }));
    assert_eq!(bulk(json!([])).await.json(), json!({ "status": "OK", "users": [] }));
    assert_eq!(bulk(json!(vec!["x"; 500])).await.json()["users"].as_array().unwrap().len(), 500);
    assert_eq!(bulk(json!(vec!["x"; 501])).await.problem(400), "Field name 'userIds' must have at most 500 elements");
    assert_eq!(bulk(json!(["x", 1])).await.problem(400), "Field name 'userIds' is invalid in JSON input");
}

#[tokio::test]
async fn removing_is_always_fine_and_ids_must_be_storable() {
    let (world, place) = (World::new().await, Place::public());
    world.put(&place, PATH, json!({ "userId": "", "metadataUpdate": { "a": 1 } })).await.json();
    for _ in 0..2 {
        let removed = world.post(&place, "/recipe/user/metadata/remove", json!({ "userId": "" })).await.json();
        assert_eq!(removed, json!({ "status": "OK" }));
    }
    assert_eq!(world.get(&place, PATH, &[("userId", "")]).await.json()["metadata"], json!({}));
    let id = "x".repeat(513);
    let problem = "Field name 'userId' must be at most 512 bytes, without U+0000";
    assert_eq!(world.get(&place, PATH, &[("userId", &id)]).await.problem(400), problem);
    assert_eq!(world.put(&place, PATH, json!({ "userId": id, "metadataUpdate": {} })).await.problem(400), problem);
    assert_eq!(world.post(&place, "/recipe/user/metadata/remove", json!({ "userId": id })).await.problem(400), problem);
}
