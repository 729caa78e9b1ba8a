//! The configuration keys of the core that Hallpass stands in for: what they are called there, who may set them, and what
//! they do here.
//!
//! The same keys come from three sides: an app or tenant overrides them through the API (`coreConfig`), a server that replaces
//! a core's container gets them as environment variables, and Hallpass' own configuration takes over their names.

use std::time::Duration;

use hallpass_engine::session::JsonObject;
use serde_json::Value;

use crate::{
    app_settings::{ApiKeys, AppSettings, IpRules},
    settings::value::{self, Allowed, LONGEST, Unit},
};

/// Who may set a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Only whoever runs the server.
    Base,
    /// Each app too; all of its tenants share the value.
    App,
    /// Each tenant too.
    Tenant,
}

/// How a value is written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// A whole number, or a string that holds one.
    Whole,
    /// A number, or a string that holds one.
    Number,
    /// `true` or `false`, or a string that says so.
    Flag,
    /// A string.
    Text,
    /// Any of them.
    Any,
}

impl Json {
    /// How a value is written in our own configuration.
    pub(crate) const fn form(self) -> &'static str {
        match self {
            Self::Whole => "WHOLE NUMBER",
            Self::Number => "NUMBER",
            Self::Flag => "true|false",
            Self::Text | Self::Any => "TEXT",
        }
    }
}

/// What a key does here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    /// Changes how apps behave. From `app.relaxed` the function knows whether limits hold.
    App(fn(&mut AppSettings, &str) -> Result<(), Allowed>),
    /// The same as that setting of ours.
    Server(&'static str),
    /// Nothing: it is understood, and checked for its type only.
    None,
}

/// A configuration key of the core.
#[derive(Debug)]
pub(crate) struct Key {
    /// A trailing `*` stands for any ending.
    pub(crate) name: &'static str,
    pub(crate) level: Level,
    pub(crate) json: Json,
    /// The value that `null` stands for.
    pub(crate) default: &'static str,
    /// One sentence; empty for keys without effect.
    pub(crate) help: &'static str,
    pub(crate) effect: Effect,
}

/// An older name that is still in use, and today's.
pub(crate) const ALIAS: (&str, &str) = ("access_token_signing_key_update_interval", "access_token_dynamic_signing_key_update_interval");

const fn key(name: &'static str, level: Level, json: Json, default: &'static str, help: &'static str, effect: Effect) -> Key {
    Key { name, level, json, default, help, effect }
}

const fn ignored(name: &'static str, level: Level, json: Json) -> Key {
    key(name, level, json, "", "", Effect::None)
}

use Effect::{App as Sets, Server};
use Json::{Any, Flag, Number, Text, Whole};
use Level::{App, Base, Tenant};

