//! Roles and permissions of users, and in their tokens.

use std::sync::Arc;

use axum::{Router, routing::get};
use hallpass::{
    BuildError, Hallpass, Mistake, Require, Requirement, TenantId, UserId,
    claims::{PrimitiveClaim, Subject, Validator},
    roles::{Assigned, RoleSettings, USER_ROLES, Unassigned, has_permission, has_role},
};
use serde_json::json;

use crate::world::*;

fn user() -> UserId {
    "u".into()
}

/// `u` is an editor, who reads and writes posts.
async fn world(settings: RoleSettings) -> World {
    let world = World::with(app_info(), |builder| builder.roles(settings)).await;
    world.hallpass.roles().put("editor", ["posts:read", "posts:write"]).await.unwrap();
    assert_eq!(world.hallpass.roles().assign(&user(), "editor").await.unwrap(), Assigned::Now);
    world
}

#[tokio::test]
async fn roles_are_made_filled_given_taken_and_deleted() {
    let world = World::new().await;
    let roles = world.hallpass.roles();
    assert!(roles.put("editor", ["posts:write", "posts:read"]).await.unwrap());
    assert!(!roles.put("editor", ["posts:read", "posts:delete"]).await.unwrap());
    assert!(roles.put("guest", Vec::<String>::new()).await.unwrap());
    assert_eq!(roles.all().await.unwrap(), ["editor", "guest"]);
    let editor = ["posts:delete", "posts:read", "posts:write"].map(str::to_owned);
    assert_eq!(roles.permissions_of("editor").await.unwrap().unwrap(), editor);
    assert_eq!(roles.permissions_of("nobody").await.unwrap(), None);
    assert!(roles.remove_permissions("editor", ["posts:delete", "unknown"]).await.unwrap());
    assert!(!roles.remove_permissions("nobody", ["posts:delete"]).await.unwrap());
    assert_eq!(roles.with_permission("posts:write").await.unwrap(), ["editor"]);
    assert!(roles.with_permission("posts:delete").await.unwrap().is_empty());

    assert_eq!(roles.assign(&user(), "editor").await.unwrap(), Assigned::Now);
    assert_eq!(roles.assign(&user(), "editor").await.unwrap(), Assigned::Already);
    assert_eq!(roles.assign(&user(), "nobody").await.unwrap(), Assigned::UnknownRole);
    assert_eq!(roles.of(&user()).await.unwrap(), ["editor"]);
    assert_eq!(roles.users_with("editor").await.unwrap().unwrap(), [user()]);
    assert_eq!(roles.users_with("nobody").await.unwrap(), None);
    assert_eq!(roles.unassign(&user(), "guest").await.unwrap(), Unassigned::NotAssigned);
    assert_eq!(roles.unassign(&user(), "nobody").await.unwrap(), Unassigned::UnknownRole);
    assert_eq!(roles.unassign(&user(), "editor").await.unwrap(), Unassigned::Now);
    assert!(roles.delete("editor").await.unwrap());
    assert!(!roles.delete("editor").await.unwrap());
    assert_eq!(roles.all().await.unwrap(), ["guest"]);
}

#[tokio::test]
async fn who_has_a_role_belongs_to_a_tenant() {
    let world = world(RoleSettings::default()).await;
    let tenant: TenantId = "t1".parse().unwrap();
    let roles = world.hallpass.roles().in_tenant(tenant.clone());
    assert!(roles.of(&user()).await.unwrap().is_empty());
    let there = world.hallpass.create_session("u").tenant(tenant).await.unwrap();
    assert_eq!(there.claim_value(&USER_ROLES), Some(vec![]));
    let here = world.hallpass.create_session("u").await.unwrap();
    assert_eq!(here.claim_value(&USER_ROLES).unwrap(), ["editor"]);
}

#[tokio::test]
async fn a_new_session_has_the_roles_and_each_permission_once() {
    let world = world(RoleSettings::default()).await;
    world.hallpass.roles().put("author", ["posts:draft", "posts:write"]).await.unwrap();
    let _now = world.hallpass.roles().assign(&user(), "author").await.unwrap();
    let held = world.tokens("u").await;
    let up = &front(&held.front)["up"];
    assert_eq!(up["st-role"]["v"], json!(["author", "editor"]));
    assert_eq!(up["st-perm"]["v"], json!(["posts:draft", "posts:write", "posts:read"]));
    assert_eq!(up["st-role"]["t"], hallpass::Clock::now(&*world.clock).as_millis());
}

