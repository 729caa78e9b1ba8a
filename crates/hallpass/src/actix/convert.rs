//! actix-web has types of an older `http`: requests and responses as the shared code knows them.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::RequestHead,
    http::{self as actix, header::HeaderMap as ActixHeaders},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request::Parts};

use crate::{client_address::PeerAddress, error::Raised, exchange::Exchange};

/// A request's head. Names and values that one `http` takes, the other takes too: nothing is lost.
pub(super) fn parts(head: &RequestHead) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    // of all methods, POST must prove most
    parts.method = Method::from_bytes(head.method.as_str().as_bytes()).unwrap_or(Method::POST);
    parts.uri = Uri::try_from(head.uri.to_string()).unwrap_or_default();
    parts.version = version(head.version);
    parts.headers = to_http(&head.headers);
    if let Some(address) = head.peer_addr {
        parts.extensions.insert(PeerAddress(address.ip()));
    }
    parts
}

fn version(version: actix::Version) -> Version {
    match version {
        actix::Version::HTTP_09 => Version::HTTP_09,
        actix::Version::HTTP_10 => Version::HTTP_10,
        actix::Version::HTTP_2 => Version::HTTP_2,
        actix::Version::HTTP_3 => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}

/// A response of ours.
pub(super) fn response(response: Response<Bytes>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut response = HttpResponse::with_body(status(parts.status), BoxBody::new(body));
    *response.headers_mut() = to_actix(&parts.headers);
    if let Some(raised) = parts.extensions.get::<Raised>() {
        response.extensions_mut().insert(raised.clone());
    }
    response
}

/// [`Exchange::finish_head`] on a response of actix-web.
#[must_use]
pub(super) fn finish<B>(exchange: &Exchange, response: &mut HttpResponse<B>) -> Option<Bytes> {
    let mut twin = Response::new(());
    *twin.status_mut() = StatusCode::from_u16(response.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *twin.headers_mut() = to_http(response.headers());
    if let Some(raised) = response.extensions_mut().remove::<Raised>() {
        twin.extensions_mut().insert(raised);
    }
    let before = twin.headers().clone();
    let body = exchange.finish_head(&mut twin);
    *response.status_mut() = status(twin.status());
    if *twin.headers() != before {
        *response.headers_mut() = to_actix(twin.headers());
    }
    body
}

pub(super) fn status(status: StatusCode) -> actix::StatusCode {
    actix::StatusCode::from_u16(status.as_u16()).unwrap_or(actix::StatusCode::INTERNAL_SERVER_ERROR)
}

fn to_http(headers: &ActixHeaders) -> HeaderMap {
    let mut converted = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if let (Ok(name), Ok(mut copy)) = (HeaderName::from_bytes(name.as_str().as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            copy.set_sensitive(value.is_sensitive());
            converted.append(name, copy);
        }
    }
    converted
}

fn to_actix(headers: &HeaderMap) -> ActixHeaders {
    let mut converted = ActixHeaders::with_capacity(headers.len());
    for (name, value) in headers {
        let name = actix::header::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(mut copy)) = (name, actix::header::HeaderValue::from_bytes(value.as_bytes())) {
            copy.set_sensitive(value.is_sensitive());
            converted.append(name, copy);
        }
    }
    converted
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header, test::TestRequest};

    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let request = TestRequest::with_uri("/auth/t1/signout?x=%20y")
            .method(actix::Method::from_bytes(b"post").unwrap())
            .version(actix::Version::HTTP_2)
            .peer_addr("203.0.113.7:4711".parse().unwrap())
            .append_header(("cookie", "a=1"))
            .append_header(("cookie", "b=2"))
            .append_header((header::USER_AGENT, header::HeaderValue::from_bytes(b"\xe4gypten").unwrap()))
            .to_http_request();
        let parts = parts(request.head());
        assert_eq!((parts.method.as_str(), parts.uri.to_string().as_str()), ("post", "/auth/t1/signout?x=%20y"));
        assert_eq!(parts.version, Version::HTTP_2);
        assert_eq!(parts.headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(parts.headers["user-agent"].as_bytes(), b"\xe4gypten");
        assert_eq!(parts.extensions.get(), Some(&PeerAddress("203.0.113.7".parse().unwrap())));
    }

    #[test]
    fn header_names_and_values_are_the_same_in_both_directions() {
        let mut headers = HeaderMap::new();
        for byte in (0..=255_u8).filter(|byte| *byte == b'\t' || (*byte >= 32 && *byte != 127)) {
            headers.append("x-value", HeaderValue::from_bytes(&[b'a', byte, b'z']).unwrap());
        }
        let mut secret = HeaderValue::from_static("token");
        secret.set_sensitive(true);
        headers.insert("st-access-token", secret);
        let there = to_actix(&headers);
        assert!(there.get("st-access-token").unwrap().is_sensitive());
        let back = to_http(&there);
        assert_eq!(back, headers);
        assert!(back["st-access-token"].is_sensitive());
    }
}
