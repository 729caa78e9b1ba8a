//! The public keys of a core at a distance: when they are asked for.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use hallpass::{Hallpass, SessionError, VerifyOptions};
use hallpass_engine::engine::Config;
use http::StatusCode;
use serde_json::Value;
use tokio::{net::TcpListener, task::AbortHandle};

use crate::world::*;

/// A core that only publishes keys, counts how often it is asked for them, and has none while it is out of order.
struct KeyServer {
    address: String,
    asked: Arc<AtomicUsize>,
    keys: Arc<Mutex<Option<Value>>>,
    server: AbortHandle,
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl KeyServer {
    async fn start() -> Self {
        let (asked, keys) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
        let answer = {
            let (asked, keys) = (Arc::clone(&asked), Arc::clone(&keys));
            async move || {
                asked.fetch_add(1, Ordering::SeqCst);
                keys.lock().unwrap().clone().map(Json).ok_or(StatusCode::SERVICE_UNAVAILABLE)
            }
        };
        let app = Router::new().route("/.well-known/jwks.json", get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, app).await }).abort_handle();
        Self { address, asked, keys, server }
    }

    async fn publish(&self, world: &World) {
        *self.keys.lock().unwrap() = Some(serde_json::json!(world.hallpass.jwks().await.unwrap()));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// An app whose core is that server.
async fn app(world: &World, core: &KeyServer) -> Hallpass {
    let clock = Arc::clone(&world.clock) as Arc<dyn hallpass::Clock>;
    Hallpass::builder(app_info()).clock(clock).remote(&core.address, None).build().await.unwrap()
}

async fn verify(app: &Hallpass, held: &Held) -> Result<(), SessionError> {
    app.session_from_token(&held.access, None, &VerifyOptions::default()).await.map(drop)
}

#[tokio::test]
async fn gotcha_19_keys_are_read_by_the_first_who_needs_them_and_the_others_wait() {
    let (world, core) = (World::new().await, KeyServer::start().await);
    let held = world.tokens("u").await;
    core.publish(&world).await;
    let app = app(&world, &core).await;
    assert_eq!(core.asked(), 0);
    let all = tokio::join!(verify(&app, &held), verify(&app, &held), verify(&app, &held), verify(&app, &held));
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok() && all.3.is_ok());
    verify(&app, &held).await.unwrap();
    assert_eq!(core.asked(), 1);
}

#[tokio::test]
async fn gotcha_19_an_unknown_key_is_looked_for_but_not_more_than_twice_a_second() {
    let config = Config { key_interval: Duration::from_secs(1800), access_token_jitter: 0.0, ..Config::default() };
    let (world, core) = (World::over(config, app_info(), |builder| builder).await, KeyServer::start().await);
    let old = world.tokens("u").await;
    core.publish(&world).await;
    let app = app(&world, &core).await;
    world.clock.advance(Duration::from_secs(1900));
    let new = world.tokens("u").await;
    verify(&app, &old).await.unwrap();
    assert_eq!(core.asked(), 1);
    core.publish(&world).await;
    world.clock.advance(Duration::from_millis(499));
    for _ in 0..3 {
        assert!(matches!(verify(&app, &new).await, Err(SessionError::TryRefresh)));
    }
    assert_eq!(core.asked(), 1);
    world.clock.advance(Duration::from_millis(1));
    for _ in 0..3 {
        verify(&app, &new).await.unwrap();
    }
    assert_eq!(core.asked(), 2);
}

#[tokio::test]
async fn gotcha_19_without_keys_a_token_asks_for_a_refresh_and_is_no_failure() {
    let (world, core) = (World::new().await, KeyServer::start().await);
    let held = world.tokens("u").await;
    let app = app(&world, &core).await;
    let routes = Router::new().route("/me", get(async |session: hallpass::Session| session.user_id().to_string())).layer(app.layer());
    for call in [get_("/me").bearer(&held.access), get_("/me").access_cookie(&held.access)] {
        assert!(send(&routes, call).await.assert(401, TRY_REFRESH).leaves_tokens());
    }
    core.publish(&world).await;
    world.clock.advance(Duration::from_millis(500));
    send(&routes, get_("/me").bearer(&held.access)).await.assert(200, "u");
    // the keys that are known stay good while the core is away
    *core.keys.lock().unwrap() = None;
    world.clock.advance(Duration::from_secs(61));
    send(&routes, get_("/me").bearer(&held.access)).await.assert(200, "u");
}
