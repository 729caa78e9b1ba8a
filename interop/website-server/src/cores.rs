//! Where sessions are kept: in engines of this process, or in apps of a core. Each has an address, by which the suite
//! says which one is meant.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hallpass::{Builder, JsonObject, KeyFamily, UserId, embedded};
use hallpass_engine::{
    core::{Core, Created, NewSession},
    engine::{Config, Engine},
    id::Tenant,
    judge::{Confirmation, Rule},
    keys::Algorithm,
    time::SystemClock,
    token_version::TokenVersion,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failed::Failed;

/// What the suite may say about a new app, in a core's words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoreConfig {
    /// Seconds.
    access_token_validity: Option<Number>,
    /// Minutes.
    refresh_token_validity: Option<Number>,
    /// Hours.
    #[serde(alias = "access_token_signing_key_update_interval")]
    access_token_dynamic_signing_key_update_interval: Option<Number>,
}

/// A number, or a text that holds one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(f64),
    Text(String),
}

impl Number {
    fn times(&self, unit: Duration) -> Result<Duration, Failed> {
        let number = match self {
            Self::Plain(number) => *number,
            Self::Text(text) => text.parse()?,
        };
        Ok(Duration::try_from_secs_f64(number * unit.as_secs_f64())?)
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl CoreConfig {
    /// RS256, as in a core: it is the one algorithm of the oldest tokens. Neither jitter nor grace, for the suite counts
    /// seconds.
    fn engine(&self) -> Result<Config, Failed> {
        let rule = Rule { confirmation: Confirmation::FirstUse { grace: Duration::ZERO }, ..Rule::new() };
        let mut config = Config { algorithm: Algorithm::Rs256, access_token_jitter: 0.0, rule, ..Config::default() };
        if let Some(seconds) = &self.access_token_validity {
            config.access_token_validity = seconds.times(SECOND)?;
        }
        if let Some(minutes) = &self.refresh_token_validity {
            config.refresh_token_validity = minutes.times(MINUTE)?;
        }
        if let Some(hours) = &self.access_token_dynamic_signing_key_update_interval {
            config.key_interval = hours.times(HOUR)?;
        }
        Ok(config)
    }
}

/// All of them.
pub(crate) struct Cores {
    /// The core in which apps are made, if not in this process.
    core: Option<String>,
    http: reqwest::Client,
    engines: Mutex<HashMap<String, Arc<Engine>>>,
    opened: AtomicUsize,
}

/// One of them.
#[derive(Clone)]
pub(crate) enum Kept {
    /// In this process.
    Here(Arc<Engine>),
    /// By the core at this address.
    There(String, reqwest::Client),
}

impl Cores {
    pub(crate) fn new(core: Option<String>) -> Result<Self, Failed> {
        let core = core.map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self { core, http: reqwest::Client::builder().build()?, engines: Mutex::default(), opened: AtomicUsize::new(0) })
    }

    /// Makes a place for sessions; its address. `config` is in a core's words.
    pub(crate) async fn open(&self, app: Option<String>, config: JsonObject) -> Result<String, Failed> {
        let app = app.unwrap_or_else(|| format!("{}-{}", std::process::id(), self.opened.fetch_add(1, Ordering::Relaxed)));
        let Some(core) = &self.core else {
            let url = format!("http://embedded.localhost/appid-{app}");
            let config = CoreConfig::deserialize(Value::Object(config))?.engine()?;
            let engine = embedded::open(&embedded::Location::Memory, config, Arc::new(SystemClock::default())).await?;
            self.engines().insert(url.clone(), engine);
            return Ok(url);
        };
        let body = json!({ "appId": app, "coreConfig": config });
        let answer = self.http.put(format!("{core}/recipe/multitenancy/app/v2")).json(&body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if status.is_success() {
            Ok(format!("{core}/appid-{app}"))
        } else {
            Err(Failed(format!("the core made no app ({status}): {text}")))
        }
    }

    /// The place at an address: one of this process, or else a core.
    pub(crate) fn at(&self, url: &str) -> Kept {
        let here = self.engines().get(url).map(Arc::clone);
        here.map_or_else(|| Kept::There(url.trim_end_matches('/').to_owned(), self.http.clone()), Kept::Here)
    }

    fn engines(&self) -> MutexGuard<'_, HashMap<String, Arc<Engine>>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tokens of a session as SDKs made them that are no longer in use.
pub(crate) struct OldTokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) front: String,
}

impl OldTokens {
    fn new(user: &str, payload: &JsonObject, access: &str, expires_at_ms: i64, refresh: &str) -> Self {
        let front = json!({ "uid": user, "ate": expires_at_ms, "up": payload });
        Self { access: access.to_owned(), refresh: refresh.to_owned(), front: STANDARD.encode(front.to_string()) }
    }
}

impl Kept {
    /// Tells the SDK where its sessions are.
    pub(crate) fn give_to(&self, builder: Builder) -> Builder {
        match self {
            Self::Here(engine) => builder.core(Arc::clone(engine) as Arc<dyn Core>),
            Self::There(url, _) => builder.remote(url, None),
        }
    }

    /// A session as an SDK of version 2.18 of the core's interface would have created it.
    pub(crate) async fn create_old_session(&self, user: &str, payload: JsonObject) -> Result<OldTokens, Failed> {
        match self {
            Self::Here(engine) => create_here(engine, user, payload).await,
            Self::There(url, http) => create_there(url, http, user, payload).await,
        }
    }
}

async fn create_here(engine: &Engine, user: &str, payload: JsonObject) -> Result<OldTokens, Failed> {
    let old = engine.with(Config { token_version: TokenVersion::V2, ..engine.config().clone() });
    let new = NewSession {
        tenant: Tenant::public(),
        user: UserId::from(user.to_owned()),
        payload: payload.clone(),
        data: JsonObject::new(),
        family: KeyFamily::Dynamic,
        anti_csrf: false,
        access_token_validity: None,
        actor: None,
    };
    match old.session_create(new).await? {
        Created::Issued(issued) => {
            let expires_at_ms = issued.access.expires_at.as_millis();
            Ok(OldTokens::new(user, &payload, issued.access.token.expose(), expires_at_ms, issued.refresh.token.expose()))
        }
        refused => Err(Failed(format!("the session was not created: {refused:?}"))),
    }
}

async fn create_there(url: &str, http: &reqwest::Client, user: &str, payload: JsonObject) -> Result<OldTokens, Failed> {
    let body = json!({ "userId": user, "userDataInJWT": payload, "userDataInDatabase": {}, "enableAntiCsrf": false });
    let request = http.post(format!("{url}/recipe/session")).header("cdi-version", "2.18").header("rid", "session").json(&body);
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    let made: Value = serde_json::from_str(&text).unwrap_or_default();
    let token = |name: &str| made[name]["token"].as_str();
    let (Some(access), Some(expires_at_ms), Some(refresh)) =
        (token("accessToken"), made["accessToken"]["expiry"].as_i64(), token("refreshToken"))
    else {
        return Err(Failed(format!("the core created no session ({status})")));
    };
    Ok(OldTokens::new(user, &payload, access, expires_at_ms, refresh))
}
