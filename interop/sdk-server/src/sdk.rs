//! The SDK as the suite initialised it last, and the sessions of this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use hallpass::{Builder, Hallpass, embedded};
use hallpass_engine::{
    core::Core,
    engine::{Config, Engine},
    judge::{Confirmation, Rule},
    keys::Algorithm,
    time::SystemClock,
};
use tower::{Layer, ServiceExt};

use crate::failed::Failed;

pub(crate) struct Sdk {
    core: Option<String>,
    engines: Mutex<HashMap<String, Arc<Engine>>>,
    hallpass: RwLock<Option<Hallpass>>,
}

impl Sdk {
    pub(crate) fn new(core: Option<String>) -> Self {
        Self { core, engines: Mutex::default(), hallpass: RwLock::default() }
    }

    /// Tells the SDK where sessions are: at a core, or in this process under the name of one.
    pub(crate) async fn give_core(&self, builder: Builder, uri: Option<&str>, api_key: Option<&str>) -> Result<Builder, Failed> {
        match &self.core {
            Some(core) => Ok(builder.remote(uri.unwrap_or(core), api_key)),
            None => Ok(builder.core(self.engine(uri.unwrap_or_default()).await? as Arc<dyn Core>)),
        }
    }

    /// As a core in test mode: RS256, neither jitter nor grace.
    async fn engine(&self, name: &str) -> Result<Arc<Engine>, Failed> {
        let known = self.engines.lock().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone);
        if let Some(engine) = known {
            return Ok(engine);
        }
        let rule = Rule { confirmation: Confirmation::FirstUse { grace: Duration::ZERO }, ..Rule::new() };
        let config = Config { algorithm: Algorithm::Rs256, access_token_jitter: 0.0, rule, ..Config::default() };
        let opened = embedded::open(&embedded::Location::Memory, config, Arc::new(SystemClock::default())).await.map_err(Failed::other)?;
        // somebody else may have been faster
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(engines.entry(name.to_owned()).or_insert(opened)))
    }

    pub(crate) fn initialise(&self, hallpass: Hallpass) {
        *self.hallpass.write().unwrap_or_else(PoisonError::into_inner) = Some(hallpass);
    }

    /// The SDK.
    pub(crate) fn hallpass(&self) -> Result<Hallpass, Failed> {
        let hallpass = self.hallpass.read().unwrap_or_else(PoisonError::into_inner).clone();
        hallpass.ok_or_else(|| Failed::other("initialise the SDK first: POST /test/init"))
    }

    /// Answers a request by routes behind the SDK's layer.
    pub(crate) async fn answer(&self, behind: Router, request: Request) -> Response {
        match self.hallpass() {
            Ok(hallpass) => {
                let Ok(response) = hallpass.layer().layer(behind).oneshot(request).await;
                response
            }
            Err(failed) => failed.into_response(),
        }
    }
}
