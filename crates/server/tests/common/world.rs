//! A server, and whoever calls it. Shared by the test programs that ask over HTTP. What the server logs is watched.
#![allow(dead_code, reason = "each program uses its part")]

#[path = "../../../hallpass/tests/it/log_watch.rs"]
pub(crate) mod log_watch;

use std::{fmt, sync::Arc, time::Duration};

use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hallpass_engine::{
    engine::{Config, Engine, Environment},
    key_source::OnDemand,
    keys::Algorithm,
    random::SystemRandom,
    store::Store,
    vault::{MasterKey, Vault},
};
use hallpass_server::{
    api::{self, Api, Operation, Parts, Verb},
    app_settings::AppSettings,
    core_config::effective,
    serve::Metrics,
};
use hallpass_store::Sqlite;
use hallpass_testkit::clock::ManualClock;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::log_watch::{LogWatch, keep_secret};

/// What servers that are no test server have.
pub(crate) const CONFIRM_GRACE: Duration = Duration::from_secs(10);

pub(crate) const KEY: &str = "key-of-the-public-app";

/// A server on a socket of its own, over an empty database in memory.
pub(crate) struct World {
    pub(crate) api: Arc<Api>,
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    vault: Vault,
    address: String,
    client: Client<HttpConnector, Full<axum::body::Bytes>>,
    /// Goes last.
    pub(crate) logs: LogWatch,
}

/// An app and a tenant, and the key that a caller has.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) app: String,
    pub(crate) tenant: String,
    pub(crate) key: Option<String>,
    pub(crate) version: Option<&'static str>,
}

impl Place {
    pub(crate) fn public() -> Self {
        Self { app: "public".to_owned(), tenant: "public".to_owned(), key: None, version: None }
    }

    pub(crate) fn tenant(&self, tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), ..self.clone() }
    }

    pub(crate) fn key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    pub(crate) fn version(&self, version: &'static str) -> Self {
        Self { version: Some(version), ..self.clone() }
    }

    fn path(&self, path: &str) -> String {
        let app = if self.app == "public" { String::new() } else { format!("/appid-{}", self.app) };
        let tenant = if self.tenant == "public" { String::new() } else { format!("/{}", self.tenant) };
        format!("{app}{tenant}{path}")
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text)
    }
}

