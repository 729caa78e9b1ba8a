//! From settings to a running SDK.

use std::{error::Error, fmt, num::NonZeroUsize, pin::Pin, sync::Arc};

use hallpass_engine::{
    core::Core,
    id::{TenantId, UserId},
    session::KeyFamily,
    time::{Clock, SystemClock},
};

use crate::{
    Hallpass,
    claims::{Claim, ClaimSource, Registered, Validator},
    config::{AppInfo, BuildError, Mistake, Promotion, Settings},
    csrf::AntiCsrf,
    hooks::Hooks,
    revocations::FeedLoss,
    roles::RoleSettings,
    routes::Route,
    site::SameSite,
    transfer::Allowed,
};

type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Core>, Box<dyn Error + Send + Sync>>> + Send>>;
type Open = Box<dyn FnOnce(Arc<dyn Clock>) -> Opening + Send>;

/// Collects the settings of a [`Hallpass`]. Only [`AppInfo`] and an engine are needed.
#[must_use = "call `build`"]
pub struct Builder {
    pub(crate) settings: Settings,
    clock: Arc<dyn Clock>,
    open: Option<Open>,
}

impl Builder {
    pub(crate) fn new(app: AppInfo) -> Self {
        Self { settings: Settings::new(app), clock: Arc::new(SystemClock::default()), open: None }
    }

    /// The engine that keeps the sessions. It is not contacted before the first request.
    pub fn core(self, core: Arc<dyn Core>) -> Self {
        self.open(move |_clock| async move { Ok(core) })
    }

