//! Tenants as they are told.

use hallpass_engine::{session::JsonObject, tenancy::TenantRecord};
use serde_json::{Value, json};

use super::{
    factors::{Method, Style},
    settings::TenantSettings,
};

/// A tenant, without a status.
pub(super) fn tenant(record: &TenantRecord, style: Style) -> JsonObject {
    let TenantSettings { login, providers, core_config, .. } = TenantSettings::of(record);
    let is_enabled = |method| json!({ "enabled": login.is_enabled(method, style) });
    let mut shown = JsonObject::new();
    let mut show = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    show("tenantId", record.tenant.tenant.as_str().into());
    if style == Style::Factors {
        show("thirdParty", json!({ "providers": providers }));
    } else {
        show("emailPassword", is_enabled(Method::EmailPassword));
        show("thirdParty", json!({ "enabled": login.is_enabled(Method::ThirdParty, style), "providers": providers }));
        show("passwordless", is_enabled(Method::Passwordless));
    }
    let first_factors = match style {
        Style::Flags => None,
        Style::Both => login.first_factors.clone().filter(|factors| !factors.is_empty()),
        Style::Factors => login.factors_in_effect(),
    };
    if let Some(factors) = first_factors {
        show("firstFactors", factors.into());
    }
    if let Some(factors) = login.required_secondary_factors.filter(|_| style != Style::Flags) {
        show("requiredSecondaryFactors", factors.into());
    }
    show("coreConfig", core_config.into());
    shown
}

#[cfg(test)]
mod tests {
    use hallpass_engine::{id::Tenant, time::Timestamp};

    use super::{super::factors::Login, *};

    fn shown(login: Login, style: Style) -> Value {
        let record = TenantRecord {
            settings: TenantSettings::new(login).to_document(),
            ..TenantSettings::initial(Tenant::public(), Timestamp::default())
        };
        tenant(&record, style).into()
    }

    #[test]
    fn an_unset_list_is_left_out_and_an_empty_one_shown_to_whoever_knows_only_factors() {
        let everything = json!({ "tenantId": "public", "thirdParty": { "providers": [] }, "coreConfig": {} });
        assert_eq!(shown(Login::everything(), Style::Factors), everything);
        let login =
            Login { first_factors: Some(Vec::new()), required_secondary_factors: Some(vec!["totp".to_owned()]), ..Login::everything() };
        let factors = json!({ "tenantId": "public", "thirdParty": { "providers": [] }, "firstFactors": [],
            "requiredSecondaryFactors": ["totp"], "coreConfig": {} });
        assert_eq!(shown(login.clone(), Style::Factors), factors);
        let mut flags = json!({ "tenantId": "public", "emailPassword": { "enabled": false },
            "thirdParty": { "enabled": false, "providers": [] }, "passwordless": { "enabled": false }, "coreConfig": {} });
        assert_eq!(shown(login.clone(), Style::Flags), flags);
        flags["requiredSecondaryFactors"] = json!(["totp"]);
        assert_eq!(shown(login, Style::Both), flags);
    }
}
