//! Managing roles from a frontend.

use axum::Router;
use hallpass::{
    AppInfo, TenantId,
    roles::{RolePermissions, RoleSettings},
};
use serde_json::{Value, json};

use crate::world::*;

const NO_ROLE: &str = r#"{"message":"there is no such role"}"#;

/// `boss` may do everything, `clerk` read and assign, `u` nothing.
struct Office {
    world: World,
    app: Router,
    boss: String,
    clerk: String,
    user: String,
}

impl Office {
    async fn open(app: AppInfo) -> Self {
        let world = World::with(app, |builder| builder.roles(RoleSettings::default())).await;
        let roles = world.hallpass.roles();
        roles.put("boss", ["roles:read", "roles:edit", "roles:assign"]).await.unwrap();
        roles.put("clerk", ["roles:read", "roles:assign"]).await.unwrap();
        for name in ["boss", "clerk"] {
            let _now = roles.assign(&name.into(), name).await.unwrap();
        }
        let permissions = RolePermissions::all("roles:read").edit("roles:edit").assign("roles:assign");
        let app = Router::new().merge(world.hallpass.role_routes(permissions)).layer(world.hallpass.layer());
        let token = async |user| world.tokens(user).await.access;
        let (boss, clerk, user) = (token("boss").await, token("clerk").await, token("u").await);
        Self { world, app, boss, clerk, user }
    }

    async fn by(&self, token: &str, call: Call) -> Reply {
        send(&self.app, call.bearer(token)).await
    }
}

fn permissions(list: &[&str]) -> Value {
    json!({ "permissions": list })
}

