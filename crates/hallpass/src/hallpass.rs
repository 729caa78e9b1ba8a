//! The handle that an app keeps.

use std::{fmt, sync::Arc};

use hallpass_engine::{
    core::{Core, Why},
    id::AppId,
    time::{Clock, Timestamp},
};
use http::{HeaderValue, header::USER_AGENT, request::Parts};
use tokio::runtime::Handle;

use crate::{
    builder::Builder,
    claims::Sources,
    config::{AppInfo, Config},
    confirm::Confirmations,
    layer::HallpassLayer,
    revocations::Revocations,
    verified::VerifiedTokens,
};

/// How much of a user agent is kept in events.
const ACTOR_LEN: usize = 256;

/// Session management of one app. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Hallpass(Arc<Shared>);

/// Apart from the count of its holders: all threads write that, and what is here they only read.
#[repr(align(128))]
struct Shared {
    config: Config,
    core: Arc<dyn Core>,
    clock: Arc<dyn Clock>,
    confirmations: Confirmations,
    revocations: Arc<Revocations>,
    verified_tokens: Option<VerifiedTokens>,
}

impl Hallpass {
    /// Starts the settings of an app.
    pub fn builder(app: AppInfo) -> Builder {
        Builder::new(app)
    }

    /// Starts what runs in the background.
    pub(crate) fn start(config: Config, core: Arc<dyn Core>, clock: Arc<dyn Clock>, runtime: &Handle) -> Self {
        let app = || config.app_id.clone();
        let confirmations = Confirmations::start(runtime, Arc::clone(&core), app());
        let revocations = Revocations::start(runtime, Arc::clone(&core), app(), Arc::clone(&clock));
        let verified_tokens = config.verified_tokens.map(VerifiedTokens::new);
        Self(Arc::new(Shared { config, core, clock, confirmations, revocations, verified_tokens }))
    }

    /// The layer that serves the session routes, writes cookies and headers, and maps errors. It goes last on the
    /// outermost router, with only CORS outside it.
    ///
    /// Do not merge that router into another one, nor another one into it: axum keeps one fallback of the two, and refresh
    /// and sign-out may be lost with the other. Apps that must merge or nest use `Hallpass::routes`. A CORS layer that is told to
    /// expose headers replaces what this layer exposes: let it name `front-token` and `anti-csrf` too, or none.
    ///
    /// Layers of two apps, one inside the other, keep their sessions apart: inside both, extractors are about the inner one's,
    /// and cookies follow the rules of whichever app they belong to.
    pub fn layer(&self) -> HallpassLayer {
        HallpassLayer::new(self.clone())
    }

    /// Whether the two are clones. An app of several has several: their sessions have nothing to do with each other.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The engine, for what this crate does not wrap.
    pub fn core(&self) -> &Arc<dyn Core> {
        &self.0.core
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.0.config.sources
    }

    pub(crate) fn app(&self) -> &AppId {
        &self.0.config.app_id
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    pub(crate) fn verified_tokens(&self) -> Option<&VerifiedTokens> {
        self.0.verified_tokens.as_ref()
    }

    pub(crate) fn confirmations(&self) -> &Confirmations {
        &self.0.confirmations
    }
}

impl fmt::Debug for Hallpass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hallpass").field("issuer", &self.0.config.issuer).finish_non_exhaustive()
    }
}

/// The device behind a request, for the events: its user agent.
#[derive(Clone)]
pub(crate) struct Device(Option<HeaderValue>);

impl Device {
    pub(crate) const UNKNOWN: Self = Self(None);

    pub(crate) fn of(request: &Parts) -> Self {
        Self(request.headers.get(USER_AGENT).cloned())
    }

    /// Its name, cut to a reasonable length.
    pub(crate) fn actor(&self) -> Option<String> {
        let agent = String::from_utf8_lossy(self.0.as_ref()?.as_bytes());
        Some(agent.chars().filter(|c| !c.is_control()).take(ACTOR_LEN).collect())
    }

    /// It did something, for this reason.
    pub(crate) fn why(&self, reason: &str) -> Why {
        Why { actor: self.actor(), reason: Some(reason.to_owned()) }
    }
}
