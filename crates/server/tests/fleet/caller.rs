//! Calls as a backend SDK makes them.

use std::{net::SocketAddr, time::Duration};

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::node::PATIENCE;

/// Speaks one version of the interface, over connections that it keeps.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    pub(crate) version: &'static str,
    pub(crate) app: &'static str,
    key: Option<&'static str>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("nobody listens")]
    Refused,
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl Answer {
    /// The outcome of a call that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// What is said by a server that cannot do it now, and wants to be asked again.
    pub(crate) fn is_not_now(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE && self.headers.contains_key(header::RETRY_AFTER)
    }
}

impl Caller {
    pub(crate) fn new(version: &'static str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, version, app: "", key: None }
    }

    pub(crate) fn of_app(&self, app: &'static str) -> Self {
        Self { app, ..self.clone() }
    }

    pub(crate) fn with_key(&self, key: &'static str) -> Self {
        Self { key: Some(key), ..self.clone() }
    }

    /// One attempt.
    pub(crate) async fn call(&self, to: SocketAddr, verb: Method, path: &str, body: &Value) -> Result<Answer, Silence> {
        let app = if self.app.is_empty() { String::new() } else { format!("/appid-{}", self.app) };
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let mut request = Request::builder().method(verb).uri(format!("http://{to}{app}{path}")).header("cdi-version", self.version);
        if let Some(key) = self.key {
            request = request.header("api-key", key);
        }
        let broken = |error: &dyn std::error::Error| Silence::Broken(format!("{error}: {:?}", error.source()));
        let asked = async {
            let answer = self.client.request(request.body(Full::new(body)).unwrap()).await;
            let answer = answer.map_err(|error| if error.is_connect() { Silence::Refused } else { broken(&error) })?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| broken(&error))?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() })
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("no answer to {path}"))
    }

    pub(crate) async fn get(&self, from: SocketAddr, path: &str) -> Answer {
        self.call(from, Method::GET, path, &Value::Null).await.unwrap()
    }

    pub(crate) async fn post(&self, to: SocketAddr, path: &str, body: &Value) -> Value {
        self.call(to, Method::POST, path, body).await.unwrap().json()
    }

    pub(crate) async fn put(&self, to: SocketAddr, path: &str, body: &Value) -> Value {
        self.call(to, Method::PUT, path, body).await.unwrap().json()
    }

    pub(crate) async fn sign_in(&self, at: SocketAddr, user: &str) -> Value {
        let session = self.post(at, "/recipe/session", &new_session(user)).await;
        assert_eq!(session["status"], "OK", "{session}");
        session
    }

    pub(crate) async fn refresh(&self, at: SocketAddr, token: &str) -> Value {
        self.post(at, "/recipe/session/refresh", &refreshing(token)).await
    }

    /// With a look into the database.
    pub(crate) async fn verify(&self, at: SocketAddr, token: &str) -> Value {
        self.post(at, "/recipe/session/verify", &verifying(token, true)).await
    }
}

/// Goes on asking until something has become true.
pub(crate) async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "not within {} s: {what}", PATIENCE.as_secs());
        sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn new_session(user: &str) -> Value {
    json!({ "userId": user, "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": false, "useDynamicSigningKey": true })
}

pub(crate) fn refreshing(token: &str) -> Value {
    json!({ "refreshToken": token, "enableAntiCsrf": false, "useDynamicSigningKey": true })
}

pub(crate) fn verifying(token: &str, check_database: bool) -> Value {
    json!({ "accessToken": token, "doAntiCsrfCheck": false, "enableAntiCsrf": false, "checkDatabase": check_database })
}

/// A token of a session, as an answer carries it.
pub(crate) fn token<'a>(session: &'a Value, kind: &str) -> &'a str {
    session[kind]["token"].as_str().unwrap_or_else(|| panic!("no {kind}: {session}"))
}
