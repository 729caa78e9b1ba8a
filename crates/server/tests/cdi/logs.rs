//! No token that a server mints, nor anything that it can be told by, occurs in what is logged: every [`World`] watches that.

use serde_json::json;

use crate::world::{Place, World, log_watch::leaked};

#[tokio::test]
async fn a_world_would_notice() {
    let world = World::new().await;
    let place = Place::public().version("5.0");
    let new = json!({ "userId": "u", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": true, "useDynamicSigningKey": true });
    let made = world.post(&place, "/recipe/session", new).await.json();
    let token = |name: &str| made[name]["token"].as_str().unwrap().to_owned();
    let anti_csrf = made["antiCsrfToken"].as_str().unwrap().to_owned();
    let body =
        json!({ "refreshToken": token("refreshToken"), "antiCsrfToken": anti_csrf, "enableAntiCsrf": true, "useDynamicSigningKey": true });
    let refreshed = world.post(&place, "/recipe/session/refresh", body).await.json();
    let jwt = json!({ "payload": {}, "validity": 60, "algorithm": "ES256", "jwksDomain": "https://a.com", "useStaticSigningKey": true });
    let jwt = world.post(&place, "/recipe/jwt", jwt).await.json()["jwt"].as_str().unwrap().to_owned();

    let [claims, signature] = [1, 2].map(|part| token("accessToken").split('.').nth(part).unwrap().to_owned());
    let refreshed = |name: &str| refreshed[name]["token"].as_str().unwrap().to_owned();
    let secrets = world.logs.secrets();
    for told in [
        token("accessToken"),
        claims,
        signature,
        token("refreshToken")[4..].to_owned(),
        anti_csrf,
        refreshed("accessToken"),
        refreshed("refreshToken"),
        jwt,
    ] {
        let line = format!("DEBUG refused: {told}!");
        assert_eq!(leaked(&format!("INFO all is well\n{line}\n"), &secrets), Some(line));
    }
    assert_eq!(leaked("INFO all is well\n", &secrets), None);
    tracing::trace!("whatever is said");
    assert!(world.logs.log().contains("TRACE") && world.logs.log().contains("whatever is said"));
}
