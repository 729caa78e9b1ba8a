//! Cookies: reading what clients send, and writing `Set-Cookie` (RFC 6265).
//!
//! Our own code on purpose: clients and their test suites rely on the order of the attributes, and a request must keep
//! its session however odd the other cookies in it are.

use std::{
    borrow::Cow,
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use hallpass_engine::time::Timestamp;
use http::{HeaderMap, header::COOKIE};
use memchr::memchr;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::site::SameSite;

/// What SDKs of old left behind: a client that has it must refresh.
pub(crate) const LEGACY: &str = "sIdRefreshToken";

/// How long browsers keep the access token's cookie: longer than the refresh token's, so that an expired access token
/// still arrives and is answered by "try refresh", and within the 400 days at which browsers cut off.
pub(crate) const ACCESS_COOKIE_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// From here on it gets tight: browsers drop cookies of more than 4096 bytes.
pub(crate) const LARGE: usize = 3840;

/// What JavaScript's `encodeURIComponent` escapes.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'!').remove(b'~').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// The last second that an HTTP date can name.
const LAST_DATE_MS: i64 = 253_402_300_799_000;

/// A cookie to be set; an empty value with an expiry in the past deletes it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SetCookie {
    pub(crate) name: Cow<'static, str>,
    pub(crate) value: String,
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) secure: bool,
    pub(crate) same_site: SameSite,
    /// Kept apart for every site that embeds the app (CHIPS).
    pub(crate) partitioned: bool,
}

impl SetCookie {
    /// The header's value. The order of the attributes is fixed.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("{}={}", self.name, utf8_percent_encode(&self.value, ESCAPED));
        if let Some(domain) = &self.domain {
            text.push_str("; Domain=");
            text.push_str(domain);
        }
        let path = if self.path.is_empty() { "/" } else { &self.path };
        text.push_str(&format!("; Path={path}; Expires={}; HttpOnly", http_date(self.expires_at)));
        if self.secure {
            text.push_str("; Secure");
        }
        text.push_str("; SameSite=");
        text.push_str(self.same_site.as_str());
        if self.partitioned {
            text.push_str("; Partitioned");
        }
        text
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookie({})", self.name)
    }
}

fn http_date(at: Timestamp) -> String {
    let ms = at.as_millis().clamp(0, LAST_DATE_MS).unsigned_abs();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms))
}

/// A cookie, as a request has it.
#[derive(Default)]
pub(crate) struct Found<'a> {
    /// The first value in the order of the request, decoded.
    pub(crate) value: Option<Cow<'a, str>>,
    /// Whether there are more.
    pub(crate) is_duplicated: bool,
}

/// Looks for several cookies in one go. HTTP/2 clients may send several `cookie` fields.
pub(crate) fn find<'a, const N: usize>(headers: &'a HeaderMap, names: [&str; N]) -> [Found<'a>; N] {
    let mut found = [(); N].map(|()| Found::default());
    for pair in headers.get_all(COOKIE).into_iter().flat_map(|field| pairs(field.as_bytes())) {
        let Some(at) = memchr(b'=', pair) else { continue };
        let name = pair[..at].trim_ascii();
        let Some(wanted) = names.iter().position(|wanted| is_named(name, wanted)) else { continue };
        let Found { value, is_duplicated } = &mut found[wanted];
        *is_duplicated = value.is_some();
        value.get_or_insert_with(|| decode(unquoted(pair[at + 1..].trim_ascii())));
    }
    found
}

fn is_named(raw: &[u8], name: &str) -> bool {
    raw == name.as_bytes() || memchr(b'%', raw).is_some() && decode(raw) == name
}

/// What stands between semicolons.
fn pairs(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(field);
    std::iter::from_fn(move || {
        let field = rest?;
        let end = memchr(b';', field);
        rest = end.map(|end| &field[end + 1..]);
        Some(&field[..end.unwrap_or(field.len())])
    })
}

/// The first value of a cookie, decoded.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let [found] = find(headers, [name]);
    found.value
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// Percent-decodes (`+` stays `+`); what is not encoded properly stays as it is.
fn decode(raw: &[u8]) -> Cow<'_, str> {
    if memchr(b'%', raw).is_none() {
        return str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
    }
    let properly = || {
        let mut bytes = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((first, tail)) = rest.split_first() {
            let escape = (*first == b'%').then(|| tail.split_first_chunk::<2>());
            let (byte, tail) = match escape {
                Some(escape) => escape.and_then(|(digits, tail)| Some((hex(*digits)?, tail)))?,
                None => (*first, tail),
            };
            bytes.push(byte);
            rest = tail;
        }
        String::from_utf8(bytes).ok()
    };
    properly().map_or_else(|| String::from_utf8_lossy(raw), Cow::Owned)
}

