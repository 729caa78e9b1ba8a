//! The app whose sessions the suite tries. It can be set up anew at any time.

use std::sync::{PoisonError, RwLock};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, request::Parts},
    response::Response,
};
use hallpass::{
    Allowed, AntiCsrf, AppInfo, Hallpass, HookContext, Hooks, JsonObject, NewSession, Promotion, Route, SessionError, async_trait,
};
use serde_json::json;
use tower::{Layer, ServiceExt};

use crate::{
    cores::{Cores, Kept},
    counts::Counts,
    failed::Failed,
};

/// Where the API and the website are.
pub(crate) struct Addresses {
    pub(crate) api: String,
    pub(crate) website: String,
}

/// What the suite switches on and off.
#[derive(Clone, Copy)]
pub(crate) struct Flags {
    /// Sessions have anti-CSRF tokens.
    pub(crate) anti_csrf: bool,
    /// Pages may read access tokens, and each new one has a claim of the app's.
    pub(crate) jwt: bool,
}

/// The app.
pub(crate) struct Site {
    addresses: Addresses,
    transfer: Allowed,
    pub(crate) cores: Cores,
    pub(crate) counts: Counts,
    running: RwLock<Running>,
}

/// The app as it is set up now.
#[derive(Clone)]
pub(crate) struct Running {
    hallpass: Hallpass,
    pub(crate) kept: Kept,
    pub(crate) flags: Flags,
}

impl Site {
    pub(crate) async fn start(addresses: Addresses, transfer: Allowed, cores: Cores, flags: Flags) -> Result<Self, Failed> {
        let url = cores.open(None, JsonObject::new()).await?;
        let running = RwLock::new(run(&addresses, transfer, cores.at(&url), flags).await?);
        Ok(Self { addresses, transfer, cores, counts: Counts::default(), running })
    }

    /// Initialises the SDK anew, with the sessions of the core at this address.
    pub(crate) async fn run(&self, core_url: &str, flags: Flags) -> Result<(), Failed> {
        let next = run(&self.addresses, self.transfer, self.cores.at(core_url), flags).await?;
        *self.running.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    pub(crate) fn running(&self) -> Running {
        self.running.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a request by routes behind the SDK's layer, as the SDK is set up now.
    pub(crate) async fn answer(&self, behind: Router, request: Request) -> Response {
        let Ok(response) = self.running().hallpass.layer().layer(behind).oneshot(request).await;
        response
    }
}

/// What the app decides by itself.
struct Decisions {
    flags: Flags,
}

#[async_trait]
impl Hooks for Decisions {
    async fn creating(&self, new: &mut NewSession, _: HookContext<'_>) -> Result<(), SessionError> {
        if self.flags.jwt {
            new.payload.insert("customClaim".to_owned(), json!("customValue"));
        }
        Ok(())
    }

    /// Whoever has no session is told so without words.
    fn answer(&self, error: &SessionError, _: &Parts) -> Option<Response<Bytes>> {
        let SessionError::Unauthorised { .. } = error else { return None };
        let mut wordless = Response::new(Bytes::from_static(b"{}"));
        *wordless.status_mut() = StatusCode::UNAUTHORIZED;
        Some(wordless)
    }
}

async fn run(addresses: &Addresses, transfer: Allowed, kept: Kept, flags: Flags) -> Result<Running, Failed> {
    let app = AppInfo::new("website").api(&addresses.api).website(&addresses.website);
    let builder = Hallpass::builder(app)
        .transfer(transfer)
        .anti_csrf(if flags.anti_csrf { AntiCsrf::Token } else { AntiCsrf::None })
        .expose_access_token(flags.jwt)
        .promotion(Promotion::Reference)
        .hooks(Decisions { flags })
        .disable(Route::Refresh); // this server counts its calls
    let hallpass = kept.give_to(builder).build().await?;
    Ok(Running { hallpass, kept, flags })
}
