//! Which way tokens travel, row by row.

use hallpass::{Allowed, AntiCsrf, Transfer};

use crate::world::*;

const ALLOWED: [Allowed; 3] = [Allowed::Any, Allowed::Only(Transfer::Header), Allowed::Only(Transfer::Cookie)];
const COOKIE: Allowed = Allowed::Only(Transfer::Cookie);
const HEADER: Allowed = Allowed::Only(Transfer::Header);

async fn world(allowed: Allowed) -> World {
    World::with(app_info(), |builder| builder.transfer(allowed)).await
}

#[tokio::test]
async fn gotcha_4_a_new_session_travels_as_the_setting_or_the_client_says_and_in_headers_if_neither_does() {
    for (allowed, mode, expected) in [
        (COOKIE, Some("header"), Transfer::Cookie),
        (COOKIE, Some("cookie"), Transfer::Cookie),
        (COOKIE, None, Transfer::Cookie),
        (HEADER, Some("cookie"), Transfer::Header),
        (HEADER, Some("header"), Transfer::Header),
        (HEADER, None, Transfer::Header),
        (Allowed::Any, Some("cookie"), Transfer::Cookie),
        (Allowed::Any, Some("header"), Transfer::Header),
        (Allowed::Any, Some("COOKIE"), Transfer::Cookie),
        (Allowed::Any, Some("other"), Transfer::Header),
        (Allowed::Any, Some(""), Transfer::Header),
        (Allowed::Any, None, Transfer::Header),
    ] {
        let world = World::with(app_info(), |builder| builder.transfer(allowed).anti_csrf(AntiCsrf::Token)).await;
        let mut login = post_("/login").json(&serde_json::json!({ "user": "u" }));
        if let Some(mode) = mode {
            login = login.header("st-auth-mode", mode);
        }
        let reply = world.send(login).await;
        assert_eq!(reply.status, 200, "{allowed:?} {mode:?}");
        assert_eq!(reply.sets_cookies(), expected == Transfer::Cookie, "{allowed:?} {mode:?}");
        assert_eq!(reply.sets_headers(), expected == Transfer::Header, "{allowed:?} {mode:?}");
        assert_eq!(reply.header("anti-csrf").is_some(), expected == Transfer::Cookie, "{allowed:?} {mode:?}");
    }
}

#[tokio::test]
async fn a_plain_form_gets_cookies() {
    let world = world(Allowed::Any).await;
    let login = || post_("/login").json(&serde_json::json!({ "user": "u" }));
    assert!(world.send(login().header("sec-fetch-mode", "navigate")).await.sets_cookies());
    assert!(world.send(login().header("sec-fetch-mode", "cors")).await.sets_headers());
    let foreign = login().header("sec-fetch-mode", "navigate").header("sec-fetch-site", "cross-site");
    assert!(world.send(foreign).await.sets_headers(), "another site cannot sign its visitors in here");
    let wish = login().header("sec-fetch-mode", "navigate").header("st-auth-mode", "header");
    assert!(world.send(wish).await.sets_headers(), "what the client says counts first");
}

