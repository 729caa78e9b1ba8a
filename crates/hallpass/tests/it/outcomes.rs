//! What becomes of a request with a session, and of a refresh, situation by situation, for both ways of keeping tokens.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass::{Algorithm, AntiCsrf, Promotion, VerifyOptions, Why};
use serde_json::{Value, json};

use super::client::{CLIENTS, Client};
use crate::world::*;

/// How a request with a session ends.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    /// The session is there.
    Session,
    /// Nobody is there; nothing is taken away, for another response may just be bringing tokens.
    Nobody,
    /// The client should refresh; it keeps what it has.
    TryRefresh,
    /// The session is over, and its tokens go.
    Over,
}
use Verdict::{Nobody, Over, Session, TryRefresh};

/// What is the matter with the access token or with what goes along.
#[derive(Clone, Copy, Debug)]
enum Presented {
    Nothing,
    Good,
    Foreign,
    Empty,
    Expired,
    Forged,
    OfUnknownKey,
    OfOtherFamily,
    WithoutEcho,
    WithWrongEcho,
    WithoutCustomHeader,
    BesideOldCookie,
    BesideSecondCookie,
    OfRevoked,
    OfBanned,
    OfRevokedAskingTheCore,
    OfRevokedUnheard,
}
use Presented::*;

/// In a cookie, and in a header.
const VERDICTS: [(Presented, [Verdict; 2]); 17] = [
    (Nothing, [Nobody, Nobody]),
    (Good, [Session, Session]),
    (Foreign, [Nobody, Nobody]),
    (Empty, [Nobody, Nobody]),
    (Expired, [TryRefresh, TryRefresh]),
    (Forged, [TryRefresh, TryRefresh]),
    (OfUnknownKey, [TryRefresh, TryRefresh]),
    (OfOtherFamily, [TryRefresh, TryRefresh]),
    (WithoutEcho, [TryRefresh, Session]),
    (WithWrongEcho, [TryRefresh, Session]),
    (WithoutCustomHeader, [TryRefresh, Session]),
    (BesideOldCookie, [TryRefresh, TryRefresh]),
    (BesideSecondCookie, [TryRefresh, Session]),
    (OfRevoked, [TryRefresh, TryRefresh]),
    (OfBanned, [TryRefresh, TryRefresh]),
    (OfRevokedAskingTheCore, [Over, Over]),
    // nobody told: it counts until it expires
    (OfRevokedUnheard, [Session, Session]),
];

impl Presented {
    async fn world(self) -> World {
        World::with(app_info(), |builder| match self {
            WithoutEcho | WithWrongEcho => builder.anti_csrf(AntiCsrf::Token),
            WithoutCustomHeader => builder.anti_csrf(AntiCsrf::CustomHeader),
            OfRevokedAskingTheCore => builder.promotion(Promotion::Reference),
            _ => builder,
        })
        .await
    }

    /// Brings the situation about, and adds to the call what the client would send in it.
    async fn present(self, world: &World, client: Client, call: Call) -> Call {
        let mut held = client.sign_in(world).await;
        let carry = |token: &str| client.carry(call.clone(), token);
        match self {
            Nothing => call,
            Good | WithoutEcho | WithoutCustomHeader => carry(&held.access),
            Foreign => carry(FOREIGN),
            Empty => carry(""),
            Expired => {
                world.expire_access_tokens();
                carry(&held.access)
            }
            Forged => carry(&format!("{}.{}", held.access.rsplit_once('.').unwrap().0, "A".repeat(86))),
            OfUnknownKey => {
                let (header, rest) = held.access.split_once('.').unwrap();
                let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
                header["kid"] = json!("d-unknown");
                carry(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string())))
            }
            OfOtherFamily => {
                let claims = &front(&held.front)["up"];
                let other = world.hallpass.create_jwt(claims, Duration::from_secs(60)).algorithm(Algorithm::Es256).await.unwrap();
                carry(other.expose())
            }
            WithWrongEcho => carry(&held.access).header("anti-csrf", "x"),
            BesideOldCookie => carry(&held.access).cookie("sIdRefreshToken", ""),
            BesideSecondCookie => carry(&held.access).access_cookie("x").access_cookie("x"),
            OfRevoked => {
                world.hallpass.revoke(std::slice::from_ref(&held.handle), Why::default()).await.unwrap();
                carry(&held.access)
            }
            OfBanned => {
                world.hallpass.ban("u").await.unwrap();
                carry(&held.access)
            }
            OfRevokedAskingTheCore => {
                held = client.held(&world.send(client.refresh(&held)).await);
                world.revoke_unheard(&held.handle).await;
                carry(&held.access)
            }
            OfRevokedUnheard => {
                world.revoke_unheard(&held.handle).await;
                carry(&held.access)
            }
        }
    }
}

