//! Access tokens of the oldest version, which clients may still hold. No SDK of today is given one: the engine makes them here.

use std::num::NonZeroUsize;

use hallpass::{Core, KeyFamily, VerifyOptions};
use hallpass_engine::{
    core::{Created, NewSession},
    engine::Config,
    id::Tenant,
    keys::Algorithm,
    token_version::TokenVersion,
};
use serde_json::{Value, json};

use crate::world::*;

/// Apps whose engine makes such tokens: one verifies each time, the other remembers what it verified.
async fn worlds() -> [World; 2] {
    let config = || Config { token_version: TokenVersion::V2, algorithm: Algorithm::Rs256, access_token_jitter: 0.0, ..Config::default() };
    let remembering = |builder: hallpass::Builder| builder.cache_verified_tokens(NonZeroUsize::MIN.saturating_add(99));
    [World::over(config(), app_info(), |builder| builder).await, World::over(config(), app_info(), remembering).await]
}

async fn signed_in(world: &World) -> Held {
    let payload = json!({ "iss": "http://localhost:3000/auth", "plan": "pro", "userData": 1 });
    let new = NewSession {
        tenant: Tenant::public(),
        user: "u".into(),
        payload: payload.as_object().unwrap().clone(),
        data: Default::default(),
        family: KeyFamily::Dynamic,
        anti_csrf: false,
        access_token_validity: None,
        actor: None,
    };
    let Created::Issued(created) = world.core.home.engine.session_create(new).await.unwrap() else { panic!("it is created") };
    let access = created.access.token.expose();
    let held = Held::of(&world.hallpass.session_from_token(access, None, &VerifyOptions::default()).await.unwrap());
    let header = held.access.split('.').next().unwrap();
    assert_eq!(header, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0=", "it is of the oldest version");
    held
}

#[tokio::test]
async fn they_verify_in_cookies_and_headers() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        // its characters do not all survive in a cookie unless they are escaped
        let escaped = held.access.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
        for call in [get_("/me").bearer(&held.access), get_("/me").access_cookie(&escaped), get_("/me").access_cookie(&held.access)] {
            world.send(call).await.assert(200, "u");
        }
        let read = world.hallpass.read_session(&get_("/").access_cookie(&held.access).build().into_parts().0).await.unwrap();
        assert_eq!(read.session().unwrap().access_token_payload()["plan"], "pro");
    }
}

#[tokio::test]
async fn clients_and_handlers_see_what_the_app_put_in_and_nothing_else() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        let payload: Value = serde_json::from_str(&world.send(get_("/payload").bearer(&held.access)).await.body).unwrap();
        assert_eq!(payload, json!({ "iss": "http://localhost:3000/auth", "plan": "pro", "userData": 1 }));
        let told = front(&held.front);
        assert_eq!((&told["uid"], &told["up"]), (&json!("u"), &payload));
    }
}

#[tokio::test]
async fn they_can_be_changed_and_stay_of_their_version() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        let reply = world.send(post_("/merge").bearer(&held.access).json(&json!({ "plan": null, "x": 1 }))).await;
        assert_eq!(
            front(reply.header("front-token").unwrap())["up"],
            json!({ "iss": "http://localhost:3000/auth", "userData": 1, "x": 1 })
        );
        let changed = reply.header("st-access-token").unwrap();
        assert_eq!(changed.split('.').next(), held.access.split('.').next());
        world.send(get_("/me").bearer(changed)).await.assert(200, "u");
    }
}

#[tokio::test]
async fn a_claim_that_only_the_engine_may_set_in_newer_ones_is_the_app_s_in_them() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        let reply = world.send(post_("/merge").bearer(&held.access).json(&json!({ "sub": "me" }))).await;
        assert_eq!((reply.status.as_u16(), &front(reply.header("front-token").unwrap())["up"]["sub"]), (200, &json!("me")));
        let user = world.send(get_("/me").bearer(reply.header("st-access-token").unwrap())).await;
        user.assert(200, "u");
    }
}

#[tokio::test]
async fn they_name_no_key_and_so_no_family() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        let core = std::sync::Arc::clone(&world.core) as std::sync::Arc<dyn hallpass::Core>;
        let clock = std::sync::Arc::clone(&world.clock) as std::sync::Arc<dyn hallpass::Clock>;
        let fixed = hallpass::Hallpass::builder(app_info()).core(core).clock(clock).key_family(KeyFamily::Static).build().await.unwrap();
        assert!(fixed.session_from_token(&held.access, None, &Default::default()).await.is_ok());
    }
}

#[tokio::test]
async fn they_expire_and_forgeries_of_them_ask_for_a_refresh() {
    for world in worlds().await {
        let held = signed_in(&world).await;
        let mut forged = held.access.clone().into_bytes();
        let middle = held.access.rfind('.').unwrap() + 40;
        forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
        world.send(get_("/me").bearer(std::str::from_utf8(&forged).unwrap())).await.assert(401, TRY_REFRESH);
        world.expire_access_tokens();
        world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
    }
}
