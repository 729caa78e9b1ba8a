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
    id::{AppId, Tenant, TenantId},
    session::JsonObject,
    store::StoreError,
};
use hallpass_wire::{CdiVersion, own::CLIENT_HEADER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::CACHE_CONTROL};
use serde_json::Value;

use super::{
    InvalidRemote,
    http_client::{EachRequest, HttpClient},
};

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

/// What is answered when there is something to tell may take so much longer: the core waits half a minute at most.
const WAITING: Duration = Duration::from_secs(30);

/// Calls a core at one of its hosts.
pub(super) struct Client {
    http: reqwest::Client,
    each_request: EachRequest,
    patience: Duration,
    api_key: Option<HeaderValue>,
    hosts: Vec<String>,
    /// Asked first: the host that answered last, or the one after a host that failed.
    current: AtomicUsize,
    version: OnceLock<CdiVersion>,
}

/// An answer: its body, and for how many seconds it may be kept.
pub(super) struct Answered {
    pub(super) body: Value,
    pub(super) max_age: Option<Duration>,
}

/// What is asked, of whichever host.
struct Call<'a> {
    method: Method,
    path: String,
    query: &'a [(&'a str, &'a str)],
    body: Option<&'a JsonObject>,
    /// Whether the core has to know who asks.
    shows_key: bool,
    version: Option<CdiVersion>,
    /// Whether it is answered only when there is something to tell.
    waits: bool,
}

impl<'a> Call<'a> {
    fn get(path: String, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { method: Method::GET, path, query, body: None, shows_key: true, version: None, waits: false }
    }
}

impl Client {
    pub(super) fn new(hosts: &str, api_key: Option<&str>, http: HttpClient) -> Result<Self, InvalidRemote> {
        let hosts: Vec<_> = hosts.split(';').map(|host| host.trim().trim_end_matches('/').to_owned()).collect();
        let is_url = |host: &String| host.parse::<http::Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !hosts.iter().all(is_url) {
            return Err(InvalidRemote::Address);
        }
        let mut api_key = api_key.map(HeaderValue::from_str).transpose().map_err(|_| InvalidRemote::ApiKey)?;
        if let Some(key) = &mut api_key {
            key.set_sensitive(true);
        }
        let headers = HeaderMap::from_iter([(HeaderName::from_static(CLIENT_HEADER), HeaderValue::from_static(env!("CARGO_PKG_VERSION")))]);
        let (http, each_request, patience) = http.build(headers)?;
        Ok(Self { http, each_request, patience, api_key, hosts, current: AtomicUsize::new(0), version: OnceLock::new() })
    }

    /// Asks for something of an app.
    pub(super) async fn get(&self, app: &AppId, path: &str, query: &[(&str, &str)]) -> Result<Answered, CoreError> {
        let version = Some(self.version().await?);
        self.ask(&Call { version, ..Call::get(in_app(app, path), query) }).await
    }

    /// As [`Client::get`], where the core answers when there is something to tell.
    pub(super) async fn get_patiently(&self, app: &AppId, path: &str, query: &[(&str, &str)]) -> Result<Answered, CoreError> {
        let version = Some(self.version().await?);
        self.ask(&Call { version, waits: true, ..Call::get(in_app(app, path), query) }).await
    }

    /// As [`Client::get`], where neither key nor version is needed, and so neither is shown.
    pub(super) async fn get_open(&self, app: &AppId, path: &str) -> Result<Answered, CoreError> {
        self.ask(&Call { shows_key: false, ..Call::get(in_app(app, path), &[]) }).await
    }

    /// Sends something about an app.
    pub(super) async fn send(&self, method: Method, app: &AppId, path: &str, body: &JsonObject) -> Result<Value, CoreError> {
        let version = Some(self.version().await?);
        let call = Call { method, body: Some(body), version, ..Call::get(in_app(app, path), &[]) };
        Ok(self.ask(&call).await?.body)
    }

