//! What making and changing apps and tenants have in common.

use hallpass_engine::{id::Tenant, session::JsonObject};
use hallpass_wire::{
    FieldDoc, Request,
    field::Nullable,
    tenancy::{LoginFlags, PutApp, PutTenant},
};
use serde_json::json;

use super::{
    super::{
        Api,
        call::Call,
        reply::{Problem, Reply},
    },
    change::{change_or_make, tenants},
    factors::{InvalidLogin, Login, LoginChange, Style},
    settings::{TenantSettings, merge_core_config},
};
use crate::{
    app_settings::AppSettings,
    core_config::{check_app, check_tenant, effective},
};

/// What a call wants to be different.
pub(super) struct Wanted {
    core_config: Option<JsonObject>,
    login: LoginChange,
}

impl Wanted {
    /// Of an app's public tenant.
    pub(super) fn of_app(request: PutApp, flags: LoginFlags) -> Self {
        let PutApp { app_id: _, core_config, first_factors, required_secondary_factors } = request;
        Self::new(core_config, flags, first_factors, required_secondary_factors)
    }

    /// Of any tenant.
    pub(super) fn of_tenant(request: PutTenant, flags: LoginFlags) -> Self {
        let PutTenant { tenant_id: _, core_config, first_factors, required_secondary_factors } = request;
        Self::new(core_config, flags, first_factors, required_secondary_factors)
    }

    fn new(core_config: Option<JsonObject>, flags: LoginFlags, first: Nullable<Vec<String>>, required: Nullable<Vec<String>>) -> Self {
        Self { core_config, login: LoginChange { flags: flags.into(), first_factors: first, required_secondary_factors: required } }
    }
}

/// Makes or changes a tenant; the public one stands for its app.
pub(super) async fn put(call: &Call, target: &Tenant, wanted: Wanted, style: Style) -> Result<Reply, Problem> {
    let api = &call.api;
    let limits = Limits::of(call, target, &wanted).await?;
    let new = TenantSettings::new(Login::of_new_tenant(target.tenant.is_public(), style));
    let ((), is_new) = change_or_make(api, target, Some(new), |settings| {
        settings.login = settings.login.changed(&wanted.login, style)?;
        if let Some(given) = &wanted.core_config {
            settings.core_config = merge_core_config(&settings.core_config, given);
            limits.check(&settings.core_config)?;
        }
        Ok(())
    })
    .await?;
    Ok(json!({ "status": "OK", "createdNew": is_new }).into())
}

/// What the overrides of a tenant must get along with.
enum Limits<'a> {
    /// The base tenant's are what the server was started with.
    Base,
    /// An app's: the server's settings, and what the app's tenants override.
    App { base: &'a AppSettings, tenants: Vec<JsonObject> },
    /// A tenant's: those of its app.
    Tenant { app: &'a AppSettings },
}

impl<'a> Limits<'a> {
    async fn of(call: &'a Call, target: &Tenant, wanted: &Wanted) -> Result<Self, Problem> {
        let is_given = wanted.core_config.as_ref().is_some_and(|given| !given.is_empty());
        if *target == Tenant::public() {
            return if is_given { Err(Problem::BadRequest("Cannot modify base config".to_owned())) } else { Ok(Self::Base) };
        }
        if !target.tenant.is_public() {
            return Ok(Self::Tenant { app: &call.app.settings });
        }
        let tenants = if is_given { overrides_of_tenants(&call.api, target).await? } else { Vec::new() };
        Ok(Self::App { base: &call.api.base_app, tenants })
    }

    fn check(&self, overrides: &JsonObject) -> Result<(), Problem> {
        let checked = match self {
            Self::Base => Ok(()),
            Self::Tenant { app } => check_tenant(overrides, app),
            Self::App { base, tenants } => check_app(overrides, base).and_then(|()| {
                let app = effective(base, overrides);
                tenants.iter().try_for_each(|tenant| check_tenant(tenant, &app))
            }),
        };
        checked.map_err(|error| Problem::BadRequest(error.to_string()))
    }
}

/// What the other tenants of an app override.
async fn overrides_of_tenants(api: &Api, public: &Tenant) -> Result<Vec<JsonObject>, Problem> {
    let records = tenants(api, Some(&public.app)).await?;
    let others = records.iter().filter(|record| record.tenant != *public);
    Ok(others.map(|record| TenantSettings::of(record).core_config).filter(|overrides| !overrides.is_empty()).collect())
}

impl From<InvalidLogin> for Problem {
    fn from(error: InvalidLogin) -> Self {
        Self::BadRequest(error.to_string())
    }
}

/// The fields of a request and those of the flags, which paths without `v2` take besides.
pub(super) const fn with_flags(fields: &[FieldDoc]) -> [FieldDoc; 7] {
    let mut joined = [LoginFlags::FIELDS[0]; 7];
    let mut index = 0;
    while index < joined.len() {
        joined[index] = if index < fields.len() { fields[index] } else { LoginFlags::FIELDS[index - fields.len()] };
        index += 1;
    }
    joined
}
