//! The demo by HTTP, as browsers see it. Its clock stands still unless a visitor skips ahead, or a test moves it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use hallpass_server::demo::site;
use hallpass_testkit::clock::ManualClock;
use http_body_util::BodyExt;
use tower::ServiceExt;

const REFRESH: &str = "/auth/session/refresh";

/// A browser with its cookies. It keeps every page that it was shown.
struct Browser {
    site: Router,
    cookies: BTreeMap<String, String>,
    agent: &'static str,
    seen: Vec<String>,
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn leads_to(&self) -> Option<&str> {
        self.headers.get(header::LOCATION).map(|location| location.to_str().unwrap())
    }

    /// The text after `mark`, up to the next `<` or `"`.
    fn after(&self, mark: &str) -> &str {
        let (_, rest) = self.text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {}", self.text));
        rest.split(['<', '"']).next().unwrap()
    }
}

impl Browser {
    fn new(site: &Router, agent: &'static str) -> Self {
        Self { site: site.clone(), cookies: BTreeMap::new(), agent, seen: Vec::new() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, path: &str, body: Body) -> Page {
        let of_path = |name: &&String| *name != "sRefreshToken" || path == REFRESH;
        let names = self.cookies.keys().filter(of_path);
        let cookies = names.map(|name| format!("{name}={}", self.cookies[name])).collect::<Vec<_>>().join("; ");
        let request = request.uri(path).header(header::HOST, "localhost:3000").header(header::USER_AGENT, self.agent);
        let request = request.header(header::COOKIE, cookies).body(body).unwrap();
        let response = self.site.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Lax"), "{name}");
            match rest.split(';').next().unwrap() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let text = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        self.seen.push(text.clone());
        Page { status, headers, text }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get("/"), path, Body::empty()).await
    }

    async fn post(&mut self, path: &str, form: &str) -> Page {
        let request = Request::post("/").header(header::ORIGIN, "http://localhost:3000");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, path, Body::from(form.to_owned())).await
    }

    async fn sign_in(&mut self, name: &str) {
        assert_eq!(self.post("/login", &format!("name={name}")).await.leads_to(), Some("/account"));
    }

    /// Presses a button of the theft page; returns the latest headline of the story.
    async fn act(&mut self, path: &str) -> String {
        assert_eq!(self.post(path, "next=theft").await.leads_to(), Some("/theft"), "{path}");
        self.get("/theft").await.after("<h3>").trim().to_owned()
    }

    async fn generation(&mut self) -> String {
        self.get("/account").await.after("data-generation=\"").to_owned()
    }

    fn is_signed_in(&self) -> bool {
        self.cookies.contains_key("sAccessToken")
    }
}

async fn demo() -> (Router, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (site("http://localhost:3000", clock.clone()).await.unwrap(), clock)
}

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0";

