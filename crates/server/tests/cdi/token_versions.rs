//! Access tokens: each version of the interface has one of its own, and a token keeps its version until it is refreshed.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, header, names, ok, refresh, text},
    world::World,
};

const V3: [&str; 7] = ["antiCsrfToken", "exp", "iat", "parentRefreshTokenHash1", "refreshTokenHash1", "sessionHandle", "sub"];

/// The engine's claims of each version, without the application's.
fn expected(version: &str) -> Vec<&'static str> {
    let more: &[&str] = match version {
        "3" => &[],
        "4" => &["tId"],
        _ => &["rsub", "tId"],
    };
    let mut expected = [&V3[..], more].concat();
    expected.sort_unstable();
    expected
}

#[track_caller]
fn is_of(token: &Value, version: &str) {
    let (header, claims) = (header(token), claims(token));
    assert_eq!(names(&header), ["alg", "kid", "typ", "version"]);
    assert_eq!((&header["typ"], &header["version"]), (&json!("JWT"), &json!(version)));
    let own: Vec<_> = names(&claims).into_iter().filter(|name| *name != "plan").collect();
    assert_eq!(own, expected(version), "{claims}");
    assert_eq!(claims["plan"], "pro");
    for text in text(token).split('.') {
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    }
}

#[tokio::test]
async fn each_version_of_the_interface_mints_its_own() {
    let world = World::new().await;
    for (cdi, version) in
        [("2.21", "3"), ("3.0", "4"), ("3.1", "4"), ("4.0", "5"), ("5.0", "5"), ("5.2", "5"), ("5.4", "5"), ("5.5", "5"), ("5.6", "5")]
    {
        let caller = Caller::new(&world, cdi);
        for more in [json!({}), json!({ "enableAntiCsrf": true })] {
            let created = caller.create("alice", more).await;
            is_of(access(&created), version);
            let claims = claims(access(&created));
            assert_eq!(claims["antiCsrfToken"], created.get("antiCsrfToken").cloned().unwrap_or_default(), "{cdi}");
            assert_eq!((&claims["sub"], &claims["sessionHandle"]), (&json!("alice"), handle(&created)));
            assert_eq!(claims["tId"], if cdi == "2.21" { Value::Null } else { json!("public") });
        }
    }
}

#[tokio::test]
async fn verify_and_regenerate_keep_a_tokens_version_and_refresh_writes_that_of_its_caller() {
    let world = World::new().await;
    for (cdi, version) in [("2.21", "3"), ("3.1", "4"), ("5.4", "5")] {
        for (other_cdi, other) in [("3.0", "4"), ("4.0", "5"), ("5.5", "5")] {
            let (caller, other_caller) = (Caller::new(&world, cdi), Caller::new(&world, other_cdi));
            let created = caller.create("alice", json!({})).await;
            let regenerated = ok(other_caller.regenerate(access(&created), json!({ "userDataInJWT": { "plan": "pro" } })).await);
            is_of(access(&regenerated), version);
            let child = other_caller.rotate(refresh(&created)).await;
            is_of(access(&child), other);
            let back = Caller::new(&world, if other == "4" { "5.4" } else { "3.1" });
            let verified = ok(back.verify(access(&child)).await);
            is_of(access(&verified), other);
            ok(back.set_payload(handle(&created), json!({ "plan": "pro", "more": 1 })).await);
            let checked = ok(back.check(access(&created)).await);
            assert_eq!(header(access(&checked))["version"], version);
        }
    }
}

#[tokio::test]
async fn what_a_version_does_not_claim_an_application_may() {
    let world = World::new().await;
    let problem = "The user payload contains protected field";
    for (cdi, version) in [("2.21", "3"), ("3.1", "4"), ("5.4", "5")] {
        let caller = Caller::new(&world, cdi);
        for claim in expected("5") {
            let payload = json!({ "userDataInJWT": { "plan": "pro", claim: "mine" } });
            let answer = caller.try_create("alice", payload).await;
            if expected(version).contains(&claim) {
                assert_eq!(answer.problem(400), problem, "{cdi} {claim}");
            } else {
                assert_eq!(claims(access(&answer.json()))[claim], "mine", "{cdi} {claim}");
            }
        }
        caller.create("alice", json!({ "userDataInJWT": { "plan": "pro", "iss": "me", "jti": 1, "userId": null } })).await;
    }
}

