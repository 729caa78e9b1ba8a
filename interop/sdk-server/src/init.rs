//! How the suite initialises the SDK. Its settings are those of other SDKs, with one recipe each for what they can do;
//! recipes and settings that are not about sessions are accepted, and change nothing.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use hallpass::{Allowed, AntiCsrf, AppInfo, Builder, Hallpass, KeyFamily, Promotion, SameSite, Transfer, roles::RoleSettings};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};

use crate::{claims, failed::Failed, sdk::Sdk};

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    // functions of the SDK cannot be exchanged by name, so there is nothing that the suite could have captured
    let none = || async { Json(json!({ "logs": [] })) };
    let forgotten = || async { Json(json!({ "ok": true })) };
    Router::new()
        .route("/test/init", post(init))
        .route("/test/featureflag", get(|| async { Json(json!([])) }))
        .route("/test/getoverridelogs", get(none))
        .route("/test/resetoverridelogs", post(forgotten))
        .route("/test/resetoverrideparams", post(forgotten))
}

#[derive(Deserialize)]
struct Init {
    config: Inner<Config>,
}

/// JSON within a JSON text, or plain.
struct Inner<T>(T);

impl<'de, T: for<'a> Deserialize<'a>> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => serde_json::from_str(&text).map(Self),
            other => T::deserialize(other).map(Self),
        }
        .map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    app_info: Info,
    #[serde(default)]
    supertokens: CoreAt,
    #[serde(default)]
    recipe_list: Vec<Recipe>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    app_name: Option<String>,
    api_domain: Option<String>,
    website_domain: Option<String>,
    origin: Option<String>,
    api_base_path: Option<String>,
    api_gateway_path: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CoreAt {
    #[serde(rename = "connectionURI")]
    connection_uri: Option<String>,
    api_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipe {
    recipe_id: String,
    config: Option<Inner<Value>>,
}

/// The settings of the recipe for sessions.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Sessions {
    cookie_domain: Option<String>,
    older_cookie_domain: Option<String>,
    cookie_secure: Option<bool>,
    cookie_same_site: Option<String>,
    access_token_path: Option<String>,
    anti_csrf: Option<String>,
    session_expired_status_code: Option<u16>,
    invalid_claim_status_code: Option<u16>,
    use_dynamic_access_token_signing_key: Option<bool>,
    expose_access_token_to_frontend_in_cookie_based_auth: bool,
    get_token_transfer_method: Option<String>,
}

/// The settings of the recipe for roles.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Roles {
    skip_adding_roles_to_access_token: bool,
    skip_adding_permissions_to_access_token: bool,
}

async fn init(State(sdk): State<Arc<Sdk>>, Json(given): Json<Init>) -> Result<Json<Value>, Failed> {
    let Inner(config) = given.config;
    let mut builder = Hallpass::builder(app(config.app_info)).promotion(Promotion::Reference);
    builder = claims::register(builder);
    for Recipe { recipe_id, config } in config.recipe_list {
        let config = config.map_or_else(|| json!({}), |Inner(config)| config);
        builder = match recipe_id.as_str() {
            "session" => Sessions::deserialize(config).map_err(Failed::other)?.apply(builder)?,
            "userroles" => builder.roles(Roles::deserialize(config).map_err(Failed::other)?.settings()),
            _ => builder,
        };
    }
    let CoreAt { connection_uri, api_key } = config.supertokens;
    let builder = sdk.give_core(builder, connection_uri.as_deref(), api_key.as_deref()).await?;
    sdk.initialise(builder.build().await.map_err(Failed::other)?);
    Ok(Json(json!({ "ok": true })))
}

fn app(info: Info) -> AppInfo {
    type Set = fn(AppInfo, String) -> AppInfo;
    let mut app = AppInfo::new(info.app_name.unwrap_or_default());
    let settings: [(Option<String>, Set); 4] = [
        (info.api_domain, AppInfo::api),
        (info.origin.or(info.website_domain), AppInfo::website),
        (info.api_base_path, AppInfo::api_base_path),
        (info.api_gateway_path, AppInfo::api_gateway_path),
    ];
    for (setting, set) in settings {
        if let Some(setting) = setting {
            app = set(app, setting);
        }
    }
    app
}

impl Sessions {
    fn apply(self, mut builder: Builder) -> Result<Builder, Failed> {
        if let Some(domain) = self.cookie_domain {
            builder = builder.cookie_domain(domain);
        }
        if let Some(domain) = self.older_cookie_domain {
            builder = builder.older_cookie_domain(domain);
        }
        if let Some(secure) = self.cookie_secure {
            builder = builder.cookie_secure(secure);
        }
        if let Some(path) = self.access_token_path {
            builder = builder.access_token_path(path);
        }
        if let Some(code) = self.session_expired_status_code {
            builder = builder.session_expired_status(code);
        }
        if let Some(code) = self.invalid_claim_status_code {
            builder = builder.invalid_claim_status(code);
        }
        if let Some(same_site) = self.cookie_same_site {
            let known = [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];
            builder = builder.cookie_same_site(named("cookieSameSite", same_site.trim(), &known)?);
        }
        if let Some(mode) = self.anti_csrf {
            let known = [("VIA_TOKEN", AntiCsrf::Token), ("VIA_CUSTOM_HEADER", AntiCsrf::CustomHeader), ("NONE", AntiCsrf::None)];
            builder = builder.anti_csrf(named("antiCsrf", &mode, &known)?);
        }
        if let Some(method) = self.get_token_transfer_method {
            let known = [("any", Allowed::Any), ("cookie", Allowed::Only(Transfer::Cookie)), ("header", Allowed::Only(Transfer::Header))];
            builder = builder.transfer(named("getTokenTransferMethod", &method, &known)?);
        }
        let dynamic = self.use_dynamic_access_token_signing_key.unwrap_or(true);
        let family = if dynamic { KeyFamily::Dynamic } else { KeyFamily::Static };
        Ok(builder.key_family(family).expose_access_token(self.expose_access_token_to_frontend_in_cookie_based_auth))
    }
}

fn named<T: Copy>(setting: &str, given: &str, known: &[(&str, T)]) -> Result<T, Failed> {
    let found = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(given));
    found.map(|(_, value)| *value).ok_or_else(|| Failed::Other(format!("{setting} cannot be `{given}`")))
}

impl Roles {
    fn settings(&self) -> RoleSettings {
        let mut settings = RoleSettings::default();
        if self.skip_adding_roles_to_access_token {
            settings = settings.without_roles();
        }
        if self.skip_adding_permissions_to_access_token {
            settings = settings.without_permissions();
        }
        settings
    }
}