#[tokio::test]
async fn gotcha_7_a_new_session_clears_the_other_way_whatever_token_was_there() {
    let world = world(Allowed::Any).await;
    let ours = world.tokens("before").await;
    for token in [ours.access.as_str(), FOREIGN] {
        let reply = world.send(login_as("u", "cookie").bearer(token)).await;
        assert!(reply.sets_cookies() && reply.clears_headers(), "{reply:?}");
        assert_eq!(front(reply.header("front-token").unwrap())["uid"], "u");
        let reply = world.send(login_as("u", "header").access_cookie(token)).await;
        assert!(reply.sets_headers() && reply.clears_cookies(), "{reply:?}");
        assert_eq!(front(reply.header("front-token").unwrap())["uid"], "u");
        // the same way is not cleared, it is written
        let reply = world.send(login_as("u", "header").bearer(token)).await;
        assert!(reply.sets_headers() && reply.all("set-cookie").is_empty());
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Valid,
    Expired,
    Foreign,
    Absent,
}

const KINDS: [Kind; 4] = [Kind::Valid, Kind::Expired, Kind::Foreign, Kind::Absent];

/// Every combination of setting, header and cookie. What is not ours counts as absent.
#[tokio::test]
async fn the_access_token_in_the_header_wins_where_it_is_allowed() {
    for allowed in ALLOWED {
        let world = world(allowed).await;
        let (expired_header, expired_cookie) = (world.tokens("header").await, world.tokens("cookie").await);
        world.expire_access_tokens();
        let (header, cookie) = (world.tokens("header").await, world.tokens("cookie").await);
        for in_header in KINDS {
            for in_cookie in KINDS {
                let token = |kind, valid: &Held, expired: &Held| match kind {
                    Kind::Valid => Some(valid.access.clone()),
                    Kind::Expired => Some(expired.access.clone()),
                    Kind::Foreign => Some(FOREIGN.to_owned()),
                    Kind::Absent => None,
                };
                let with_tokens = |mut request: Call| {
                    if let Some(token) = token(in_header, &header, &expired_header) {
                        request = request.bearer(&token);
                    }
                    if let Some(token) = token(in_cookie, &cookie, &expired_cookie) {
                        request = request.access_cookie(&token);
                    }
                    request
                };
                let ours = |kind| matches!(kind, Kind::Valid | Kind::Expired);
                let used = match allowed {
                    Allowed::Only(Transfer::Cookie) => (ours(in_cookie)).then_some((in_cookie, "cookie")),
                    Allowed::Only(Transfer::Header) => (ours(in_header)).then_some((in_header, "header")),
                    Allowed::Any if ours(in_header) => Some((in_header, "header")),
                    Allowed::Any => (ours(in_cookie)).then_some((in_cookie, "cookie")),
                };
                let (required, optional) = match used {
                    Some((Kind::Valid, user)) => ((200, user), (200, user)),
                    Some(_) => ((401, TRY_REFRESH), (401, TRY_REFRESH)),
                    None => ((401, UNAUTHORISED), (200, "nobody")),
                };
                for (path, (status, body)) in [("/me", required), ("/maybe", optional)] {
                    let reply = world.send(with_tokens(get_(path))).await;
                    assert!(reply.says(status, body), "{allowed:?} {in_header:?} {in_cookie:?} {path}: {reply:?}");
                    assert!(reply.leaves_tokens(), "{allowed:?} {in_header:?} {in_cookie:?} {path}: {reply:?}");
                }
            }
        }
    }
}

/// Checks every row against an app at the end of some wire.
pub(crate) async fn refreshing(through: impl Fn(World) -> World) {
    for (allowed, in_header, in_cookie, used, also_cleared) in [
        (Allowed::Any, false, false, None, None),
        (HEADER, false, false, None, None),
        (COOKIE, false, false, None, None),
        (Allowed::Any, false, true, Some(Transfer::Cookie), None),
        (HEADER, false, true, None, None),
        (COOKIE, false, true, Some(Transfer::Cookie), None),
        (Allowed::Any, true, false, Some(Transfer::Header), None),
        (HEADER, true, false, Some(Transfer::Header), None),
        (COOKIE, true, false, None, None),
        (Allowed::Any, true, true, Some(Transfer::Header), Some(Transfer::Cookie)),
        (HEADER, true, true, Some(Transfer::Header), Some(Transfer::Cookie)),
        (COOKIE, true, true, Some(Transfer::Cookie), Some(Transfer::Header)),
    ] {
        let row = format!("{allowed:?} {in_header} {in_cookie}");
        let world = through(world(allowed).await);
        let (header, cookie) = (world.tokens("header").await, world.tokens("cookie").await);
        let mut request = refresh().header("st-auth-mode", "cookie");
        if in_header {
            request = request.bearer(&header.refresh);
        }
        if in_cookie {
            request = request.refresh_cookie(&cookie.refresh);
        }
        let reply = world.send(request).await;
        let Some(used) = used else {
            reply.assert(401, UNAUTHORISED);
            assert!(reply.clears_all(), "{row}: {reply:?}");
            continue;
        };
        reply.assert(200, "{}");
        assert_eq!(reply.sets_cookies(), used == Transfer::Cookie, "{row}");
        assert_eq!(reply.sets_headers(), used == Transfer::Header, "{row}");
        assert_eq!(reply.clears_cookies(), also_cleared == Some(Transfer::Cookie), "{row}");
        assert_eq!(reply.clears_headers(), also_cleared == Some(Transfer::Header), "{row}");
        let user = if used == Transfer::Header { "header" } else { "cookie" };
        assert_eq!(front(reply.header("front-token").unwrap())["uid"], user, "{row}");
    }
}

#[tokio::test]
async fn the_refresh_token_that_is_used_decides_what_is_set_and_what_is_cleared() {
    refreshing(|world| world).await;
}

/// Every combination of setting, header and cookie. What is not ours is used all the same: refresh tokens have no shape.
#[tokio::test]
async fn the_refresh_token_in_the_header_wins_where_it_is_allowed_however_bad_it_is() {
    for allowed in ALLOWED {
        for in_header in KINDS {
            for in_cookie in KINDS {
                let world = world(allowed).await;
                let (expired_header, expired_cookie) = (world.tokens("header").await, world.tokens("cookie").await);
                world.clock.advance(std::time::Duration::from_secs(100 * 24 * 3600));
                let (header, cookie) = (world.tokens("header").await, world.tokens("cookie").await);
                let mut request = refresh();
                for (kind, valid, expired, name) in
                    [(in_header, &header, &expired_header, "header"), (in_cookie, &cookie, &expired_cookie, "cookie")]
                {
                    let token = match kind {
                        Kind::Valid => &valid.refresh,
                        Kind::Expired => &expired.refresh,
                        Kind::Foreign => FOREIGN,
                        Kind::Absent => continue,
                    };
                    request = if name == "header" { request.bearer(token) } else { request.refresh_cookie(token) };
                }
                let is_there = |kind| kind != Kind::Absent;
                let used = match allowed {
                    Allowed::Only(Transfer::Cookie) => (in_cookie, Transfer::Cookie),
                    Allowed::Only(Transfer::Header) => (in_header, Transfer::Header),
                    Allowed::Any if is_there(in_header) => (in_header, Transfer::Header),
                    Allowed::Any => (in_cookie, Transfer::Cookie),
                };
                let reply = world.send(request).await;
                let row = format!("{allowed:?} {in_header:?} {in_cookie:?}: {reply:?}");
                match used {
                    (Kind::Valid, way) => {
                        assert!(reply.says(200, "{}"), "{row}");
                        assert_eq!(
                            (reply.sets_cookies(), reply.sets_headers()),
                            (way == Transfer::Cookie, way == Transfer::Header),
                            "{row}"
                        );
                        let other = if way == Transfer::Cookie { is_there(in_header) } else { is_there(in_cookie) };
                        let cleared = if way == Transfer::Cookie { reply.clears_headers() } else { reply.clears_cookies() };
                        assert_eq!(cleared, other, "{row}");
                    }
                    _ => assert!(reply.says(401, UNAUTHORISED) && reply.clears_all(), "{row}"),
                }
                // what was not used is as good as before
                for (session, way) in [(&header, Transfer::Header), (&cookie, Transfer::Cookie)] {
                    if used != (Kind::Valid, way) {
                        world.hallpass.refresh_from_token(&session.refresh, None, false).await.unwrap();
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn gotcha_7_a_foreign_bearer_token_is_used_for_a_refresh_and_refused() {
    let world = world(Allowed::Any).await;
    let held = world.tokens("u").await;
    let reply = world.send(refresh().bearer(FOREIGN).refresh_cookie(&held.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
    // the good one was not touched
    world.send(refresh().refresh_cookie(&held.refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn an_empty_refresh_cookie_is_none() {
    let world = world(Allowed::Any).await;
    let reply = world.send(refresh().refresh_cookie("").access_cookie("x")).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
}
