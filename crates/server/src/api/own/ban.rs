//! `POST /hallpass/ban`: ends the sessions of a user, and lets them have no other.

use hallpass_engine::{
    ban::NewBan,
    core::{BanCore, CoreError},
    id::TenantId,
    time::Timestamp,
};
use hallpass_wire::{
    Request,
    own::{BanUser, ban},
};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/hallpass/ban",
    summary: "Bans a user, in one tenant or everywhere, and ends the sessions that this concerns.",
    body: Some(BanUser::FIELDS),
    example: Example {
        request: r#"{"userId": "mallory", "until": 1798761600000, "by": "support", "reason": "spam"}"#,
        response: r#"{
            "status": "OK",
            "ban": {"userId": "mallory", "tenantId": null, "time": 1767225600000, "until": 1798761600000, "by": "support", "reason": "spam"},
            "sessionHandlesRevoked": []
        }"#,
    },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

async fn put(call: Call) -> Result<Reply, Problem> {
    let request: BanUser = call.body()?;
    let tenant = tenant(&call, request.tenant_id.as_deref())?;
    if let Some(tenant) = &tenant {
        call.tenant_must_exist(tenant).await?;
    }
    let user = text::user("userId", &request.user_id)?;
    let until = request.until.map(Timestamp::from_millis);
    let new = NewBan { user, tenant, until, by: request.by, reason: request.reason };
    let Some(banned) = call.engine().ban(call.app_id(), new).await? else {
        return Err(CoreError::InvalidUser.into());
    };
    call.api.feed.poke();
    call.api.metrics.sessions_revoked(banned.revoked.len());
    let handles: Vec<_> = banned.revoked.iter().map(ToString::to_string).collect();
    Ok(json!({ "status": "OK", "ban": ban(&banned.ban), "sessionHandlesRevoked": handles }).into())
}

/// The tenant of a ban; `None` is everywhere.
pub(super) fn tenant(call: &Call, text: Option<&str>) -> Result<Option<TenantId>, Problem> {
    let parse = |text: &str| text.parse().map_err(|_| Problem::NoTenant(format!("(, {}, {text})", call.app_id())));
    text.map(parse).transpose()
}
