//! Exchanging a refresh token for new tokens.

use hallpass_engine::core::{Issued, Refresh, Refreshed, TokenText};
use http::request::Parts;

use crate::{
    Hallpass,
    config::Purpose,
    cookie,
    csrf::{self, AntiCsrf},
    error::{Misuse, SessionError},
    exchange::Exchange,
    hallpass::Device,
    hooks::Theft,
    names::{Names, Token},
    outgoing::Older,
    session::{Reply, Session},
    transfer::{self, Allowed, Transfer},
};

impl Hallpass {
    /// Refreshes the session of a request, and sends the new tokens. The refresh route does just this.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] and [`SessionError::TokenTheft`], both of which take the client's tokens away;
    /// [`SessionError::ClearDuplicateCookies`] and [`SessionError::DuplicateCookies`]; [`SessionError::Unavailable`],
    /// after which the client may try again with the same token; [`SessionError::TooManyRequests`] and
    /// [`SessionError::UntrustedOrigin`] where those are asked for; [`Misuse::LayerMissing`]; what a hook says.
    pub async fn refresh(&self, request: &Parts) -> Result<Session, SessionError> {
        let exchange = self.exchange(request)?;
        self.count_refresh(request)?;
        let allowed = self.config().allowed(request, Purpose::Read);
        self.expire_duplicates(exchange, request, allowed)?;
        let refreshed = self.exchange_tokens(exchange, request, allowed).await.map_err(|error| exchange.raise(error));
        let settled = refreshed.as_ref().map_or_else(SessionError::clears, |_| true);
        if settled && cookie::value(&request.headers, cookie::LEGACY).is_some() {
            exchange.expire_legacy()?;
        }
        refreshed
    }

    /// Counts a refresh of the client's address, if that is known and limited.
    fn count_refresh(&self, request: &Parts) -> Result<(), SessionError> {
        let limited = self.config().hardening.refreshes.as_ref().zip(self.client_address(request));
        let Some((limiter, address)) = limited else { return Ok(()) };
        limiter.admit(address, self.now()).map_err(|retry_after| SessionError::TooManyRequests { retry_after })
    }

    /// Frees the client from cookies of a domain that the app used before, and from those of before partitioning: it may
    /// present either, and so the wrong one.
    fn expire_duplicates(&self, exchange: &Exchange, request: &Parts, allowed: Allowed) -> Result<(), SessionError> {
        let config = self.config();
        let names = config.names(request);
        let tokens = [Token::Access, Token::Refresh];
        let found = cookie::find(&request.headers, tokens.map(|token| &**names.cookie(token)));
        let mut duplicated = tokens.into_iter().zip(found).filter_map(|(token, found)| found.is_duplicated.then_some(token)).peekable();
        if allowed == Allowed::Only(Transfer::Header) || duplicated.peek().is_none() {
            return Ok(());
        }
        let domain = match &config.older_cookie_domain {
            Some(older) => Some(older.clone()).filter(|domain| !domain.is_empty()),
            None if config.hardening.partitioned => config.cookie_domain.clone(),
            None => return Err(SessionError::DuplicateCookies),
        };
        for token in duplicated {
            exchange.expire_older(token, Older { name: names.cookie(token).clone(), domain: domain.clone() })?;
        }
        Err(SessionError::ClearDuplicateCookies)
    }