/// Every key, once.
#[rustfmt::skip] // one row, one or two lines
pub(crate) const KEYS: &[Key] = &[
    key("access_token_validity", App, Whole, "3600",
        "Seconds that an access token lives. Keep it short: it stays valid offline after its session was revoked.",
        Sets(|app, text| { app.access_token_validity = seconds(text, 1..=86_400_000)?; Ok(()) })),
    key("access_token_validity_jitter", App, Number, "0.05",
        "Up to which part that life is shortened at random, so that the moment of the next refresh cannot be guessed well.",
        Sets(|app, text| { app.access_token_jitter = value::fraction(text, 0.0..=0.25)?; Ok(()) })),
    key("refresh_token_validity", App, Number, "144000",
        "Minutes that a session lives without being refreshed. Longer than an access token.",
        Sets(|app, text| { app.refresh_token_validity = value::duration(text, Unit::Minute, SECOND..=LONGEST)?; Ok(()) })),
    key("access_token_dynamic_signing_key_update_interval", App, Number, "168",
        "Hours after which a new signing key takes over. At least one.",
        Sets(|app, text| { app.key_interval = value::duration(text, Unit::Hour, least(app, HOUR)..=LONGEST)?; Ok(()) })),
    key("access_token_signing_key_dynamic", App, Flag, "true",
        "Whether sessions that are created with a version of the interface before 2.21 use keys that are replaced by age.",
        Sets(|app, text| { app.legacy_dynamic_keys = value::flag(text)?; Ok(()) })),
    key("api_keys", App, Text, "",
        "Keys, separated by commas, one of which every call must carry. Without any, everyone who reaches the server may call.",
        Sets(|app, text| { app.api_keys.set_keys(ApiKeys::parse(text)?); Ok(()) })),
    key("supertokens_saas_secret", Base, Text, "",
        "One more key of 40 characters or more that every app accepts, whatever `api_keys` it has. Needs `api_keys`.",
        Sets(|app, text| { app.api_keys.set_saas_secret(saas_secret(text)?); Ok(()) })),
    key("supertokens_min_cdi_version", App, Text, "",
        "The oldest version of the interface that is served.",
        Sets(|app, text| { app.min_cdi = value::cdi_version(text)?; Ok(()) })),
    key("supertokens_max_cdi_version", App, Text, "",
        "The latest version of the interface that is served; also what a call speaks that names none.",
        Sets(|app, text| { app.max_cdi = value::cdi_version(text)?; Ok(()) })),
    key("refresh_token_rotation_grace_period", App, Number, "30",
        "Seconds after its rotation in which a refresh token may come back, from version 5.6 of the interface on. Up to 300.",
        Sets(|app, text| { app.rotation_grace = value::duration(text, Unit::Second, Duration::ZERO..=most(app, SECOND * 300))?; Ok(()) })),
    key("recent_token_reuse_behaviour", Base, Text, "TOKEN_THEFT",
        "What it means, from version 5.6 on, when the token just retired comes back after that: TOKEN_THEFT or UNAUTHORISED.",
        Sets(|app, text| { app.recent_reuse_is_theft = value::choice(text, &[("TOKEN_THEFT", true), ("UNAUTHORISED", false)])?; Ok(()) })),
    key("ip_allow_regex", Tenant, Text, "",
        "Only callers whose IP address matches this regular expression as a whole are let in.",
        Sets(|app, text| { app.ip.allow = IpRules::parse(text)?; Ok(()) })),
    key("ip_deny_regex", Tenant, Text, "",
        "Callers whose IP address matches this regular expression as a whole are turned away, whatever `ip_allow_regex` says.",
        Sets(|app, text| { app.ip.deny = IpRules::parse(text)?; Ok(()) })),

    // other names here
    key("host", Base, Text, "", "", Server("listen")),
    key("port", Base, Whole, "", "", Server("listen")),
    key("base_path", Base, Text, "", "", Server("base_path")),
    key("log_level", Base, Text, "", "", Server("log_level")),
    key("otel_collector_connection_uri", Base, Text, "", "", Server("otlp_endpoint")),

    // what belongs to sign-in methods, to other databases and to the way the core is built
    ignored("max_server_pool_size", Base, Whole),
    ignored("info_log_path", Base, Text),
    ignored("error_log_path", Base, Text),
    ignored("supertokens_saas_load_only_cud", Base, Text),
    ignored("webserver_https_enabled", Base, Flag),
    ignored("oauth_client_secret_encryption_key", Base, Text),
    ignored("deadlock_logger_enable", Base, Flag),
    ignored("argon2_*", Base, Any),
    ignored("bcrypt_log_rounds", Base, Whole),
    ignored("firebase_password_hashing_pool_size", Base, Whole),
    ignored("firebase_password_hashing_signer_key", App, Text),
    ignored("password_hashing_alg", App, Text),
    ignored("password_reset_token_lifetime", App, Number),
    ignored("email_verification_token_lifetime", App, Number),
    ignored("passwordless_max_code_input_attempts", App, Whole),
    ignored("passwordless_code_lifetime", App, Number),
    ignored("totp_max_attempts", App, Whole),
    ignored("totp_rate_limit_cooldown_sec", App, Whole),
    ignored("webauthn_recover_account_token_lifetime", App, Number),
    ignored("access_token_blacklisting", App, Flag),
    ignored("disable_telemetry", App, Flag),
    ignored("migration_mode", App, Text),
    ignored("bulk_migration_*", App, Any),
    ignored("oauth_provider_*", App, Any),
    ignored("saml_*", App, Any),
    ignored("postgresql_*", Tenant, Any),
];

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Whole seconds.
fn seconds(text: &str, within: std::ops::RangeInclusive<u64>) -> Result<Duration, Allowed> {
    let (least, most) = (Duration::from_secs(*within.start()), Duration::from_secs(*within.end()));
    let duration = value::duration(text, Unit::Second, least..=most)?;
    if duration.subsec_nanos() == 0 { Ok(duration) } else { Err("a whole number of seconds".to_owned()) }
}

