//! Signing in by way of an identity provider: the browser comes back from another site.

use axum::{Router, routing::any};
use hallpass::{Allowed, AppInfo, SessionError, SignIn, Transfer};

use crate::world::*;

async fn callback(sign_in: SignIn) -> Result<(), SessionError> {
    sign_in.user("u").await.map(drop)
}

/// The app has compared the `state`.
async fn form_post(sign_in: SignIn) -> Result<(), SessionError> {
    sign_in.from_another_site().user("u").await.map(drop)
}

#[tokio::test]
async fn a_link_back_signs_in_and_a_form_does_where_the_app_vouches_for_it() {
    let app = AppInfo::new("demo").api("https://api.example.com").website("https://example.com");
    let cookies = Allowed::Only(Transfer::Cookie);
    let only = World::with(app.clone(), |builder| builder.transfer(cookies)).await;
    let either = World::with(app.clone(), |builder| builder).await;
    let trusting = World::with(app, |builder| builder.transfer(cookies).trusted_origins(["https://login.idp.com"])).await;
    let routes = || Router::new().route("/callback", any(callback)).route("/form-post", any(form_post));
    let [only, either, trusting] = [&only, &either, &trusting].map(|world| routes().layer(world.hallpass.layer()));
    for (method, path, mode, origin, [signs_in, signs_in_where_trusted]) in [
        ("GET", "/callback", "navigate", None, [true, true]),
        ("HEAD", "/callback", "navigate", None, [true, true]),
        // in an image or a script of the other site's page nobody follows a link
        ("GET", "/callback", "no-cors", None, [false, false]),
        ("POST", "/callback", "navigate", Some("https://login.idp.com"), [false, true]),
        ("POST", "/callback", "navigate", Some("https://evil.com"), [false, false]),
        // of a page that hides where it is
        ("POST", "/callback", "navigate", Some("null"), [false, false]),
        ("POST", "/form-post", "navigate", Some("https://login.idp.com"), [true, true]),
        ("POST", "/form-post", "navigate", Some("null"), [true, true]),
    ] {
        let mut request = call(method, path).header("sec-fetch-site", "cross-site").header("sec-fetch-mode", mode);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        // where headers are allowed too, whoever is not trusted gets those
        let reply = send(&either, request.clone()).await;
        assert_eq!((reply.sets_cookies(), reply.sets_headers()), (signs_in, !signs_in), "{method} {path} {origin:?}");
        for (app, expected) in [(&only, signs_in), (&trusting, signs_in_where_trusted)] {
            let reply = send(app, request.clone()).await;
            assert_eq!(
                (reply.status.as_u16(), reply.sets_cookies()),
                (if expected { 200 } else { 403 }, expected),
                "{method} {path} {origin:?}"
            );
        }
    }
}
