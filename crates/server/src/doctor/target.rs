//! What is to be checked: two addresses and a path.

use clap::ValueEnum;
use reqwest::Url;
use serde::Serialize;

use super::site::{Relation, relation};

/// How the frontend carries its tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Transfer {
    /// In cookies, which scripts cannot read: what frontend SDKs do unless told otherwise.
    #[default]
    Cookie,
    /// In headers: the frontend SDK keeps the tokens itself (`tokenTransferMethod: "header"`).
    Header,
}

/// A website, its API, and where the session routes are.
#[derive(Clone, Debug)]
pub struct Target {
    website: Url,
    api: Url,
    base_path: String,
    transfer: Transfer,
}

/// An address cannot be checked. The address itself is never repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It cannot be read.
    #[error("the address of the {0} cannot be read: write scheme and host, as in https://example.com")]
    Address(Role),
    /// It is not for browsers.
    #[error("the address of the {0} begins with neither http:// nor https://")]
    Scheme(Role),
    /// It holds a user name or a password, which no cross-origin request of a browser may carry.
    #[error("the address of the {0} holds a user name or a password: leave them out, browsers would not send them")]
    Credentials(Role),
    /// The base path is no path.
    #[error("the API's base path cannot be read: write a path, as in /auth")]
    BasePath,
}

/// Which of the two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The pages.
    Website,
    /// What they call.
    Api,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Website => "website",
            Self::Api => "API",
        })
    }
}

impl Target {
    /// Reads two addresses and the path of the session routes. A path in the API's address is that of a gateway.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn parse(website: &str, api: &str, base_path: &str, transfer: Transfer) -> Result<Self, Unusable> {
        let mut website = address(website, Role::Website)?;
        website.set_path("");
        let mut api = address(api, Role::Api)?;
        let base_path = path(base_path).ok_or(Unusable::BasePath)?;
        let gateway = path(api.path()).ok_or(Unusable::Address(Role::Api))?;
        api.set_path("");
        Ok(Self { website, api, base_path: format!("{gateway}{base_path}"), transfer })
    }

    /// The address of a path below the base path.
    pub(super) fn route(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        url.set_path(&format!("{}{path}", self.base_path));
        url
    }

    /// The path of the session routes as browsers see it, without a slash at its end.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The website's root.
    pub(super) fn website(&self) -> &Url {
        &self.website
    }

    /// The API's root.
    pub(super) fn api(&self) -> &Url {
        &self.api
    }

    /// What browsers write into `Origin` on the website's pages.
    pub fn website_origin(&self) -> String {
        self.website.origin().ascii_serialization()
    }

    /// Scheme, host and port of the API.
    pub fn api_origin(&self) -> String {
        self.api.origin().ascii_serialization()
    }

    /// How tokens travel.
    pub fn transfer(&self) -> Transfer {
        self.transfer
    }

    /// What the API is to the website.
    pub fn relation(&self) -> Relation {
        relation(&self.website, &self.api)
    }
}

fn address(text: &str, role: Role) -> Result<Url, Unusable> {
    let mut url = Url::parse(text.trim()).map_err(|_unreadable| Unusable::Address(role))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Unusable::Scheme(role));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unusable::Credentials(role));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(Unusable::Address(role));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// A leading slash, none at the end, and the root is empty.
fn path(text: &str) -> Option<String> {
    let inner = text.trim().trim_matches('/');
    let fine = inner.bytes().all(|byte| byte.is_ascii_graphic() && !b";?#\\".contains(&byte));
    fine.then(|| if inner.is_empty() { String::new() } else { format!("/{inner}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(website: &str, api: &str, base: &str) -> Result<Target, Unusable> {
        Target::parse(website, api, base, Transfer::Cookie)
    }

    #[test]
    fn addresses_are_reduced_to_what_browsers_see() {
        for (api, base, origin, refresh) in [
            ("https://API.example.com", "/auth", "https://api.example.com", "https://api.example.com/auth/session/refresh"),
            ("https://api.example.com:443/", "auth/", "https://api.example.com", "https://api.example.com/auth/session/refresh"),
            ("http://localhost:3000/?token=1#x", "/", "http://localhost:3000", "http://localhost:3000/session/refresh"),
            ("https://example.com/api/", "/auth", "https://example.com", "https://example.com/api/auth/session/refresh"),
        ] {
            let target = parse("https://example.com/shop?x", api, base).unwrap();
            assert_eq!(target.api_origin(), origin);
            assert_eq!(target.route("/session/refresh").as_str(), refresh);
            assert_eq!(target.website().as_str(), "https://example.com/");
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_not_repeated() {
        for (website, api, base, wrong) in [
            ("example.com", "https://example.com", "/auth", Unusable::Address(Role::Website)),
            ("ftp://example.com", "https://example.com", "/auth", Unusable::Scheme(Role::Website)),
            ("https://example.com", "localhost:3000", "/auth", Unusable::Scheme(Role::Api)),
            ("https://example.com", "https://ada:hunter2@example.com", "/auth", Unusable::Credentials(Role::Api)),
            ("https://example.com", "ada:hunter2@example.com", "/auth", Unusable::Scheme(Role::Api)),
            ("https://example.com", "https://", "/auth", Unusable::Address(Role::Api)),
            ("https://example.com", "https://example.com", "/a;b", Unusable::BasePath),
            ("https://example.com", "https://example.com", "/a\nb", Unusable::BasePath),
        ] {
            let error = parse(website, api, base).unwrap_err();
            assert_eq!(error, wrong, "{website} {api}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("ada"));
        }
    }
}