/// The least that is allowed; a test suite must be able to watch keys rotate.
fn least(app: &AppSettings, least: Duration) -> Duration {
    if app.relaxed { SECOND } else { least }
}

fn most(app: &AppSettings, most: Duration) -> Duration {
    if app.relaxed { LONGEST } else { most }
}

fn saas_secret(text: &str) -> Result<Option<String>, Allowed> {
    match text.len() {
        0 => Ok(None),
        40.. => Ok(Some(text.to_owned())),
        _ => Err("a secret of 40 characters or more".to_owned()),
    }
}

/// The key of that name, be it the older one.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    let name = if name == ALIAS.0 { ALIAS.1 } else { name };
    KEYS.iter().find(|key| match key.name.strip_suffix('*') {
        Some(start) => name.strip_prefix(start).is_some_and(|rest| !rest.is_empty()),
        None => key.name == name,
    })
}

/// What is wrong with an override.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid core config: {0}")]
pub struct InvalidCoreConfig(String);

/// Checks what an app overrides: the `coreConfig` of its public tenant.
///
/// # Errors
/// [`InvalidCoreConfig`] with every mistake; it never quotes a value.
pub fn check_app(overrides: &JsonObject, base: &AppSettings) -> Result<(), InvalidCoreConfig> {
    let mut app = base.clone();
    let mut mistakes = Vec::new();
    for (name, value) in overrides {
        match overridable(name, value) {
            Ok((key, text)) => mistakes.extend(apply(key, &mut app, &text).err().map(|allowed| format!("'{name}' must be {allowed}"))),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() {
        mistakes.extend(app.check().err());
    }
    if mistakes.is_empty() { Ok(()) } else { Err(InvalidCoreConfig(mistakes.join("; "))) }
}

/// Checks what another tenant overrides, `app` being what holds for its app.
///
/// # Errors
/// [`InvalidCoreConfig`] with every mistake, also when a value differs that all tenants of an app share.
pub fn check_tenant(overrides: &JsonObject, app: &AppSettings) -> Result<(), InvalidCoreConfig> {
    check_app(overrides, app)?;
    let differs = |(name, value): &(&String, &Value)| {
        let mut tenant = app.clone();
        let shared = find(name).filter(|key| key.level == App);
        shared.is_some_and(|key| apply(key, &mut tenant, &text_of(key, value).unwrap_or_default()).is_ok()) && tenant != *app
    };
    match overrides.iter().find(differs) {
        Some((name, _)) => Err(InvalidCoreConfig(format!("'{name}' must be the same for all tenants of an app"))),
        None => Ok(()),
    }
}

/// What holds for an app (or for a tenant, `base` then being what holds for its app). What was once stored and is no longer
/// allowed counts as though it were not there.
#[must_use]
pub fn effective(base: &AppSettings, overrides: &JsonObject) -> AppSettings {
    let mut app = base.clone();
    for (name, value) in overrides {
        if let Ok((key, text)) = overridable(name, value) {
            let before = app.clone();
            if apply(key, &mut app, &text).is_err() {
                app = before;
            }
        }
    }
    if app.check().is_ok() { app } else { base.clone() }
}

/// The key and its value as text, if an app or tenant may set it so.
fn overridable(name: &str, value: &Value) -> Result<(&'static Key, String), String> {
    let key = find(name).ok_or_else(|| format!("'{name}' is not a known key"))?;
    if key.level == Base {
        return Err(format!("'{name}' can only be set for the whole server"));
    }
    text_of(key, value).map(|text| (key, text)).map_err(|allowed| format!("'{name}' must be {allowed}"))
}

/// Sets a value. A failure leaves the settings as they were.
pub(crate) fn apply(key: &Key, app: &mut AppSettings, text: &str) -> Result<(), Allowed> {
    match key.effect {
        Effect::App(set) => set(app, text),
        Effect::Server(_) | Effect::None => Ok(()),
    }
}

/// A JSON value of the key's type, as text; `null` is the default.
fn text_of(key: &Key, value: &Value) -> Result<String, Allowed> {
    let (text, is_string) = match value {
        Value::Null => return Ok(key.default.to_owned()),
        Value::String(text) => (text.trim().to_owned(), true),
        Value::Number(_) | Value::Bool(_) => (value.to_string(), false),
        Value::Array(_) | Value::Object(_) => return Err(wanted(key.json)),
    };
    let fits = match key.json {
        Any => true,
        Text => is_string,
        Flag => !value.is_number() && value::flag(&text).is_ok(),
        // the decimal digits are all there is to a number: a duration's unit is not for the API
        Number => text.parse::<f64>().is_ok_and(f64::is_finite) && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte)),
        Whole => text.parse::<i64>().is_ok(),
    };
    if fits { Ok(text) } else { Err(wanted(key.json)) }
}

