//! What the addresses of API and website mean for cookies, and what they do not mean for headers.

use hallpass::{AppInfo, SameSite, Transfer};

use super::client::Client;
use crate::world::*;

const BROWSER: Client = Client(Transfer::Cookie);
const NATIVE: Client = Client(Transfer::Header);

const REFUSED: &str =
    r#"{"message":"browsers refuse cookies that cross sites without being secure: serve the API over https, or on the website's domain"}"#;

/// What the cookies end with, and whether other methods than `GET` need the header `rid`.
struct Cookies {
    end: &'static str,
    need_proof: bool,
}

const LAX: Cookies = Cookies { end: "; HttpOnly; SameSite=Lax", need_proof: false };
const SECURE_LAX: Cookies = Cookies { end: "; HttpOnly; Secure; SameSite=Lax", need_proof: false };
const SECURE_NONE: Cookies = Cookies { end: "; HttpOnly; Secure; SameSite=None", need_proof: true };

async fn check(world: &World, row: &str, expected: Option<Cookies>) {
    let reply = world.send(BROWSER.login("u")).await;
    match expected {
        Some(Cookies { end, need_proof }) => {
            for name in ["sAccessToken", "sRefreshToken"] {
                assert!(reply.set_cookie(name).unwrap().ends_with(end), "{row}: {reply:?}");
            }
            let held = reply.held_by_cookies();
            let change = || BROWSER.call(post_("/me"), &held);
            assert_eq!(world.send(change()).await.says(200, "u"), !need_proof, "{row}");
            world.send(change().header("rid", "anti-csrf")).await.assert(200, "u");
            world.send(BROWSER.call(get_("/me"), &held)).await.assert(200, "u");
            // and the refresh, as the other calls
            assert_eq!(world.send(BROWSER.refresh(&held)).await.says(200, "{}"), !need_proof, "{row}");
            assert!(BROWSER.is_served(&world.send(BROWSER.refresh(&held).header("rid", "session")).await), "{row}");
        }
        None => assert!(reply.says(400, REFUSED) && reply.leaves_tokens(), "{row}: {reply:?}"),
    }
    // tokens in headers do not care
    let held = NATIVE.sign_in(world).await;
    world.send(NATIVE.call(post_("/me"), &held)).await.assert(200, "u");
    assert!(NATIVE.is_served(&world.send(NATIVE.refresh(&held)).await), "{row}");
}

#[tokio::test]
async fn addresses_decide_about_same_site_secure_and_the_proof() {
    for (api, website, expected) in [
        ("https://api.a.io", "https://a.io", Some(SECURE_LAX)),
        ("https://api.a.com", "https://a.io", Some(SECURE_NONE)),
        ("api.a.co.uk", "a.co.uk", Some(SECURE_LAX)),
        ("a.co.uk", "b.co.uk", Some(SECURE_NONE)),
        ("127.0.0.1:3000", "127.0.0.1:9000", Some(LAX)),
        ("localhost:3000", "127.0.0.1:9000", Some(LAX)),
        ("http://api.a.io", "http://a.io", Some(LAX)),
        ("https://localhost", "http://localhost:3000", Some(SECURE_NONE)),
        ("https://api.a.io", "http://a.io", Some(SECURE_NONE)),
        ("https://one.github.io", "https://two.github.io", Some(SECURE_NONE)),
        // browsers would drop such cookies
        ("http://api.a.io", "https://a.io", None),
        ("http://ec2-1.compute-1.amazonaws.com", "http://ec2-2.compute-1.amazonaws.com", None),
    ] {
        let world = World::with(AppInfo::new("demo").api(api).website(website), |builder| builder).await;
        check(&world, &format!("{api} {website}"), expected).await;
    }
}

#[tokio::test]
async fn what_the_app_says_of_its_cookies_comes_before_what_the_addresses_say() {
    let near = || AppInfo::new("demo").api("http://api.a.io").website("http://a.io");
    let far = || AppInfo::new("demo").api("https://api.a.com").website("https://a.io");
    let strict = Cookies { end: "; HttpOnly; SameSite=Strict", need_proof: false };
    for (row, app, same_site, secure, expected) in [
        ("strict", near(), Some(SameSite::Strict), None, Some(strict)),
        ("lax", far(), Some(SameSite::Lax), None, Some(SECURE_LAX)),
        ("none", near(), Some(SameSite::None), Some(true), Some(SECURE_NONE)),
        ("none and insecure", near(), Some(SameSite::None), None, None),
        ("secure", near(), None, Some(true), Some(SECURE_LAX)),
        ("insecure", far(), None, Some(false), None),
    ] {
        let world = World::with(app, |builder| {
            let builder = same_site.into_iter().fold(builder, hallpass::Builder::cookie_same_site);
            secure.into_iter().fold(builder, hallpass::Builder::cookie_secure)
        })
        .await;
        check(&world, row, expected).await;
    }
}

#[tokio::test]
async fn gotcha_23_two_websites_of_one_api_each_get_cookies_of_their_kind() {
    let origin = |request: &http::request::Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
    let world = World::with(AppInfo::new("demo").api("https://api.a.com").website_of(origin), |builder| builder).await;
    for (website, end) in [
        ("https://www.a.com", SECURE_LAX.end),
        ("https://b.org", SECURE_NONE.end),
        ("https://a.com", SECURE_LAX.end),
        ("null", SECURE_NONE.end),
    ] {
        let reply = world.send(BROWSER.login("u").header("origin", website)).await;
        assert!(reply.set_cookie("sAccessToken").unwrap().ends_with(end), "{website}: {reply:?}");
        let reply = world.send(BROWSER.refresh(&reply.held_by_cookies()).header("origin", website).header("rid", "session")).await;
        assert!(reply.set_cookie("sRefreshToken").unwrap().ends_with(end), "{website}: {reply:?}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_keep_cookies_is_told_so_and_makes_no_session() {
    let origin = |request: &http::request::Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
    let world = World::with(AppInfo::new("demo").api("http://api.a.com").website_of(origin), |builder| builder).await;
    for website in ["http://b.org", "https://a.com", "null", ""] {
        let reply = world.send(BROWSER.login("u").header("origin", website)).await;
        assert!(reply.assert(400, REFUSED).leaves_tokens(), "{website}");
    }
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
    assert!(world.send(BROWSER.login("u").header("origin", "http://a.com")).await.sets_cookies());
}
