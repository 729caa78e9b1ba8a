//! A request under way, and what its response is going to carry.

use std::sync::{Arc, Mutex, PoisonError};

use hallpass_engine::core::{Issued, IssuedRefresh, TokenText};
use http::{Response, StatusCode, request::Parts};

use crate::{
    Hallpass,
    cookie::ACCESS_COOKIE_AGE,
    error::{Misuse, Raised, SessionError},
    fetch_metadata::is_foreign,
    front_token::front_token,
    outgoing::{Access, CookieRules, Outgoing},
    site::SameSite,
    transfer::Transfer,
};

impl Hallpass {
    /// The SDK that serves a request: the layer put it into the request's extensions, or the app did, by an
    /// `axum::Extension` or otherwise.
    ///
    /// # Errors
    /// [`Misuse::LayerMissing`].
    pub fn of(request: &Parts) -> Result<Self, Misuse> {
        let without_layer = || request.extensions.get::<Self>();
        let of_layer = Exchange::of(request).ok().map(|exchange| &exchange.hallpass);
        of_layer.or_else(without_layer).cloned().ok_or(Misuse::LayerMissing)
    }
}

/// Lives in the request's extensions, put there by the layer. All clones write to the same response.
#[derive(Clone)]
pub(crate) struct Exchange {
    hallpass: Hallpass,
    same_site: SameSite,
    /// Whether errors may take tokens away: not for a page of another site, which would log its visitors out here.
    clears: bool,
    /// `None` once the response is on its way.
    outgoing: Arc<Mutex<Option<Outgoing>>>,
}

impl Exchange {
    pub(crate) fn begin(hallpass: &Hallpass, request: &mut Parts) -> Self {
        let same_site = hallpass.config().same_site(request);
        let exchange = Self {
            hallpass: hallpass.clone(),
            same_site,
            clears: !is_foreign(&request.headers),
            outgoing: Arc::new(Mutex::new(Some(Outgoing::default()))),
        };
        request.extensions.insert(exchange.clone());
        exchange
    }

    pub(crate) fn of(request: &Parts) -> Result<&Self, Misuse> {
        request.extensions.get().ok_or(Misuse::LayerMissing)
    }

    /// Sends the tokens of a session that was just created or refreshed.
    pub(crate) fn attach(&self, transfer: Transfer, issued: &Issued) -> Result<(), Misuse> {
        let Issued { handle: _, user, access, refresh, anti_csrf } = issued;
        let front_token = front_token(user, access.expires_at, &access.claims);
        self.attach_access(transfer, &access.token, front_token, anti_csrf.as_deref())?;
        self.attach_refresh(transfer, refresh)
    }

    /// Sends a refresh token.
    pub(crate) fn attach_refresh(&self, transfer: Transfer, refresh: &IssuedRefresh) -> Result<(), Misuse> {
        if transfer == Transfer::Cookie && refresh.expires_at > self.hallpass.now() + ACCESS_COOKIE_AGE {
            tracing::warn!(
                "refresh tokens live longer than the cookie of access tokens: clients that stay away for a year must sign in again"
            );
        }
        self.change(|outgoing, rules| outgoing.attach_refresh(rules, transfer, refresh.token.expose(), refresh.expires_at))
    }

    /// Sends an access token in place of the one that the client has.
    pub(crate) fn attach_access(
        &self,
        transfer: Transfer,
        access: &TokenText,
        front_token: String,
        anti_csrf: Option<&str>,
    ) -> Result<(), Misuse> {
        let now = self.hallpass.now();
        let access = Access { token: access.expose(), front_token, anti_csrf };
        self.change(|outgoing, rules| outgoing.attach_access(rules, transfer, access, now))
    }

    pub(crate) fn clear(&self, transfer: Transfer) -> Result<(), Misuse> {
        self.change(|outgoing, rules| outgoing.clear(rules, transfer))
    }

    pub(crate) fn expire_legacy(&self) -> Result<(), Misuse> {
        self.change(Outgoing::expire_legacy)
    }

    pub(crate) fn expire_older(&self, name: &'static str, older_domain: Option<&str>) -> Result<(), Misuse> {
        self.change(|outgoing, rules| outgoing.expire_older(rules, name, older_domain))
    }

    /// Takes the client's tokens away if the error says so, whatever the app makes of it afterwards.
    pub(crate) fn raise(&self, error: SessionError) -> SessionError {
        if error.clears() {
            self.clear_all();
        }
        error
    }

    fn clear_all(&self) {
        if self.clears {
            // a response that is gone cannot clear anything: the client's next request will
            let _gone = self.change(Outgoing::clear_all);
        }
    }

    /// Whether the response can still change.
    pub(crate) fn check_open(&self) -> Result<(), Misuse> {
        self.change(|_, _| ())
    }

    fn change(&self, change: impl FnOnce(&mut Outgoing, CookieRules<'_>)) -> Result<(), Misuse> {
        let mut outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        let outgoing = outgoing.as_mut().ok_or(Misuse::ResponseSent)?;
        change(outgoing, CookieRules { config: self.hallpass.config(), same_site: self.same_site });
        Ok(())
    }

    /// Writes everything to the response, and gives errors the statuses that were configured.
    pub(crate) fn finish<B>(&self, response: &mut Response<B>) {
        let config = self.hallpass.config();
        match response.extensions_mut().remove() {
            Some(Raised::SessionExpired { clear }) => {
                configure(response, StatusCode::UNAUTHORIZED, config.session_expired_status);
                if clear {
                    self.clear_all();
                }
            }
            Some(Raised::InvalidClaim) => configure(response, StatusCode::FORBIDDEN, config.invalid_claim_status),
            None => (),
        }
        let outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner).take();
        outgoing.unwrap_or_default().render(response.headers_mut());
    }
}

/// The configured status in place of the default one; a status that the app chose stays.
fn configure<B>(response: &mut Response<B>, default: StatusCode, configured: StatusCode) {
    if response.status() == default {
        *response.status_mut() = configured;
    }
}
