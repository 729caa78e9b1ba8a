//! What the demo remembers of a browser, so that it can tell its story even after the session is gone.
//!
//! For the show only: it holds a copy of the browser's refresh token. A real site never keeps one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::FromRequestParts,
    http::{header::COOKIE, request::Parts},
};
use hallpass::{JsonObject, Session, SessionHandle, Timestamp, TokenText, UserId};
use hallpass_engine::{
    random::{Random, SystemRandom},
    refresh_token::RefreshHash,
};

use super::story::Theft;

/// How many browsers are remembered; the one that signed in first is forgotten first.
const REMEMBERED: usize = 64;
const COOKIE_NAME: &str = "demo_visitor=";

/// The browser that sends a request, by a cookie of the demo's own; `None` if it never signed in.
pub(super) struct Browser(Option<String>);

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let cookies = request.headers.get_all(COOKIE).into_iter().filter_map(|field| field.to_str().ok());
        let id = cookies.flat_map(|field| field.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME));
        Ok(Self(id.map(str::to_owned)))
    }
}

/// The tokens that somebody holds.
#[derive(Clone)]
pub(super) struct Hand {
    pub(super) refresh: TokenText,
    /// Names the refresh token without giving it away.
    pub(super) id: RefreshHash,
    pub(super) access: Option<Access>,
}

/// An access token, and when it ends.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) token: TokenText,
    pub(super) expires_at: Timestamp,
}

/// The refresh token that an access token was issued with, or that one's parent.
pub(super) fn refresh_id(claims: &JsonObject, claim: &str) -> Option<RefreshHash> {
    claims.get(claim)?.as_str().map(RefreshHash::of_id)
}

impl Hand {
    pub(super) fn new(refresh: TokenText, access: Access, claims: &JsonObject) -> Option<Self> {
        Some(Self { refresh, id: refresh_id(claims, "refreshTokenHash1")?, access: Some(access) })
    }

    /// What a browser is sent by the sign-in or refresh that is under way.
    pub(super) fn of(session: &Session) -> Option<Self> {
        let tokens = session.tokens();
        let access = Access { token: tokens.access, expires_at: session.access_token_expires_at() };
        Self::new(tokens.refresh?, access, &session.access_token_payload())
    }
}

/// One browser: who signed in with it, and the tokens that it holds.
pub(super) struct Visitor {
    pub(super) user: UserId,
    pub(super) handle: SessionHandle,
    /// `None`: signed out.
    pub(super) owner: Option<Hand>,
    pub(super) theft: Option<Theft>,
}

/// All browsers.
#[derive(Default)]
pub(super) struct Visitors(Mutex<VecDeque<(String, Visitor)>>);

impl Visitors {
    /// Remembers who signed in with a browser in place of what was known of it. Returns the cookie that names it.
    pub(super) fn signed_in(&self, Browser(before): &Browser, session: &Session) -> String {
        let random: &dyn Random = &SystemRandom;
        let id = hex::encode(random.bytes::<16>());
        let cookie = format!("{COOKIE_NAME}{id}; Path=/; HttpOnly; SameSite=Lax");
        let (user, handle) = (session.user_id().clone(), session.handle().clone());
        let visitor = Visitor { user, handle, owner: Hand::of(session), theft: None };
        let mut visitors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.retain(|(id, _)| Some(id) != before.as_ref());
        visitors.push_back((id, visitor));
        if visitors.len() > REMEMBERED {
            visitors.pop_front();
        }
        cookie
    }

    /// Reads or changes what is known of a browser. `None`: nothing is.
    pub(super) fn with<T>(&self, Browser(id): &Browser, work: impl FnOnce(&mut Visitor) -> T) -> Option<T> {
        let id = id.as_ref()?;
        let mut visitors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.iter_mut().find(|(other, _)| other == id).map(|(_, visitor)| work(visitor))
    }
}
