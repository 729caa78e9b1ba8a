//! What mobile apps send, over real connections. Their SDKs keep tokens from headers, compose cookies by hand, and leave out
//! what browsers add; a native HTTP stack may speak HTTP/2, which carries each cookie in a field of its own.

use hallpass::{AntiCsrf, Builder};
use serde_json::Value;

use super::over_wires::{WIRES, Wire};
use crate::world::*;

/// A phone that is connected to the app.
struct Phone {
    world: World,
}

impl Phone {
    async fn new(wire: Wire) -> Self {
        Self::with(wire, |builder| builder).await
    }

    async fn with(wire: Wire, settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self { world: wire.to(World::with(app_info(), settings).await) }
    }

    async fn send(&self, call: Call) -> Reply {
        self.world.send(call).await
    }

    /// Signs in and holds on to the tokens, which come as the app chose.
    async fn sign_in(&self, mode: &str) -> Held {
        let reply = self.send(login_as("u", mode)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        if mode == "header" { reply.held_by_headers() } else { reply.held_by_cookies() }
    }
}

/// What one of the SDKs puts into its requests beside tokens.
struct Sdk {
    name: &'static str,
    /// Into the app's own calls.
    calls: &'static [(&'static str, &'static str)],
    refresh: &'static [(&'static str, &'static str)],
    sign_out: &'static [(&'static str, &'static str)],
    sign_out_method: &'static str,
}

const HEADER: (&str, &str) = ("st-auth-mode", "header");
const VERSIONS: (&str, &str) = ("fdi-version", "1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1");
const OF_SDK: (&str, &str) = ("rid", "session");
const OF_APP: (&str, &str) = ("rid", "anti-csrf");

const SDKS: [Sdk; 4] = [
    Sdk {
        name: "React Native",
        calls: &[OF_APP, HEADER],
        refresh: &[OF_SDK, VERSIONS, HEADER],
        sign_out: &[OF_SDK, VERSIONS, HEADER],
        sign_out_method: "POST",
    },
    Sdk {
        name: "iOS",
        calls: &[OF_APP, HEADER],
        refresh: &[OF_SDK, VERSIONS, HEADER],
        sign_out: &[OF_SDK, HEADER],
        sign_out_method: "POST",
    },
    Sdk {
        name: "Android",
        calls: &[OF_APP, HEADER],
        refresh: &[OF_SDK, VERSIONS, HEADER, ("content-type", "application/x-www-form-urlencoded")],
        sign_out: &[OF_SDK, HEADER],
        sign_out_method: "POST",
    },
    Sdk { name: "Flutter", calls: &[HEADER], refresh: &[OF_SDK, VERSIONS, HEADER], sign_out: &[HEADER], sign_out_method: "post" },
];

fn with(call: Call, headers: &[(&'static str, &'static str)]) -> Call {
    headers.iter().fold(call, |call, (name, value)| call.header(name, value))
}

#[tokio::test]
async fn gotcha_52_apps_sign_in_work_refresh_and_leave_without_the_headers_that_some_leave_out() {
    for wire in WIRES {
        for sdk in SDKS {
            let what = format!("{} over {wire:?}", sdk.name);
            let phone = Phone::new(wire).await;
            let login = with(post_("/login"), sdk.calls).json(&serde_json::json!({ "user": "ü" }));
            let reply = phone.send(login).await;
            assert!(reply.sets_headers() && reply.all("set-cookie").is_empty(), "{what}: {reply:?}");
            let held = reply.held_by_headers();
            let me = |held: &Held| with(get_("/me"), sdk.calls).bearer(&held.access);
            phone.send(me(&held)).await.assert(200, "ü");
            phone.world.expire_access_tokens();
            let refused = phone.send(me(&held)).await;
            assert!(refused.assert(401, TRY_REFRESH).leaves_tokens(), "{what}: {refused:?}");

            let reply = phone.send(with(refresh(), sdk.refresh).bearer(&held.refresh)).await;
            assert!(reply.assert(200, "{}").sets_headers() && reply.all("set-cookie").is_empty(), "{what}: {reply:?}");
            let next = reply.held_by_headers();
            assert_eq!(front(&next.front)["uid"], "ü", "{what}");
            phone.send(me(&next)).await.assert(200, "ü");

            let sign_out = with(call(sdk.sign_out_method, "/auth/signout"), sdk.sign_out).bearer(&next.access);
            let reply = phone.send(sign_out).await;
            let body: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!((reply.status.as_u16(), &body["status"]), (200, &"OK".into()), "{what}");
            assert!(reply.clears_headers() && reply.header("front-token") == Some("remove"), "{what}: {reply:?}");
            // some forget their tokens only when they are told to
            let reply = phone.send(with(refresh(), sdk.refresh).bearer(&next.refresh)).await;
            assert_eq!(reply.assert(401, UNAUTHORISED).header("front-token"), Some("remove"), "{what}");
        }
    }
}

#[tokio::test]
async fn gotcha_43_what_the_body_of_a_refresh_is_said_to_be_does_not_matter() {
    for wire in WIRES {
        let phone = Phone::new(wire).await;
        let mut held = phone.sign_in("header").await;
        for content_type in ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "nonsense"] {
            let reply = phone.send(refresh().bearer(&held.refresh).header("content-type", content_type)).await;
            held = reply.assert(200, "{}").held_by_headers();
        }
        phone.send(refresh().bearer(&held.refresh).json(&"not for you".into())).await.assert(200, "{}");
    }
}

