//! Answers, and what went wrong.

use std::error::Error;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use hallpass_engine::{core::CoreError, id::Tenant, store::StoreError};
use hallpass_wire::{InvalidField, InvalidVersion};
use serde_json::{Value, json};

/// An answer. Outcomes are `200` with a `status`; texts are for errors and for those who only look whether we are there.
#[derive(Debug)]
pub(crate) enum Reply {
    /// JSON; with `Cache-Control`, if given.
    Json(Value, Option<String>),
    /// A text.
    Text(StatusCode, String),
}

impl Reply {
    /// `{"status": "OK"}`.
    pub(crate) fn ok() -> Self {
        Self::status("OK")
    }

    /// A status and nothing else.
    pub(crate) fn status(status: &str) -> Self {
        json!({ "status": status }).into()
    }

    /// As a response. Bodies end with a line break: an SDK compares it.
    pub(crate) fn into_response(self) -> Response<Body> {
        let (status, kind, body, cache) = match self {
            Self::Json(value, cache) => (StatusCode::OK, "application/json; charset=UTF-8", format!("{value}\n"), cache),
            Self::Text(status, text) => (status, "text/html; charset=UTF-8", format!("{text}\n"), None),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let cache = cache.and_then(|cache| HeaderValue::from_str(&cache).ok());
        headers.insert(header::CACHE_CONTROL, cache.unwrap_or(HeaderValue::from_static("no-store")));
        response
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value, None)
    }
}

/// Why a call is not answered with an outcome.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// No operation has that path.
    #[error("Not found")]
    NotFound,
    /// An operation has that path, but not that method.
    #[error("Method not supported")]
    Method,
    /// The address may not call.
    #[error("This address is not allowed to call this server")]
    Address,
    /// No key, or another one.
    #[error("Invalid API key")]
    ApiKey,
    /// Not a version.
    #[error(transparent)]
    Version(#[from] InvalidVersion),
    /// A version that is not spoken, or not by this app.
    #[error("cdi-version {0} not supported")]
    UnsupportedVersion(String),
    /// The body is no JSON object.
    #[error("Invalid Json Input")]
    Json,
    /// A field of the body.
    #[error(transparent)]
    Field(#[from] InvalidField),
    /// A query parameter is missing.
    #[error("Field name '{0}' is missing in GET request")]
    MissingParameter(&'static str),
    /// A query parameter has the wrong type.
    #[error("Field name '{0}' must be {1} in the GET request")]
    InvalidParameter(&'static str, &'static str),
    /// Anything else that is wrong with what was sent.
    #[error("{0}")]
    BadRequest(String),
    /// The tenant of the path, of a handle, or its app.
    #[error("AppId or tenantId not found => {0}")]
    NoTenant(String),
    /// Not from here.
    #[error("{0}")]
    Forbidden(&'static str),
    /// We failed.
    #[error(transparent)]
    Core(#[from] CoreError),
}

impl Problem {
    pub(crate) fn no_tenant(tenant: &Tenant) -> Self {
        Self::NoTenant(format!("(, {}, {})", tenant.app, tenant.tenant))
    }

    pub(crate) fn no_app(tenant: &Tenant) -> Self {
        Self::NoTenant(format!("(, {})", tenant.app))
    }

    pub(crate) fn protected_claim() -> Self {
        Self::BadRequest("The user payload contains protected field".to_owned())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Address | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::ApiKey => StatusCode::UNAUTHORIZED,
            Self::Core(
                CoreError::ProtectedClaim(_) | CoreError::TooDeep | CoreError::InvalidUser | CoreError::InvalidRole | CoreError::BanIsOver,
            ) => StatusCode::BAD_REQUEST,
            Self::Core(CoreError::Store(StoreError::Unavailable(_) | StoreError::Contended)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Core(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// As a response. Of our own failures the caller learns little and the log everything.
    pub(crate) fn into_response(self) -> Response<Body> {
        let status = self.status();
        let text = match &self {
            Self::Core(CoreError::ProtectedClaim(_)) => return Self::protected_claim().into_response(),
            Self::Core(error) if status != StatusCode::BAD_REQUEST => {
                tracing::error!(error = error as &dyn Error, "a call failed");
                if status == StatusCode::SERVICE_UNAVAILABLE { "The storage is unavailable" } else { "Internal error" }.to_owned()
            }
            _ => self.to_string(),
        };
        let mut response = Reply::Text(status, escape(&text)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Core(error.into())
    }
}

/// Texts are labelled as HTML, because SDKs want that label; what a caller sent must not become any.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
