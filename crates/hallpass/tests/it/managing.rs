//! Sessions by handle and by user.

use hallpass::{TenantId, Why, roles::Unassigned};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn gotcha_46_a_user_s_sessions_are_listed_and_revoked_in_all_tenants_unless_one_is_named() {
    let world = World::new().await;
    let (first, second) = (world.tokens("u").await, world.tokens("u").await);
    let other = world.tokens("other").await;
    let tenant: TenantId = "t1".parse().unwrap();
    let third = world.hallpass.create_session("u").tenant(tenant.clone()).await.unwrap();
    let user = "u".into();
    let handles = async |tenant: Option<&TenantId>| {
        let sessions = world.hallpass.sessions_of(&user, tenant).await.unwrap();
        sessions.into_iter().map(|session| session.handle).collect::<Vec<_>>()
    };
    assert_eq!(handles(None).await.len(), 3);
    assert_eq!(handles(Some(&tenant)).await, [third.handle().clone()]);
    let info = world.hallpass.session_info(&first.handle).await.unwrap().unwrap();
    assert_eq!((info.user.as_str(), info.tenant().as_str()), ("u", "public"));
    assert!(world.hallpass.set_session_data(&first.handle, json!({ "a": 1 })).await.unwrap());
    assert!(world.hallpass.merge_into_payload_of(&first.handle, json!({ "x": 1, "iss": null })).await.unwrap());
    let info = world.hallpass.session_info(&first.handle).await.unwrap().unwrap();
    assert_eq!((json!(info.data), json!(info.payload)), (json!({ "a": 1 }), json!({ "x": 1 })));

    let why = Why { actor: Some("operator".to_owned()), reason: Some("lost phone".to_owned()) };
    let one = std::slice::from_ref(&first.handle);
    assert_eq!(world.hallpass.revoke(one, why.clone()).await.unwrap(), one);
    assert!(world.hallpass.revoke(one, why.clone()).await.unwrap().is_empty());
    assert!(!world.hallpass.set_session_data(&first.handle, json!({})).await.unwrap());
    assert!(!world.hallpass.merge_into_payload_of(&first.handle, json!({ "x": 1 })).await.unwrap());
    assert_eq!(world.hallpass.revoke_all_of(&user, Some(&tenant), why.clone()).await.unwrap(), [third.handle().clone()]);
    assert_eq!(world.hallpass.revoke_all_of(&user, None, why).await.unwrap(), [second.handle]);
    assert!(world.hallpass.session_info(&other.handle).await.unwrap().is_some());
}

#[tokio::test]
async fn in_a_tenant_that_was_never_made_nobody_is_found() {
    let world = World::new().await;
    let (nowhere, user) = ("nowhere".parse::<TenantId>().unwrap(), "u".into());
    world.tokens("u").await;
    let handle = "0f8fad5b-d9cb-469f-a165-70867728950e_nowhere".parse().unwrap();
    assert!(world.hallpass.session_info(&handle).await.unwrap().is_none());
    assert!(!world.hallpass.set_session_data(&handle, json!({})).await.unwrap());
    assert!(!world.hallpass.merge_into_payload_of(&handle, json!({ "x": 1 })).await.unwrap());
    assert!(world.hallpass.revoke(&[handle], Why::default()).await.unwrap().is_empty());
    assert!(world.hallpass.sessions_of(&user, Some(&nowhere)).await.unwrap().is_empty());
    assert!(world.hallpass.revoke_all_of(&user, Some(&nowhere), Why::default()).await.unwrap().is_empty());
    assert!(!world.hallpass.unban(&user, Some(&nowhere), Why::default()).await.unwrap());
    let roles = world.hallpass.roles().in_tenant(nowhere);
    roles.put("editor", ["write"]).await.unwrap();
    assert!(roles.of(&user).await.unwrap().is_empty());
    assert_eq!(roles.users_with("editor").await.unwrap(), Some(vec![]));
    assert_eq!(roles.users_with("unknown").await.unwrap(), None);
    assert_eq!(roles.unassign(&user, "editor").await.unwrap(), Unassigned::NotAssigned);
    assert_eq!(roles.unassign(&user, "unknown").await.unwrap(), Unassigned::UnknownRole);
}

#[tokio::test]
async fn gotcha_30_a_merge_by_handle_shows_after_the_next_refresh() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    assert!(world.hallpass.merge_into_payload_of(&held.handle, json!({ "x": 1 })).await.unwrap());
    let payload = world.send(get_("/payload").bearer(&held.access)).await;
    assert!(!payload.body.contains("\"x\""));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(front(&next.front)["up"]["x"], 1);
}