#[tokio::test]
async fn gotcha_53_of_header_fields_that_are_there_twice_the_first_counts() {
    for wire in WIRES {
        let phone = Phone::with(wire, |builder| builder.anti_csrf(AntiCsrf::Token)).await;
        let (one, other) =
            (phone.world.hallpass.create_session("one").await.unwrap(), phone.world.hallpass.create_session("other").await.unwrap());
        let (one, other) = (Held::of(&one), Held::of(&other));
        phone.send(get_("/me").bearer(&one.access).bearer(&other.access)).await.assert(200, "one");
        phone.send(get_("/me").bearer("nonsense").bearer(&other.access)).await.assert(401, UNAUTHORISED);

        let right = one.anti_csrf.clone().unwrap();
        let change = |first: &str, second: &str| {
            post_("/me")
                .access_cookie(&one.access)
                .header("anti-csrf", first)
                .header("anti-csrf", second)
                .header("rid", "a")
                .header("rid", "b")
        };
        phone.send(change(&right, "wrong")).await.assert(200, "one");
        phone.send(change("wrong", &right)).await.assert(401, TRY_REFRESH);
    }
}

/// Keeps cookies like an SDK that takes a joined `Set-Cookie` apart at every comma without a space after it, and gives
/// back what it kept with all attributes.
fn echoed(reply: &Reply) -> String {
    let joined = reply.all("set-cookie").join(",");
    let mut cookies = vec![String::new()];
    let mut rest = joined.chars().peekable();
    while let Some(c) = rest.next() {
        match cookies.last_mut() {
            Some(cookie) if c != ',' || rest.peek() == Some(&' ') => cookie.push(c),
            _ => cookies.push(String::new()),
        }
    }
    assert_eq!(cookies, reply.all("set-cookie"), "the cookies come apart where they should");
    cookies.join(";")
}