#[tokio::test]
async fn a_protected_claim_is_refused_before_anything_is_written() {
    let world = World::new().await;
    let (caller, older) = (Caller::new(&world, "5.4"), Caller::new(&world, "3.1"));
    let problem = "The user payload contains protected field";
    let created = older.create("alice", json!({})).await;
    for claim in expected("5") {
        let payload = json!({ "plan": "free", claim: 1 });
        let put = async |caller: &Caller<'_>, handle: &Value| {
            caller.put("/recipe/jwt/data", json!({ "sessionHandle": handle, "userDataInJWT": payload })).await
        };
        assert_eq!(put(&caller, handle(&created)).await.problem(400), problem, "{claim}");
        assert_eq!(put(&caller, &json!("unknown")).await.problem(400), problem, "looked at first: {claim}");
        // the set is that of the token given, whatever the caller speaks
        let body = json!({ "accessToken": access(&created), "userDataInJWT": payload });
        let regenerated = caller.post("/recipe/session/regenerate", body).await;
        if claim == "rsub" {
            ok(regenerated.json());
            ok(put(&older, handle(&created)).await.json());
            assert_eq!(caller.refresh(refresh(&created)).await["status"], "UNAUTHORISED", "the newer token claims it");
            ok(caller.set_payload(handle(&created), json!({ "plan": "pro" })).await);
            caller.rotate(refresh(&created)).await;
        } else {
            assert_eq!(regenerated.problem(400), problem, "{claim}");
            assert_eq!(put(&older, handle(&created)).await.problem(400), problem, "{claim}");
        }
        assert_eq!(caller.stored(handle(&created)).await["userDataInJWT"], json!({ "plan": "pro" }), "{claim}");
    }
    let listed = caller.get("/recipe/session/user", &[("userId", "alice")]).await.json();
    assert_eq!(listed["sessionHandles"], json!([handle(&created)]));
}

#[tokio::test]
async fn a_token_must_say_what_its_version_says_and_be_signed_by_the_app() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let full = claims(access(&created));
    let jwt = async |payload: Value, dynamic: bool| {
        let body = json!({ "payload": payload, "algorithm": "ES256", "jwksDomain": "x", "validity": 60, "useStaticSigningKey": !dynamic });
        caller.post("/recipe/jwt", body).await.json()["jwt"].clone()
    };
    for dynamic in [true, false] {
        ok(caller.verify(&jwt(full.clone(), dynamic).await).await);
    }
    for claim in expected("5") {
        let mut lacking = full.clone();
        lacking.as_object_mut().unwrap().shift_remove(claim);
        // the two times are the JWT's own
        let status = if ["exp", "iat"].contains(&claim) { "OK" } else { "TRY_REFRESH_TOKEN" };
        let token = jwt(lacking, true).await;
        assert_eq!(caller.verify(&token).await["status"], status, "{claim}");
        if status != "OK" {
            assert_eq!(caller.regenerate(&token, json!({})).await["status"], "UNAUTHORISED", "{claim}");
        }
    }
    let other = World::new().await;
    let foreign = Caller::new(&other, "5.4").create("alice", json!({})).await;
    let text = text(access(&created)).to_owned();
    let (signed, _) = text.rsplit_once('.').unwrap();
    for wrong in [json!(""), json!("a.b.c"), json!("..."), json!(signed), json!(format!("{signed}.")), access(&foreign).clone()] {
        let verified = caller.verify(&wrong).await;
        assert_eq!((&verified["status"], verified["message"].is_string()), (&json!("TRY_REFRESH_TOKEN"), true), "{wrong}");
        let regenerated = caller.regenerate(&wrong, json!({})).await;
        assert_eq!((&regenerated["status"], regenerated["message"].is_string()), (&json!("UNAUTHORISED"), true), "{wrong}");
    }
}
