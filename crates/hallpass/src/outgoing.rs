//! What is to change on a response: collected as values while the request is served, rendered once on the way out.

use std::borrow::Cow;

use hallpass_engine::time::Timestamp;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, SET_COOKIE},
};

use crate::{
    config::Config,
    cookie::{self, ACCESS_COOKIE_AGE, SetCookie},
    csrf::ANTI_CSRF,
    front_token::{FRONT_TOKEN, REMOVE},
    names::{Names, Token},
    site::SameSite,
    transfer::Transfer,
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The settings that the cookies of one response follow.
#[derive(Clone, Copy)]
pub(crate) struct CookieRules<'a> {
    pub(crate) config: &'a Config,
    pub(crate) names: &'a Names,
    pub(crate) same_site: SameSite,
}

/// An access token to be sent, and what goes with it.
pub(crate) struct Access<'a> {
    pub(crate) token: &'a str,
    pub(crate) front_token: String,
    pub(crate) anti_csrf: Option<&'a str>,
}

/// A cookie of before.
pub(crate) struct Older {
    pub(crate) name: Cow<'static, str>,
    pub(crate) domain: Option<String>,
}

/// Changes to a response. The last word on each cookie and header counts.
#[derive(Default)]
pub(crate) struct Outgoing {
    cookies: Vec<SetCookie>,
    front_token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    anti_csrf: Option<String>,
    clear_site_data: Option<HeaderValue>,
}

impl Outgoing {
    /// Sends an access token.
    pub(crate) fn attach_access(&mut self, rules: CookieRules<'_>, transfer: Transfer, access: Access<'_>, now: Timestamp) {
        self.front_token = Some(access.front_token);
        if transfer == Transfer::Cookie {
            self.set_cookie(rules.access_cookie(access.token, now + ACCESS_COOKIE_AGE));
            self.anti_csrf = access.anti_csrf.map(str::to_owned);
        }
        if transfer == Transfer::Header || rules.config.expose_access_token {
            self.access_token = Some(access.token.to_owned());
        }
    }

    /// Sends a refresh token.
    pub(crate) fn attach_refresh(&mut self, rules: CookieRules<'_>, transfer: Transfer, token: &str, expires_at: Timestamp) {
        match transfer {
            Transfer::Cookie => self.set_cookie(rules.refresh_cookie(token, expires_at)),
            Transfer::Header => self.refresh_token = Some(token.to_owned()),
        }
    }

    /// Tells the client to forget its tokens.
    pub(crate) fn clear(&mut self, rules: CookieRules<'_>, transfer: Transfer) {
        match transfer {
            Transfer::Cookie => {
                self.set_cookie(rules.access_cookie("", Timestamp::default()));
                self.set_cookie(rules.refresh_cookie("", Timestamp::default()));
            }
            Transfer::Header => {
                self.access_token = Some(String::new());
                self.refresh_token = Some(String::new());
            }
        }
        if transfer == Transfer::Cookie && self.access_token.as_ref().is_some_and(|token| !token.is_empty()) {
            // the copy that scripts may read must not outlive the cookie
            self.access_token = Some(String::new());
        }
        self.anti_csrf = None;
        self.front_token = Some(REMOVE.to_owned());
    }

    /// Tells the client to forget its tokens, whichever way they travel: some may have been queued by the app.
    pub(crate) fn clear_all(&mut self, rules: CookieRules<'_>) {
        self.clear(rules, Transfer::Cookie);
        self.clear(rules, Transfer::Header);
    }

    /// Has the browser forget what is the session's.
    pub(crate) fn clear_site_data(&mut self, data: Option<HeaderValue>) {
        self.clear_site_data = data;
    }

    /// Deletes the cookie that SDKs of old left behind.
    pub(crate) fn expire_legacy(&mut self, rules: CookieRules<'_>) {
        self.set_cookie(SetCookie { name: cookie::LEGACY.into(), ..rules.access_cookie("", Timestamp::default()) });
    }

    /// Deletes a cookie that the settings of before have left: of another name, of another domain, or unpartitioned.
    pub(crate) fn expire_older(&mut self, rules: CookieRules<'_>, token: Token, older: Older) {
        let expired = match token {
            Token::Access => rules.access_cookie("", Timestamp::default()),
            Token::Refresh => rules.refresh_cookie("", Timestamp::default()),
        };
        self.set_cookie(SetCookie { name: older.name, domain: older.domain, partitioned: false, ..expired });
    }

