//! The core driver interface over HTTP. Handlers translate, they do not decide: what a session is, the engine knows.
//!
//! `OPERATIONS` is the list of everything that can be asked; `dispatch` finds the one that a request asks for.

mod activity;
mod apps;
mod call;
mod dispatch;
mod feed;
mod jwt;
mod metadata;
mod misc;
pub mod openapi;
mod operation;
mod own;
mod path;
mod reply;
mod roles;
mod session;
mod tenancy;
mod text;
mod users;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit};
use hallpass_engine::{
    engine::Engine,
    id::{AppId, Tenant},
    random::SystemRandom,
    store::{Store, StoreError},
    time::Clock,
};

pub use self::operation::{Example, Operation, Scope, Verb};
use self::{activity::Activity, apps::Apps, feed::Hub};
pub(crate) use self::{feed::PATIENCE, own::feed::FEED};
use crate::{app_settings::AppSettings, serve::Metrics};

/// What can be asked.
const OPERATIONS: &[&Operation] = &[
    &session::create::OPERATION,
    &session::get::OPERATION,
    &session::verify::OPERATION,
    &session::refresh::OPERATION,
    &session::regenerate::OPERATION,
    &session::remove::OPERATION,
    &session::list::OPERATION,
    &session::data::GET,
    &session::data::PUT,
    &session::payload::GET,
    &session::payload::PUT,
    &jwt::create::OPERATION,
    &jwt::jwks::OPERATION,
    &jwt::jwks::DEPRECATED,
    &own::confirm::OPERATION,
    &own::sessions::OPERATION,
    &own::events::OPERATION,
    &own::ban::OPERATION,
    &own::unban::OPERATION,
    &own::bans::OPERATION,
    &own::feed::OPERATION,
    &roles::put::OPERATION,
    &roles::remove::OPERATION,
    &roles::list::OPERATION,
    &roles::permissions::OPERATION,
    &roles::permissions_remove::OPERATION,
    &roles::with_permission::OPERATION,
    &roles::assign::OPERATION,
    &roles::unassign::OPERATION,
    &roles::of_user::OPERATION,
    &roles::users::OPERATION,
    &metadata::get::OPERATION,
    &metadata::update::OPERATION,
    &metadata::remove::OPERATION,
    &metadata::bulk::OPERATION,
    &tenancy::app::PUT,
    &tenancy::app::PUT_V1,
    &tenancy::app_list::LIST,
    &tenancy::app_list::LIST_V1,
    &tenancy::app_remove::OPERATION,
    &tenancy::tenant::GET,
    &tenancy::tenant::GET_V1,
    &tenancy::tenant::PUT,
    &tenancy::tenant::PUT_V1,
    &tenancy::tenant_list::LIST,
    &tenancy::tenant_list::LIST_V1,
    &tenancy::tenant_remove::OPERATION,
    &tenancy::tenant_user::ADD,
    &tenancy::tenant_user::REMOVE,
    &tenancy::third_party::PUT,
    &tenancy::third_party::REMOVE,
    &misc::hello::GET,
    &misc::hello::POST,
    &misc::hello::PUT,
    &misc::hello::DELETE,
    &misc::apiversion::OPERATION,
    &misc::config::OPERATION,
    &misc::telemetry::OPERATION,
    &misc::stats::OPERATION,
    &misc::features::OPERATION,
    &misc::license::GET,
    &misc::license::PUT,
    &misc::license::DELETE,
    &users::count::OPERATION,
    &users::active::OPERATION,
    &users::find::OPERATION,
    &users::list::ALL,
    &users::list::BY_ACCOUNT,
    &users::remove::OPERATION,
    &users::search_tags::OPERATION,
    &users::mapping::GET,
    &users::mapping::ADD,
    &users::mapping::REMOVE,
    &users::mapping::PUT_INFO,
    &users::mapping::POST_INFO,
];

/// What can be asked: for descriptions of the interface, and for tests that try everything.
pub fn operations() -> &'static [&'static Operation] {
    OPERATIONS
}

/// What the interface works on.
pub struct Parts {
    /// The engine; every call uses it with the settings of its app.
    pub engine: Engine,
    /// Where apps, roles and metadata are kept.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How an app is configured that says nothing of its own.
    pub base_app: AppSettings,
    /// The path below which everything lives: empty, or with a slash in front and none behind.
    pub base_path: String,
    /// The longest body that is read.
    pub max_body_bytes: usize,
    /// How long a refresh token that was replaced lives on after its child was first used.
    pub confirm_grace: Duration,
    /// Where sessions are counted.
    pub metrics: Metrics,
}

/// The interface, ready to answer.
pub struct Api {
    engine: Engine,
    store: Arc<dyn Store>,
    apps: Apps,
    activity: Activity,
    feed: Hub,
    base_app: AppSettings,
    base_path: String,
    max_body_bytes: usize,
    confirm_grace: Duration,
    metrics: Metrics,
    health: misc::hello::Health,
}

impl Api {
    /// The interface over these parts. Reads nothing yet.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { engine, store, clock, base_app, base_path, max_body_bytes, confirm_grace, metrics } = parts;
        Arc::new(Self {
            apps: Apps::new(store.clone(), clock, base_app.clone()),
            activity: Activity::new(store.clone()),
            feed: Hub::new(engine.with(engine.config().clone()), &SystemRandom),
            health: misc::hello::Health::default(),
            engine,
            store,
            base_app,
            base_path,
            max_body_bytes,
            confirm_grace,
            metrics,
        })
    }

    /// Whether a caller from this address may call a tenant; its app's rules count where there is none.
    async fn is_allowed(&self, peer: Option<SocketAddr>, tenant: &Tenant, app: &AppSettings) -> Result<bool, StoreError> {
        let Some(peer) = peer else { return Ok(true) };
        let tenant = if tenant.tenant.is_public() { None } else { self.apps.tenant(tenant).await? };
        Ok(tenant.as_ref().map_or(&app.ip, |tenant| &tenant.ip).accepts(peer.ip()))
    }

    /// Forgets everything about an app that is gone: another one of its name has nothing to do with it.
    fn forget(&self, app: &AppId) {
        self.activity.forget(app);
        self.engine.forget(app);
        self.apps.forget(app);
    }

    /// Answers those who wait for news of the feed, and lets nobody wait any more: the server stops.
    pub fn stop_waiting(&self) {
        self.feed.stop();
    }

    /// Writes what is gathered before it is stored: when users were last seen. Every few minutes, and at the end.
    ///
    /// # Errors
    /// As for any use of the store; what could not be written is kept.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.activity.flush().await
    }
}

/// The routes of the interface.
pub fn router(api: Arc<Api>) -> Router {
    let limit = api.max_body_bytes;
    let described_at = format!("{}{}", api.base_path, openapi::PATH);
    Router::new()
        .route(&described_at, openapi::route(&api.base_path))
        .fallback(dispatch::dispatch)
        .layer(DefaultBodyLimit::max(limit))
        .with_state(api)
}