#[tokio::test]
async fn gotcha_36_a_user_without_roles_has_empty_claims_and_a_refresh_leaves_them() {
    let world = world(RoleSettings::default()).await;
    let held = world.tokens("other").await;
    let up = &front(&held.front)["up"];
    assert_eq!((&up["st-role"]["v"], &up["st-perm"]["v"]), (&json!([]), &json!([])));
    let _now = world.hallpass.roles().assign(&"other".into(), "editor").await.unwrap();
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(front(&next.front)["up"]["st-role"], up["st-role"]);
    // the refresh did not look them up; a demand does, for they are known to have changed
    let session = world.hallpass.session_from_token(&next.access, None, &Default::default()).await.unwrap();
    assert_eq!(session.claim_value(&USER_ROLES), Some(vec![]));
    session.assert_claims(&[has_role("editor"), has_permission("posts:write")]).await.unwrap();
    assert_eq!(session.claim_value(&USER_ROLES).unwrap(), ["editor"]);
}

#[tokio::test]
async fn gotcha_37_roles_may_be_set_up_before_or_after_other_claims() {
    const FIRST: PrimitiveClaim<String> = PrimitiveClaim::new("first");
    let source = async |subject: Subject| Some(subject.payload.contains_key("st-role").to_string());
    for roles_first in [true, false] {
        let world = World::with(app_info(), |builder| match roles_first {
            true => builder.roles(RoleSettings::default()).claim(FIRST, source),
            false => builder.claim(FIRST, source).roles(RoleSettings::default()),
        })
        .await;
        let session = world.hallpass.create_session("u").await.unwrap();
        assert_eq!((session.claim_value(&USER_ROLES), session.claim_value(&FIRST).as_deref()), (Some(vec![]), Some("false")));
    }
}

#[tokio::test]
async fn either_claim_can_be_left_out_of_new_sessions() {
    for (settings, roles, permissions) in [
        (RoleSettings::default().without_roles(), false, true),
        (RoleSettings::default().without_permissions(), true, false),
        (RoleSettings::default().without_roles().without_permissions(), false, false),
    ] {
        let world = world(settings).await;
        let session = world.hallpass.create_session("u").await.unwrap();
        assert_eq!((session.claim("st-role").is_some(), session.claim("st-perm").is_some()), (roles, permissions));
        // and is fetched when it is demanded
        session.assert_claims(&[has_role("editor"), has_permission("posts:write")]).await.unwrap();
        assert!(session.claim("st-role").is_some() && session.claim("st-perm").is_some());
    }
}

struct Writes;

impl Requirement for Writes {
    fn validators() -> Vec<Validator> {
        vec![has_permission("posts:write")]
    }
}

struct Editor;

impl Requirement for Editor {
    fn validators() -> Vec<Validator> {
        vec![has_role("editor")]
    }
}

#[tokio::test]
async fn routes_demand_roles_and_permissions_without_any_setting() {
    let world = World::new().await;
    world.hallpass.roles().put("editor", ["posts:write"]).await.unwrap();
    let _now = world.hallpass.roles().assign(&user(), "editor").await.unwrap();
    let app = Router::new()
        .route("/publish", get(async |session: Require<Writes>| session.user_id().to_string()))
        .route("/both", get(async |session: Require<(Editor, Writes)>| session.user_id().to_string()))
        .layer(world.hallpass.layer());
    let (editor, other) = (world.tokens("u").await, world.tokens("other").await);
    for path in ["/publish", "/both"] {
        send(&app, get_(path).bearer(&editor.access)).await.assert(200, "u");
    }
    let reply = send(&app, get_("/publish").bearer(&other.access)).await;
    let reason = json!({ "message": "wrong value", "expectedToInclude": "posts:write", "actualValue": [] });
    reply.assert(403, &json!({ "message": "invalid claim", "claimValidationErrors": [{ "id": "st-perm", "reason": reason }] }).to_string());
    // the client got the claim all the same
    assert_eq!(front(reply.header("front-token").unwrap())["up"]["st-perm"]["v"], json!([]));
}

#[tokio::test]
async fn an_app_may_have_its_roles_elsewhere() {
    let elsewhere = async |subject: Subject| Some(vec![format!("{}-admin", subject.user)]);
    let world = World::with(app_info(), |builder| builder.claim(USER_ROLES, elsewhere)).await;
    let session = world.hallpass.create_session("u").await.unwrap();
    session.assert_claims(&[has_role("u-admin")]).await.unwrap();
    let core = Arc::clone(&world.core) as Arc<dyn hallpass::Core>;
    let both = Hallpass::builder(app_info()).core(core).claim(USER_ROLES, elsewhere).roles(RoleSettings::default()).build().await;
    let Err(BuildError::Settings(mistakes)) = both else { panic!("it was built") };
    assert_eq!(mistakes, [Mistake::SameClaim("st-role".to_owned())]);
}
