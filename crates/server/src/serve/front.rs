//! The way of a request: it is named, counted and logged, kept within limits, and handed to the handlers.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    response::Response,
};
use futures_util::FutureExt;
use hallpass_engine::random::Random;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::{sync::Semaphore, time::Instant};
use tower::ServiceExt;
use tracing::{Instrument, Span};

use super::{
    health::Health,
    metrics::{MEDIA_TYPE, Metrics},
    note::Note,
    reply::{try_again, with_type, words},
    trace,
};
use crate::{
    api::{self, FEED},
    app_settings::ApiKeys,
};

/// What every request passes. One for all listeners of a server.
pub(super) struct Front {
    pub(super) app: Router,
    pub(super) base_path: String,
    pub(super) api_keys: ApiKeys,
    pub(super) metrics: Metrics,
    pub(super) health: Arc<Health>,
    pub(super) random: Arc<dyn Random>,
    pub(super) body_bytes: usize,
    pub(super) patience: Duration,
    /// A request that is handed to the handlers holds one.
    pub(super) slots: Semaphore,
    /// One that waits there for news holds one of these instead: it keeps nothing busy.
    pub(super) waiting: Semaphore,
}

/// Which listener a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The one for everybody.
    Public,
    /// The one for monitoring.
    Admin,
}

impl Front {
    /// Answers a request, whatever happens.
    pub(super) async fn answer<B>(&self, request: Request<B>, peer: SocketAddr, door: Door) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let (started, _present) = (Instant::now(), self.metrics.request());
        let (mut parts, body) = request.into_parts();
        let id = request_id(&parts.headers, &*self.random);
        let (method, path) = (parts.method.clone(), shown(&parts.uri));
        let note = Note::default();
        parts.extensions.insert(note.clone());
        parts.extensions.insert(ConnectInfo(peer));
        let is_routine = door == Door::Admin || about_us(&method, &parts.uri, &self.base_path).is_some();

        let span = if is_routine { Span::none() } else { trace::span(&method, &path, &parts.headers, &id) };

        let mut response = self.route(Request::from_parts(parts, body), door).instrument(span.clone()).await;

        response.headers_mut().insert("x-request-id", HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-")));
        let (status, took) = (response.status(), started.elapsed());
        let ms = took.as_micros() as f64 / 1000.0;
        let app = note.app().map_or("-", |app| app.as_str());
        if is_routine {
            tracing::debug!(target: "hallpass::request", id, %method, path, status = status.as_u16(), ms, "request");
        } else {
            self.metrics.answered(note.operation(), status, took);
            let operation = note.operation();
            trace::complete(&span, operation, app, status.as_u16());
            tracing::info!(target: "hallpass::request", id, %method, path, operation, app, status = status.as_u16(), ms, "request");
        }
        response
    }

    async fn route<B>(&self, request: Request<B>, door: Door) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let base_path = if door == Door::Admin { "" } else { &self.base_path };
        match about_us(request.method(), request.uri(), base_path) {
            Some(AboutUs::Live) => words(StatusCode::OK, "live"),
            Some(AboutUs::Ready) => match self.health.ready().await {
                Ok(()) => words(StatusCode::OK, "ready"),
                Err(why) => words(StatusCode::SERVICE_UNAVAILABLE, &why.to_string()),
            },
            Some(AboutUs::Metrics) => self.metrics(request.headers(), door),
            None if door == Door::Admin => words(StatusCode::NOT_FOUND, "Not found"),
            None => self.limited(request).await,
        }
    }

    /// Never for everybody: through the other door, or with an API key.
    fn metrics(&self, headers: &HeaderMap, door: Door) -> Response {
        let may_see = door == Door::Admin || ApiKeys::presented(headers).is_some_and(|key| self.api_keys.accepts(key));
        match may_see {
            true => with_type(StatusCode::OK, HeaderValue::from_static(MEDIA_TYPE), self.metrics.text()),
            false if self.api_keys.is_empty() => words(StatusCode::NOT_FOUND, "Not found"),
            false => words(StatusCode::UNAUTHORIZED, "Invalid API key"),
        }
    }

    /// Within the limits of number, time and size.
    async fn limited<B>(&self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let waits = waits_for_news(request.method(), request.uri());
        let (slots, patience) =
            if waits { (&self.waiting, self.patience.saturating_add(api::PATIENCE)) } else { (&self.slots, self.patience) };
        let Ok(_slot) = slots.try_acquire() else {
            self.metrics.overloaded();
            return try_again("There are too many requests at the moment.");
        };
        let handled = tokio::time::timeout(patience, self.handled(request)).await;
        handled.unwrap_or_else(|_| try_again("The request took too long."))
    }

    async fn handled<B>(&self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let most = u64::try_from(self.body_bytes).unwrap_or(u64::MAX);
        let read = if body.size_hint().lower() > most { None } else { Some(Limited::new(body, self.body_bytes).collect().await) };
        let body = match read {
            Some(Ok(body)) => body.to_bytes(),
            Some(Err(error)) if !error.is::<LengthLimitError>() => {
                return words(StatusCode::BAD_REQUEST, "The request body could not be read to its end.");
            }
            _ => {
                let why = format!("The request body is longer than {} bytes.", self.body_bytes);
                return words(StatusCode::PAYLOAD_TOO_LARGE, &why);
            }
        };
        let app = self.app.clone().oneshot(Request::from_parts(parts, Body::from(body)));
        match AssertUnwindSafe(app).catch_unwind().await {
            Ok(Ok(response)) => response,
            Err(_panic) => {
                tracing::error!("a request made the server stumble: this is a bug");
                words(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.")
            }
        }
    }
}

