//! Roles, and who has them.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::post};
use hallpass::{UserId, roles::Roles};
use hallpass_engine::roles::{Assigned, Unassigned};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    failed::Failed,
    functions::{Answer, tenant},
    sdk::Sdk,
};

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    Router::new()
        .route("/test/userroles/createnewroleoraddpermissions", post(put))
        .route("/test/userroles/getpermissionsforrole", post(permissions))
        .route("/test/userroles/deleterole", post(delete))
        .route("/test/userroles/addroletouser", post(assign))
        .route("/test/userroles/removeuserrole", post(unassign))
        .route("/test/userroles/getrolesforuser", post(of_user))
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Asked {
    tenant_id: Option<String>,
    user_id: String,
    role: String,
    permissions: Vec<String>,
}

impl Asked {
    fn roles(&self, sdk: &Sdk) -> Result<Roles, Failed> {
        let roles = sdk.hallpass()?.roles();
        Ok(match &self.tenant_id {
            Some(name) => roles.in_tenant(tenant(name)?),
            None => roles,
        })
    }

    fn user(&self) -> UserId {
        UserId::from(self.user_id.clone())
    }
}

fn unknown() -> Value {
    json!({ "status": "UNKNOWN_ROLE_ERROR" })
}

async fn put(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    let created = asked.roles(&sdk)?.put(&asked.role, &asked.permissions).await?;
    Ok(Json(json!({ "status": "OK", "createdNewRole": created })))
}

async fn permissions(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    let permissions = asked.roles(&sdk)?.permissions_of(&asked.role).await?;
    Ok(Json(permissions.map_or_else(unknown, |permissions| json!({ "status": "OK", "permissions": permissions }))))
}

async fn delete(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    let existed = asked.roles(&sdk)?.delete(&asked.role).await?;
    Ok(Json(json!({ "status": "OK", "didRoleExist": existed })))
}

async fn assign(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    Ok(Json(match asked.roles(&sdk)?.assign(&asked.user(), &asked.role).await? {
        Assigned::Now => json!({ "status": "OK", "didUserAlreadyHaveRole": false }),
        Assigned::Already => json!({ "status": "OK", "didUserAlreadyHaveRole": true }),
        Assigned::UnknownRole => unknown(),
    }))
}

async fn unassign(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    Ok(Json(match asked.roles(&sdk)?.unassign(&asked.user(), &asked.role).await? {
        Unassigned::Now => json!({ "status": "OK", "didUserHaveRole": true }),
        Unassigned::NotAssigned => json!({ "status": "OK", "didUserHaveRole": false }),
        Unassigned::UnknownRole => unknown(),
    }))
}

async fn of_user(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Asked>) -> Answer {
    let roles = asked.roles(&sdk)?.of(&asked.user()).await?;
    Ok(Json(json!({ "status": "OK", "roles": roles })))
}