fn wanted(json: Json) -> Allowed {
    let wanted = match json {
        Whole => "a whole number",
        Number => "a number",
        Flag => "true or false",
        Text => "a string",
        Any => "a number, a string, true or false",
    };
    wanted.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        value.as_object().unwrap().clone()
    }

    fn refused(overrides: Value) -> String {
        check_app(&object(overrides), &AppSettings::default()).unwrap_err().to_string()
    }

    fn holds(base: &AppSettings, overrides: Value) -> AppSettings {
        let overrides = object(overrides);
        check_app(&overrides, base).unwrap();
        effective(base, &overrides)
    }

    #[test]
    fn the_defaults_in_the_table_are_those_of_an_app() {
        let mut app = AppSettings::default();
        for key in KEYS {
            apply(key, &mut app, key.default).unwrap();
            assert_eq!(app, AppSettings::default(), "{}", key.name);
        }
    }

    #[test]
    fn every_key_with_an_effect_is_explained_and_no_key_comes_twice() {
        for key in KEYS {
            assert_eq!(matches!(key.effect, Effect::App(_)), !key.help.is_empty(), "{}", key.name);
            assert_eq!(KEYS.iter().filter(|other| other.name == key.name).count(), 1, "{}", key.name);
        }
        assert!(find(ALIAS.0).is_some());
    }

    #[test]
    fn numbers_come_as_numbers_or_strings_and_flags_too() {
        let strict = AppSettings::default();
        let app = holds(
            &strict,
            json!({ "access_token_validity": "300", "refresh_token_validity": 60.5, "access_token_signing_key_dynamic": "false",
                "access_token_signing_key_update_interval": "2", "refresh_token_rotation_grace_period": 0 }),
        );
        assert_eq!(app.access_token_validity, Duration::from_secs(300));
        assert_eq!(app.refresh_token_validity, Duration::from_secs(3630));
        assert_eq!(app.key_interval, Duration::from_secs(7200));
        assert_eq!(app.rotation_grace, Duration::ZERO);
        assert!(!app.legacy_dynamic_keys);
        assert!(holds(&strict, json!({ "access_token_signing_key_dynamic": true })).legacy_dynamic_keys);
    }

    #[test]
    fn every_mistake_is_named_at_once_and_no_value_is_quoted() {
        let said = refused(json!({ "nonsense": 1, "port": 80, "access_token_validity": "1h", "api_keys": "hunter2", "ip_deny_regex": "(",
            "access_token_signing_key_dynamic": 1, "refresh_token_validity": [], "supertokens_max_cdi_version": "9.9" }));
        assert!(said.starts_with("Invalid core config: 'nonsense' is not a known key; 'port' can only be set"), "{said}");
        for key in ["access_token_validity", "api_keys", "ip_deny_regex", "access_token_signing_key_dynamic", "refresh_token_validity"] {
            assert!(said.contains(&format!("'{key}' must be")), "{said}");
        }
        assert!(!said.contains("hunter2") && said.contains("5.6"), "{said}");
    }

    #[test]
    fn limits_hold_unless_tests_are_run() {
        let refused = |value: Value| check_app(&object(value), &AppSettings::default()).is_err();
        let overrides = [
            json!({ "access_token_dynamic_signing_key_update_interval": "0.0004" }),
            json!({ "refresh_token_validity": 1 }),
            json!({ "refresh_token_rotation_grace_period": 301 }),
        ];
        for overrides in overrides {
            assert!(refused(overrides.clone()), "{overrides}");
            holds(&AppSettings::for_tests(), overrides);
        }
        let app = holds(&AppSettings::for_tests(), json!({ "access_token_dynamic_signing_key_update_interval": "0.0004" }));
        assert_eq!(app.key_interval, Duration::from_millis(1440));
        for wrong in [json!(0), json!(86_400_001_u64), json!(1.5), json!(-1)] {
            assert!(refused(json!({ "access_token_validity": wrong })), "{wrong}");
        }
        assert!(refused(json!({ "access_token_validity_jitter": 0.3 })));
        assert!(refused(json!({ "supertokens_min_cdi_version": "5.0", "supertokens_max_cdi_version": "4.0" })));
    }

    #[test]
    fn keys_without_an_effect_are_accepted_from_apps_and_the_cores_own_are_not() {
        let accepted = json!({ "passwordless_code_lifetime": 1000, "password_hashing_alg": "BCRYPT", "oauth_provider_public_service_url": "x",
            "saml_x": true, "postgresql_host": "db", "bulk_migration_parallelism": "1", "disable_telemetry": true, "migration_mode": "X",
            "totp_max_attempts": "5", "access_token_blacklisting": "false" });
        assert_eq!(holds(&AppSettings::default(), accepted), AppSettings::default());
        for key in [
            "argon2_iterations",
            "bcrypt_log_rounds",
            "host",
            "base_path",
            "log_level",
            "supertokens_saas_secret",
            "webserver_https_enabled",
        ] {
            assert!(refused(json!({ key: "5" })).contains("whole server"), "{key}");
        }
        assert!(refused(json!({ "saml_": 1 })).contains("not a known key"));
    }

    #[test]
    fn null_is_the_default_whatever_the_server_says() {
        let mut base = AppSettings::default();
        base.api_keys.set_keys(vec!["k".repeat(20)]);
        base.access_token_validity = Duration::from_secs(5);
        let app = holds(&base, json!({ "api_keys": null, "access_token_validity": null }));
        assert!(app.api_keys.is_empty());
        assert_eq!(app.access_token_validity, Duration::from_secs(3600));
        let own = holds(&base, json!({ "api_keys": "o".repeat(26) }));
        assert!(own.api_keys.accepts(&"o".repeat(26)) && !own.api_keys.accepts(&"k".repeat(20)));
    }

    #[test]
    fn tenants_of_an_app_share_what_belongs_to_the_app() {
        let app = holds(&AppSettings::default(), json!({ "access_token_validity": 60 }));
        check_tenant(&object(json!({ "access_token_validity": "60", "ip_allow_regex": "::1" })), &app).unwrap();
        let error = check_tenant(&object(json!({ "access_token_validity": 61 })), &app).unwrap_err();
        assert_eq!(error.to_string(), "Invalid core config: 'access_token_validity' must be the same for all tenants of an app");
        assert!(check_tenant(&object(json!({ "nonsense": 61 })), &app).is_err());
        let tenant = effective(&app, &object(json!({ "ip_allow_regex": "::1" })));
        assert!(tenant.ip.accepts("::1".parse().unwrap()) && !tenant.ip.accepts("::2".parse().unwrap()));
    }

    #[test]
    fn what_is_no_longer_allowed_counts_as_not_there() {
        let strict = AppSettings::default();
        let stored = object(json!({ "access_token_dynamic_signing_key_update_interval": 0.0004, "access_token_validity": 60, "gone": 1 }));
        let app = effective(&strict, &stored);
        assert_eq!((app.key_interval, app.access_token_validity), (strict.key_interval, Duration::from_secs(60)));
        assert_eq!(effective(&strict, &object(json!({ "refresh_token_validity": 1 }))), strict);
    }
}
