//! An app whose sessions are kept in a database in memory, by a clock that stands still. What it logs is watched.

#[path = "log_watch.rs"]
pub(crate) mod log_watch;
#[path = "transcript.rs"]
mod transcript;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    body::Body,
    routing::{any, get, post},
};
use hallpass::{AppInfo, Builder, Core, Hallpass, JsonObject, Require, Requirement, Session, SessionError, SignIn, claims::Validator};
use hallpass_engine::{
    core::Delivered,
    engine::{Config, Environment},
    id::SessionHandle,
    key_source::OnDemand,
    random::Random,
    time::Clock,
    vault::{MasterKey, Vault},
};
use hallpass_store::Sqlite;
use hallpass_testkit::{clock::ManualClock, random::SeededRandom};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::{
    mpsc::{UnboundedReceiver, unbounded_channel},
    watch,
};
use tower::ServiceExt;

use self::log_watch::{LogWatch, keep_secret};
use crate::watched::Watched;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) core: Arc<Watched>,
    confirmations: UnboundedReceiver<Result<Delivered, ()>>,
    pub(crate) hallpass: Hallpass,
    pub(crate) app: Router,
    /// Goes last.
    pub(crate) logs: LogWatch,
}

/// A demanding requirement.
pub(crate) struct Admin;

impl Requirement for Admin {
    fn validators() -> Vec<Validator> {
        vec![Validator::new("admin", |payload, _now| {
            if payload.get("admin") == Some(&json!(true)) { Ok(()) } else { Err(Some(json!({ "message": "wrong value" }))) }
        })]
    }
}

pub(crate) fn app_info() -> AppInfo {
    AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000")
}

impl World {
    /// An app on this machine.
    pub(crate) async fn new() -> Self {
        Self::with(app_info(), |builder| builder).await
    }

    /// An app with these settings.
    pub(crate) async fn with(app: AppInfo, settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self::over(Config { access_token_jitter: 0.0, ..Config::default() }, app, settings).await
    }

    /// An app with these settings over an engine with those.
    pub(crate) async fn over(config: Config, app: AppInfo, settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self::by_chance(7, config, app, settings).await
    }

    /// An app with these settings beside another one, with which it has nothing in common.
    pub(crate) async fn beside(app: AppInfo, settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self::by_chance(8, Config { access_token_jitter: 0.0, ..Config::default() }, app, settings).await
    }

    async fn by_chance(seed: u64, config: Config, app: AppInfo, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let logs = LogWatch::begin();
        let clock = Arc::new(ManualClock::default());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(seed));
        let (confirmed, confirmations) = unbounded_channel();
        let environment = Environment {
            store: Arc::new(Sqlite::memory().unwrap()),
            vault: Vault::new(MasterKey::generate(&*random), vec![]),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            keys: Arc::new(OnDemand),
        };
        let core = Arc::new(Watched {
            home: crate::home::open(environment, config).await,
            down: AtomicBool::new(false),
            loses_feed: watch::Sender::new(false),
            without_feed: watch::Sender::default(),
            feeds_begun: AtomicUsize::new(0),
            checks: AtomicUsize::new(0),
            refuses_confirmations: AtomicBool::new(false),
            confirmed,
        });
        let builder = Hallpass::builder(app).core(Arc::clone(&core) as Arc<dyn Core>).clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let hallpass = settings(builder).build().await.unwrap();
        let app = crate::app(&hallpass);
        Self { clock, core, confirmations, hallpass, app, logs }
    }

    /// Waits for the next confirmation: whose it is, if it succeeded.
    pub(crate) async fn confirmed(&mut self) -> Result<SessionHandle, ()> {
        self.confirmations.recv().await.unwrap().map(|delivered| delivered.handle)
    }

    /// Lets the app go, and tells whether confirmations were left.
    pub(crate) async fn ends_with_confirmations(mut self) -> bool {
        drop((self.app, self.hallpass, self.core));
        self.confirmations.recv().await.is_some()
    }

    /// The same app once more, as on another machine: it shares nothing with this one but the core.
    pub(crate) async fn another_node(&self, settings: impl FnOnce(Builder) -> Builder) -> (Hallpass, Router) {
        let core = Arc::clone(&self.core) as Arc<dyn Core>;
        let builder = Hallpass::builder(app_info()).core(core).clock(Arc::clone(&self.clock) as Arc<dyn Clock>);
        let hallpass = settings(builder).build().await.unwrap();
        let app = crate::app(&hallpass);
        (hallpass, app)
    }

    pub(crate) async fn send(&self, request: Call) -> Reply {
        send(&self.app, request).await
    }

    /// Signs a user in with tokens in headers: the simplest way to get hold of them.
    pub(crate) async fn tokens(&self, user: &str) -> Held {
        let session = self.hallpass.create_session(user).await.unwrap();
        Held::of(&session)
    }

    /// Another process revokes a session, and this one does not hear of it.
    pub(crate) async fn revoke_unheard(&self, handle: &SessionHandle) {
        self.lose_feed(1).await;
        let app = hallpass::AppId::public();
        self.core.home.engine.session_revoke(&app, std::slice::from_ref(handle), Default::default()).await.unwrap();
    }

    pub(crate) fn expire_access_tokens(&self) {
        self.clock.advance(std::time::Duration::from_secs(3600));
    }

    /// The feed is lost, and so many nodes have noticed.
    pub(crate) async fn lose_feed(&self, nodes: usize) {
        self.core.loses_feed.send_replace(true);
        self.core.without_feed.subscribe().wait_for(|noticed| noticed.len() >= nodes).await.unwrap();
    }

    pub(crate) fn find_feed(&self) {
        self.core.loses_feed.send_replace(false);
    }

    pub(crate) fn unplug(&self, down: bool) {
        self.core.down.store(down, Ordering::SeqCst);
    }
}

