//! Whatever clients send: an answer of ours, never a panic, never a 500, and no good session is lost.

use hallpass::{Allowed, AppInfo, ForwardedIn, PeerAddress, SiteData, Transfer};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::world::*;

/// Bytes that a header can carry.
fn field() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![Just(b';'), Just(b'='), Just(b','), Just(b'%'), Just(b'"'), Just(b' '), Just(b'\t'), 0x20_u8..0x7f, 0x80_u8..=0xff];
    prop::collection::vec(byte, 0..200)
}

/// Cookies that are not ours, however odd.
fn other_cookies() -> impl Strategy<Value = Vec<u8>> {
    field().prop_filter("names of ours are another matter", |bytes| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        !text.contains('%') || !text.contains("token")
    })
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "cookie",
        "authorization",
        "anti-csrf",
        "rid",
        "st-auth-mode",
        "origin",
        "user-agent",
        "fdi-version",
        "sec-fetch-site",
        "sec-fetch-mode",
        "x-forwarded-for",
    ])
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_good_access_token_is_never_lost_among_odd_cookies() {
    let runtime = runtime();
    let world = runtime.block_on(World::new());
    let held = runtime.block_on(world.tokens("u"));
    let mut runner = TestRunner::new(Config { cases: 512, failure_persistence: None, ..Config::default() });
    let cookies = (other_cookies(), other_cookies(), any::<bool>());
    runner
        .run(&cookies, |(before, after, one_field)| {
            let ours = format!("sAccessToken={}", held.access).into_bytes();
            let request = if one_field {
                get_("/me").header("cookie", [before, ours, after].join(&b"; "[..]))
            } else {
                get_("/me").header("cookie", before).header("cookie", ours).header("cookie", after)
            };
            let reply = runtime.block_on(ask(&world.app, request));
            prop_assert!(reply.says(200, "u"), "{reply:?}");
            Ok(())
        })
        .unwrap();
}

/// An app behind a proxy that has every switch on.
async fn hardened() -> World {
    let mut world = World::with(app_info(), |builder| {
        let builder =
            builder.cookie_secure(true).prefixed_cookies(true).partitioned_cookies(true).trusted_origins(["http://localhost:4000"]);
        builder.trusted_proxies(["10.0.0.1"], ForwardedIn::XForwardedFor).refreshes_per_minute(20).clear_site_data([SiteData::Cache])
    })
    .await;
    world.app = world.app.layer(axum::Extension(PeerAddress("10.0.0.1".parse().unwrap())));
    world
}

/// An app without https that believes what requests say of its website: of most that is told, browsers would take no cookie.
async fn plain() -> World {
    let origin = |request: &http::request::Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
    let app = AppInfo::new("demo").api("http://api.a.com").website_of(origin);
    World::with(app, |builder| builder.transfer(Allowed::Only(Transfer::Cookie))).await
}

#[test]
fn odd_headers_get_an_answer_of_ours() {
    let runtime = runtime();
    let worlds = [
        runtime.block_on(World::new()),
        runtime.block_on(World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::Token).older_cookie_domain(""))),
        runtime.block_on(hardened()),
        runtime.block_on(plain()),
    ];
    let path = prop::sample::select(vec![
        ("GET", "/me"),
        ("POST", "/maybe"),
        ("GET", "/admin"),
        ("POST", "/auth/session/refresh"),
        ("POST", "/auth/signout"),
        ("POST", "/login"),
    ]);
    let value = prop_oneof![
        3 => field(),
        1 => field().prop_map(|bytes| [b"Bearer ".as_slice(), &bytes].concat()),
        1 => field().prop_map(|bytes| [b"sAccessToken=".as_slice(), &bytes].concat()),
        1 => field().prop_map(|bytes| [b"sRefreshToken=hp1_".as_slice(), &bytes].concat()),
        1 => Just(format!("sAccessToken={FOREIGN}").into_bytes()),
    ];
    let requests = (path, prop::collection::vec((names(), value), 0..6), 0..4_usize);
    let mut runner = TestRunner::new(Config { cases: 1024, failure_persistence: None, ..Config::default() });
    runner
        .run(&requests, |((method, path), headers, world)| {
            let mut request = call(method, path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if path == "/login" {
                request = request.json(&serde_json::json!({ "user": "u" }));
            }
            let duplicates = "The request contains multiple session cookies.";
            let reply = runtime.block_on(ask(&worlds[world].app, request));
            prop_assert!(reply.status.as_u16() < 500 || reply.body.contains(duplicates), "{reply:?}");
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn oversized_tokens_are_refused_like_others() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for long in
        ["x".repeat(65_536), "a.".repeat(32_768), "%".repeat(65_536), format!("{}{}", held.access, "A".repeat(65_536)), ";=".repeat(32_768)]
    {
        for request in [get_("/me").bearer(&long), get_("/me").access_cookie(&long), get_("/me").header("cookie", &long)] {
            let reply = world.send(request).await;
            assert!(reply.says(401, UNAUTHORISED) || reply.says(401, TRY_REFRESH), "{reply:?}");
        }
        for request in [
            refresh().bearer(&long),
            refresh().refresh_cookie(&long),
            refresh().refresh_cookie(&held.refresh[1..]).header("anti-csrf", &long),
        ] {
            world.send(request).await.assert(401, UNAUTHORISED);
        }
        // beside a good one they change nothing
        world
            .send(get_("/me").access_cookie(&held.access).header("cookie", format!("x={long}")).header("rid", &long))
            .await
            .assert(200, "u");
    }
    world.send(refresh().bearer(&held.refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn tokens_with_wrong_types_are_not_ours() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let world = World::new().await;
    let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = encode(r#"{"alg":"ES256","typ":"JWT","kid":"d-1","version":"5"}"#);
    for payload in [r#"{"sub":1}"#, "[]", "null", "{", r#"{"sub":"u","exp":"never"}"#, "\u{0}", r#"{"sub":{"a":[[[[]]]]}}"#] {
        let token = format!("{header}.{}.{}", encode(payload), encode("x"));
        world.send(get_("/me").bearer(&token)).await.assert(401, UNAUTHORISED);
    }
    let deep = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    for token in
        [format!("{}.{}.x", encode(&deep), encode("{}")), format!("{header}.{}.x", encode(&deep)), "..".to_owned(), "a.b.c".to_owned()]
    {
        world.send(get_("/me").access_cookie(&token)).await.assert(401, UNAUTHORISED);
    }
}
