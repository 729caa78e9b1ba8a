//! The public keys of an app (RFC 7517 §5).

use hallpass_engine::core::Core;
use serde_json::{Value, json};

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/.well-known/jwks.json",
    scope: Scope::AnyTenantOfApp,
    is_open: true,
    summary: "Tells the public keys that verify what an app signs: those that are replaced by age first, newest first.",
    example: Example {
        request: "{}",
        response: r#"{"keys": [{"kty": "RSA", "kid": "d-1767225600000", "alg": "RS256", "use": "sig", "n": "AL…", "e": "AQAB"}]}"#,
    },
    handler: |call| {
        Box::pin(async move {
            let (keys, cache) = keys(&call).await?;
            Ok(Reply::Json(json!({ "keys": keys }), Some(cache)))
        })
    },
    ..Operation::DEFAULT
};

pub(crate) static DEPRECATED: Operation = Operation {
    path: "/recipe/jwt/jwks",
    summary: "Tells the public keys, with a status. Deprecated: `GET /.well-known/jwks.json` needs no API key.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "keys": [{"kty": "RSA", "kid": "d-1767225600000", "alg": "RS256", "use": "sig", "n": "AL…", "e": "AQAB"}]
        }"#,
    },
    handler: |call| {
        Box::pin(async move {
            let (keys, cache) = keys(&call).await?;
            Ok(Reply::Json(json!({ "status": "OK", "keys": keys }), Some(cache)))
        })
    },
    ..Operation::DEFAULT
};

/// The keys, and how long they may be cached. SDKs take the header apart: its shape matters.
async fn keys(call: &Call) -> Result<(Value, String), Problem> {
    let engine = call.engine();
    let keys = engine.keys_to_publish(call.app_id()).await?;
    let max_age = keys.max_age(engine.now()).as_secs().max(1);
    Ok((json!(keys.to_jwks().keys), format!("max-age={max_age}, must-revalidate")))
}