/// Tokens as a client holds them.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) front: String,
    pub(crate) anti_csrf: Option<String>,
    pub(crate) handle: SessionHandle,
}

impl Held {
    pub(crate) fn of(session: &Session) -> Self {
        let tokens = session.tokens();
        tracing::trace!(?session, ?tokens, "a session as it is printed");
        let all = [Some(&tokens.access), tokens.refresh.as_ref(), Some(&tokens.front), tokens.anti_csrf.as_ref()];
        keep_secret(all.into_iter().flatten().map(hallpass::TokenText::expose));
        Self {
            access: tokens.access.expose().to_owned(),
            refresh: tokens.refresh.map(|token| token.expose().to_owned()).unwrap_or_default(),
            front: tokens.front.expose().to_owned(),
            anti_csrf: tokens.anti_csrf.map(|token| token.expose().to_owned()),
            handle: session.handle().clone(),
        }
    }
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/me", any(async |session: Session| session.user_id().to_string()))
        .route("/maybe", any(async |session: Option<Session>| session.map_or("nobody".to_owned(), |session| session.user_id().to_string())))
        .route("/admin", get(async |session: Require<Admin>| session.user_id().to_string()))
        .route("/payload", get(async |session: Session| Json(session.access_token_payload())))
        .route("/merge", post(merge))
        .route("/merge-thrice", post(merge_thrice))
        .route("/revoke", post(async |session: Session| session.revoke().await))
        .route("/regret", post(regret))
        .route("/data", post(data))
        .route("/plain", any(async || ([("set-cookie", "theme=dark"), ("access-control-expose-headers", "customValue")], "plain")))
}

async fn login(sign_in: SignIn, Json(body): Json<Value>) -> Result<impl axum::response::IntoResponse, SessionError> {
    let creation = sign_in.user(body["user"].as_str().unwrap()).payload(&body["payload"]).data(&body["data"]);
    tracing::trace!(?sign_in, ?creation, "a sign-in as it is printed");
    let session = creation.await?;
    Ok(([("access-control-expose-headers", "customValue")], session.handle().to_string()))
}

async fn merge(session: Session, Json(update): Json<Value>) -> Result<Json<JsonObject>, SessionError> {
    session.merge_into_access_token_payload(update).await?;
    Ok(Json(session.claims()))
}

async fn merge_thrice(session: Session, again: Session) -> Result<Json<JsonObject>, SessionError> {
    session.merge_into_access_token_payload(json!({ "a": 1 })).await?;
    again.merge_into_access_token_payload(json!({ "b": 2 })).await?;
    session.merge_into_access_token_payload(json!({ "c": 3 })).await?;
    Ok(Json(session.claims()))
}

/// Signs in, changes the new session, and thinks better of it.
async fn regret(sign_in: SignIn) -> Result<(), SessionError> {
    let session = sign_in.user("u").await?;
    session.merge_into_access_token_payload(json!({ "x": 1 })).await?;
    Err(SessionError::unauthorised())
}

async fn data(session: Session, Json(data): Json<Value>) -> Result<Json<JsonObject>, SessionError> {
    session.set_data(data).await?;
    Ok(Json(session.data().await?))
}

/// A request in the making.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: String,
}

pub(crate) fn call(method: &'static str, path: &str) -> Call {
    Call { method, path: path.to_owned(), headers: vec![], body: String::new() }
}

pub(crate) fn get_(path: &str) -> Call {
    call("GET", path)
}

pub(crate) fn post_(path: &str) -> Call {
    call("POST", path)
}

pub(crate) fn refresh() -> Call {
    post_("/auth/session/refresh")
}

pub(crate) fn login_as(user: &str, mode: &str) -> Call {
    post_("/login").header("st-auth-mode", mode).json(&json!({ "user": user }))
}

impl Call {
    pub(crate) fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn cookie(self, name: &str, value: &str) -> Self {
        self.header("cookie", format!("{name}={value}"))
    }

    pub(crate) fn access_cookie(self, token: &str) -> Self {
        self.cookie("sAccessToken", token)
    }

    pub(crate) fn refresh_cookie(self, token: &str) -> Self {
        self.cookie("sRefreshToken", token)
    }

    pub(crate) fn text(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.header("content-type", "application/json")
    }

