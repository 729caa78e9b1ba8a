//! Roles and permissions.

use serde_json::{Value, json};

use crate::world::{Place, World};

const UNKNOWN: &str = r#"{"status":"UNKNOWN_ROLE_ERROR"}"#;

#[tokio::test]
async fn a_role_gains_permissions_and_loses_those_that_are_taken() {
    let (world, place) = (World::new().await, Place::public());
    let put = async |body| world.put(&place, "/recipe/role", body).await.json();
    let remove = async |body| world.post(&place, "/recipe/role/permissions/remove", body).await.json();
    let permissions = async || world.get(&place, "/recipe/role/permissions", &[("role", " editor ")]).await.json()["permissions"].clone();

    assert_eq!(put(json!({ "role": " editor " })).await, json!({ "status": "OK", "createdNewRole": true }));
    assert_eq!(permissions().await, json!([]));
    let more = json!({ "role": "editor", "permissions": ["write", " read ", "read"] });
    assert_eq!(put(more).await, json!({ "status": "OK", "createdNewRole": false }));
    assert_eq!(permissions().await, json!(["read", "write"]));
    // an SDK sends null when it was given nothing
    assert_eq!(put(json!({ "role": "editor", "permissions": null })).await["createdNewRole"], false);
    assert_eq!(remove(json!({ "role": "editor", "permissions": [] })).await, json!({ "status": "OK" }));
    assert_eq!(permissions().await, json!(["read", "write"]));
    remove(json!({ "role": "editor", "permissions": ["write", "unknown"] })).await;
    assert_eq!(permissions().await, json!(["read"]));
    remove(json!({ "role": "editor" })).await;
    assert_eq!(permissions().await, json!([]));
    assert_eq!(world.get(&place, "/recipe/permission/roles", &[("permission", "read")]).await.json()["roles"], json!([]));
}

#[tokio::test]
async fn assignments_tell_what_was_there_before() {
    let (world, place) = (World::new().await, Place::public());
    world.put(&place, "/recipe/role", json!({ "role": "admin" })).await.json();
    let user = json!({ "userId": "", "role": "admin" });
    let assign = async || world.put(&place, "/recipe/user/role", user.clone()).await.json()["didUserAlreadyHaveRole"].clone();
    let unassign = async || world.post(&place, "/recipe/user/role/remove", user.clone()).await.json()["didUserHaveRole"].clone();
    assert_eq!([assign().await, assign().await, unassign().await, unassign().await], [false, true, true, false]);
}

#[tokio::test]
async fn an_unknown_role_is_an_outcome() {
    let (world, place) = (World::new().await, Place::public());
    let user = json!({ "userId": "alice", "role": "admin" });
    let answers = [
        world.put(&place, "/recipe/user/role", user.clone()).await,
        world.post(&place, "/recipe/user/role/remove", user).await,
        world.get(&place, "/recipe/role/permissions", &[("role", "admin")]).await,
        world.get(&place, "/recipe/role/users", &[("role", "admin")]).await,
        world.post(&place, "/recipe/role/permissions/remove", json!({ "role": "admin" })).await,
    ];
    for answer in answers {
        assert_eq!((answer.status.as_u16(), answer.text.trim_end()), (200, UNKNOWN));
    }
    let removed = world.post(&place, "/recipe/role/remove", json!({ "role": "admin" })).await.json();
    assert_eq!(removed, json!({ "status": "OK", "didRoleExist": false }));
}

#[tokio::test]
async fn a_role_that_is_deleted_is_taken_from_everyone() {
    let (world, place) = (World::new().await, Place::public());
    let tenant = world.tenant(&place, "t1").await;
    for role in ["admin", "editor"] {
        world.put(&place, "/recipe/role", json!({ "role": role, "permissions": ["write"] })).await.json();
        world.put(&tenant, "/recipe/user/role", json!({ "userId": "alice", "role": role })).await.json();
    }
    let removed = world.post(&place, "/recipe/role/remove", json!({ "role": "admin" })).await.json();
    assert_eq!(removed["didRoleExist"], true);
    assert_eq!(world.get(&tenant, "/recipe/user/roles", &[("userId", "alice")]).await.json()["roles"], json!(["editor"]));
    assert_eq!(world.get(&place, "/recipe/permission/roles", &[("permission", "write")]).await.json()["roles"], json!(["editor"]));
    assert_eq!(world.get(&place, "/recipe/roles", &[]).await.json()["roles"], json!(["editor"]));
}

#[tokio::test]
async fn names_that_are_none_are_refused_by_their_field() {
    let (world, place) = (World::new().await, Place::public());
    let long = "x".repeat(256);
    let role = "Field name 'role' cannot be an empty String";
    let too_long = |field| format!("Field name '{field}' must be at most 255 characters, without U+0000");
    let put = async |body: Value| world.put(&place, "/recipe/role", body).await.problem(400).to_owned();
    assert_eq!(put(json!({ "role": " " })).await, role);
    assert_eq!(put(json!({ "role": long })).await, too_long("role"));
    assert_eq!(put(json!({ "role": "a\0" })).await, too_long("role"));
    let empty = json!({ "role": "admin", "permissions": ["read", " "] });
    assert_eq!(put(empty).await, "Field name 'permissions' cannot contain an empty string");
    assert_eq!(put(json!({ "role": "admin", "permissions": [long] })).await, too_long("permissions"));
    assert_eq!(put(json!({ "role": "admin", "permissions": [1] })).await, "Field name 'permissions' is invalid in JSON input");
    let asked = world.get(&place, "/recipe/role/permissions", &[("role", "")]).await;
    assert_eq!(asked.problem(400), role);
    let user = "Field name 'userId' must be at most 512 bytes, without U+0000";
    for id in ["x".repeat(513), "\0".to_owned()] {
        let body = json!({ "userId": id, "role": "admin" });
        assert_eq!(world.put(&place, "/recipe/user/role", body.clone()).await.problem(400), user);
        assert_eq!(world.post(&place, "/recipe/user/role/remove", body).await.problem(400), user);
        assert_eq!(world.get(&place, "/recipe/user/roles", &[("userId", &id)]).await.problem(400), user);
    }
    assert_eq!(world.get(&place, "/recipe/roles", &[]).await.json()["roles"], json!([]));
}