fn hex([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const ACCESS: &str = "sAccessToken";

    fn headers(fields: &[&[u8]]) -> HeaderMap {
        fields.iter().map(|field| (COOKIE, HeaderValue::from_bytes(field).unwrap())).collect()
    }

    fn cookie() -> SetCookie {
        SetCookie {
            name: ACCESS.into(),
            value: "a.b-c_d=+/ ,;ä".to_owned(),
            domain: None,
            path: String::new(),
            expires_at: Timestamp::from_millis(1_700_000_000_999),
            secure: false,
            same_site: SameSite::Lax,
            partitioned: false,
        }
    }

    #[test]
    fn attributes_have_a_fixed_order() {
        assert_eq!(
            cookie().render(),
            "sAccessToken=a.b-c_d%3D%2B%2F%20%2C%3B%C3%A4; Path=/; Expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; SameSite=Lax"
        );
        let cookie = SetCookie {
            domain: Some(".example.com".to_owned()),
            path: "/auth/session/refresh".to_owned(),
            secure: true,
            same_site: SameSite::None,
            partitioned: true,
            ..cookie()
        };
        assert_eq!(
            cookie.render(),
            "sAccessToken=a.b-c_d%3D%2B%2F%20%2C%3B%C3%A4; Domain=.example.com; Path=/auth/session/refresh; \
             Expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; Secure; SameSite=None; Partitioned"
        );
    }

    #[test]
    fn a_deleted_cookie_expired_in_1970_and_absurd_times_do_not_panic() {
        let at = |ms| SetCookie { value: String::new(), expires_at: Timestamp::from_millis(ms), ..cookie() }.render();
        assert_eq!(at(0), "sAccessToken=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax");
        assert!(at(i64::MAX).contains("31 Dec 9999"));
        assert!(at(i64::MIN).contains("1970"));
    }

    #[test]
    fn odd_cookies_do_not_hide_ours() {
        for (fields, expected) in [
            (&[b"sAccessToken=abc".as_slice()] as &[&[u8]], Some("abc")),
            (&[b"a=1; sAccessToken=abc; b=2"], Some("abc")),
            (&[b"a=1;sAccessToken = abc ;b"], Some("abc")),
            (&[b"a=1", b"sAccessToken=abc"], Some("abc")),
            (&[b"sAccessToken=\"abc\""], Some("abc")),
            (&[b"sAccessToken=a%3Db%2B%2f"], Some("a=b+/")),
            (&[b"sAccessToken=a+b=c"], Some("a+b=c")),
            (&[b"s%41ccessToken=abc"], Some("abc")),
            (&[b"j={\"x\":\"%b\"}; sAccessToken=abc"], Some("abc")),
            (&[b"j=\xff\xfe; sAccessToken=abc"], Some("abc")),
            (&[b"Expires=Thu, 01 Jan 2026 00:00:00 GMT; Path=/; HttpOnly;sAccessToken=abc"], Some("abc")),
            (&[b"sAccessToken=%zz%41"], Some("%zz%41")),
            (&[b"sAccessToken=%4"], Some("%4")),
            (&[b"sAccessToken="], Some("")),
            (&[b"sAccessToken=first; sAccessToken=second"], Some("first")),
            (&[b"sAccessTokens=abc; xsAccessToken=abc"], None),
            (&[b"sAccessToken"], None),
            (&[b""], None),
            (&[], None),
        ] {
            assert_eq!(value(&headers(fields), ACCESS).as_deref(), expected, "{fields:?}");
        }
    }

    #[test]
    fn duplicates_are_counted_over_all_fields_and_by_decoded_name() {
        let is_duplicated = |fields: &[&[u8]]| {
            let headers = headers(fields);
            let [other, access] = find(&headers, ["x", ACCESS]);
            assert!(!other.is_duplicated);
            access.is_duplicated
        };
        assert!(is_duplicated(&[b"sAccessToken=a; sAccessToken=a; sAccessToken=a"]));
        assert!(is_duplicated(&[b"sAccessToken=a", b"x=1; sAccess%54oken="]));
        assert!(!is_duplicated(&[b"sAccessToken=a; sRefreshToken=a; sAccessToken"]));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(text in ".*") {
            let rendered = SetCookie { value: text.clone(), ..cookie() }.render();
            let (pair, _) = rendered.split_once(';').unwrap();
            prop_assert!(!pair.contains(','));
            let headers = headers(&[pair.as_bytes()]);
            prop_assert_eq!(value(&headers, ACCESS), Some(text.into()));
        }
    }
}