#[tokio::test]
async fn roles_are_read_made_edited_given_taken_and_deleted() {
    let office = Office::open(app_info()).await;
    let boss = async |call| office.by(&office.boss, call).await;
    boss(call("PUT", "/auth/roles/editor").json(&permissions(&["write", "read"]))).await.assert(200, r#"{"created":true}"#);
    boss(call("PUT", "/auth/roles/editor").json(&permissions(&["print"]))).await.assert(200, r#"{"created":false}"#);
    boss(get_("/auth/roles")).await.assert(200, r#"{"roles":["boss","clerk","editor"]}"#);
    boss(get_("/auth/roles/editor")).await.assert(200, r#"{"permissions":["print","read","write"]}"#);
    boss(post_("/auth/roles/editor/permissions/remove").json(&permissions(&["print"]))).await.assert(200, "{}");
    boss(get_("/auth/roles/editor")).await.assert(200, r#"{"permissions":["read","write"]}"#);
    boss(call("PUT", "/auth/users/u/roles/editor")).await.assert(200, r#"{"changed":true}"#);
    boss(call("PUT", "/auth/users/u/roles/editor")).await.assert(200, r#"{"changed":false}"#);
    boss(get_("/auth/users/u/roles")).await.assert(200, r#"{"roles":["editor"]}"#);
    boss(get_("/auth/roles/editor/users")).await.assert(200, r#"{"users":["u"]}"#);
    boss(call("DELETE", "/auth/users/u/roles/editor")).await.assert(200, r#"{"changed":true}"#);
    boss(call("DELETE", "/auth/users/u/roles/editor")).await.assert(200, r#"{"changed":false}"#);
    boss(call("DELETE", "/auth/roles/editor")).await.assert(200, "{}");
    for call in [
        get_("/auth/roles/editor"),
        get_("/auth/roles/editor/users"),
        call("DELETE", "/auth/roles/editor"),
        call("PUT", "/auth/users/u/roles/editor"),
        call("DELETE", "/auth/users/u/roles/editor"),
        post_("/auth/roles/editor/permissions/remove").json(&permissions(&["print"])),
    ] {
        boss(call).await.assert(404, NO_ROLE);
    }
}

/// Every route, and who may use it.
fn routes() -> Vec<(Call, bool)> {
    vec![
        (get_("/auth/roles"), true),
        (get_("/auth/roles/clerk"), true),
        (get_("/auth/roles/clerk/users"), true),
        (get_("/auth/users/u/roles"), true),
        (call("PUT", "/auth/users/u/roles/clerk"), true),
        (call("DELETE", "/auth/users/u/roles/clerk"), true),
        (call("PUT", "/auth/roles/x").json(&permissions(&[])), false),
        (post_("/auth/roles/clerk/permissions/remove").json(&permissions(&[])), false),
        (call("DELETE", "/auth/roles/x"), false),
    ]
}

#[tokio::test]
async fn every_route_demands_its_permission() {
    for (call, clerk_may) in routes() {
        let office = Office::open(app_info()).await;
        send(&office.app, call.clone()).await.assert(401, UNAUTHORISED);
        let reply = office.by(&office.user, call.clone()).await;
        assert!(reply.status == 403 && reply.body.contains("st-perm"), "{reply:?}");
        let reply = office.by(&office.clerk, call.clone()).await;
        assert_eq!(reply.status != 403, clerk_may, "{call:?} {reply:?}");
        let reply = office.by(&office.boss, call).await;
        assert!([200, 404].contains(&reply.status.as_u16()), "{reply:?}");
    }
}

#[tokio::test]
async fn there_are_no_routes_unless_the_app_adds_them() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for (call, _) in routes() {
        assert_eq!(world.send(call.bearer(&held.access)).await.status, 404);
    }
}

#[tokio::test]
async fn a_permission_that_was_taken_away_is_missed_at_once() {
    let office = Office::open(app_info()).await;
    office.by(&office.boss, get_("/auth/roles")).await.assert(200, r#"{"roles":["boss","clerk"]}"#);
    office.world.hallpass.roles().delete("boss").await.unwrap();
    let reply = office.by(&office.boss, get_("/auth/roles")).await;
    assert_eq!((reply.status.as_u16(), &front(reply.header("front-token").unwrap())["up"]["st-perm"]["v"]), (403, &json!([])));
}

#[tokio::test]
async fn users_are_those_of_the_caller_s_tenant() {
    let office = Office::open(app_info()).await;
    let tenant: TenantId = "t1".parse().unwrap();
    let _now = office.world.hallpass.roles().in_tenant(tenant.clone()).assign(&"boss".into(), "boss").await.unwrap();
    let there = office.world.hallpass.create_session("boss").tenant(tenant).await.unwrap();
    let there = Held::of(&there).access;
    office.by(&there, call("PUT", "/auth/users/u/roles/clerk")).await.assert(200, r#"{"changed":true}"#);
    office.by(&there, get_("/auth/roles/clerk/users")).await.assert(200, r#"{"users":["u"]}"#);
    office.by(&office.boss, get_("/auth/roles/clerk/users")).await.assert(200, r#"{"users":["clerk"]}"#);
}

#[tokio::test]
async fn whatever_is_sent_gets_a_clear_answer() {
    let office = Office::open(app_info()).await;
    let put = || call("PUT", "/auth/roles/x");
    let body = |text: &str| put().header("content-type", "application/json").text(text);
    let nested = "[".repeat(60_000);
    for (call, status) in [
        (body(""), 400),
        (body("{"), 400),
        (body("[]"), 400),
        (body("{}"), 400),
        (body(&nested), 400),
        (body(r#"{"permissions":"x"}"#), 400),
        (body(r#"{"permissions":[1]}"#), 400),
        (body(r#"{"permissions":["\ud800"]}"#), 400),
        (body(r#"{"permissions":[""]}"#), 400),
        (body("{\"permissions\":[\"\\u0000\"]}"), 400),
        (body(&" ".repeat(70_000)), 413),
        (put().text(r#"{"permissions":[]}"#), 415),
        (put(), 415),
        (get_("/auth/roles/%ff"), 400),
        (get_("/auth/roles/%00"), 400),
        (get_(&format!("/auth/roles/{}", "x".repeat(256))), 400),
        (call("PUT", "/auth/users/%00/roles/clerk"), 400),
        (call("PUT", &format!("/auth/users/{}/roles/clerk", "u".repeat(513))), 400),
        (call("PUT", "/auth/users/u/roles/%20"), 400),
        (call("POST", "/auth/roles"), 405),
    ] {
        let reply = office.by(&office.boss, call.clone()).await;
        assert_eq!(reply.status, status, "{reply:?}");
        if status != 405 {
            let message = serde_json::from_str::<Value>(&reply.body).unwrap();
            assert!(message["message"].as_str().is_some_and(|message| !message.is_empty()), "{reply:?}");
        }
        // whoever may not do it does not even learn what is wrong with it
        let reply = office.by(&office.user, call).await;
        assert!(reply.status == 403 || reply.status == 405, "{reply:?}");
    }
    office.world.unplug(true);
    office.by(&office.boss, get_("/auth/roles")).await.assert(503, r#"{"message":"sessions are unavailable"}"#);
}

#[tokio::test]
async fn the_routes_are_below_the_base_path_whatever_it_is() {
    for (base, gateway, path) in [("/", "", "/roles"), ("/api/{v}", "", "/api/{v}/roles"), ("/auth", "/gateway", "/auth/roles")] {
        let office = Office::open(app_info().api_base_path(base).api_gateway_path(gateway)).await;
        let reply = office.by(&office.boss, get_(path)).await;
        assert_eq!((reply.status.as_u16(), base), (200, base), "{reply:?}");
    }
}