#[tokio::test]
async fn gotcha_38_cookies_may_come_back_with_their_attributes() {
    for wire in WIRES {
        let phone = Phone::new(wire).await;
        let login = phone.send(login_as("u", "cookie").header("cookie", "")).await;
        assert!(login.sets_cookies());
        let kept = echoed(&login);
        assert!(kept.contains("; Expires=Fri, 01 Jan 2027 00:00:00 GMT; HttpOnly; SameSite=Lax;sRefreshToken="), "{kept}");
        phone.send(get_("/me").header("cookie", &kept)).await.assert(200, "u");
        phone.world.expire_access_tokens();
        phone.send(get_("/me").header("cookie", &kept)).await.assert(401, TRY_REFRESH);
        let reply = phone.send(refresh().header("rid", "session").header("cookie", &kept)).await;
        let kept = echoed(reply.assert(200, "{}"));
        phone.send(get_("/me").header("cookie", &kept)).await.assert(200, "u");
        let reply = phone.send(post_("/auth/signout").header("cookie", &kept)).await;
        assert!(reply.assert(200, r#"{"status":"OK"}"#).clears_cookies());
        phone.send(get_("/me").header("cookie", "")).await.assert(401, UNAUTHORISED);
    }
}

#[tokio::test]
async fn gotcha_38_every_cookie_may_have_a_header_field_of_its_own() {
    for wire in WIRES {
        let phone = Phone::new(wire).await;
        let held = phone.sign_in("cookie").await;
        let odd = |call: Call| {
            call.header("cookie", "theme={\"a\":\"%b\"}").header("cookie", "").header("cookie", "flag").header("cookie", "a=b=c; d=\"e\"")
        };
        phone.send(odd(get_("/me")).access_cookie(&held.access)).await.assert(200, "u");
        phone.send(odd(get_("/me").cookie("sAccessToken", &format!("\"{}\"", held.access)))).await.assert(200, "u");
        let reply = phone.send(odd(refresh().access_cookie(&held.access)).refresh_cookie(&held.refresh)).await;
        let next = reply.assert(200, "{}").held_by_cookies();

        // what is there twice is there twice, in one field or in two
        let twice = phone.send(get_("/me").access_cookie(&next.access).access_cookie(&held.access)).await;
        assert!(twice.assert(401, TRY_REFRESH).leaves_tokens());
        let twice = phone.send(refresh().refresh_cookie(&next.refresh).refresh_cookie(&held.refresh)).await;
        assert_eq!(twice.status, 500);
        assert!(twice.body.contains("The request contains multiple session cookies.") && twice.leaves_tokens());
        phone.send(get_("/me").access_cookie(&next.access)).await.assert(200, "u");
    }
}

#[tokio::test]
async fn an_app_with_cookies_must_send_the_custom_header_where_it_is_asked_for() {
    for wire in WIRES {
        let phone = Phone::with(wire, |builder| builder.anti_csrf(AntiCsrf::CustomHeader)).await;
        let held = phone.sign_in("cookie").await;
        let change = || post_("/me").access_cookie(&held.access);
        assert!(phone.send(change()).await.assert(401, TRY_REFRESH).leaves_tokens());
        phone.send(change().header("rid", "anti-csrf")).await.assert(200, "u");
        phone.send(get_("/me").access_cookie(&held.access)).await.assert(200, "u");
        // tokens in headers prove by themselves that the app sends them
        phone.send(post_("/me").bearer(&held.access)).await.assert(200, "u");
        phone.send(refresh().refresh_cookie(&held.refresh).header("rid", "session")).await.assert(200, "{}");
    }
}

#[tokio::test]
async fn a_phone_that_lost_the_answer_to_a_refresh_gets_another_one() {
    for wire in WIRES {
        let phone = Phone::new(wire).await;
        let held = phone.sign_in("header").await;
        let lost = phone.send(refresh().bearer(&held.refresh)).await.held_by_headers();
        let again = phone.send(refresh().bearer(&held.refresh)).await.held_by_headers();
        assert_eq!(again.refresh, lost.refresh, "soon it is the same one");
        phone.world.expire_access_tokens();
        let late = phone.send(refresh().bearer(&held.refresh)).await.held_by_headers();
        assert_ne!(late.refresh, lost.refresh);
        phone.send(get_("/me").bearer(&late.access)).await.assert(200, "u");
        let reply = phone.send(refresh().bearer(&lost.refresh)).await;
        assert!(reply.assert(401, THEFT).clears_headers(), "whoever holds the lost one is not the phone");
    }
}
