//! What is configured for a tenant, as the document that is stored.

use hallpass_engine::{id::Tenant, session::JsonObject, tenancy::TenantRecord, time::Timestamp};
use serde_json::{Value, json};

/// What is configured for a tenant. Everything but the core configuration is kept for SDKs, and means nothing here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TenantSettings {
    pub(crate) email_password: bool,
    pub(crate) third_party: bool,
    pub(crate) passwordless: bool,
    /// `None`: all that are switched on.
    pub(crate) first_factors: Option<Vec<String>>,
    /// Never empty.
    pub(crate) required_secondary_factors: Option<Vec<String>>,
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
        Self {
            email_password: true,
            third_party: true,
            passwordless: true,
            first_factors: None,
            required_secondary_factors: None,
            providers: Vec::new(),
            core_config: JsonObject::new(),
            license_key: None,
        }
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
            email_password: flag("emailPassword"),
            third_party: flag("thirdParty"),
            passwordless: flag("passwordless"),
            first_factors: texts("firstFactors"),
            required_secondary_factors: texts("requiredSecondaryFactors").filter(|factors| !factors.is_empty()),
            providers: objects("providers").cloned().collect(),
            core_config: settings.get("coreConfig").and_then(Value::as_object).cloned().unwrap_or_default(),
            license_key: settings.get("licenseKey").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// The document that is stored.
    pub(crate) fn to_document(&self) -> JsonObject {
        let document = json!({
            "emailPassword": self.email_password,
            "thirdParty": self.third_party,
            "passwordless": self.passwordless,
            "firstFactors": self.first_factors,
            "requiredSecondaryFactors": self.required_secondary_factors,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_their_document() {
        let mut settings = TenantSettings::of_new_app();
        for first_factors in [None, Some(vec![]), Some(vec!["otp-email".to_owned()])] {
            settings.first_factors = first_factors;
            settings.third_party = !settings.third_party;
            settings.core_config.insert("access_token_validity".to_owned(), "3".into());
            let record =
                TenantRecord { settings: settings.to_document(), ..TenantSettings::initial(Tenant::public(), Timestamp::default()) };
            assert_eq!(TenantSettings::of(&record), settings);
        }
    }
}
