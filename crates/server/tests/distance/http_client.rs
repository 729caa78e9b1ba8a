//! A core that is called as an app wants it.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::Request,
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{
    Core,
    remote::{HttpClient, RemoteCore},
};
use hallpass_engine::core::{RoleCore, UserCore};
use hallpass_testkit::clock::ManualClock;
use http::{HeaderMap, HeaderValue, header::USER_AGENT};
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::Instant,
};

use crate::between::app;

/// A core that tells the headers of each call, freezes at the path of metadata, and sends elsewhere at that of roles.
async fn core(http: HttpClient) -> (RemoteCore, UnboundedReceiver<HeaderMap>) {
    let (heard, calls) = unbounded_channel();
    let router = Router::new().fallback(move |request: Request| {
        heard.send(request.headers().clone()).unwrap();
        let path = request.uri().path().to_owned();
        async move {
            match path.as_str() {
                "/recipe/user/metadata" => pending::<Response>().await,
                "/recipe/roles" => Redirect::to("/elsewhere").into_response(),
                _ => Json(json!({ "versions": ["5.4"], "status": "OK", "sessions": [] })).into_response(),
            }
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (RemoteCore::by(&address, Some("key-of-the-caller"), Arc::new(ManualClock::default()), http).unwrap(), calls)
}

#[tokio::test]
async fn an_app_adds_to_its_calls_and_takes_nothing_away() {
    let sent = AtomicUsize::new(0);
    let always = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static("shop"))]);
    let http = HttpClient::new()
        .configure(|client| client.default_headers(always))
        .each_request(move |request| request.header("x-call", sent.fetch_add(1, Ordering::SeqCst)))
        .each_request(|request| request.header("x-too", "1"));
    let (core, mut calls) = core(http).await;
    assert!(core.session_list(&app(), None, &"alice".into()).await.unwrap().is_empty());
    for number in ["0", "1"] {
        let headers = calls.recv().await.unwrap();
        let sent = ["x-call", "x-too", "user-agent", "api-key"].map(|name| headers[name].to_str().unwrap());
        assert_eq!(sent, [number, "1", "shop", "key-of-the-caller"]);
        assert!(headers.contains_key(hallpass_wire::own::CLIENT_HEADER));
    }
    assert!(core.role_list(&app()).await.is_err());
    calls.recv().await.unwrap();
    assert!(calls.try_recv().is_err(), "it is not followed elsewhere");
}

#[tokio::test]
async fn an_app_says_how_long_it_waits() {
    let (core, mut calls) = core(HttpClient::new().timeout(Duration::from_secs(3))).await;
    core.session_list(&app(), None, &"alice".into()).await.unwrap();
    for _of_the_version_and_the_list in 0..2 {
        calls.recv().await.unwrap();
    }
    let (app, user) = (app(), "alice".into());
    let mut asking = core.metadata_find(&app, &user);
    tokio::select! {
        _ = calls.recv() => tokio::time::pause(),
        answered = &mut asking => panic!("it is frozen: {answered:?}"),
    }
    let frozen_at = Instant::now();
    let _given_up = asking.await.unwrap_err();
    let waited = frozen_at.elapsed();
    tokio::time::resume();
    assert!(waited <= Duration::from_secs(4), "{waited:?}");
}
