//! The server is a thin shell: what the engine does in this process, it does over a real socket.
#![allow(clippy::unwrap_used, clippy::panic)] // all of it is test code

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response},
    routing::{get, post},
};
use hallpass::{AppInfo, Hallpass, Session, SessionError, SignIn, remote::RemoteCore};
use hallpass_engine::{
    engine::{Config, Engine, Environment},
    id::Tenant,
    key_source::OnDemand,
    keys::Algorithm,
    random::SystemRandom,
    session::JsonObject,
    store::Store,
    tenancy::TenantRecord,
    time::Clock,
    vault::{MasterKey, Vault},
};
use hallpass_server::{
    api::{Api, Parts, router},
    app_settings::AppSettings,
    serve::Metrics,
};
use hallpass_store::{Postgres, Sqlite};
use hallpass_testkit::{clock::ManualClock, core_suite::Subject, postgres};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// A core that is a client of a server over this store, and the server's clock.
async fn over_http(store: Arc<dyn Store>) -> Subject {
    let (address, clock) = serve(store).await;
    Subject { core: Arc::new(RemoteCore::new(&address, None, clock.clone()).unwrap()), clock }
}

/// A server over this store: its address, and its clock.
async fn serve(store: Arc<dyn Store>) -> (String, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let tenant = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
    let record = TenantRecord { tenant, settings: JsonObject::new(), revision: 0, created_at: clock.now() };
    store.tenant_insert(&record).await.unwrap();
    let vault = Vault::new(MasterKey::generate(&SystemRandom), vec![]);
    let environment =
        Environment { store: store.clone(), vault, clock: clock.clone(), random: Arc::new(SystemRandom), keys: Arc::new(OnDemand) };
    let mut base_app = AppSettings::default();
    base_app.algorithm = Algorithm::Es256; // quicker to make than the default
    let api = Api::new(Parts {
        engine: Engine::new(environment, Config::default()),
        store,
        clock: clock.clone(),
        base_app,
        base_path: String::new(),
        max_body_bytes: 1 << 20,
        confirm_grace: Duration::from_secs(10),
        metrics: Metrics::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router(api)).into_future());
    (address, clock)
}

/// As in an app that embeds its engine: only the builder's line differs.
#[tokio::test]
async fn an_app_keeps_its_sessions_in_a_server() {
    let (address, clock) = serve(Arc::new(Sqlite::memory().unwrap())).await;
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let hallpass = Hallpass::builder(info).remote(&address, None).clock(clock).build().await.unwrap();
    let login = async |sign_in: SignIn| Ok::<_, SessionError>(sign_in.user("alice").await?.user_id().to_string());
    let app = Router::new()
        .route("/login", post(login))
        .route("/me", get(async |session: Session| session.user_id().to_string()))
        .layer(hallpass.layer());
    let call = async |method: &str, path: &str, token: Option<&HeaderValue>| {
        let mut request = Request::builder().method(method).uri(path).header("st-auth-mode", "header").header("rid", "session");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.to_str().unwrap()));
        }
        app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let signed_in = call("POST", "/login", None).await;
    let tokens = |response: &Response<Body>| ["st-access-token", "st-refresh-token"].map(|name| response.headers()[name].clone());
    let [access, refresh] = tokens(&signed_in);
    assert_eq!(call("GET", "/me", Some(&access)).await.status(), 200);
    let refreshed = call("POST", "/auth/session/refresh", Some(&refresh)).await;
    let [next_access, next_refresh] = tokens(&refreshed);
    assert_ne!(next_refresh, refresh);
    assert_eq!(call("GET", "/me", Some(&next_access)).await.status(), 200);
    assert_eq!(call("POST", "/auth/signout", Some(&next_access)).await.status(), 200);
    assert_eq!(call("POST", "/auth/session/refresh", Some(&next_refresh)).await.status(), 401);
}

mod sqlite {
    use super::*;

    async fn subject() -> Subject {
        over_http(Arc::new(Sqlite::memory().unwrap())).await
    }

    hallpass_testkit::core_suite!(subject());
}

mod postgresql {
    use super::*;

    async fn subject() -> Subject {
        // the database lives as long as the tests of this program
        let database = Box::leak(Box::new(postgres::database()));
        let connections = NonZeroUsize::new(8).unwrap();
        over_http(Arc::new(Postgres::connect(&database.url(), connections, "hallpass").await.unwrap())).await
    }

    hallpass_testkit::core_suite!(subject());
}
