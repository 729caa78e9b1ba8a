//! The example does what it says, at a real socket and to a browser that runs no scripts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hallpass::AppInfo;
use hallpass_testkit::clock::ManualClock;
use reqwest::{
    Client, Method,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};

const REFRESH: &str = "/auth/session/refresh";

/// A browser, at an app of its own.
struct Browser {
    site: String,
    client: Client,
    cookies: BTreeMap<String, String>,
    clock: Arc<ManualClock>,
}

impl Browser {
    async fn start() -> Self {
        let here = "http://localhost:3000";
        let clock = Arc::new(ManualClock::default());
        let builder = dioxus_pages::settings(AppInfo::new("example").api(here).website(here)).clock(clock.clone());
        let hallpass = builder.embedded("sqlite::memory:").build().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, dioxus_pages::app(&hallpass)).into_future());
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { site, client, cookies: BTreeMap::new(), clock }
    }

    /// Goes to a page: its status, and its text or where it leads.
    async fn go(&mut self, method: Method, path: &str, form: &'static str) -> (u16, String) {
        // the refresh token's cookie has a path of its own
        let sent = self.cookies.iter().filter(|(name, _)| path == REFRESH || *name != "sRefreshToken");
        let cookies: Vec<String> = sent.map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, format!("{}{path}", self.site)).header(COOKIE, cookies.join("; ")).body(form);
        let response = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let status = response.status().as_u16();
        let leads = response.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned());
        (status, leads.unwrap_or(response.text().await.unwrap()))
    }

    async fn get(&mut self, path: &str) -> (u16, String) {
        self.go(Method::GET, path, "").await
    }

    async fn post(&mut self, path: &str, form: &'static str) -> (u16, String) {
        self.go(Method::POST, path, form).await
    }
}

fn leads_to(path: &str) -> (u16, String) {
    (303, path.to_owned())
}

#[tokio::test]
async fn a_user_signs_in_and_out_without_a_script() {
    let mut browser = Browser::start().await;
    assert!(browser.get("/").await.1.contains("<h1>Sign in</h1>"));
    assert_eq!(browser.get("/account").await, leads_to("/"));
    assert_eq!(browser.post("/sign-in", "user=alice").await, leads_to("/account"));
    assert!(browser.get("/").await.1.contains("Hello, alice"));
    assert!(browser.get("/account").await.1.contains("signed in on 1 device"));
    assert_eq!(browser.post("/sign-out", "").await, leads_to("/"));
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.get("/account").await, leads_to("/"));
}

#[tokio::test]
async fn an_expired_access_token_is_renewed_by_a_button() {
    let mut browser = Browser::start().await;
    browser.post("/sign-in", "user=alice").await;
    let before = browser.cookies.clone();
    browser.clock.advance(Duration::from_secs(2 * 3600));
    for path in ["/", "/account"] {
        assert!(browser.get(path).await.1.contains(r#"action="/auth/session/refresh""#));
    }
    assert_eq!(browser.cookies, before);
    assert_eq!(browser.post(REFRESH, "").await, leads_to("/account"));
    assert!(browser.get("/account").await.1.contains("alice"));

    // nobody comes back after a year
    browser.clock.advance(Duration::from_secs(365 * 24 * 3600));
    assert_eq!(browser.post(REFRESH, "").await, leads_to("/"));
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_name_is_text_whatever_it_looks_like() {
    let mut browser = Browser::start().await;
    browser.post("/sign-in", "user=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    let (_, page) = browser.get("/").await;
    assert!(!page.contains("<script>") && page.contains("script"));
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let browser = Browser::start().await;
    let sent_from = async |site: &str| {
        let form = browser.client.post(format!("{}/sign-in", browser.site)).header("content-type", "application/x-www-form-urlencoded");
        let told = form.header("sec-fetch-mode", "navigate").header("sec-fetch-site", site);
        let response = told.body("user=mallory").send().await.unwrap();
        (response.status().as_u16(), response.headers().contains_key(SET_COOKIE))
    };
    assert_eq!(sent_from("cross-site").await, (403, false));
    assert_eq!(sent_from("same-origin").await, (303, true));
}