/// Somebody who is signed in, and whose refresh token was just copied.
async fn victim() -> (Browser, Arc<ManualClock>) {
    let (site, clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    assert_eq!(browser.act("/theft/steal").await, "The thief copies refresh token A");
    (browser, clock)
}

#[tokio::test]
async fn signing_in_shows_the_claims_and_the_session() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    assert!(browser.get("/").await.text.contains("Your name"));
    browser.sign_in("ada").await;
    let page = browser.get("/account").await;
    for expected in
        [">sub<", ">ada<", ">exp<", ">1767225630<", ">refreshTokenHash1<", "Chrome on Linux", "this browser", "data-left=\"30000\""]
    {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert_eq!(browser.get("/").await.leads_to(), Some("/account"));
}

#[tokio::test]
async fn a_form_and_a_script_refresh() {
    let (site, clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    assert_eq!(browser.post(REFRESH, "next=account").await.leads_to(), Some("/account"));
    assert_eq!(browser.generation().await, "1");
    clock.advance(Duration::from_secs(29));
    let page = browser.send(Request::post("/"), REFRESH, Body::empty()).await;
    assert_eq!((page.status, page.text.as_str()), (StatusCode::OK, "{}"));
    let page = browser.get("/account").await;
    assert_eq!((page.after("data-generation=\""), page.after("data-left=\"")), ("2", "30000"));
}

#[tokio::test]
async fn an_expired_access_token_is_no_log_out() {
    let (site, clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    clock.advance(Duration::from_secs(30));
    for page in [browser.get("/account").await, browser.post("/logout", "").await, browser.post("/sessions/revoke", "handle=x").await] {
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.text.contains("you are still signed in") && page.text.contains(REFRESH));
    }
    assert_eq!(browser.get("/").await.leads_to(), Some("/account"));
    assert_eq!(browser.post(REFRESH, "next=account").await.leads_to(), Some("/account"));
    assert_eq!(browser.generation().await, "1");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_is_explained() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    let mut copy = Browser { cookies: browser.cookies.clone(), ..Browser::new(&site, CHROME) };
    assert_eq!(browser.post("/logout", "").await.leads_to(), Some("/"));
    assert!(!browser.is_signed_in());
    let page = browser.get("/").await;
    assert!(page.text.contains("Why was I signed out?") && page.text.contains("signed out."));
    assert_eq!(copy.post(REFRESH, "next=account").await.leads_to(), Some("/"));
    assert!(!copy.is_signed_in());
}

#[tokio::test]
async fn a_script_that_signs_in_is_told_of_the_session_and_where_to_go() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    let ask = |form: &'static str| {
        let request = Request::post("/").header(header::ORIGIN, "http://localhost:3000").header(header::ACCEPT, "application/json");
        (request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), Body::from(form))
    };
    let (request, form) = ask("name=ada&next=theft");
    let answer = browser.send(request, "/login", form).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, r#"{"next":"/theft"}"#));
    assert!(answer.headers.contains_key("front-token") && browser.is_signed_in());
    let (request, form) = ask("name=");
    let answer = browser.send(request, "/login", form).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains("class=\"mistake\""));
}

#[tokio::test]
async fn a_script_that_signs_out_is_told_so_and_the_story_says_it() {
    let (mut browser, _clock) = victim().await;
    let answer = browser.post("/auth/signout", "").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, r#"{"status":"OK"}"#));
    assert_eq!(answer.headers["front-token"], "remove");
    assert!(!browser.is_signed_in());
    assert!(browser.get("/theft").await.text.contains("The owner signs out"));
}

