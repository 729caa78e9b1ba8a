//! Exchanging a refresh token for new tokens.

use hallpass_engine::core::{Issued, Refresh, Refreshed, TokenText};
use http::{HeaderMap, request::Parts};

use crate::{
    Hallpass,
    config::Purpose,
    cookie,
    csrf::{self, AntiCsrf},
    error::{Misuse, SessionError},
    exchange::Exchange,
    hallpass::actor,
    session::{Reply, Session},
    transfer::{self, Allowed, Transfer},
};

impl Hallpass {
    /// Refreshes the session of a request, and sends the new tokens. The refresh route does just this.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] and [`SessionError::TokenTheft`], both of which take the client's tokens away;
    /// [`SessionError::ClearDuplicateCookies`] and [`SessionError::DuplicateCookies`]; [`SessionError::Unavailable`],
    /// after which the client may try again with the same token; [`Misuse::LayerMissing`].
    pub async fn refresh(&self, request: &Parts) -> Result<Session, SessionError> {
        let exchange = Exchange::of(request)?;
        let allowed = self.config().allowed(request, Purpose::Read);
        self.expire_duplicates(exchange, &request.headers, allowed)?;
        let refreshed = self.exchange_tokens(exchange, request, allowed).await.map_err(|error| exchange.raise(error));
        let settled = refreshed.as_ref().map_or_else(SessionError::clears, |_| true);
        if settled && cookie::value(&request.headers, cookie::LEGACY).is_some() {
            exchange.expire_legacy()?;
        }
        refreshed
    }

    /// Frees the client from cookies of a domain that the app used before: it may present either, and so the wrong one.
    fn expire_duplicates(&self, exchange: &Exchange, headers: &HeaderMap, allowed: Allowed) -> Result<(), SessionError> {
        let names = [cookie::ACCESS, cookie::REFRESH];
        let mut duplicated = names.into_iter().filter(|name| cookie::is_duplicated(headers, name)).peekable();
        if allowed == Allowed::Only(Transfer::Header) || duplicated.peek().is_none() {
            return Ok(());
        }
        let older = self.config().older_cookie_domain.as_deref().ok_or(SessionError::DuplicateCookies)?;
        for name in duplicated {
            exchange.expire_older(name, Some(older).filter(|domain| !domain.is_empty()))?;
        }
        Err(SessionError::ClearDuplicateCookies)
    }

    async fn exchange_tokens(&self, exchange: &Exchange, request: &Parts, allowed: Allowed) -> Result<Session, SessionError> {
        let headers = &request.headers;
        let header = transfer::bearer(headers).map(TokenText::from);
        let cookie = cookie::value(headers, cookie::REFRESH).filter(|token| !token.is_empty()).map(TokenText::from);
        let carried = |transfer| match transfer {
            Transfer::Header => header.is_some(),
            Transfer::Cookie => cookie.is_some(),
        };
        let Some((transfer, token)) = transfer::select(allowed, header.clone(), cookie.clone()) else {
            return Err(refused("there is none"));
        };
        let mode = self.config().anti_csrf(self.config().same_site(request));
        if transfer == Transfer::Cookie && mode == AntiCsrf::CustomHeader && !csrf::has_custom_header(headers) {
            return Err(refused("the header `rid` is missing"));
        }
        let refresh = Refresh {
            app: self.app().clone(),
            token,
            anti_csrf: csrf::token(headers).map(str::to_owned),
            use_anti_csrf: self.config().issues_anti_csrf(transfer),
            family: Some(self.config().key_family),
            access_token_validity: None,
            actor: actor(request),
        };
        let issued = self.refresh_with_engine(refresh).await?;
        let other = transfer.other();
        if carried(other) {
            exchange.clear(other)?;
        }
        exchange.attach(transfer, &issued)?;
        Ok(Session::issued(self, issued, actor(request), Reply::To(exchange.clone(), transfer)))
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
        let issued = self.refresh_with_engine(refresh).await?;
        Ok(Session::issued(self, issued, None, Reply::NoRequest))
    }

    async fn refresh_with_engine(&self, refresh: Refresh) -> Result<Issued, SessionError> {
        match self.core().session_refresh(refresh).await? {
            Refreshed::Issued(issued) => Ok(*issued),
            Refreshed::Unauthorised(why) => Err(refused(&why.to_string())),
            Refreshed::Reuse { handle, user, .. } => Err(SessionError::TokenTheft { handle, user }),
        }
    }
}

fn refused(why: &str) -> SessionError {
    tracing::debug!("a refresh token is refused: {why}");
    SessionError::unauthorised()
}
