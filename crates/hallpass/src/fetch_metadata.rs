//! What browsers tell of a request's cause (W3C Fetch Metadata). They do over https, and on localhost.

use http::{HeaderMap, HeaderName, header::ORIGIN};

use crate::site::Origin;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether the browser is going to a page, by a link or a form. What scripts send, frontend SDKs among them, is none.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    tells(headers, MODE, b"navigate")
}

/// Whether a page of another site caused the request, and not by a script that the app's CORS rules let read the answer:
/// a link, a form, an image.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    tells(headers, SITE, b"cross-site") && !tells(headers, MODE, b"cors")
}

/// Whether a page of such an origin caused a request that changes something, as far as the browser tells. Browsers name the
/// origin with all of them; what names none is no browser, or at least says whether another origin caused it.
pub(crate) fn is_from(headers: &HeaderMap, is_trusted: impl FnOnce(&Origin) -> bool) -> bool {
    match headers.get(ORIGIN) {
        Some(origin) => origin.to_str().ok().and_then(Origin::parse).is_some_and(|origin| is_trusted(&origin)),
        None => !tells(headers, SITE, b"cross-site") && !tells(headers, SITE, b"same-site"),
    }
}

fn tells(headers: &HeaderMap, name: HeaderName, value: &[u8]) -> bool {
    headers.get(name).is_some_and(|told| told.as_bytes() == value)
}
