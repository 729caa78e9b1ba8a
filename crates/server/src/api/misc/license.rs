//! `/ee/license`: a key of the existing core. There is nothing to license: it is kept because SDKs give one, and told again.

use hallpass_engine::id::{Tenant, TenantId};
use hallpass_wire::{Request, misc::PutLicense};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    tenancy::{change::change, settings::TenantSettings},
};

const PATH: &str = "/ee/license";

pub(crate) static GET: Operation = Operation {
    path: PATH,
    summary: "Tells the licence key that was given.",
    example: Example { request: "{}", response: r#"{"status": "OK", "licenseKey": "a-key"}"# },
    handler: |call| Box::pin(get(call)),
    ..Operation::DEFAULT
};

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: PATH,
    summary: "Keeps a licence key. It has no effect: everything is free.",
    body: Some(PutLicense::FIELDS),
    example: Example { request: r#"{"licenseKey": "a-key"}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

pub(crate) static DELETE: Operation = Operation {
    verb: Verb::Delete,
    path: PATH,
    summary: "Forgets the licence key.",
    example: Example { request: "{}", response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(keep(call, None)),
    ..Operation::DEFAULT
};

async fn get(call: Call) -> Result<Reply, Problem> {
    let known = call.api.apps.tenant(&of_app(&call)).await?;
    let key = known.and_then(|known| TenantSettings::of(&known.record).license_key);
    Ok(key.map_or_else(|| Reply::status("NO_LICENSE_KEY_FOUND_ERROR"), |key| json!({ "status": "OK", "licenseKey": key }).into()))
}

async fn put(call: Call) -> Result<Reply, Problem> {
    let body = call.json()?;
    match PutLicense::read(&body)?.license_key {
        Some(key) => keep(call, Some(key)).await,
        // asks the existing core to look up its licence again
        None if body.is_empty() => Ok(Reply::ok()),
        None => Err(Problem::BadRequest("Field name 'licenseKey' is missing in JSON input".to_owned())),
    }
}

async fn keep(call: Call, key: Option<String>) -> Result<Reply, Problem> {
    change(&call.api, &of_app(&call), |settings| {
        settings.license_key.clone_from(&key);
        Ok(())
    })
    .await?;
    Ok(Reply::ok())
}

/// Whose settings hold the key: it belongs to the app.
fn of_app(call: &Call) -> Tenant {
    Tenant { app: call.app_id().clone(), tenant: TenantId::public() }
}