impl Answer {
    /// The outcome.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// What was wrong, without the line break at the end.
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        self.text.strip_suffix('\n').unwrap()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::start(AppSettings::default(), "").await
    }

    /// A server whose public app has a key, and so all apps that say nothing else.
    pub(crate) async fn with_key() -> Self {
        let overrides = json!({ "api_keys": KEY });
        let world = Self::start(effective(&AppSettings::default(), overrides.as_object().unwrap()), "").await;
        keep_secret([KEY]);
        world
    }

    /// A server that signs as servers do by default. Its keys take a while.
    pub(crate) async fn with_rsa() -> Self {
        Self::with_settings(AppSettings::default()).await
    }

    /// A server that behaves exactly so.
    pub(crate) async fn with_settings(base_app: AppSettings) -> Self {
        Self::serve(Arc::new(Sqlite::memory().unwrap()), base_app, "", CONFIRM_GRACE).await
    }

    pub(crate) async fn start(base_app: AppSettings, base_path: &str) -> Self {
        let mut base_app = base_app;
        base_app.algorithm = Algorithm::Es256;
        Self::serve(Arc::new(Sqlite::memory().unwrap()), base_app, base_path, CONFIRM_GRACE).await
    }

    /// A server over a store; `confirm_grace`: how long a parent lives on after its child was first used.
    pub(crate) async fn serve(store: Arc<dyn Store>, base_app: AppSettings, base_path: &str, confirm_grace: Duration) -> Self {
        let vault = Vault::new(MasterKey::generate(&SystemRandom), vec![]);
        Self::run((store, vault, Arc::new(ManualClock::default())), base_app, base_path, confirm_grace).await
    }

    /// Another server over the same store, with the same master key, at the same time.
    pub(crate) async fn another(&self, base_app: AppSettings) -> Self {
        Self::run((self.store.clone(), self.vault.clone(), self.clock.clone()), base_app, "", CONFIRM_GRACE).await
    }

    async fn run(
        (store, vault, clock): (Arc<dyn Store>, Vault, Arc<ManualClock>),
        base_app: AppSettings,
        base_path: &str,
        confirm_grace: Duration,
    ) -> Self {
        let logs = LogWatch::begin();
        let environment = Environment {
            store: store.clone(),
            vault: vault.clone(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            keys: Arc::new(OnDemand),
        };
        let engine = Engine::new(environment, Config::default());
        let api = Api::new(Parts {
            engine: engine.with(engine.config().clone()),
            store: store.clone(),
            clock: clock.clone(),
            base_app,
            base_path: base_path.to_owned(),
            max_body_bytes: 1 << 20,
            confirm_grace,
            metrics: Metrics::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = api::router(api.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { api, engine, store, clock, vault, address, client: Client::builder(TokioExecutor::new()).build_http(), logs }
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Any request at all.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<axum::body::Bytes>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() };
        if let Ok(body) = serde_json::from_str(&answer.text) {
            keep_secret(tokens_in(&body));
        }
        answer
    }

    /// A call with this body, exactly as it is.
    pub(crate) async fn send_at(&self, place: &Place, method: Method, path: &str, body: String) -> Answer {
        let key = place.key.iter().map(|key| ("api-key", key.as_str()));
        let version = place.version.iter().map(|version| ("cdi-version", *version));
        self.send(method, &place.path(path), &key.chain(version).collect::<Vec<_>>(), body).await
    }

    pub(crate) async fn get(&self, place: &Place, path: &str, query: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send_at(place, Method::GET, &format!("{path}?{}", query.join("&")), String::new()).await
    }

    pub(crate) async fn post(&self, place: &Place, path: &str, body: Value) -> Answer {
        self.send_at(place, Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, place: &Place, path: &str, body: Value) -> Answer {
        self.send_at(place, Method::PUT, path, body.to_string()).await
    }

    /// An operation, called with these arguments, wherever it takes them.
    pub(crate) async fn ask(&self, place: &Place, operation: &Operation, arguments: &Value) -> Answer {
        match operation.verb {
            Verb::Get => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let query: Vec<_> = arguments.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
                let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.get(place, operation.path, &query).await
            }
            Verb::Post => self.post(place, operation.path, arguments.clone()).await,
            Verb::Put => self.put(place, operation.path, arguments.clone()).await,
            Verb::Delete => self.send_at(place, Method::DELETE, operation.path, String::new()).await,
        }
    }

    /// A new app with a key of its own, called by whoever has that key.
    pub(crate) async fn app(&self, id: &str) -> Place {
        let key = format!("key-of-the-app-called-{id}");
        keep_secret([key.as_str()]);
        let body = json!({ "appId": id, "coreConfig": { "api_keys": key } });
        let made = self.put(&Place::public().key(Some(KEY)), "/recipe/multitenancy/app/v2", body).await.json();
        assert_eq!(made, json!({ "status": "OK", "createdNew": true }));
        Place { app: id.to_owned(), key: Some(key), ..Place::public() }
    }

    /// A new tenant of an app.
    pub(crate) async fn tenant(&self, app: &Place, id: &str) -> Place {
        let made = self.put(&app.tenant("public"), "/recipe/multitenancy/tenant/v2", json!({ "tenantId": id })).await.json();
        assert_eq!(made, json!({ "status": "OK", "createdNew": true }));
        app.tenant(id)
    }

    /// A new session.
    pub(crate) async fn session(&self, place: &Place, user: &str, payload: Value, data: Value) -> Session {
        let body = json!({ "userId": user, "userDataInJWT": payload, "userDataInDatabase": data, "enableAntiCsrf": false,
            "useDynamicSigningKey": true });
        let made = self.post(place, "/recipe/session", body).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Session {
            handle: text(&made["session"]["handle"]),
            access_token: text(&made["accessToken"]["token"]),
            refresh_token: text(&made["refreshToken"]["token"]),
        }
    }
}

/// The tokens of every kind in an answer.
fn tokens_in(answer: &Value) -> Vec<&str> {
    match answer {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if ["token", "antiCsrfToken", "jwt"].contains(&name.as_str()) => vec![text],
                _ => tokens_in(value),
            })
            .collect(),
        Value::Array(elements) => elements.iter().flat_map(tokens_in).collect(),
        _ => Vec::new(),
    }
}

/// What an access token says, in the words of a front token.
fn read_front(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).or_else(|_| STANDARD.decode(payload)).ok()?;
    Some(json!({ "up": serde_json::from_slice::<Value>(&payload).ok()? }))
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) handle: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl Session {
    /// An example in which this session stands for the `$names`.
    pub(crate) fn in_example(&self, example: &str) -> String {
        // the longer name first
        [("$refreshTokenHash2", "00".repeat(32).as_str()), ("$refreshToken", &self.refresh_token), ("$accessToken", &self.access_token)]
            .into_iter()
            .fold(example.replace("$handle", &self.handle), |text, (name, value)| text.replace(name, value))
    }
}

/// The answer to a question that has one: whatever is the same each time. Names, types, statuses, flags and how many there
/// are, without texts and numbers, which differ from call to call.
pub(crate) fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let shaped = |(name, value): (&String, &Value)| {
                let shaped = if name == "status" { value.clone() } else { shape(value) };
                (name.clone(), shaped)
            };
            Value::Object(members.iter().map(shaped).collect())
        }
        Value::Array(elements) => elements.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}
