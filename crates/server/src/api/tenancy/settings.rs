//! What is configured for a tenant, as the document that is stored.

use std::fmt;

use hallpass_engine::{id::Tenant, session::JsonObject, tenancy::TenantRecord, time::Timestamp};
use serde_json::{Value, json};

use super::factors::{Login, PerMethod};

/// What is configured for a tenant. Everything but the core configuration is kept for SDKs, and means nothing here.
///
/// # Security
/// Providers and overrides hold secrets: `Debug` does not show them.
#[derive(Clone, PartialEq)]
pub(crate) struct TenantSettings {
    /// With what users may sign in.
    pub(crate) login: Login,
    /// The providers of third-party sign-in, each as it was given.
    pub(crate) providers: Vec<JsonObject>,
    /// What the app overrides, as it was given.
    pub(crate) core_config: JsonObject,
    /// Kept because it was given; there is nothing to license.
    pub(crate) license_key: Option<String>,
}

impl TenantSettings {
    /// Of a public tenant that was just made: everything is switched on.
    pub(crate) fn of_new_app() -> Self {
        Self::new(Login::everything())
    }

    /// Of a tenant that was just made.
    pub(crate) fn new(login: Login) -> Self {
        Self { login, providers: Vec::new(), core_config: JsonObject::new(), license_key: None }
    }

    /// The record of a tenant that is there without having been made.
    pub(crate) fn initial(tenant: Tenant, now: Timestamp) -> TenantRecord {
        TenantRecord { tenant, settings: Self::of_new_app().to_document(), revision: 0, created_at: now }
    }

    /// What a record says. A member that is missing or makes no sense counts as not set.
    pub(crate) fn of(record: &TenantRecord) -> Self {
        let settings = &record.settings;
        let flag = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or(true);
        let texts = |name: &str| {
            let texts = settings.get(name)?.as_array()?.iter();
            texts.map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let objects = |name: &str| settings.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        Self {
            login: Login {
                flags: PerMethod {
                    email_password: flag("emailPassword"),
                    third_party: flag("thirdParty"),
                    passwordless: flag("passwordless"),
                },
                first_factors: texts("firstFactors"),
                required_secondary_factors: texts("requiredSecondaryFactors").filter(|factors| !factors.is_empty()),
            },
            providers: objects("providers").cloned().collect(),
            core_config: settings.get("coreConfig").and_then(Value::as_object).cloned().unwrap_or_default(),
            license_key: settings.get("licenseKey").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// The document that is stored.
    pub(crate) fn to_document(&self) -> JsonObject {
        let document = json!({
            "emailPassword": self.login.flags.email_password,
            "thirdParty": self.login.flags.third_party,
            "passwordless": self.login.flags.passwordless,
            "firstFactors": self.login.first_factors,
            "requiredSecondaryFactors": self.login.required_secondary_factors,
            "providers": self.providers,
            "coreConfig": self.core_config,
            "licenseKey": self.license_key,
        });
        match document {
            Value::Object(document) => document,
            _ => unreachable!("the literal above is an object"),
        }
    }
}

impl fmt::Debug for TenantSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantSettings").field("login", &self.login).finish_non_exhaustive()
    }
}

/// The overrides after a change: members replace stored ones. A null takes one back; where there is none it stays, and
/// overrides with the default.
pub(crate) fn merge_core_config(stored: &JsonObject, given: &JsonObject) -> JsonObject {
    let mut merged = stored.clone();
    for (name, value) in given {
        let is_taken_back = value.is_null() && merged.shift_remove(name).is_some();
        if !is_taken_back {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_takes_an_override_back_or_overrides_with_the_default() {
        let object = |value: Value| value.as_object().unwrap().clone();
        let merged = |stored: Value, given: Value| Value::Object(merge_core_config(&object(stored), &object(given)));
        assert_eq!(merged(json!({ "a": 1, "b": 2 }), json!({ "b": "3", "c": true })), json!({ "a": 1, "b": "3", "c": true }));
        assert_eq!(merged(json!({ "a": 1 }), json!({ "a": null, "b": null })), json!({ "b": null }));
        assert_eq!(merged(json!({ "b": null }), json!({ "b": null })), json!({}));
    }

    #[test]
    fn settings_survive_their_document() {
        let mut settings = TenantSettings::of_new_app();
        for first_factors in [None, Some(vec![]), Some(vec!["otp-email".to_owned()])] {
            settings.login.first_factors = first_factors;
            settings.login.flags.third_party = !settings.login.flags.third_party;
            settings.core_config.insert("access_token_validity".to_owned(), "3".into());
            let record =
                TenantRecord { settings: settings.to_document(), ..TenantSettings::initial(Tenant::public(), Timestamp::default()) };
            assert_eq!(TenantSettings::of(&record), settings);
        }
    }
}
