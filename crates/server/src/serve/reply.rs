//! Answers that need no handler.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

/// SDKs of the interface expect words to be labelled so, and to end with a line.
const WORDS: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");

/// A sentence. Not for words that came with a request.
pub(super) fn words(status: StatusCode, words: &str) -> Response {
    with_type(status, WORDS, format!("{words}\n"))
}

pub(super) fn with_type(status: StatusCode, media_type: HeaderValue, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// 503 with the hint that trying again soon may help.
pub(super) fn try_again(why: &str) -> Response {
    let mut response = words(StatusCode::SERVICE_UNAVAILABLE, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
