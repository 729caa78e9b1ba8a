//! Protection of cookies against requests that other sites cause.

use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;

use crate::site::SameSite;

/// Echoed by clients under [`AntiCsrf::Token`], and set by us.
pub(crate) const ANTI_CSRF: HeaderName = HeaderName::from_static("anti-csrf");
/// Sent by every client; its presence is the proof under [`AntiCsrf::CustomHeader`].
pub(crate) const RID: HeaderName = HeaderName::from_static("rid");

/// How requests that carry cookies prove that the app's own page made them. Only requests other than `GET` are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AntiCsrf {
    /// By echoing a token in the header `anti-csrf`, which another site cannot read.
    Token,
    /// By a header `rid`, which another site may not set without the consent of the app's CORS rules.
    CustomHeader,
    /// Not at all: `SameSite` cookies suffice.
    None,
}

/// What holds for a request: the setting, or else what its cookies need.
pub(crate) fn mode(setting: Option<AntiCsrf>, same_site: SameSite) -> AntiCsrf {
    setting.unwrap_or(if same_site == SameSite::None { AntiCsrf::CustomHeader } else { AntiCsrf::None })
}

/// The anti-CSRF token that came along; of several the first counts.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(ANTI_CSRF).and_then(|token| token.to_str().ok())
}

/// Whether the request carries the header that another site cannot set.
pub(crate) fn has_custom_header(headers: &HeaderMap) -> bool {
    headers.contains_key(RID)
}

/// Whether the echoed token is the session's; in constant time. A session without one has nothing to echo.
pub(crate) fn token_matches(echoed: Option<&str>, of_session: Option<&str>) -> bool {
    let same = |(a, b): (&str, &str)| bool::from(a.as_bytes().ct_eq(b.as_bytes()));
    echoed.zip(of_session).is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unless_set_only_cookies_that_cross_sites_need_a_proof() {
        assert_eq!(mode(None, SameSite::None), AntiCsrf::CustomHeader);
        assert_eq!(mode(None, SameSite::Lax), AntiCsrf::None);
        assert_eq!(mode(None, SameSite::Strict), AntiCsrf::None);
        for setting in [AntiCsrf::Token, AntiCsrf::CustomHeader, AntiCsrf::None] {
            assert_eq!(mode(Some(setting), SameSite::None), setting);
            assert_eq!(mode(Some(setting), SameSite::Lax), setting);
        }
    }

    #[test]
    fn a_token_matches_only_itself() {
        assert!(token_matches(Some("abc"), Some("abc")));
        for (echoed, of_session) in
            [(Some("abd"), Some("abc")), (Some("ab"), Some("abc")), (None, Some("abc")), (Some("abc"), None), (None, None)]
        {
            assert!(!token_matches(echoed, of_session), "{echoed:?} {of_session:?}");
        }
    }
}