/// Checks every row against an app at the end of some wire.
pub(crate) async fn verification(through: impl Fn(World) -> World) {
    for (presented, verdicts) in VERDICTS {
        for (client, verdict) in CLIENTS.into_iter().zip(verdicts) {
            for (path, if_nobody) in [("/me", (401, UNAUTHORISED)), ("/maybe", (200, "nobody"))] {
                let world = through(presented.world().await);
                let reply = world.send(presented.present(&world, client, post_(path)).await).await;
                let (status, body) = match verdict {
                    Session => (200, "u"),
                    Nobody => if_nobody,
                    TryRefresh => (401, TRY_REFRESH),
                    Over => (401, UNAUTHORISED),
                };
                assert!(reply.says(status, body), "{presented:?} {client:?} {path}: {reply:?}");
                let takes = matches!(verdict, Over);
                assert!(if takes { reply.clears_all() } else { reply.leaves_tokens() }, "{presented:?} {client:?} {path}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn every_situation_of_a_request_has_its_verdict() {
    verification(|world| world).await;
}

/// What is called on a session that is gone by then says so.
#[tokio::test]
async fn a_session_that_vanished_since_it_was_verified_is_over() {
    for client in CLIENTS {
        for path in ["/data", "/merge"] {
            let world = World::new().await;
            let held = client.sign_in(&world).await;
            world.revoke_unheard(&held.handle).await;
            let reply = world.send(client.call(post_(path), &held).json(&json!({ "a": 1 }))).await;
            assert!(reply.assert(401, UNAUTHORISED).clears_all(), "{client:?} {path}");
        }
    }
}

/// How a refresh ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// With new tokens.
    Renewed,
    /// The client has nothing any more.
    Refused,
    /// As refused, and the session is over for everybody.
    Theft,
    /// The app has to be told which cookies are the older ones.
    Ambiguous,
    /// The older cookies go, and the client tries again.
    Freed,
    /// Later, perhaps; nothing is taken away.
    Unavailable,
}
use Ending::{Ambiguous, Freed, Refused, Renewed, Theft, Unavailable};

/// What is the matter with the refresh token or with what goes along.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    NoToken,
    Current,
    CurrentAgain,
    Unknown,
    AnAccessToken,
    TooOld,
    Revoked,
    Banned,
    Reused,
    NoEcho,
    WrongEcho,
    NoCustomHeader,
    TwoCookies,
    TwoCookiesOneOlder,
    StorageDown,
}
use Shown::*;

/// In a cookie, and in a header.
const ENDINGS: [(Shown, [Ending; 2]); 15] = [
    (NoToken, [Refused, Refused]),
    (Current, [Renewed, Renewed]),
    (CurrentAgain, [Renewed, Renewed]),
    (Unknown, [Refused, Refused]),
    (AnAccessToken, [Refused, Refused]),
    (TooOld, [Refused, Refused]),
    (Revoked, [Refused, Refused]),
    (Banned, [Refused, Refused]),
    (Reused, [Theft, Theft]),
    (NoEcho, [Refused, Renewed]),
    (WrongEcho, [Refused, Renewed]),
    (NoCustomHeader, [Refused, Renewed]),
    (TwoCookies, [Ambiguous, Ambiguous]),
    (TwoCookiesOneOlder, [Freed, Freed]),
    (StorageDown, [Unavailable, Unavailable]),
];

impl Shown {
    async fn world(self) -> World {
        World::with(app_info(), |builder| match self {
            NoEcho | WrongEcho => builder.anti_csrf(AntiCsrf::Token),
            NoCustomHeader => builder.anti_csrf(AntiCsrf::CustomHeader),
            TwoCookiesOneOlder => builder.cookie_domain("example.com").older_cookie_domain("old.example.com"),
            _ => builder,
        })
        .await
    }

    /// Brings the situation about: the refresh that the client would send in it.
    async fn show(self, world: &World, client: Client, held: &Held) -> Call {
        let renew = client.renew(&held.refresh);
        match self {
            NoToken => return refresh(),
            Current | NoEcho | NoCustomHeader => {}
            CurrentAgain => assert!(client.is_served(&world.send(renew.clone()).await)),
            Unknown => return client.renew("x"),
            AnAccessToken => return client.renew(&held.access),
            TooOld => drop(world.clock.advance(Duration::from_secs(100 * 24 * 3600))),
            Revoked => drop(world.hallpass.revoke(std::slice::from_ref(&held.handle), Why::default()).await.unwrap()),
            Banned => drop(world.hallpass.ban("u").await.unwrap()),
            Reused => {
                let next = client.held(&world.send(renew.clone()).await);
                world.send(client.refresh(&next)).await.assert(200, "{}");
            }
            WrongEcho => return renew.header("anti-csrf", "x"),
            TwoCookies | TwoCookiesOneOlder => return renew.access_cookie("x").access_cookie("y"),
            StorageDown => world.unplug(true),
        }
        renew
    }
}

/// Checks every row against an app at the end of some wire.
pub(crate) async fn refreshing(through: impl Fn(World) -> World) {
    for (shown, endings) in ENDINGS {
        for (client, ending) in CLIENTS.into_iter().zip(endings) {
            let world = through(shown.world().await);
            let held = client.sign_in(&world).await;
            let reply = world.send(shown.show(&world, client, &held).await).await;
            let row = format!("{shown:?} {client:?}: {reply:?}");
            let is_as_told = match ending {
                Renewed => reply.says(200, "{}") && client.is_served(&reply),
                Refused => reply.says(401, UNAUTHORISED) && reply.clears_all(),
                Theft => reply.says(401, THEFT) && reply.clears_all(),
                Ambiguous => reply.status == 500 && reply.body.contains("multiple session cookies") && reply.leaves_tokens(),
                Freed => reply.status == 200 && reply.header("front-token").is_none() && reply.all("set-cookie").len() == 1,
                Unavailable => reply.says(503, r#"{"message":"sessions are unavailable"}"#) && reply.leaves_tokens(),
            };
            assert!(is_as_told, "{row}");
            world.unplug(false);
            let lives = world.hallpass.session_info(&held.handle).await.unwrap().is_some();
            assert_eq!(lives, !matches!(shown, TooOld | Revoked | Banned | Reused), "{row}");
        }
    }
}

#[tokio::test]
async fn every_situation_of_a_refresh_has_its_ending() {
    refreshing(|world| world).await;
}

/// As a page without requests sees it.
#[tokio::test]
async fn the_database_is_asked_only_where_somebody_says_so() {
    for check_database in [false, true] {
        let world = World::new().await;
        let held = world.tokens("u").await;
        world.revoke_unheard(&held.handle).await;
        let options = VerifyOptions { check_database, ..VerifyOptions::default() };
        assert_eq!(world.hallpass.session_from_token(&held.access, None, &options).await.is_ok(), !check_database);
    }
}
