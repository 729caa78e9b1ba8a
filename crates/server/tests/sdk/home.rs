//! Where sessions are kept: by a server at a real socket, which has the clock and the randomness of the test.

use std::sync::Arc;

use hallpass::remote::RemoteCore;
use hallpass_engine::{
    engine::{Config, Environment},
    id::Tenant,
    judge::Confirmation,
    session::JsonObject,
    tenancy::TenantRecord,
};
use hallpass_server::{
    api::{Api, Parts, router},
    app_settings::AppSettings,
    serve::Metrics,
};
use tokio::net::TcpListener;

pub(crate) use crate::it::home::Home;

pub(crate) async fn open(environment: Environment, config: Config) -> Home {
    let (store, clock) = (environment.store.clone(), environment.clock.clone());
    // an engine in the process takes any tenant; a server knows those that were made
    let tenant = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
    let record = TenantRecord { tenant, settings: JsonObject::new(), revision: 0, created_at: clock.now() };
    store.tenant_insert(&record).await.unwrap();
    let Confirmation::FirstUse { grace: confirm_grace } = config.rule.confirmation else { panic!("the rule of our own SDK") };
    let home = crate::it::home::open(environment, config.clone()).await;
    let api = Api::new(Parts {
        engine: home.engine.with(config.clone()),
        store,
        clock: clock.clone(),
        base_app: settings(&config),
        base_path: String::new(),
        max_body_bytes: 1 << 20,
        confirm_grace,
        metrics: Metrics::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router(api)).into_future());
    Home { core: Arc::new(RemoteCore::new(&address, None, clock).unwrap()), jwt_algorithm: "RS256", ..home }
}

/// The settings of a server whose engine is to behave like one that is configured so.
fn settings(config: &Config) -> AppSettings {
    let mut settings = AppSettings::default();
    settings.access_token_validity = config.access_token_validity;
    settings.access_token_jitter = config.access_token_jitter;
    settings.refresh_token_validity = config.refresh_token_validity;
    settings.key_interval = config.key_interval;
    settings.algorithm = config.algorithm;
    settings
}