    async fn exchange_tokens(&self, exchange: &Exchange, request: &Parts, allowed: Allowed) -> Result<Session, SessionError> {
        let headers = &request.headers;
        let header = transfer::bearer(headers).map(TokenText::from);
        let cookie = self.refresh_cookie(request).map(TokenText::from);
        let carried = |transfer| match transfer {
            Transfer::Header => header.is_some(),
            Transfer::Cookie => cookie.is_some(),
        };
        let Some((transfer, token)) = transfer::select(allowed, header.clone(), cookie.clone()) else {
            return Err(refused("there is none"));
        };
        if transfer == Transfer::Cookie && !self.config().trusts(request) {
            return Err(SessionError::UntrustedOrigin);
        }
        let mode = self.config().anti_csrf(self.config().same_site(request));
        if transfer == Transfer::Cookie && mode == AntiCsrf::CustomHeader && !csrf::has_custom_header(headers) {
            return Err(refused("the header `rid` is missing"));
        }
        let device = Device::of(request);
        let refresh = Refresh {
            app: self.app().clone(),
            token,
            anti_csrf: csrf::token(headers).map(str::to_owned),
            use_anti_csrf: self.config().issues_anti_csrf(transfer),
            family: Some(self.config().key_family),
            access_token_validity: None,
            actor: device.actor(),
        };
        let issued = self.refresh_with_engine(refresh, Some(request)).await?;
        let other = transfer.other();
        if carried(other) {
            exchange.clear(other)?;
        }
        exchange.attach(transfer, &issued)?;
        let session = Session::issued(self, issued, device, Reply::To(exchange.clone(), transfer));
        if let Some((hooks, context)) = self.hooks(Some(request)) {
            hooks.refreshed(&session, context).await?;
        }
        Ok(session)
    }

    /// The refresh token in a cookie; one of before the prefixes will do if there is no other.
    fn refresh_cookie(&self, request: &Parts) -> Option<String> {
        let value = |names: Names| {
            let value = cookie::value(&request.headers, names.cookie(Token::Refresh))?;
            Some(value.into_owned()).filter(|token| !token.is_empty())
        };
        let config = self.config();
        value(config.names(request)).or_else(|| value(config.plain_names(request)).filter(|_| config.hardening.prefixed_cookies))
    }

    /// Refreshes a session where there is no request; the caller delivers [`Session::tokens`].
    ///
    /// `anti_csrf` must be the token that came with the refresh token if such tokens are in use;
    /// `check_anti_csrf: false` waives that, for tokens that do not travel in cookies.
    ///
    /// # Errors
    /// As [`Hallpass::refresh`], and [`Misuse::NoRequest`].
    pub async fn refresh_from_token(
        &self,
        refresh_token: &str,
        anti_csrf: Option<&str>,
        check_anti_csrf: bool,
    ) -> Result<Session, SessionError> {
        let mode = self.config().anti_csrf_without_request();
        if check_anti_csrf && mode == AntiCsrf::CustomHeader {
            return Err(Misuse::NoRequest.into());
        }
        let refresh = Refresh {
            app: self.app().clone(),
            token: refresh_token.into(),
            anti_csrf: anti_csrf.map(str::to_owned),
            use_anti_csrf: check_anti_csrf && mode == AntiCsrf::Token,
            family: Some(self.config().key_family),
            access_token_validity: None,
            actor: None,
        };
        let issued = self.refresh_with_engine(refresh, None).await?;
        let session = Session::issued(self, issued, Device::UNKNOWN, Reply::NoRequest);
        if let Some((hooks, context)) = self.hooks(None) {
            hooks.refreshed(&session, context).await?;
        }
        Ok(session)
    }

    async fn refresh_with_engine(&self, refresh: Refresh, request: Option<&Parts>) -> Result<Issued, SessionError> {
        match self.core().session_refresh(refresh).await? {
            Refreshed::Issued(issued) => Ok(*issued),
            Refreshed::Unauthorised(why) => Err(refused(&why.to_string())),
            Refreshed::Reuse { handle, user, recipe_user, .. } => {
                self.revoked(std::slice::from_ref(&handle));
                if let Some((hooks, context)) = self.hooks(request) {
                    hooks.stolen(Theft { handle: &handle, user: &user, recipe_user: &recipe_user }, context).await;
                }
                Err(SessionError::TokenTheft { handle, user, recipe_user })
            }
        }
    }
}

fn refused(why: &str) -> SessionError {
    tracing::debug!("a refresh token is refused: {why}");
    SessionError::unauthorised()
}