    pub(crate) fn build(self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(Body::from(self.body)).unwrap()
    }
}

pub(crate) async fn send(app: &Router, request: Call) -> Reply {
    ask(app, request).await.noted()
}

/// As [`send`], for what is asked at random or until something happens: the transcript is the same each time.
pub(crate) async fn ask(app: &Router, request: Call) -> Reply {
    Reply::unnoted(app.clone().oneshot(request.build()).await.unwrap()).await
}

/// A response, read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

pub(crate) const UNAUTHORISED: &str = r#"{"message":"unauthorised"}"#;
pub(crate) const TRY_REFRESH: &str = r#"{"message":"try refresh token"}"#;
pub(crate) const THEFT: &str = r#"{"message":"token theft detected"}"#;

impl Reply {
    pub(crate) async fn read(response: axum::response::Response) -> Self {
        Self::unnoted(response).await.noted()
    }

    async fn unnoted(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        if crate::IN_PROCESS {
            tracing::trace!(headers = ?parts.headers, "a response as it is printed");
        }
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            ["front-token", "st-access-token", "st-refresh-token", "anti-csrf"].into_iter().filter_map(|name| parts.headers.get(name));
        keep_secret(headers.map(text).collect::<Vec<_>>().iter().map(String::as_str));
        let cookies: Vec<String> = parts.headers.get_all("set-cookie").iter().map(text).collect();
        keep_secret(cookies.iter().filter_map(|cookie| cookie.split_once('=')?.1.split(';').next()));
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The reply, once it is in the transcript.
    pub(crate) fn noted(self) -> Self {
        transcript::note(&self);
        self
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name}: {all:?}");
        all.first().copied()
    }

    /// The `Set-Cookie` of a cookie. There is at most one.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let ours: Vec<&str> = self.all("set-cookie").into_iter().filter(|value| value.split('=').next() == Some(name)).collect();
        assert!(ours.len() <= 1, "{ours:?}");
        ours.first().copied()
    }

    /// The value that a cookie is set to.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        Some(self.set_cookie(name)?.split_once('=')?.1.split(';').next().unwrap())
    }

    pub(crate) fn says(&self, status: u16, body: &str) -> bool {
        self.status == status && self.body == body
    }

    #[track_caller]
    pub(crate) fn assert(&self, status: u16, body: &str) -> &Self {
        assert!(self.says(status, body), "expected {status} {body}, got {self:?}");
        self
    }

    pub(crate) fn sets_cookies(&self) -> bool {
        self.cookie("sAccessToken").is_some_and(|token| !token.is_empty())
            && self.cookie("sRefreshToken").is_some_and(|token| !token.is_empty())
    }

    pub(crate) fn clears_cookies(&self) -> bool {
        let cleared = |name| {
            self.set_cookie(name)
                .is_some_and(|cookie| cookie.starts_with(&format!("{name}=;")) && cookie.contains("Expires=Thu, 01 Jan 1970"))
        };
        cleared("sAccessToken") && cleared("sRefreshToken")
    }

    pub(crate) fn sets_headers(&self) -> bool {
        self.header("st-access-token").is_some_and(|token| !token.is_empty())
            && self.header("st-refresh-token").is_some_and(|token| !token.is_empty())
    }

    pub(crate) fn clears_headers(&self) -> bool {
        self.header("st-access-token") == Some("") && self.header("st-refresh-token") == Some("")
    }

    pub(crate) fn clears_all(&self) -> bool {
        self.clears_cookies() && self.clears_headers() && self.header("front-token") == Some("remove")
    }

    /// Whether the client keeps what it has.
    pub(crate) fn leaves_tokens(&self) -> bool {
        self.all("set-cookie").is_empty()
            && ["front-token", "st-access-token", "st-refresh-token", "anti-csrf"].iter().all(|name| self.header(name).is_none())
    }

    /// The tokens that a client with cookies has afterwards.
    pub(crate) fn held_by_cookies(&self) -> Held {
        self.held(self.cookie("sAccessToken").unwrap(), self.cookie("sRefreshToken").unwrap())
    }

    /// The tokens that a client without cookies has afterwards.
    pub(crate) fn held_by_headers(&self) -> Held {
        self.held(self.header("st-access-token").unwrap(), self.header("st-refresh-token").unwrap())
    }

    fn held(&self, access: &str, refresh: &str) -> Held {
        Held {
            access: access.to_owned(),
            refresh: refresh.to_owned(),
            front: self.header("front-token").unwrap().to_owned(),
            anti_csrf: self.header("anti-csrf").map(str::to_owned),
            handle: front(self.header("front-token").unwrap())["up"]["sessionHandle"].as_str().unwrap().parse().unwrap(),
        }
    }
}

/// What a front token says.
pub(crate) fn front(token: &str) -> Value {
    read_front(token).unwrap()
}

fn read_front(token: &str) -> Option<Value> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    serde_json::from_slice(&STANDARD.decode(token).ok()?).ok()
}

/// A token of somebody else.
pub(crate) const FOREIGN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.c2lnbmF0dXJl";
