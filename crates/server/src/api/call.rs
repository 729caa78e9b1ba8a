//! A call: what was asked, of which app, in which version.

use std::{str::FromStr, sync::Arc};

use axum::body::Bytes;
use hallpass_engine::{
    engine::{Config, Engine},
    id::{AppId, SessionHandle, Tenant, TenantId, UserId},
    judge::{Confirmation, OnReuse, Rule},
    session::{JsonObject, MAX_DEPTH},
};
use hallpass_wire::{CdiVersion, Dialect, Request, RotationOf};
use serde_json::Value;

use super::{Api, apps::App, reply::Problem};

/// So many objects and arrays may be inside one another: what may be kept, in the object that is the body.
const DEEPEST: usize = MAX_DEPTH + 1;

/// A call that may be made: its key is right and its version is spoken.
pub(crate) struct Call {
    pub(crate) api: Arc<Api>,
    /// The app and tenant of the path.
    pub(crate) tenant: Tenant,
    /// The app, which exists.
    pub(crate) app: Arc<App>,
    pub(crate) version: CdiVersion,
    /// Whether the caller knows Hallpass, whose rules then hold besides those of the version.
    pub(crate) is_own_client: bool,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// The id of the app.
    pub(crate) fn app_id(&self) -> &AppId {
        &self.tenant.app
    }

    /// What the call's version of the interface is like.
    pub(crate) fn dialect(&self) -> &'static Dialect {
        self.version.dialect()
    }

    /// The engine, as it is for this app and for whoever speaks this version.
    pub(crate) fn engine(&self) -> Engine {
        let settings = &self.app.settings;
        let (confirmation, on_reuse) = match self.dialect().rotation {
            RotationOf::FirstUse => (Confirmation::FirstUse { grace: self.api.confirm_grace }, OnReuse::Report),
            RotationOf::Refresh => (Confirmation::Rotation { grace: settings.rotation_grace }, OnReuse::Revoke),
        };
        let on_reuse = if self.is_own_client { OnReuse::Revoke } else { on_reuse };
        let rule = Rule { confirmation, on_reuse, ..Rule::new() };
        self.api.engine.with(Config { token_version: self.dialect().token, ..settings.engine(rule) })
    }

    /// The body, as a JSON object.
    pub(crate) fn json(&self) -> Result<JsonObject, Problem> {
        match serde_json::from_slice(&self.body) {
            Ok(body @ Value::Object(_)) if depth(&body) > DEEPEST => Err(Problem::Json),
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Problem::Json),
        }
    }

    /// The body, as the request that it must be.
    pub(crate) fn body<T: Request>(&self) -> Result<T, Problem> {
        Ok(T::read(&self.json()?)?)
    }

    /// A query parameter, if it is there.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Problem> {
        self.parameter(name).ok_or(Problem::MissingParameter(name))
    }

    /// A query parameter that must be there and be a number: `kind` is what such a number is called.
    pub(crate) fn integer<T: FromStr>(&self, name: &'static str, kind: &'static str) -> Result<T, Problem> {
        self.required(name)?.parse().map_err(|_| Problem::InvalidParameter(name, kind))
    }

    /// A query parameter that is true or false: whatever is not `true` is false.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.parameter(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// Refuses what concerns the whole app when it is called below a tenant, in versions that do so.
    pub(crate) fn confine_to_app(&self) -> Result<(), Problem> {
        if self.dialect().confines_app_calls && !self.tenant.tenant.is_public() {
            return Err(Problem::Forbidden("Only public tenantId can call this app specific API"));
        }
        Ok(())
    }

    /// Refuses a tenant that does not exist.
    pub(crate) async fn tenant_must_exist(&self, tenant: &TenantId) -> Result<(), Problem> {
        let tenant = Tenant { app: self.app_id().clone(), tenant: tenant.clone() };
        if self.api.apps.tenant(&tenant).await?.is_some() { Ok(()) } else { Err(Problem::no_tenant(&tenant)) }
    }

    /// A session handle as it was given. `None`: it has not the shape of one, and so names no session.
    pub(crate) async fn handle(&self, text: &str) -> Result<Option<SessionHandle>, Problem> {
        if let Some((_, tenant)) = text.split_once('_') {
            let named = tenant.parse().map_err(|_| Problem::NoTenant(format!("(, {}, {tenant})", self.app_id())))?;
            self.tenant_must_exist(&named).await?;
        }
        Ok(text.parse().ok())
    }

    /// Notes that a user was there.
    pub(crate) fn saw(&self, user: &UserId, now: hallpass_engine::time::Timestamp) {
        self.api.activity.saw(self.app_id(), user, now);
    }
}

/// How many objects and arrays are inside one another.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("tenant", &self.tenant).field("version", &self.version).finish_non_exhaustive()
    }
}
