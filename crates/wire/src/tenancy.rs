//! Apps, their tenants, and what is configured for each.

use hallpass_engine::session::JsonObject;

use crate::field::{Nullable, request};

request! {
    /// `PUT /recipe/multitenancy/app` and `…/app/v2`
    PutApp {
        /// Which app; it is made if there is none of that id. `public` by default.
        app_id: Option<String> = "appId",
        /// Settings of the core that the app overrides; null takes one back.
        core_config: Option<JsonObject> = "coreConfig",
        /// With what users may sign in; null for whatever is switched on.
        first_factors: Nullable<Vec<String>> = "firstFactors",
        /// What users must prove besides; null for nothing.
        required_secondary_factors: Nullable<Vec<String>> = "requiredSecondaryFactors",
    }
}

request! {
    /// `PUT /recipe/multitenancy/tenant` and `…/tenant/v2`
    PutTenant {
        /// Which tenant of the app; it is made if there is none of that id. `public` by default.
        tenant_id: Option<String> = "tenantId",
        /// Settings of the core that the tenant overrides; null takes one back.
        core_config: Option<JsonObject> = "coreConfig",
        /// With what users may sign in; null for whatever is switched on.
        first_factors: Nullable<Vec<String>> = "firstFactors",
        /// What users must prove besides; null for nothing.
        required_secondary_factors: Nullable<Vec<String>> = "requiredSecondaryFactors",
    }
}

request! {
    /// What the paths without `v2` take besides.
    LoginFlags {
        /// Whether users may sign in with a password.
        email_password: Option<bool> = "emailPasswordEnabled",
        /// Whether users may sign in with an account elsewhere.
        third_party: Option<bool> = "thirdPartyEnabled",
        /// Whether users may sign in with a code or link that is sent to them.
        passwordless: Option<bool> = "passwordlessEnabled",
    }
}

request! {
    /// `POST /recipe/multitenancy/app/remove`
    RemoveApp {
        /// Which app.
        app_id: String = "appId",
    }
}

request! {
    /// `POST /recipe/multitenancy/tenant/remove`
    RemoveTenant {
        /// Which tenant of the app.
        tenant_id: String = "tenantId",
    }
}

request! {
    /// `PUT /recipe/multitenancy/config/thirdparty`
    PutThirdParty {
        /// The provider, named by its member `thirdPartyId`; kept as it is.
        config: JsonObject = "config",
        /// Without effect: nothing in it means anything here.
        skip_validation: Option<bool> = "skipValidation",
    }
}

request! {
    /// `POST /recipe/multitenancy/config/thirdparty/remove`
    RemoveThirdParty {
        /// Which provider.
        third_party_id: String = "thirdPartyId",
    }
}

request! {
    /// `POST /recipe/multitenancy/tenant/user` and `…/tenant/user/remove`
    TenantUser {
        /// Which user; required from 4.0 on.
        recipe_user_id: Option<String> = "recipeUserId",
        /// Which user; required before 4.0.
        user_id: Option<String> = "userId",
    }
}