/// The name of a request: as its sender calls it, if that is fit to print; else a new one.
fn request_id(headers: &HeaderMap, random: &dyn Random) -> String {
    let is_sane = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
    };
    let theirs = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(is_sane);
    theirs.map_or_else(|| format!("{:016x}", u64::from_be_bytes(random.bytes())), str::to_owned)
}

/// A path as it may stand in a log: what follows `?` may hold secrets.
fn shown(uri: &Uri) -> String {
    const MOST: usize = 200;
    uri.path().chars().take(MOST).collect()
}

/// What may be asked about this process rather than about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AboutUs {
    Live,
    Ready,
    Metrics,
}

fn about_us(method: &Method, uri: &Uri, base_path: &str) -> Option<AboutUs> {
    let (start, path) = uri.path().split_at_checked(base_path.len())?;
    let is_question = start.eq_ignore_ascii_case(base_path) && matches!(*method, Method::GET | Method::HEAD);
    match path {
        _ if !is_question => None,
        "/live" => Some(AboutUs::Live),
        "/ready" => Some(AboutUs::Ready),
        "/metrics" => Some(AboutUs::Metrics),
        _ => None,
    }
}

/// Whether a request may be answered late: it is for the feed of some app.
fn waits_for_news(method: &Method, uri: &Uri) -> bool {
    let path = uri.path().trim_end_matches('/').as_bytes();
    *method == Method::GET && path.len() >= FEED.len() && path[path.len() - FEED.len()..].eq_ignore_ascii_case(FEED.as_bytes())
}

#[cfg(test)]
mod tests {
    use hallpass_engine::random::SystemRandom;

    use super::*;

    #[test]
    fn questions_about_the_process_lie_below_the_base_path_too() {
        let asked = |method: &Method, text: &str, base| about_us(method, &text.parse().unwrap(), base);
        assert_eq!(asked(&Method::GET, "/live?a=b", ""), Some(AboutUs::Live));
        assert_eq!(asked(&Method::HEAD, "/AUTH/ready", "/auth"), Some(AboutUs::Ready));
        assert_eq!(asked(&Method::GET, "/auth/metrics", "/auth"), Some(AboutUs::Metrics));
        assert_eq!(asked(&Method::POST, "/live", ""), None);
        for other in ["/live", "/auth", "/auth/live/x", "/auth/recipe/session", "/au"] {
            assert_eq!(asked(&Method::GET, other, "/auth"), None, "{other}");
        }
    }

    #[test]
    fn whoever_asks_for_a_feed_waits_and_nobody_else() {
        let waits = |method: &Method, path: &str| waits_for_news(method, &path.parse().unwrap());
        for path in ["/hallpass/feed", "/auth/appid-shop/public/Hallpass/Feed/?after=1"] {
            assert!(waits(&Method::GET, path), "{path}");
            assert!(!waits(&Method::POST, path), "{path}");
        }
        for path in ["/", "/feed", "/hallpass/feeds", "/recipe/session?x=/hallpass/feed"] {
            assert!(!waits(&Method::GET, path), "{path}");
        }
    }

    #[test]
    fn a_request_keeps_its_name_if_that_is_fit_to_print() {
        let id = |id: &'static str| {
            request_id(&HeaderMap::from_iter([("x-request-id".parse().unwrap(), HeaderValue::from_static(id))]), &SystemRandom)
        };
        assert_eq!(id("a-1_b.c:2"), "a-1_b.c:2");
        for odd in ["", "a b", "\"x\"", "12345678901234567890123456789012345678901234567890123456789012345"] {
            assert_eq!(id(odd).len(), 16, "{odd}");
        }
        assert_ne!(id(""), id(""));
    }

    #[test]
    fn what_is_logged_of_an_address_is_its_path() {
        assert_eq!(shown(&"/recipe/session?sessionHandle=secret".parse().unwrap()), "/recipe/session");
        assert_eq!(shown(&format!("/{}", "x".repeat(999)).parse().unwrap()).len(), 200);
    }
}