    fn set_cookie(&mut self, cookie: SetCookie) {
        match self.cookies.iter_mut().find(|earlier| earlier.name == cookie.name) {
            Some(earlier) => *earlier = cookie,
            None => self.cookies.push(cookie),
        }
    }

    fn is_empty(&self) -> bool {
        let values = [&self.front_token, &self.access_token, &self.refresh_token, &self.anti_csrf];
        self.cookies.is_empty() && self.clear_site_data.is_none() && values.iter().all(|value| value.is_none())
    }

    /// Our headers in the order in which they are exposed.
    fn headers(&self, names: &Names) -> [(HeaderName, Option<&String>); 4] {
        [
            (HeaderName::from_static(FRONT_TOKEN), self.front_token.as_ref()),
            (names.header(Token::Access).clone(), self.access_token.as_ref()),
            (names.header(Token::Refresh).clone(), self.refresh_token.as_ref()),
            (ANTI_CSRF, self.anti_csrf.as_ref()),
        ]
    }

    /// Writes the changes. Headers of the app stay, except cookies of the same names.
    pub(crate) fn render(&self, names: &Names, headers: &mut HeaderMap) {
        if self.is_empty() {
            return;
        }
        self.render_cookies(headers);
        let mut exposed: Vec<String> = exposed_already(headers);
        for (name, value) in self.headers(names) {
            let Some(value) = value.and_then(|value| secret_value(value)) else { continue };
            if !exposed.iter().any(|other| other.eq_ignore_ascii_case(name.as_str())) {
                exposed.push(name.as_str().to_owned());
            }
            headers.insert(name, value);
        }
        if let Ok(value) = HeaderValue::from_str(&exposed.join(", "))
            && !exposed.is_empty()
        {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, value);
        }
        if let Some(data) = &self.clear_site_data {
            headers.entry(CLEAR_SITE_DATA).or_insert_with(|| data.clone());
        }
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }

    fn render_cookies(&self, headers: &mut HeaderMap) {
        if self.cookies.is_empty() {
            return;
        }
        let ours = |value: &HeaderValue| {
            let name = value.as_bytes().split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
            self.cookies.iter().any(|cookie| cookie.name.as_bytes() == name)
        };
        let kept: Vec<HeaderValue> = headers.get_all(SET_COOKIE).into_iter().filter(|value| !ours(value)).cloned().collect();
        headers.remove(SET_COOKIE);
        let ours = self.cookies.iter().filter_map(|cookie| {
            let text = cookie.render();
            warn_if_large(cookie, &text);
            secret_value(&text)
        });
        for value in kept.into_iter().chain(ours) {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// Browsers drop cookies of more than 4096 bytes without a word, and so the session.
fn warn_if_large(cookie: &SetCookie, text: &str) {
    if text.len() > cookie::LARGE {
        let name = &*cookie.name;
        tracing::warn!(
            name,
            bytes = text.len(),
            "a cookie is so large that browsers may drop it: put less into the payload, and more into the data"
        );
    }
}

fn exposed_already(headers: &HeaderMap) -> Vec<String> {
    let fields = headers.get_all(ACCESS_CONTROL_EXPOSE_HEADERS).into_iter().filter_map(|field| field.to_str().ok());
    let names = fields.flat_map(|field| field.split(',')).map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// A header's value that does not show when headers are printed.
fn secret_value(text: &str) -> Option<HeaderValue> {
    let Ok(mut value) = HeaderValue::from_str(text) else {
        tracing::error!("a token cannot be sent: it holds characters that headers cannot carry");
        return None;
    };
    value.set_sensitive(true);
    Some(value)
}

impl CookieRules<'_> {
    fn access_cookie(&self, token: &str, expires_at: Timestamp) -> SetCookie {
        self.cookie(Token::Access, token, &self.config.access_token_path, expires_at)
    }

    fn refresh_cookie(&self, token: &str, expires_at: Timestamp) -> SetCookie {
        self.cookie(Token::Refresh, token, &self.config.refresh_path(), expires_at)
    }

    fn cookie(&self, which: Token, value: &str, path: &str, expires_at: Timestamp) -> SetCookie {
        SetCookie {
            name: self.names.cookie(which).clone(),
            value: value.to_owned(),
            domain: self.config.cookie_domain.clone(),
            path: path.to_owned(),
            expires_at,
            secure: self.config.cookie_secure,
            same_site: self.same_site,
            partitioned: self.config.hardening.partitioned,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::config::tests::config;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const EPOCH: &str = "Expires=Thu, 01 Jan 1970 00:00:00 GMT";

    static NAMES: LazyLock<Names> = LazyLock::new(Names::default);

    fn rules(config: &Config) -> CookieRules<'_> {
        CookieRules { config, names: &NAMES, same_site: SameSite::Lax }
    }

    fn access(token: &str) -> Access<'_> {
        Access { token, front_token: "front".to_owned(), anti_csrf: Some("csrf") }
    }

    fn created(config: &Config, transfer: Transfer) -> Outgoing {
        let mut outgoing = Outgoing::default();
        outgoing.attach_access(rules(config), transfer, access("at"), NOW);
        outgoing.attach_refresh(rules(config), transfer, "rt", NOW);
        outgoing
    }

    fn rendered(outgoing: &Outgoing) -> HeaderMap {
        let mut headers = HeaderMap::new();
        outgoing.render(&NAMES, &mut headers);
        headers
    }

    fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
        headers.get_all(name).into_iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn nothing_is_touched_when_nothing_changed() {
        assert!(rendered(&Outgoing::default()).is_empty());
    }

    #[test]
    fn a_new_session_in_cookies() {
        let config = config(|builder| builder.cookie_domain(".example.com").cookie_secure(true));
        let headers = rendered(&created(&config, Transfer::Cookie));
        assert_eq!(
            all(&headers, "set-cookie"),
            [
                "sAccessToken=at; Domain=.example.com; Path=/; Expires=Wed, 13 Nov 2024 22:13:20 GMT; HttpOnly; Secure; SameSite=Lax",
                "sRefreshToken=rt; Domain=.example.com; Path=/auth/session/refresh; Expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; Secure; \
                 SameSite=Lax",
            ]
        );
        assert_eq!(all(&headers, "front-token"), ["front"]);
        assert_eq!(all(&headers, "anti-csrf"), ["csrf"]);
        assert_eq!(all(&headers, "access-control-expose-headers"), ["front-token, anti-csrf"]);
        assert_eq!(all(&headers, "cache-control"), ["no-store"]);
        assert!(!headers.contains_key("st-access-token") && !headers.contains_key("st-refresh-token"));
        assert!(headers.get_all("set-cookie").into_iter().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn a_new_session_in_headers() {
        let headers = rendered(&created(&config(|builder| builder), Transfer::Header));
        assert!(!headers.contains_key("set-cookie") && !headers.contains_key("anti-csrf"));
        assert_eq!((all(&headers, "st-access-token"), all(&headers, "st-refresh-token")), (vec!["at".to_owned()], vec!["rt".to_owned()]));
        assert_eq!(all(&headers, "access-control-expose-headers"), ["front-token, st-access-token, st-refresh-token"]);
    }

    #[test]
    fn an_update_exposes_only_what_it_sends() {
        let config = config(|builder| builder);
        for (transfer, exposed) in [(Transfer::Cookie, "front-token"), (Transfer::Header, "front-token, st-access-token")] {
            let mut outgoing = Outgoing::default();
            outgoing.attach_access(rules(&config), transfer, Access { anti_csrf: None, ..access("at") }, NOW);
            assert_eq!(all(&rendered(&outgoing), "access-control-expose-headers"), [exposed]);
        }
    }

    #[test]
    fn the_access_token_is_exposed_beside_the_cookie_when_asked_for() {
        let config = config(|builder| builder.expose_access_token(true));
        let mut outgoing = created(&config, Transfer::Cookie);
        let headers = rendered(&outgoing);
        assert_eq!(all(&headers, "st-access-token"), ["at"]);
        assert_eq!(all(&headers, "access-control-expose-headers"), ["front-token, st-access-token, anti-csrf"]);
        outgoing.clear(rules(&config), Transfer::Cookie);
        assert_eq!(all(&rendered(&outgoing), "st-access-token"), [""]);
    }

    #[test]
    fn what_the_app_set_stays() {
        let config = config(|builder| builder);
        let mut headers = HeaderMap::new();
        headers.append("access-control-expose-headers", HeaderValue::from_static("customValue,Front-Token"));
        headers.append("access-control-expose-headers", HeaderValue::from_static("x-other"));
        headers.append("cache-control", HeaderValue::from_static("private"));
        for cookie in ["theme=dark", "sAccessTokenX=1", "sAccessToken=stale; Path=/"] {
            headers.append("set-cookie", HeaderValue::from_static(cookie));
        }
        created(&config, Transfer::Cookie).render(&NAMES, &mut headers);
        assert_eq!(all(&headers, "access-control-expose-headers"), ["customValue, Front-Token, x-other, anti-csrf"]);
        assert_eq!(all(&headers, "cache-control"), ["private"]);
        let names: Vec<String> = all(&headers, "set-cookie").iter().map(|value| value.split('=').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["theme", "sAccessTokenX", "sAccessToken", "sRefreshToken"]);
    }

    #[test]
    fn the_last_word_counts_once() {
        let config = config(|builder| builder);
        let mut outgoing = created(&config, Transfer::Cookie);
        for token in ["two", "three"] {
            outgoing.attach_access(rules(&config), Transfer::Cookie, access(token), NOW);
        }
        let cookies = all(&rendered(&outgoing), "set-cookie");
        assert_eq!(cookies.len(), 2);
        assert!(cookies[0].starts_with("sAccessToken=three;"));
    }

    #[test]
    fn clearing_everything_takes_back_what_was_queued() {
        let config = config(|builder| builder);
        let mut outgoing = created(&config, Transfer::Cookie);
        outgoing.clear_all(rules(&config));
        let headers = rendered(&outgoing);
        assert_eq!(
            all(&headers, "set-cookie"),
            [
                format!("sAccessToken=; Path=/; {EPOCH}; HttpOnly; SameSite=Lax"),
                format!("sRefreshToken=; Path=/auth/session/refresh; {EPOCH}; HttpOnly; SameSite=Lax"),
            ]
        );
        assert_eq!((all(&headers, "st-access-token"), all(&headers, "st-refresh-token")), (vec![String::new()], vec![String::new()]));
        assert_eq!((all(&headers, "front-token"), all(&headers, "anti-csrf")), (vec!["remove".to_owned()], vec![]));
        assert_eq!(all(&headers, "access-control-expose-headers"), ["front-token, st-access-token, st-refresh-token"]);
    }

    #[test]
    fn tokens_attached_after_a_clear_of_the_other_way_keep_their_front_token() {
        let config = config(|builder| builder);
        let mut outgoing = Outgoing::default();
        outgoing.clear(rules(&config), Transfer::Cookie);
        outgoing.attach_access(rules(&config), Transfer::Header, access("at"), NOW);
        let headers = rendered(&outgoing);
        assert_eq!((all(&headers, "front-token"), all(&headers, "st-access-token")), (vec!["front".to_owned()], vec!["at".to_owned()]));
        assert_eq!(all(&headers, "set-cookie").len(), 2);
    }

    #[test]
    fn old_cookies_are_deleted_where_they_are() {
        let config = config(|builder| builder.cookie_domain("example.com").access_token_path("/app"));
        let mut outgoing = Outgoing::default();
        outgoing.expire_legacy(rules(&config));
        let older = |name: &'static str, domain: Option<&str>| Older { name: name.into(), domain: domain.map(str::to_owned) };
        outgoing.expire_older(rules(&config), Token::Access, older("sAccessToken", Some("old.example.com")));
        outgoing.expire_older(rules(&config), Token::Refresh, older("sRefreshToken", None));
        let headers = rendered(&outgoing);
        assert_eq!(
            all(&headers, "set-cookie"),
            [
                format!("sIdRefreshToken=; Domain=example.com; Path=/app; {EPOCH}; HttpOnly; SameSite=Lax"),
                format!("sAccessToken=; Domain=old.example.com; Path=/app; {EPOCH}; HttpOnly; SameSite=Lax"),
                format!("sRefreshToken=; Path=/auth/session/refresh; {EPOCH}; HttpOnly; SameSite=Lax"),
            ]
        );
        assert!(!headers.contains_key("front-token") && !headers.contains_key("access-control-expose-headers"));
    }
}
