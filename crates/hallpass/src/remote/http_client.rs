//! How a core at a distance is called, where an app needs it otherwise.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, RequestBuilder};

use super::InvalidRemote;

const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

type Settings = Box<dyn FnOnce(ClientBuilder) -> ClientBuilder + Send>;
pub(super) type EachRequest = Box<dyn Fn(RequestBuilder) -> RequestBuilder + Send + Sync>;

/// The HTTP client that calls a core. By default it waits two seconds for a connection and ten for an answer, follows no
/// redirects, and trusts the certificates that the operating system trusts.
///
/// ```
/// # #[cfg(feature = "axum")] mod app {
/// use std::time::Duration;
///
/// use hallpass::{
///     AppInfo, BuildError, Hallpass,
///     remote::{HttpClient, reqwest},
/// };
///
/// async fn hallpass(our_ca: reqwest::Certificate) -> Result<Hallpass, BuildError> {
///     let client = HttpClient::new()
///         .configure(|client| client.tls_certs_merge([our_ca])) // beside those of the operating system
///         .each_request(|request| request.header("traceparent", trace()))
///         .timeout(Duration::from_secs(3));
///     let info = AppInfo::new("shop").api("https://api.example.com").website("https://example.com");
///     Hallpass::builder(info).remote_by("https://sessions.internal:3567", Some("…"), client).build().await
/// }
/// # fn trace() -> String { String::new() }
/// # }
/// ```
///
/// # Security
/// Requests carry the API key and the tokens of users. A proxy, and whatever [`HttpClient::each_request`] hands a request to, sees them.
#[must_use = "hand it to `Builder::remote_by` or `RemoteCore::by`"]
pub struct HttpClient {
    settings: Settings,
    each_request: EachRequest,
    patience: Duration,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self { settings: Box::new(|client| client), each_request: Box::new(|request| request), patience: PATIENCE }
    }
}

impl HttpClient {
    /// The default one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes what all requests have in common: certificates, a proxy, headers that are always the same, how long a connection may
    /// take.
    pub fn configure(self, settings: impl FnOnce(ClientBuilder) -> ClientBuilder + Send + 'static) -> Self {
        let before = self.settings;
        Self { settings: Box::new(|client| settings(before(client))), ..self }
    }

    /// Changes each request before it is sent: headers that differ, a trace for instance. It must be quick.
    pub fn each_request(self, change: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync + 'static) -> Self {
        let before = self.each_request;
        Self { each_request: Box::new(move |request| change(before(request))), ..self }
    }

    /// How long an answer may take: ten seconds by default. The revocation feed may take half a minute more, for it waits for news.
    pub fn timeout(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(super) fn build(self, always: HeaderMap<HeaderValue>) -> Result<(reqwest::Client, EachRequest, Duration), InvalidRemote> {
        let client = reqwest::Client::builder()
            .default_headers(always)
            .connect_timeout(CONNECT_PATIENCE)
            // a core answers by itself or not at all
            .redirect(reqwest::redirect::Policy::none());
        let client = (self.settings)(client).build().map_err(InvalidRemote::Client)?;
        Ok((client, self.each_request, self.patience))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("patience", &self.patience).finish_non_exhaustive()
    }
}
