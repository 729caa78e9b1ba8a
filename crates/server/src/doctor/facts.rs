//! What was observed. Nothing here is a judgement.

use hallpass_engine::time::Timestamp;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

use super::Target;

/// Everything that the judgement rests on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What was asked about.
    pub target: Target,
    /// `POST /session/refresh` from a page of the website, without tokens.
    pub refresh: Answer,
    /// `POST /signout` likewise.
    pub sign_out: Observed,
    /// What a browser asks before it lets the website refresh.
    pub preflight: Observed,
    /// The same for a page of [`STRANGER`].
    pub stranger: Observed,
    /// The public keys.
    pub jwks: Observed,
    /// The document that names the issuer.
    pub discovery: Observed,
    /// The website's root.
    pub website: Observed,
}

/// An origin that no API has reason to know (RFC 2606 §2).
pub const STRANGER: &str = "https://stranger.invalid";

/// What browsers ask leave for at a refresh: the headers of frontend SDKs.
pub const SDK_HEADERS: [&str; 5] = ["anti-csrf", "authorization", "fdi-version", "rid", "st-auth-mode"];

/// An answer, or why there is none.
pub type Observed = Result<Answer, NoAnswer>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody is there, or the certificate is no good.
    #[error("no connection")]
    NoConnection,
    /// Somebody is there, and slow.
    #[error("no answer within ten seconds")]
    TooSlow,
    /// It ended in the middle, or is not HTTP.
    #[error("the answer broke off")]
    BrokenOff,
}

/// One answer as it came, up to a limit.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// All header fields.
    pub headers: HeaderMap,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// When it came.
    pub at: Timestamp,
}

impl Answer {
    /// All fields of a name, in order.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.headers.get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned()).collect()
    }

    /// The only field of a name, or the first of several.
    pub(super) fn one(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// The members of a comma-separated list, in lower case.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let fields = self.all(name);
        let members = fields.iter().flat_map(|field| field.split(',')).map(|member| member.trim().to_ascii_lowercase());
        members.filter(|member| !member.is_empty()).collect()
    }

    /// Whether it is a page for people.
    pub(super) fn is_html(&self) -> bool {
        let says = self.one(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
        says || self.body.trim_ascii_start().first() == Some(&b'<')
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The seconds of a member of `Cache-Control`.
    pub(super) fn cache_seconds(&self, member: &str) -> Option<u64> {
        self.list("cache-control").iter().find_map(|item| item.strip_prefix(member)?.strip_prefix('=')?.trim_matches('"').parse().ok())
    }
}
