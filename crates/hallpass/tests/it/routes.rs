//! Which requests the SDK answers by itself.

use axum::{Router, routing::post};
use hallpass::{AppInfo, Route, Session};
use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn unknown_routes_and_methods_are_the_app_s() {
    let world = World::new().await;
    for (request, status) in [
        (get_("/auth/session/refresh"), 404),
        (call("OPTIONS", "/auth/session/refresh"), 404),
        (call("OPTIONS", "/me"), 401),
        (call("OPTIONS", "/maybe").bearer("expired or not"), 200),
        (post_("/auth/nothing"), 404),
        (post_("/session/refresh"), 404),
        (post_("/authx/session/refresh"), 404),
        (post_("/auth/a/b/signout"), 404),
        (get_("/plain"), 200),
    ] {
        let reply = world.send(request).await;
        assert_eq!(reply.status, status);
        assert!(status == 200 || reply.leaves_tokens());
    }
}

#[tokio::test]
async fn routes_work_below_a_tenant_with_a_slash_a_query_a_body_and_in_lower_case() {
    let world = World::new().await;
    for path in ["/auth/session/refresh", "/auth/session/refresh/", "/auth/t1/session/refresh", "/auth/session/refresh?x=1"] {
        let held = world.tokens("u").await;
        world.send(post_(path).bearer(&held.refresh)).await.assert(200, "{}");
    }
    let held = world.tokens("u").await;
    let form = refresh().bearer(&held.refresh).header("content-type", "application/x-www-form-urlencoded").header("rid", "nonsense");
    world.send(form).await.assert(200, "{}");
    world.send(call("post", "/auth/T-1/signout").bearer(&held.access)).await.assert(200, r#"{"status":"OK"}"#);
}

#[tokio::test]
async fn gotcha_27_disabled_routes_are_left_to_the_app() {
    let all = [Route::Refresh, Route::SignOut, Route::Jwks, Route::Discovery];
    let world = World::with(app_info(), |builder| all.into_iter().fold(builder, hallpass::Builder::disable)).await;
    for request in [refresh(), post_("/auth/signout"), get_("/auth/jwt/jwks.json"), get_("/auth/.well-known/openid-configuration")] {
        let reply = world.send(request).await;
        assert_eq!(reply.status, 404);
        assert!(reply.leaves_tokens());
    }
    let app = Router::new().route("/auth/signout", post(async || "the app's own")).layer(world.hallpass.layer());
    let held = world.tokens("u").await;
    assert!(send(&app, post_("/auth/signout").bearer(&held.access)).await.assert(200, "the app's own").leaves_tokens());
}

#[tokio::test]
async fn gotcha_26_an_app_that_serves_the_refresh_route_gets_the_refreshed_session() {
    let world = World::with(app_info(), |builder| builder.disable(Route::Refresh)).await;
    let handler = async |session: Session| format!("refreshed {}", session.user_id());
    let app = Router::new().route("/auth/session/refresh", post(handler)).layer(world.hallpass.layer());
    let held = world.tokens("u").await;
    let reply = send(&app, refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(200, "refreshed u");
    assert!(reply.sets_cookies());
    assert!(send(&app, refresh()).await.assert(401, UNAUTHORISED).clears_all());
}

#[tokio::test]
async fn gotcha_41_an_app_can_answer_a_refresh_in_its_own_words_and_its_tokens_still_come_and_go() {
    let world = World::with(app_info(), |builder| builder.disable(Route::Refresh)).await;
    let handler = async |hallpass: hallpass::Hallpass, request: http::request::Parts| match hallpass.refresh(&request).await {
        Ok(session) => {
            session.revoke().await.unwrap();
            "revoked"
        }
        Err(_) => "my own words",
    };
    let app = Router::new().route("/auth/session/refresh", post(handler)).layer(world.hallpass.layer());
    let reply = send(&app, refresh().refresh_cookie("x")).await;
    reply.assert(200, "my own words");
    assert!(reply.clears_all());
    let held = world.tokens("u").await;
    let reply = send(&app, refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(200, "revoked");
    assert!(reply.clears_cookies() && reply.header("front-token") == Some("remove"));
}

#[tokio::test]
async fn gotcha_14_behind_a_gateway_the_cookie_has_the_path_that_browsers_see() {
    let world = World::with(app_info().api_gateway_path("/gateway"), |builder| builder).await;
    let reply = world.send(login_as("u", "cookie")).await;
    assert!(reply.set_cookie("sRefreshToken").unwrap().contains("; Path=/gateway/auth/session/refresh; "));
    let held = reply.held_by_cookies();
    // the gateway takes its path off
    world.send(refresh().refresh_cookie(&held.refresh)).await.assert(200, "{}");
    assert_eq!(world.send(post_("/gateway/auth/session/refresh").refresh_cookie(&held.refresh)).await.status, 404);
    let discovery: Value = serde_json::from_str(&world.send(get_("/auth/.well-known/openid-configuration")).await.body).unwrap();
    assert_eq!(discovery["issuer"], "http://localhost:3000/gateway/auth");
}

#[tokio::test]
async fn the_base_path_can_be_the_root() {
    let world = World::with(AppInfo::new("x").api("localhost").website("localhost").api_base_path("/"), |builder| builder).await;
    let reply = world.send(login_as("u", "cookie")).await;
    assert!(reply.set_cookie("sRefreshToken").unwrap().contains("; Path=/session/refresh; "));
    world.send(post_("/session/refresh").refresh_cookie(&reply.held_by_cookies().refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn keys_and_where_to_find_them_are_public() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = world.send(get_("/auth/jwt/jwks.json")).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (200, Some("*")));
    let age = reply.header("cache-control").unwrap().strip_prefix("max-age=").unwrap().strip_suffix(", must-revalidate").unwrap();
    assert!(age.parse::<u64>().unwrap() > 0);
    let keys: Value = serde_json::from_str(&reply.body).unwrap();
    let kids: Vec<&str> = keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    // the one that has not signed yet, too: the answer may be kept for days
    assert!(["d-", "s-"].iter().all(|family| kids.iter().any(|kid| kid.starts_with(family))), "{kids:?}");
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    let reply = world.send(get_("/auth/.well-known/openid-configuration")).await;
    reply.assert(
        200,
        &json!({ "issuer": "http://localhost:3000/auth", "jwks_uri": "http://localhost:3000/auth/jwt/jwks.json" }).to_string(),
    );
    assert_eq!(front(&held.front)["up"]["iss"], "http://localhost:3000/auth");
}

#[tokio::test]
async fn routes_can_be_nested_instead() {
    let world = World::new().await;
    for app in [
        Router::new().nest("/auth", world.hallpass.routes()),
        Router::new().nest("/auth", world.hallpass.routes()).layer(world.hallpass.layer()),
        Router::new().nest("/auth", Router::new().merge(world.hallpass.routes()).layer(world.hallpass.layer())),
    ] {
        let held = world.tokens("u").await;
        let reply = send(&app, refresh().refresh_cookie(&held.refresh)).await;
        reply.assert(200, "{}");
        assert!(reply.sets_cookies());
        assert!(send(&app, refresh()).await.assert(401, UNAUTHORISED).clears_all());
        assert_eq!(send(&app, post_("/auth/nothing")).await.status, 404);
    }
}

#[tokio::test]
async fn a_layer_that_is_there_twice_works_once() {
    let world = World::new().await;
    let app = world.app.clone().layer(world.hallpass.layer());
    let reply = send(&app, login_as("u", "cookie")).await;
    assert!(reply.sets_cookies() && reply.all("set-cookie").len() == 2);
    send(&app, refresh().refresh_cookie(&reply.held_by_cookies().refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn any_tower_service_will_do() {
    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::Full;
    use tower::{Layer, ServiceExt, service_fn};

    let world = World::new().await;
    let hallpass = world.hallpass.clone();
    let inner = service_fn(move |request: Request<()>| {
        let hallpass = hallpass.clone();
        async move {
            let (parts, ()) = request.into_parts();
            let response = match hallpass.session(&parts, &hallpass::VerifyOptions::default()).await {
                Ok(session) => Response::new(Bytes::from(session.user_id().to_string())),
                Err(error) => error.to_response(),
            };
            Ok::<_, std::convert::Infallible>(response.map(Full::new))
        }
    });
    let service = world.hallpass.layer().layer(inner);
    let held = world.tokens("u").await;
    let answer = async |method: &str, path: &str, token: &str| {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let response = service.clone().oneshot(request.body(()).unwrap()).await.unwrap();
        Reply::read(response.map(axum::body::Body::new)).await
    };
    answer("GET", "/", &held.access).await.assert(200, "u");
    answer("GET", "/", FOREIGN).await.assert(401, UNAUTHORISED);
    answer("POST", "/auth/session/refresh", &held.refresh).await.assert(200, "{}");
}