#[tokio::test]
async fn users_see_their_devices_by_script_too_and_end_them() {
    let (site, _clock) = demo().await;
    let (mut here, mut there) = (Browser::new(&site, CHROME), Browser::new(&site, FIREFOX));
    there.sign_in("ada").await;
    here.sign_in("ada").await;
    let list = here.get("/auth/sessions").await.text;
    assert!(list.contains(CHROME) && list.contains(FIREFOX) && list.matches("\"isCurrent\":true").count() == 1);
    assert_eq!(here.post("/auth/sessions/revoke-others", "").await.text, r#"{"status":"OK","revoked":1}"#);
    assert!(there.is_thrown_out().await);
    assert!(!here.get("/auth/sessions").await.text.contains(FIREFOX));
}

#[tokio::test]
async fn answers_bear_the_date_of_the_demo() {
    let (mut browser, _clock) = victim().await;
    let date = |page: &Page| page.headers[header::DATE].to_str().unwrap().to_owned();
    assert_eq!(date(&browser.get("/account").await), "Thu, 01 Jan 2026 00:00:00 GMT");
    browser.act("/theft/skip").await;
    assert_eq!(date(&browser.get("/account").await), "Thu, 01 Jan 2026 00:00:10 GMT");
}

#[tokio::test]
async fn within_the_window_thief_and_owner_get_the_same_child() {
    for (first, second, headline) in [
        (REFRESH, "/theft/refresh", "The thief presents A, and gets B as well"),
        ("/theft/refresh", REFRESH, "The owner presents A, and gets B as well"),
    ] {
        let (mut browser, clock) = victim().await;
        assert!(browser.act(first).await.ends_with("refreshes: A becomes B"));
        clock.advance(Duration::from_millis(9999));
        assert_eq!(browser.act(second).await, headline);
        let page = browser.get("/theft").await;
        assert_eq!(page.text.matches(">B</span>").count(), 3, "owner, server and thief");
        assert!(page.text.contains("Whoever presents A now gets B too."));
    }
}

#[tokio::test]
async fn a_thief_who_comes_late_is_detected_at_once_and_the_owner_learns_why() {
    let (mut browser, _clock) = victim().await;
    assert_eq!(browser.act(REFRESH).await, "The owner refreshes: A becomes B");
    assert_eq!(browser.act("/theft/skip").await, "10 seconds pass");
    assert!(browser.get("/theft").await.text.contains("A is used up: whoever presents it ends the session."));
    assert_eq!(browser.act("/theft/refresh").await, "The thief presents A, which is used up: theft detected");
    let page = browser.get("/theft").await;
    assert!(page.text.contains("refresh.reuse") && page.text.contains("The thief’s laptop") && page.text.contains("No such session."));

    // the owner's access token counts no more, although it has not expired
    assert_eq!(browser.get("/account").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.post(REFRESH, "next=account").await.leads_to(), Some("/"));
    assert!(!browser.is_signed_in());
    let page = browser.get("/").await;
    assert!(page.text.contains("Why was I signed out?") && page.text.contains("somebody holds a copy"));
    let page = browser.get("/theft").await;
    assert!(page.text.contains("The owner presents B, and is refused"), "the story is told to whoever is signed out, too");
}

#[tokio::test]
async fn a_thief_who_lies_low_holds_a_dead_token_when_the_owner_comes_back() {
    let (mut browser, _clock) = victim().await;
    assert_eq!(browser.act("/theft/refresh").await, "The thief refreshes: A becomes B");
    browser.act("/theft/skip").await;
    assert!(browser.get("/theft").await.text.contains("B was never used."));
    assert_eq!(browser.act(REFRESH).await, "The owner presents A late, and gets C");
    assert_eq!(browser.act("/theft/refresh").await, "The thief presents B, which is used up: theft detected");
    assert_eq!(browser.act(REFRESH).await, "The owner presents C, and is refused");
    assert!(!browser.is_signed_in());
}

#[tokio::test]
async fn a_thief_who_acts_is_detected_by_the_owners_refresh() {
    let (mut browser, _clock) = victim().await;
    browser.act("/theft/refresh").await;
    assert_eq!(browser.act("/theft/use").await, "The thief acts as the user, with B’s access token");
    browser.act("/theft/skip").await;
    assert_eq!(browser.act(REFRESH).await, "The owner presents A, which is used up: theft detected");
    assert!(!browser.is_signed_in(), "the owner is signed out by that very answer");
    assert_eq!(browser.act("/theft/use").await, "The thief’s access token counts no more");
    assert_eq!(browser.act("/theft/refresh").await, "The thief presents B, and is refused");
    browser.act("/theft/skip").await;
    browser.act("/theft/skip").await;
    assert_eq!(browser.act("/theft/use").await, "The thief’s access token is refused");
}

#[tokio::test]
async fn a_session_can_be_revoked_from_another_browser() {
    let (site, _clock) = demo().await;
    let (mut here, mut there) = (Browser::new(&site, CHROME), Browser::new(&site, FIREFOX));
    there.sign_in("ada").await;
    let handle = there.get("/account").await.after("id=\"revoke-").to_owned();
    here.sign_in("ada").await;
    assert!(here.get("/account").await.text.contains("Firefox on Windows"));
    assert_eq!(here.post("/sessions/revoke", &format!("handle={handle}")).await.leads_to(), Some("/account"));
    assert!(!here.get("/account").await.text.contains("Firefox on Windows"));
    assert_eq!(there.post(REFRESH, "next=account").await.leads_to(), Some("/"));
    let page = there.get("/").await;
    assert!(page.text.contains("on the account page of another browser") && page.text.contains("Chrome on Linux"));
    assert_eq!(here.post("/sessions/revoke", &format!("handle={handle}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn revoking_the_own_session_signs_out() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    let handle = browser.get("/account").await.after("id=\"revoke-").to_owned();
    assert_eq!(browser.post("/sessions/revoke", &format!("handle={handle}")).await.leads_to(), Some("/"));
    assert!(!browser.is_signed_in());
}

#[tokio::test]
async fn nobody_revokes_the_session_of_another_user() {
    let (site, _clock) = demo().await;
    let (mut ada, mut mallory) = (Browser::new(&site, CHROME), Browser::new(&site, FIREFOX));
    ada.sign_in("ada").await;
    mallory.sign_in("mallory").await;
    let handle = ada.get("/account").await.after("id=\"revoke-").to_owned();
    for wrong in [handle.as_str(), &handle.to_uppercase(), &format!("{handle}_t1"), "", "x", "%00", "0f8fad5b-d9cb-469f-a165-70867728950e"]
    {
        let page = mallory.post("/sessions/revoke", &format!("handle={wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
        assert!(page.text.contains("No such session"));
    }
    assert_eq!(ada.generation().await, "0", "ada is still there");
}

#[tokio::test]
async fn names_are_shown_as_text_and_not_as_html() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, "<b>agent</b>");
    browser.sign_in("%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26").await;
    browser.get("/account").await;
    for act in ["/theft/steal", REFRESH, "/theft/skip", "/theft/refresh"] {
        browser.act(act).await;
    }
    browser.post("/logout", "").await;
    browser.get("/").await;
    let pages = browser.seen.join("\n");
    assert!(pages.contains("&#60;script&#62;alert(1)"));
    assert!(!pages.contains("<script>") && !pages.contains("<b>agent"));
}

#[tokio::test]
async fn a_name_is_needed_and_not_too_long() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    for wrong in ["", "+++", "%E3%80%80", &"ä".repeat(65), &format!("%3Ci%3E{}", "x".repeat(64))] {
        let page = browser.post("/login", &format!("name={wrong}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(page.text.contains("class=\"mistake\"") && !page.text.contains("<i>"));
    }
    assert!(!browser.is_signed_in());
    browser.sign_in(&"%F0%9F%91%8B".repeat(64)).await;
}

#[tokio::test]
async fn hostile_forms_get_a_page_and_change_nothing() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    for (path, form) in [("/login", ""), ("/login", "nam=x"), ("/login", "name=a&name=b"), ("/login", "name=a&next=evil")] {
        let page = browser.post(path, form).await;
        assert!(page.status.is_client_error(), "{path} {form}: {}", page.status);
        assert!(page.text.contains("</html>"));
    }
    let page = browser.post("/login", &format!("name={}", "x".repeat(3_000_000))).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!browser.is_signed_in());
    browser.sign_in("ada").await;
    for form in ["", "handl=x", "handle=%FF"] {
        assert!(browser.post("/sessions/revoke", form).await.status.is_client_error());
    }
    let page = browser.post(REFRESH, "next=//evil.example").await;
    assert_eq!((page.status, page.leads_to()), (StatusCode::OK, None), "it refreshes, and leads nowhere");
    assert_eq!(browser.generation().await, "1");
}

