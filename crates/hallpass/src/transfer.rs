//! Which way tokens travel: in cookies, or in headers.

use http::{HeaderMap, header::AUTHORIZATION};

use crate::fetch_metadata::is_navigation;

/// A client's wish for new sessions.
pub(crate) const AUTH_MODE: &str = "st-auth-mode";

/// The way that the tokens of a session travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// In `HttpOnly` cookies, out of reach for scripts.
    Cookie,
    /// In `Authorization` and `st-…` headers, for apps without cookies.
    Header,
}

impl Transfer {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Cookie => Self::Header,
            Self::Header => Self::Cookie,
        }
    }
}

/// The ways that a request may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allowed {
    /// Either; for a new session the client's `st-auth-mode` decides. When it says nothing, cookies are used if a browser
    /// follows a link or sends a form of the app's own (no script sees the headers of the answer), else headers.
    #[default]
    Any,
    /// Only one.
    Only(Transfer),
}

impl Allowed {
    fn includes(self, transfer: Transfer) -> bool {
        self == Self::Any || self == Self::Only(transfer)
    }
}

/// The way that a new session's tokens take. `trusted`: no page of another site may be behind the request.
pub(crate) fn of_new_session(allowed: Allowed, headers: &HeaderMap, trusted: bool) -> Transfer {
    match allowed {
        Allowed::Only(transfer) => transfer,
        Allowed::Any => {
            let wish = headers.get(AUTH_MODE).map(|wish| wish.as_bytes().trim_ascii());
            let wants_cookies = wish.map_or(trusted && is_navigation(headers), |wish| wish.eq_ignore_ascii_case(b"cookie"));
            if wants_cookies { Transfer::Cookie } else { Transfer::Header }
        }
    }
}

/// The token to use of those presented: the one in the header wins.
pub(crate) fn select<T>(allowed: Allowed, header: Option<T>, cookie: Option<T>) -> Option<(Transfer, T)> {
    let usable = |transfer: Transfer, token: Option<T>| token.filter(|_| allowed.includes(transfer)).map(|token| (transfer, token));
    usable(Transfer::Header, header).or_else(|| usable(Transfer::Cookie, cookie))
}

/// The token in `Authorization: Bearer …`; of several such headers the first counts. Not checked in any way.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let token = value.strip_prefix(b"Bearer ")?.trim_ascii();
    std::str::from_utf8(token).ok().filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Transfer::*, *};

    const COOKIE: Allowed = Allowed::Only(Cookie);
    const HEADER: Allowed = Allowed::Only(Header);

    fn with(name: &'static str, value: &str) -> HeaderMap {
        [(http::HeaderName::from_static(name), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_new_session_goes_where_the_setting_or_else_the_client_says() {
        for (allowed, wish, expected) in [
            (COOKIE, Some("header"), Cookie),
            (COOKIE, None, Cookie),
            (HEADER, Some("cookie"), Header),
            (HEADER, None, Header),
            (Allowed::Any, Some("cookie"), Cookie),
            (Allowed::Any, Some("COOKIE"), Cookie),
            (Allowed::Any, Some("header"), Header),
            (Allowed::Any, Some("pigeon"), Header),
            (Allowed::Any, None, Header),
        ] {
            let headers = wish.map(|wish| with(AUTH_MODE, wish)).unwrap_or_default();
            assert_eq!(of_new_session(allowed, &headers, true), expected, "{allowed:?} {wish:?}");
        }
    }

    #[test]
    fn the_header_wins_where_it_is_allowed() {
        for (allowed, header, cookie, expected) in [
            (Allowed::Any, true, true, Some(Header)),
            (Allowed::Any, true, false, Some(Header)),
            (Allowed::Any, false, true, Some(Cookie)),
            (Allowed::Any, false, false, None),
            (HEADER, true, true, Some(Header)),
            (HEADER, true, false, Some(Header)),
            (HEADER, false, true, None),
            (HEADER, false, false, None),
            (COOKIE, true, true, Some(Cookie)),
            (COOKIE, true, false, None),
            (COOKIE, false, true, Some(Cookie)),
            (COOKIE, false, false, None),
        ] {
            let selected = select(allowed, header.then_some(Header), cookie.then_some(Cookie));
            assert_eq!(selected, expected.map(|transfer| (transfer, transfer)), "{allowed:?} {header} {cookie}");
        }
    }

    #[test]
    fn a_bearer_token_follows_the_exact_word() {
        for (value, expected) in [
            ("Bearer abc", Some("abc")),
            ("Bearer   abc  ", Some("abc")),
            ("bearer abc", None),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearerabc", None),
        ] {
            assert_eq!(bearer(&with("authorization", value)), expected, "{value}");
        }
        let mut headers = with("authorization", "Bearer first");
        headers.append(AUTHORIZATION, "Bearer second".parse().unwrap());
        assert_eq!(bearer(&headers), Some("first"));
        headers.insert(AUTHORIZATION, http::HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert_eq!(bearer(&headers), None);
    }
}
