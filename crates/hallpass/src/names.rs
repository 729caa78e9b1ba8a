//! What the cookies and headers of tokens are called.

use std::borrow::Cow;

use http::HeaderName;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Access,
    Refresh,
}

const ACCESS_COOKIE: &str = "sAccessToken";
const REFRESH_COOKIE: &str = "sRefreshToken";
const ACCESS_HEADER: HeaderName = HeaderName::from_static("st-access-token");
const REFRESH_HEADER: HeaderName = HeaderName::from_static("st-refresh-token");
const PREFIXED_ACCESS_COOKIE: &str = "__Host-sAccessToken";
const PREFIXED_REFRESH_COOKIE: &str = "__Secure-sRefreshToken";

/// The cookies and response headers in which tokens travel. Frontend SDKs do not look at the cookies, so these may have any
/// names; headers are read by the names of [`Names::default`], so clients must be told of others. Tokens arrive in
/// `Authorization` in any case.
///
/// Apps that share a domain need cookies of different names, or they take each other's away.
///
/// ```
/// # use hallpass::Names;
/// let names = Names::default().cookies("adminAccess", "adminRefresh").expect("both are names of cookies");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    cookies: [Cow<'static, str>; 2],
    headers: [HeaderName; 2],
}

impl Default for Names {
    fn default() -> Self {
        Self { cookies: [Cow::Borrowed(ACCESS_COOKIE), Cow::Borrowed(REFRESH_COOKIE)], headers: [ACCESS_HEADER, REFRESH_HEADER] }
    }
}

/// A cookie or header cannot have this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Not what RFC 6265 allows.
    #[error("`{0}` is no name of a cookie: use letters, digits, `-` and `_`")]
    NotACookie(String),
    /// It promises browsers what only a setting can make true.
    #[error("`{0}` begins with a prefix that browsers give a meaning: leave it out, and set `Builder::prefixed_cookies`")]
    Prefixed(String),
    /// One would overwrite the other.
    #[error("the access token and the refresh token are both called `{0}`: give them different names")]
    Same(String),
}

impl Names {
    /// Other cookies for the access token and the refresh token.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn cookies(self, access: impl Into<Cow<'static, str>>, refresh: impl Into<Cow<'static, str>>) -> Result<Self, InvalidName> {
        let cookies = [access.into(), refresh.into()];
        for name in &cookies {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
                return Err(InvalidName::NotACookie(name.to_string()));
            }
            if ["__host-", "__secure-"].iter().any(|prefix| name.to_ascii_lowercase().starts_with(prefix)) {
                return Err(InvalidName::Prefixed(name.to_string()));
            }
        }
        if cookies[0] == cookies[1] {
            return Err(InvalidName::Same(cookies[0].to_string()));
        }
        Ok(Self { cookies, ..self })
    }

    /// Other response headers for the access token and the refresh token.
    ///
    /// # Errors
    /// [`InvalidName::Same`].
    pub fn headers(self, access: HeaderName, refresh: HeaderName) -> Result<Self, InvalidName> {
        if access == refresh {
            return Err(InvalidName::Same(access.to_string()));
        }
        Ok(Self { headers: [access, refresh], ..self })
    }

    /// With the prefixes that browsers enforce (RFC 6265bis §4.1.3): the access token's cookie belongs to exactly one host;
    /// that of the refresh token, whose path is not `/`, was set over https at least.
    pub(crate) fn prefixed(self) -> Self {
        let access = match &*self.cookies[0] {
            ACCESS_COOKIE => Cow::Borrowed(PREFIXED_ACCESS_COOKIE),
            name => Cow::Owned(format!("__Host-{name}")),
        };
        let refresh = match &*self.cookies[1] {
            REFRESH_COOKIE => Cow::Borrowed(PREFIXED_REFRESH_COOKIE),
            name => Cow::Owned(format!("__Secure-{name}")),
        };
        Self { cookies: [access, refresh], ..self }
    }

    pub(crate) const fn cookie(&self, token: Token) -> &Cow<'static, str> {
        let [access, refresh] = &self.cookies;
        match token {
            Token::Access => access,
            Token::Refresh => refresh,
        }
    }

    pub(crate) const fn header(&self, token: Token) -> &HeaderName {
        let [access, refresh] = &self.headers;
        match token {
            Token::Access => access,
            Token::Refresh => refresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_a_plain_name_of_its_own() {
        for wrong in ["", "a b", "a;b", "a=b", "ä", "a\n", "a.b"] {
            assert_eq!(Names::default().cookies(wrong, "r"), Err(InvalidName::NotACookie(wrong.to_owned())));
            assert_eq!(Names::default().cookies("a", wrong), Err(InvalidName::NotACookie(wrong.to_owned())));
        }
        assert_eq!(Names::default().cookies("__host-a", "r"), Err(InvalidName::Prefixed("__host-a".to_owned())));
        assert_eq!(Names::default().cookies("a", "a"), Err(InvalidName::Same("a".to_owned())));
        let header = HeaderName::from_static("x-token");
        assert_eq!(Names::default().headers(header.clone(), header), Err(InvalidName::Same("x-token".to_owned())));
    }

    #[test]
    fn prefixes_go_before_whatever_name_there_is() {
        let of = |names: Names| names.prefixed().cookies.map(Cow::into_owned);
        assert_eq!(of(Names::default()), ["__Host-sAccessToken", "__Secure-sRefreshToken"]);
        assert_eq!(of(Names::default().cookies("a", "r").unwrap()), ["__Host-a", "__Secure-r"]);
        // a swap of our own names is odd, but no reason to swap the prefixes
        assert_eq!(
            of(Names::default().cookies("sRefreshToken", "sAccessToken").unwrap()),
            ["__Host-sRefreshToken", "__Secure-sAccessToken"]
        );
    }
}
