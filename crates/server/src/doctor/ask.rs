//! Asks a real server, as a browser would on a page of the website. Nothing is followed, and nothing is sent that could
//! sign anybody in or out.

use std::time::Duration;

use hallpass_engine::time::Clock;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::{Client, Url, redirect};

use super::{
    CouldNotCheck, Target, Transfer,
    facts::{Answer, Facts, NoAnswer, Observed, SDK_HEADERS, STRANGER},
};

/// How long one answer may take. [`NoAnswer::TooSlow`] says it in words.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a body is read: plenty for a set of keys.
const BODY_LEN: usize = 64 * 1024;
/// What the newest frontend SDKs send.
const FDI_VERSION: &str = "4.2";

/// Observes everything.
///
/// # Errors
/// When the refresh route gives no answer at all: then there is nothing to judge.
pub(super) async fn ask(target: Target, clock: &dyn Clock) -> Result<Facts, CouldNotCheck> {
    let http = Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("hallpass-doctor/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(CouldNotCheck::Client)?;
    let page = Page { http, clock, origin: target.website_origin(), transfer: target.transfer() };
    let refresh_url = target.route("/session/refresh");
    let refresh =
        page.post(&refresh_url).await.map_err(|(why, source)| CouldNotCheck::Unreachable { api: target.api_origin(), why, source })?;
    Ok(Facts {
        refresh,
        sign_out: seen(page.post(&target.route("/signout")).await),
        preflight: seen(page.preflight(&refresh_url, &page.origin).await),
        stranger: seen(page.preflight(&refresh_url, STRANGER).await),
        jwks: seen(page.get(&target.route("/jwt/jwks.json")).await),
        discovery: seen(page.get(&target.route("/.well-known/openid-configuration")).await),
        website: seen(page.get(target.website()).await),
        target,
    })
}

type Asked = Result<Answer, (NoAnswer, reqwest::Error)>;

fn seen(asked: Asked) -> Observed {
    asked.map_err(|(why, _source)| why)
}

/// A page of the website in a browser.
struct Page<'a> {
    http: Client,
    clock: &'a dyn Clock,
    origin: String,
    transfer: Transfer,
}

impl Page<'_> {
    /// A call that the frontend SDK would make, without tokens.
    async fn post(&self, url: &Url) -> Asked {
        let mode = match self.transfer {
            Transfer::Cookie => "cookie",
            Transfer::Header => "header",
        };
        let mut headers = headers(&[("rid", "session"), ("fdi-version", FDI_VERSION), ("st-auth-mode", mode)]);
        put_origin(&mut headers, &self.origin);
        self.send(Method::POST, url, headers).await
    }

    async fn preflight(&self, url: &Url, origin: &str) -> Asked {
        let mut headers = headers(&[("access-control-request-method", "POST")]);
        // in lower case and in order, as browsers send them
        let wanted = format!("{},content-type,{}", SDK_HEADERS[..2].join(","), SDK_HEADERS[2..].join(","));
        if let Ok(wanted) = HeaderValue::from_str(&wanted) {
            headers.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, wanted);
        }
        put_origin(&mut headers, origin);
        self.send(Method::OPTIONS, url, headers).await
    }

    async fn get(&self, url: &Url) -> Asked {
        self.send(Method::GET, url, HeaderMap::new()).await
    }

    async fn send(&self, method: Method, url: &Url, headers: HeaderMap) -> Asked {
        let sent_at = self.clock.now();
        let sent = self.http.request(method, url.clone()).headers(headers).send().await;
        let mut response = sent.map_err(named)?;
        // a `Date` was written somewhere in between
        let waited = self.clock.now().since(sent_at);
        let mut answer =
            Answer { status: response.status(), headers: response.headers().clone(), body: Vec::new(), at: sent_at + waited / 2 };
        while answer.body.len() < BODY_LEN {
            let Some(chunk) = response.chunk().await.map_err(named)? else { break };
            answer.body.extend_from_slice(&chunk[..chunk.len().min(BODY_LEN - answer.body.len())]);
        }
        Ok(answer)
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn put_origin(headers: &mut HeaderMap, origin: &str) {
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ORIGIN, origin);
    }
}

/// What went wrong, in our words, and without the address.
fn named(error: reqwest::Error) -> (NoAnswer, reqwest::Error) {
    let why = if error.is_timeout() {
        NoAnswer::TooSlow
    } else if error.is_connect() {
        NoAnswer::NoConnection
    } else {
        NoAnswer::BrokenOff
    };
    (why, error.without_url())
}
