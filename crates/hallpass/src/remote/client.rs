//! HTTP to a core: several hosts, one key, one version of the interface.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hallpass_engine::{
    core::CoreError,
    id::{AppId, TenantId},
    session::JsonObject,
    store::StoreError,
};
use hallpass_wire::{CdiVersion, own::CLIENT_HEADER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::CACHE_CONTROL};
use serde_json::Value;

use super::InvalidRemote;

/// What is spoken here, the latest first.
const SPOKEN: [CdiVersion; 7] = [
    CdiVersion::new(5, 4),
    CdiVersion::new(5, 3),
    CdiVersion::new(5, 2),
    CdiVersion::new(5, 1),
    CdiVersion::new(5, 0),
    CdiVersion::new(4, 0),
    CdiVersion::new(3, 1),
];

const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

/// Calls a core at one of its hosts.
pub(super) struct Client {
    http: reqwest::Client,
    hosts: Vec<String>,
    /// The host that answered last: asked first.
    current: AtomicUsize,
    version: OnceLock<CdiVersion>,
}

/// An answer: its body, and for how many seconds it may be kept.
pub(super) struct Answered {
    pub(super) body: Value,
    pub(super) max_age: Option<Duration>,
}

impl Client {
    pub(super) fn new(hosts: &str, api_key: Option<&str>) -> Result<Self, InvalidRemote> {
        let hosts: Vec<_> = hosts.split(';').map(|host| host.trim().trim_end_matches('/').to_owned()).collect();
        let is_url = |host: &String| host.parse::<http::Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !hosts.iter().all(is_url) {
            return Err(InvalidRemote::Address);
        }
        let mut headers = HeaderMap::new();
        headers.insert(CLIENT_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
        if let Some(key) = api_key {
            let mut key = HeaderValue::from_str(key).map_err(|_| InvalidRemote::ApiKey)?;
            key.set_sensitive(true);
            headers.insert("api-key", key);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            // a core answers by itself or not at all
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(InvalidRemote::Client)?;
        Ok(Self { http, hosts, current: AtomicUsize::new(0), version: OnceLock::new() })
    }

    /// Asks for something of an app.
    pub(super) async fn get(&self, app: &AppId, path: &str, query: &[(&str, &str)]) -> Result<Answered, CoreError> {
        let version = self.version().await?;
        self.ask(&Method::GET, &in_app(app, path), query, None, Some(version)).await
    }

    /// As [`Client::get`], where neither key nor version is needed.
    pub(super) async fn get_open(&self, app: &AppId, path: &str) -> Result<Answered, CoreError> {
        self.ask(&Method::GET, &in_app(app, path), &[], None, None).await
    }

    /// Sends something about an app.
    pub(super) async fn send(&self, method: Method, app: &AppId, path: &str, body: &JsonObject) -> Result<Value, CoreError> {
        let version = self.version().await?;
        Ok(self.ask(&method, &in_app(app, path), &[], Some(body), Some(version)).await?.body)
    }

    /// The latest version that both sides speak; asked for once.
    async fn version(&self) -> Result<CdiVersion, CoreError> {
        if let Some(version) = self.version.get() {
            return Ok(*version);
        }
        let answer = self.ask(&Method::GET, "/apiversion", &[], None, None).await?.body;
        let offered: Vec<&str> = answer["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let common = SPOKEN.into_iter().find(|version| offered.contains(&version.to_string().as_str()));
        let version = common.ok_or_else(|| CoreError::Protocol("the core speaks no version from 3.1 to 5.4".to_owned()))?;
        Ok(*self.version.get_or_init(|| version))
    }

    /// Asks each host once, until one answers.
    async fn ask(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&JsonObject>,
        version: Option<CdiVersion>,
    ) -> Result<Answered, CoreError> {
        let first = self.current.load(Ordering::Relaxed);
        let mut failure = None;
        for host in (0..self.hosts.len()).map(|step| (first + step) % self.hosts.len()) {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.hosts[host])).query(query);
            if let Some(version) = version {
                request = request.header(HeaderName::from_static("cdi-version"), version.to_string());
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            match request.send().await {
                Ok(response) => {
                    self.current.store(host, Ordering::Relaxed);
                    return read(response).await;
                }
                // nobody there: nothing was done, so the next one may be asked
                Err(error) if error.is_connect() => failure = Some(error),
                Err(error) => return Err(unavailable(error.without_url())),
            }
        }
        Err(failure.map_or_else(|| unavailable("there is no host"), |error| unavailable(error.without_url())))
    }
}

async fn read(response: reqwest::Response) -> Result<Answered, CoreError> {
    let status = response.status();
    let cache = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let max_age = cache.and_then(|cache| cache.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok()));
    let text = response.text().await.map_err(|error| unavailable(error.without_url()))?;
    match status {
        StatusCode::OK => {
            let body = serde_json::from_str(&text).map_err(|_| CoreError::Protocol("the core's answer is not JSON".to_owned()))?;
            Ok(Answered { body, max_age: max_age.map(Duration::from_secs) })
        }
        StatusCode::TOO_MANY_REQUESTS => Err(unavailable("the core is overloaded")),
        status if status.is_server_error() => Err(unavailable(format!("the core answered {}", status.as_u16()))),
        status => Err(CoreError::Refused { status: status.as_u16(), text: text.trim().chars().take(300).collect() }),
    }
}

fn unavailable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CoreError {
    StoreError::Unavailable(why.into()).into()
}

fn in_app(app: &AppId, path: &str) -> String {
    if app.is_public() { path.to_owned() } else { format!("/appid-{app}{path}") }
}

/// A path below a tenant.
pub(super) fn in_tenant(tenant: &TenantId, path: &str) -> String {
    format!("/{tenant}{path}")
}
