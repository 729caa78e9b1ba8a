//! `POST /recipe/jwt`: a JWT with the application's claims.

use std::time::Duration;

use hallpass_engine::{core::Core, jwt::NewJwt, keys::Algorithm, session::KeyFamily};
use hallpass_wire::{Request, jwt::CreateJwt};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/jwt",
    summary: "Makes a JWT with the application's claims, signed by one of the app's keys.",
    body: Some(CreateJwt::FIELDS),
    example: Example {
        request: r#"{"payload": {"to": "mail"}, "algorithm": "RS256", "jwksDomain": "https://api.example.com", "validity": 3600}"#,
        response: r#"{"status": "OK", "jwt": "eyJ…"}"#,
    },
    handler: |call| Box::pin(create(call)),
    ..Operation::DEFAULT
};

async fn create(call: Call) -> Result<Reply, Problem> {
    let request: CreateJwt = call.body()?;
    // so worded in the existing core; an SDK's test looks for it
    let too_short = || Problem::BadRequest("validity must be greater than or equal to 0".to_owned());
    let validity = u64::try_from(request.validity).ok().filter(|seconds| *seconds > 0).ok_or_else(too_short)?;
    let unsupported = || Reply::status("UNSUPPORTED_ALGORITHM_ERROR");
    let Some(algorithm) = Algorithm::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(&request.algorithm)) else {
        return Ok(unsupported());
    };
    let new = NewJwt {
        app: call.app_id().clone(),
        family: if request.use_static_signing_key == Some(false) { KeyFamily::Dynamic } else { KeyFamily::Static },
        algorithm: Some(algorithm),
        issuer: request.jwks_domain,
        validity: Duration::from_secs(validity),
        payload: request.payload,
    };
    let made = call.engine().jwt_create(new).await?;
    Ok(made.map_or_else(unsupported, |jwt| json!({ "status": "OK", "jwt": jwt.expose() }).into()))
}