    /// An engine to be opened when everything else is known to be right.
    pub(crate) fn open<F, T>(mut self, open: F) -> Self
    where
        F: FnOnce(Arc<dyn Clock>) -> T + Send + 'static,
        T: Future<Output = Result<Arc<dyn Core>, Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        self.open = Some(Box::new(move |clock| Box::pin(open(clock))));
        self
    }

    /// Another clock than the machine's: for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The domain of session cookies, to share them among its hosts. By default only the API's host gets them.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.settings.cookie_domain = Some(domain.into());
        self
    }

    /// The cookie domain that was used before the last change, empty if there was none: clients that hold cookies of both
    /// are freed from the older ones at their next refresh.
    pub fn older_cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.settings.older_cookie_domain = Some(domain.into());
        self
    }

    /// Whether cookies travel over https only. By default, if the API is served over it.
    pub fn cookie_secure(mut self, secure: bool) -> Self {
        self.settings.cookie_secure = Some(secure);
        self
    }

    /// The `SameSite` attribute. By default `Lax` when API and website are of one site, else `None`.
    pub fn cookie_same_site(mut self, same_site: SameSite) -> Self {
        self.settings.cookie_same_site = Some(same_site);
        self
    }

    /// The path of the access token's cookie: `/` by default.
    pub fn access_token_path(mut self, path: impl Into<String>) -> Self {
        self.settings.access_token_path = path.into();
        self
    }

    /// How requests with cookies prove that the app's own page made them. By default
    /// [`AntiCsrf::CustomHeader`] when API and website are of different sites, else [`AntiCsrf::None`].
    pub fn anti_csrf(mut self, mode: AntiCsrf) -> Self {
        self.settings.anti_csrf = Some(mode);
        self
    }

    /// The ways that tokens may travel: any by default.
    pub fn transfer(mut self, allowed: Allowed) -> Self {
        self.settings.transfer = allowed;
        self
    }

    /// What the app decides by itself, where a setting is not enough.
    pub fn hooks(mut self, hooks: impl Hooks) -> Self {
        self.settings.hooks = Some(Arc::new(hooks));
        self
    }

    /// The status that sends clients to refresh: 401 by default. Frontends must know another one.
    pub fn session_expired_status(mut self, code: u16) -> Self {
        self.settings.session_expired_status = code;
        self
    }

    /// The status for sessions that do not meet a requirement: 403 by default. Frontends must know another one.
    pub fn invalid_claim_status(mut self, code: u16) -> Self {
        self.settings.invalid_claim_status = code;
        self
    }

    /// Whether a page's script may read the access token although it travels in a cookie.
    ///
    /// # Security
    /// Script that an attacker got into the page can read it too, and use it elsewhere until it expires.
    pub fn expose_access_token(mut self, expose: bool) -> Self {
        self.settings.expose_access_token = expose;
        self
    }

    /// The keys that sign access tokens: dynamic ones, which are replaced by age, by default. A change costs every client one refresh.
    pub fn key_family(mut self, family: KeyFamily) -> Self {
        self.settings.key_family = family;
        self
    }

    /// What happens at the first request after a refresh.
    pub fn promotion(mut self, promotion: Promotion) -> Self {
        self.settings.promotion = promotion;
        self
    }

    /// A claim, and where its values come from: new sessions get it, whatever the app's payload says under its key, in the
    /// order in which claims are given here. It is not fetched again at a refresh, but when a validator finds it too old.
    pub fn claim<C: Claim>(mut self, claim: C, source: impl ClaimSource<C::Value>) -> Self {
        self.settings.claims.push(Registered::new(claim, source, true));
        self
    }

    /// As [`Builder::claim`], but new sessions do not get it: it is fetched when a validator first asks for it.
    pub fn claim_on_demand<C: Claim>(mut self, claim: C, source: impl ClaimSource<C::Value>) -> Self {
        self.settings.claims.push(Registered::new(claim, source, false));
        self
    }

    /// Whether the sources of claims see the request: [`Subject::request`](crate::claims::Subject::request). They do not by default, for
    /// every request is copied for it (its head, not its body).
    pub fn claims_see_requests(mut self, see: bool) -> Self {
        self.settings.claims_see_requests = see;
        self
    }

    /// Something that every session must fulfil wherever one is asked for, except to refresh and to sign out.
    pub fn validator(mut self, validator: Validator) -> Self {
        self.settings.validators.always.push(validator);
        self
    }

    /// As [`Builder::validator`], decided by user and tenant.
    pub fn validators_of(mut self, validators: impl Fn(&UserId, &TenantId) -> Vec<Validator> + Send + Sync + 'static) -> Self {
        self.settings.validators.of.push(Arc::new(validators));
        self
    }

    /// New sessions get the roles and permissions of their users as claims: clients can read them, so that frontends show what
    /// their users may do. Without this they are fetched when something is first demanded of them.
    pub fn roles(mut self, settings: RoleSettings) -> Self {
        self.settings.roles = Some(settings);
        self
    }

    /// What happens while the revocation feed cannot be heard. By default, access tokens count until they expire.
    pub fn when_feed_is_lost(mut self, loss: FeedLoss) -> Self {
        self.settings.feed_loss = loss;
        self
    }

    /// Remembers up to so many access tokens whose signatures held, so that a signature is checked once and not at every
    /// request; by default none. A token and its claims take two to three kilobytes.
    ///
    /// # Security
    /// Nothing counts for longer by it: whether a token has expired, its key was taken away or its session was revoked is
    /// looked at every time. The tokens stay in memory for as long as they are remembered.
    pub fn cache_verified_tokens(mut self, capacity: NonZeroUsize) -> Self {
        self.settings.verified_tokens = Some(capacity);
        self
    }

    /// Whether users see and end their own sessions, as on a page "your devices": see [`Route::OwnSessions`]. They do not by default.
    ///
    /// | below the API's base path | answer |
    /// | --- | --- |
    /// | `GET /sessions` | `{"status": "OK", "sessions": […]}`: this one first, then the one used last |
    /// | `POST /sessions/revoke?handle=…` | `{"status": "OK", "revoked": 1}`; 0 if the user has no such session |
    /// | `POST /sessions/revoke-others` | `{"status": "OK", "revoked": 2}` |
    ///
    /// A session there has `handle`, `isCurrent`, `userAgent` (null unless [`Builder::record_devices`] asks for it), and in
    /// milliseconds since 1970 `timeCreated`, `timeRefreshed` (null: never, or not known) and `expiry`. Sessions of all tenants
    /// count. Whatever the app demands of every session is demanded here too.
    ///
    /// # Security
    /// A user's page lists the handles of their sessions. They are names and no secrets: only their user can end one here.
    pub fn own_sessions(mut self, serve: bool) -> Self {
        self.settings.own_sessions = serve;
        self
    }

    /// Whether a new session remembers the `User-Agent` of the request that signs in, for users to recognise their devices by.
    /// It does not by default. It is kept in the session's data under `hallpassDevice`, and ends with the session; data that
    /// replace others keep it.
    pub fn record_devices(mut self, record: bool) -> Self {
        self.settings.records_devices = record;
        self
    }

    /// Leaves a route to the app, as though the SDK had none.
    pub fn disable(mut self, route: Route) -> Self {
        self.settings.disabled.push(route);
        self
    }

    /// Checks the settings and opens the engine.
    ///
    /// # Errors
    /// [`BuildError::Settings`] with every mistake in the settings, [`BuildError::Open`] when the engine does not open.
    pub async fn build(self) -> Result<Hallpass, BuildError> {
        let runtime = tokio::runtime::Handle::try_current();
        let (config, mut mistakes) = match self.settings.check() {
            Ok(config) => (Some(config), Vec::new()),
            Err(mistakes) => (None, mistakes),
        };
        if self.open.is_none() {
            mistakes.push(Mistake::NoCore);
        }
        if runtime.is_err() {
            mistakes.push(Mistake::NoRuntime);
        }
        let (Some(config), Some(open), Ok(runtime)) = (config, self.open, runtime) else {
            return Err(BuildError::Settings(mistakes));
        };
        let core = open(Arc::clone(&self.clock)).await.map_err(BuildError::Open)?;
        Ok(Hallpass::start(config, core, self.clock, &runtime))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("app", &self.settings.app).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_engine_is_reported_beside_the_other_mistakes() {
        let Err(BuildError::Settings(mistakes)) = Builder::new(AppInfo::new("x")).build().await else { panic!("it was built") };
        assert_eq!(mistakes, [Mistake::NoApi, Mistake::NoWebsite, Mistake::NoCore]);
    }

    #[tokio::test]
    async fn an_engine_is_not_opened_before_the_settings_are_right() {
        let builder = Builder::new(AppInfo::new("x")).open(|_clock| async { panic!("it was opened") });
        assert!(matches!(builder.build().await, Err(BuildError::Settings(_))));
        let app = AppInfo::new("x").api("http://localhost").website("http://localhost");
        let builder = Builder::new(app).open(|_clock| async { Err("the file is locked".into()) });
        assert!(matches!(builder.build().await, Err(BuildError::Open(_))));
    }
}