#[tokio::test]
async fn other_servers_on_this_machine_cannot_press_buttons() {
    let (site, _clock) = demo().await;
    let mut browser = Browser::new(&site, CHROME);
    browser.sign_in("ada").await;
    for origin in ["http://localhost:8080", "https://localhost:3000", "null", "http://evil.example"] {
        for path in [
            "/logout",
            "/auth/signout",
            "/auth/sessions/revoke-others",
            REFRESH,
            "/theft/steal",
            "/theft/skip",
            "/login",
            "/admin/ban",
            "/admin/revoke-all",
            "/admin/role",
        ] {
            let page = browser.send(Request::post("/").header(header::ORIGIN, origin), path, Body::empty()).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{origin} {path}");
        }
    }
    assert_eq!(browser.generation().await, "0");
    for path in ["/login", "/logout", "/sessions/revoke", "/theft/steal", "/theft/refresh", "/theft/use", "/theft/skip"] {
        assert_eq!(browser.get(path).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn strangers_have_no_story() {
    let (mut browser, _clock) = victim().await;
    let site = browser.site.clone();
    let forged = |value: &str| BTreeMap::from([("demo_visitor".to_owned(), value.to_owned())]);
    for value in ["", "x", "0".repeat(32).as_str()] {
        let mut stranger = Browser { cookies: forged(value), ..Browser::new(&site, FIREFOX) };
        for path in ["/theft/steal", "/theft/refresh", "/theft/use"] {
            assert_eq!(stranger.post(path, "").await.leads_to(), Some("/theft"));
        }
        let page = stranger.get("/theft").await;
        assert!(page.text.contains("Sign in first") && !page.text.contains("ada"));
        assert_eq!(stranger.get("/account").await.leads_to(), Some("/"));
    }
    browser.post("/logout", "").await;
    let before = browser.cookies["demo_visitor"].clone();
    browser.sign_in("eve").await;
    assert_ne!(browser.cookies["demo_visitor"], before, "a new visitor gets a new name");
    assert!(browser.get("/theft").await.text.contains("Nobody has stolen anything yet"));
}

#[tokio::test]
async fn every_page_obeys_its_own_policy_and_shows_no_token() {
    let (mut browser, _clock) = victim().await;
    let refresh_token = browser.cookies["sRefreshToken"].clone();
    assert!(refresh_token.starts_with("hp1_"));
    browser.act("/theft/refresh").await;
    let pages = ["/account", "/theft", "/newsroom", "/office", "/admin", "/nothing", "/auth/sessions", REFRESH];
    let files = ["/demo.css", "/demo.js", "/hallpass.js", "/favicon.svg"];
    let mut signed_out = Browser::new(&browser.site, FIREFOX);
    for (path, page) in [("/", signed_out.get("/").await), ("/login", signed_out.post("/login", "name=").await)] {
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self'; style-src 'self'"), "{path}");
    }
    for path in pages.into_iter().chain(files) {
        let page = browser.get(path).await;
        let header = |name| page.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        if files.contains(&path) {
            assert_eq!(page.status, StatusCode::OK);
        } else if path != "/auth/sessions" {
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
    browser.act("/theft/skip").await;
    browser.act(REFRESH).await;
    browser.get("/").await;
    let pages = browser.seen.iter().filter(|text| text.contains("</html>"));
    for page in pages {
        assert!(!page.contains("hp1_") && !page.contains("eyJ"), "no token is in any page");
        assert!(!page.contains("style=") && !page.contains("<style") && !page.contains(" onclick"), "nothing is inline");
    }
}

/// What the admin page says of a user: from the name to the next user.
fn about<'a>(page: &'a Page, name: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("\">{name}</h2>")).unwrap_or_else(|| panic!("no {name} in {}", page.text));
    rest.split("</h2>").next().unwrap()
}

/// An operator who has not signed in, and users who have.
async fn operator_and<const N: usize>(names: [&str; N]) -> (Browser, [Browser; N], Arc<ManualClock>) {
    let (site, clock) = demo().await;
    let mut users = names.map(|_| Browser::new(&site, FIREFOX));
    for (user, name) in users.iter_mut().zip(names) {
        user.sign_in(name).await;
    }
    (Browser::new(&site, CHROME), users, clock)
}

impl Browser {
    /// Presses a button of the admin page.
    async fn operate(&mut self, path: &str, form: &str) {
        let page = self.post(&format!("/admin/{path}"), form).await;
        assert_eq!(page.leads_to(), Some("/admin"), "{path} {form}: {}", page.text);
    }

    /// The access token counts no more, and the refresh that it asks for is refused: signed out.
    async fn is_thrown_out(&mut self) -> bool {
        let refused = self.get("/account").await.status == StatusCode::UNAUTHORIZED;
        let ended = self.post(REFRESH, "next=account").await.leads_to() == Some("/");
        refused && ended && !self.is_signed_in()
    }
}

#[tokio::test]
async fn operators_see_who_is_signed_in() {
    let (mut operator, [mut ada, _bob], _clock) = operator_and(["ada", "bob"]).await;
    let page = operator.get("/admin").await;
    assert!(page.text.contains("2 users, 2 sessions") && page.text.contains("Anybody here may do this"));
    assert!(about(&page, "ada").contains("Firefox on Windows") && !page.text.contains(">you<"));
    let page = ada.get("/admin").await;
    assert!(about(&page, "ada").contains(">you<") && about(&page, "ada").contains(">this browser<"));
    assert!(!about(&page, "bob").contains(">you<") && !about(&page, "bob").contains(">this browser<"));
    ada.post("/logout", "").await;
    let page = operator.get("/admin").await;
    assert!(about(&page, "ada").contains(">signed out<") && page.text.contains("2 users, 1 session."));
}

#[tokio::test]
async fn a_role_opens_its_page_at_the_next_request_and_closes_it_again() {
    for (place, role) in [("/newsroom", "editor"), ("/office", "admin")] {
        let (mut operator, [mut ada, mut bob], _clock) = operator_and(["ada", "bob"]).await;
        let page = ada.get(place).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains(&format!("has not the role <b>{role}</b>")));
        operator.operate("role", &format!("user=ada&role={role}&act=give")).await;
        let page = ada.get(place).await;
        assert!(page.status == StatusCode::OK && page.text.contains("You are in, ada"), "{place}");
        assert_eq!(bob.get(place).await.status, StatusCode::FORBIDDEN, "{place}");
        assert!(about(&operator.get("/admin").await, "ada").contains("value=\"take\""));
        operator.operate("role", &format!("user=ada&role={role}&act=take")).await;
        assert_eq!(ada.get(place).await.status, StatusCode::FORBIDDEN, "{place}");
        assert_eq!(ada.generation().await, "0", "nobody had to refresh for that, or to sign in");
    }
}

#[tokio::test]
async fn one_role_does_not_open_the_page_of_another() {
    let (mut operator, [mut ada], _clock) = operator_and(["ada"]).await;
    operator.operate("role", "user=ada&role=editor&act=give").await;
    assert_eq!(ada.get("/office").await.status, StatusCode::FORBIDDEN);
    for place in ["/newsroom", "/office"] {
        assert_eq!(operator.get(place).await.leads_to(), Some("/"), "{place} is for nobody who is not signed in");
    }
}

#[tokio::test]
async fn a_ban_ends_all_sessions_and_lets_nobody_in_until_it_is_lifted() {
    let (mut operator, [mut ada, mut ada_too, mut bob], _clock) = operator_and(["ada", "ada", "bob"]).await;
    operator.operate("ban", "user=ada&reason=spam&for=good").await;
    assert!(ada.is_thrown_out().await && ada_too.is_thrown_out().await);
    assert_eq!(bob.get("/account").await.status, StatusCode::OK);
    let page = operator.get("/admin").await;
    assert!(about(&page, "ada").contains("<q>spam</q>") && about(&page, "ada").contains("for good"));
    assert!(about(&page, "ada").contains("Chrome on Linux, on the admin page"));

    let page = ada.get("/").await;
    assert!(page.text.contains("the user was banned"));
    let page = ada.post("/login", "name=ada").await;
    assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("This user is banned"));
    assert!(!ada.seen.join("\n").contains("spam"), "the reason is for operators");

    operator.operate("unban", "user=ada").await;
    ada.sign_in("ada").await;
    assert_eq!(ada.generation().await, "0");
    assert!(!ada_too.is_signed_in(), "sessions stay revoked");
}

#[tokio::test]
async fn a_ban_that_has_an_end_ends() {
    let (mut operator, [mut ada], clock) = operator_and(["ada"]).await;
    operator.operate("ban", "user=ada&reason=&for=minute").await;
    let page = operator.get("/admin").await;
    assert!(about(&page, "ada").contains("data-left=\"60000\"") && !about(&page, "ada").contains("<q>"));
    clock.advance(Duration::from_secs(59));
    assert_eq!(ada.post("/login", "name=ada").await.status, StatusCode::FORBIDDEN);
    clock.advance(Duration::from_secs(1));
    ada.sign_in("ada").await;
    assert!(!operator.get("/admin").await.text.contains("banned"));
    operator.operate("ban", "user=ada&reason=&for=hour").await;
    assert!(about(&operator.get("/admin").await, "ada").contains("for another 60 min"));
}

#[tokio::test]
async fn an_operator_ends_one_session_of_a_user_or_all() {
    let (mut operator, [mut first, mut bob], _clock) = operator_and(["ada", "bob"]).await;
    let handle = first.get("/account").await.after("id=\"revoke-").to_owned();
    let [mut second, mut third] = [FIREFOX, CHROME].map(|agent| Browser::new(&operator.site, agent));
    second.sign_in("ada").await;
    third.sign_in("ada").await;
    operator.operate("revoke", &format!("handle={handle}")).await;
    assert!(first.is_thrown_out().await);
    let page = first.get("/").await;
    assert!(page.text.contains("by an operator") && page.text.contains("Chrome on Linux, on the admin page"));
    assert_eq!(second.get("/account").await.status, StatusCode::OK);
    operator.operate("revoke-all", "user=ada").await;
    assert!(second.is_thrown_out().await && third.is_thrown_out().await);
    assert_eq!(bob.get("/account").await.status, StatusCode::OK);
    second.sign_in("ada").await;
}

#[tokio::test]
async fn an_operator_can_throw_out_themselves() {
    let (_, [mut ada], _clock) = operator_and(["ada"]).await;
    ada.operate("ban", "user=ada&reason=tired&for=good").await;
    assert_eq!(ada.get("/admin").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ada.post(REFRESH, "next=admin").await.leads_to(), Some("/"));
    let page = ada.get("/admin").await;
    assert!(about(&page, "ada").contains("ada, on the admin page"), "signed out, the page is open again");
    ada.operate("unban", "user=ada").await;
    ada.sign_in("ada").await;
}

#[tokio::test]
async fn no_page_of_elsewhere_operates() {
    let (mut operator, [mut ada], _clock) = operator_and(["ada"]).await;
    let rebound = [("host", "evil.example:3000"), ("origin", "http://evil.example:3000")];
    let foreign: [&[(&str, &str)]; 4] =
        [&rebound, &[("origin", "http://localhost:8080")], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-site")]];
    for headers in foreign {
        let named = headers.iter().fold(Request::post("/admin/ban"), |request, (name, value)| request.header(*name, *value));
        let host = if headers == rebound { named } else { named.header(header::HOST, "localhost:3000") };
        let request = host.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from("user=ada&reason=&for=good")).unwrap();
        let response = operator.site.clone().oneshot(request).await.unwrap();
        assert!([StatusCode::FORBIDDEN, StatusCode::MISDIRECTED_REQUEST].contains(&response.status()), "{headers:?}");
    }
    let request = Request::get("/admin").header(header::HOST, "evil.example:3000").body(Body::empty()).unwrap();
    assert_eq!(operator.site.clone().oneshot(request).await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ada.get("/account").await.status, StatusCode::OK);
    for path in ["role", "ban", "unban", "revoke", "revoke-all"] {
        assert_eq!(operator.get(&format!("/admin/{path}")).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn hostile_operators_get_a_page_and_change_nothing() {
    let (mut operator, [mut ada], _clock) = operator_and(["ada"]).await;
    let long = "x".repeat(201);
    for (path, form, status) in [
        ("role", "", 422),
        ("role", "user=ada&role=root&act=give", 422),
        ("role", "user=ada&role=editor&act=steal", 422),
        ("role", "user=nobody&role=editor&act=give", 404),
        ("role", "user=%00&role=editor&act=give", 404),
        ("ban", "user=ada&reason=", 422),
        ("ban", "user=ada&reason=&for=ever", 422),
        ("ban", "user=ada&user=bob&reason=&for=good", 422),
        ("ban", &format!("user=ada&reason={long}&for=good"), 422),
        ("ban", "user=nobody&reason=&for=good", 404),
        ("ban", &format!("user={}&reason=&for=good", "x".repeat(600)), 404),
        ("unban", "", 422),
        ("unban", "user=ada", 404),
        ("unban", "user=%00", 404),
        ("revoke", "handle=", 404),
        ("revoke", "handle=%00", 404),
        ("revoke", "handle=0f8fad5b-d9cb-469f-a165-70867728950e", 404),
        ("revoke-all", "", 422),
        ("revoke-all", "user=nobody", 404),
        ("revoke-all", &format!("user=%00{long}"), 404),
    ] {
        let page = operator.post(&format!("/admin/{path}"), form).await;
        assert_eq!(page.status, status, "{path} {form}");
        assert!(page.text.contains("</html>"));
    }
    let page = operator.get("/admin").await;
    assert!(page.text.contains("1 user, 1 session.") && !page.text.contains(">banned<"));
    assert!(!about(&page, "ada").contains("value=\"take\""));
    assert_eq!(ada.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_operators_and_users_write_is_text_and_not_html() {
    let (mut operator, [], _clock) = operator_and([]).await;
    assert!(operator.get("/admin").await.text.contains("Nobody has signed in yet."));
    let name = "%3Cb%3E%22%27%26";
    let mut user = Browser::new(&operator.site, "<i>agent</i>");
    user.sign_in(name).await;
    operator.operate("role", &format!("user={name}&role=editor&act=give")).await;
    assert!(user.get("/newsroom").await.text.contains("You are in, &#60;b&#62;"));
    operator.get("/admin").await;
    operator.operate("ban", &format!("user={name}&reason=%3Cu%3E&for=good")).await;
    assert!(operator.get("/admin").await.text.contains("<q>&#60;u&#62;</q>"));
    user.post(REFRESH, "next=account").await;
    assert!(user.get("/").await.text.contains("is banned, for good"));
    let pages = [operator.seen, user.seen].concat().join("\n");
    assert!(!pages.contains("<b>\"") && !pages.contains("<i>agent") && !pages.contains("<u>"));
    assert!(!pages.contains("hp1_") && !pages.contains("eyJ") && !pages.contains("style="));
}

#[tokio::test]
async fn an_operator_whose_access_token_has_expired_refreshes_first() {
    let (_, [mut ada, mut bob], clock) = operator_and(["ada", "bob"]).await;
    clock.advance(Duration::from_secs(30));
    let page = ada.post("/admin/ban", "user=bob&reason=&for=good").await;
    assert!(page.status == StatusCode::UNAUTHORIZED && page.text.contains("value=\"admin\""));
    assert_eq!(bob.post(REFRESH, "next=account").await.leads_to(), Some("/account"), "nothing was done");
    assert_eq!(ada.post(REFRESH, "next=admin").await.leads_to(), Some("/admin"));
    ada.operate("ban", "user=bob&reason=&for=good").await;
    assert!(bob.is_thrown_out().await);
}