    /// The latest version that both sides speak; asked for once.
    async fn version(&self) -> Result<CdiVersion, CoreError> {
        if let Some(version) = self.version.get() {
            return Ok(*version);
        }
        let answer = self.ask(&Call::get("/apiversion".to_owned(), &[])).await?.body;
        let offered: Vec<&str> = answer["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let common = SPOKEN.into_iter().find(|version| offered.contains(&version.to_string().as_str()));
        let version = common.ok_or_else(|| CoreError::Protocol("the core speaks no version from 3.1 to 5.4".to_owned()))?;
        Ok(*self.version.get_or_init(|| version))
    }

    /// Asks each host once, until one is there. What that one may have begun is not asked of another: it could be done twice. But if it
    /// does not answer, or says that it cannot, the next call begins with the host after it.
    async fn ask(&self, call: &Call<'_>) -> Result<Answered, CoreError> {
        let first = self.current.load(Ordering::Relaxed);
        let mut failure = None;
        for host in (0..self.hosts.len()).map(|step| (first + step) % self.hosts.len()) {
            match self.ask_host(&self.hosts[host], call).await {
                // nobody there: nothing was done, so the next one may be asked
                Err(error) if error.is_connect() => failure = Some(error),
                Err(error) => {
                    self.leave(host);
                    return Err(unavailable(error.without_url()));
                }
                Ok(response) => {
                    self.current.store(host, Ordering::Relaxed);
                    let answered = read(response, call).await;
                    if let Err(CoreError::Store(_)) = answered {
                        self.leave(host);
                    }
                    return answered;
                }
            }
        }
        Err(failure.map_or_else(|| unavailable("there is no host"), |error| unavailable(error.without_url())))
    }

    /// Another host is asked first from now on, unless one is already.
    fn leave(&self, host: usize) {
        let _left_already = self.current.compare_exchange(host, (host + 1) % self.hosts.len(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Asks one host, and asks again while it has too much to do: then nothing was done either.
    async fn ask_host(&self, host: &str, call: &Call<'_>) -> Result<reqwest::Response, reqwest::Error> {
        let mut again = 0;
        loop {
            let response = self.request(host, call).send().await?;
            match pause(again) {
                Some(pause) if response.status() == StatusCode::TOO_MANY_REQUESTS => tokio::time::sleep(pause).await,
                _ => return Ok(response),
            }
            again += 1;
        }
    }

    fn request(&self, host: &str, call: &Call<'_>) -> reqwest::RequestBuilder {
        let patience = if call.waits { self.patience.saturating_add(WAITING) } else { self.patience };
        let mut request = self.http.request(call.method.clone(), format!("{host}{}", call.path)).query(call.query).timeout(patience);
        if let Some(key) = self.api_key.as_ref().filter(|_| call.shows_key) {
            request = request.header(HeaderName::from_static("api-key"), key);
        }
        if let Some(version) = call.version {
            request = request.header(HeaderName::from_static("cdi-version"), version.to_string());
        }
        if let Some(body) = call.body {
            request = request.json(body);
        }
        (self.each_request)(request)
    }
}

/// How long a host that has too much to do is left alone before it is asked once more. `None`: it is not.
fn pause(asked_again: u32) -> Option<Duration> {
    (asked_again < 5).then(|| Duration::from_millis(10 + 250 * u64::from(asked_again)))
}

async fn read(response: reqwest::Response, call: &Call<'_>) -> Result<Answered, CoreError> {
    let status = response.status();
    let cache = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let max_age = cache.and_then(|cache| cache.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok()));
    let text = response.text().await.map_err(|error| unavailable(error.without_url()))?;
    let asked = || format!("{} {}", call.method, call.path);
    match status {
        StatusCode::OK => {
            let body =
                serde_json::from_str(&text).map_err(|_| CoreError::Protocol(format!("the core's answer to {} is not JSON", asked())))?;
            Ok(Answered { body, max_age: max_age.map(Duration::from_secs) })
        }
        StatusCode::TOO_MANY_REQUESTS => Err(unavailable("the core is overloaded")),
        status if status.is_server_error() => Err(unavailable(format!("the core answered {} with {}", asked(), status.as_u16()))),
        status => Err(match unknown_tenant(&text) {
            Some(tenant) if status == StatusCode::BAD_REQUEST => CoreError::UnknownTenant(tenant),
            _ => CoreError::Refused { call: asked(), status: status.as_u16(), text: text.trim().chars().take(300).collect() },
        }),
    }
}

/// The tenant that a core says it does not know: `(…, app, tenant)`. An unknown app, `(…, app)`, is another matter, and nobody's input.
fn unknown_tenant(text: &str) -> Option<Tenant> {
    let place = text.trim().strip_prefix("AppId or tenantId not found => (")?.strip_suffix(')')?;
    let [_, app, tenant] = place.split(", ").collect::<Vec<_>>()[..] else { return None };
    Some(Tenant { app: app.parse().ok()?, tenant: tenant.parse().ok()? })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_tenant_is_told_from_an_unknown_app_and_from_other_mistakes() {
        let tenant = unknown_tenant("AppId or tenantId not found => (, shop, t1)\n").unwrap();
        assert_eq!((tenant.app.as_str(), tenant.tenant.as_str()), ("shop", "t1"));
        for other in ["AppId or tenantId not found => (, shop)\n", "Field name 'userId' is invalid in JSON input (a, b, c)"] {
            assert!(unknown_tenant(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_host_that_has_too_much_to_do_is_asked_six_times_at_growing_distances() {
        let pauses: Vec<_> = (0..).map_while(pause).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [10, 260, 510, 760, 1010]);
    }
}
