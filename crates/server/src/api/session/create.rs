//! `POST /<tenant>/recipe/session`: a session for a user who has signed in.

use hallpass_engine::core::{Core, Created, NewSession};
use hallpass_wire::{
    CdiVersion, Request,
    own::BANNED,
    session::{CreateSession, LegacyKey, add_legacy_members, issued},
};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    family, shortened,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/session",
    scope: Scope::Tenant,
    summary: "Creates a session for a user who has signed in.",
    body: Some(CreateSession::FIELDS),
    example: Example {
        request: r#"{"userId": "alice", "userDataInJWT": {"plan": "pro"}, "userDataInDatabase": {}, "enableAntiCsrf": false}"#,
        response: r#"{
            "status": "OK",
            "session": {"handle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice",
                "tenantId": "public", "userDataInJWT": {"plan": "pro"}},
            "accessToken": {"token": "eyJ…", "expiry": 1767229200000, "createdTime": 1767225600000},
            "refreshToken": {"token": "hp1_…", "expiry": 1775865600000, "createdTime": 1767225600000}
        }"#,
    },
    handler: |call| Box::pin(create(call)),
    ..Operation::DEFAULT
};

async fn create(call: Call) -> Result<Reply, Problem> {
    let request: CreateSession = call.body()?;
    // before 2.21 no call says which keys sign, and clients verify with what they are told here
    let is_legacy = call.version < CdiVersion::FIRST_WITH_KEY_CHOICE;
    let family = family(if is_legacy { call.app.settings.legacy_dynamic_keys } else { request.use_dynamic_signing_key != Some(false) });
    let new = NewSession {
        tenant: call.tenant.clone(),
        user: request.user_id.into(),
        payload: request.payload,
        data: request.data,
        family,
        anti_csrf: request.enable_anti_csrf,
        access_token_validity: shortened(&call, request.access_token_validity)?,
        actor: request.actor,
    };
    let engine = call.engine();
    match engine.session_create(new).await? {
        Created::Issued(session) => {
            call.api.metrics.session_created();
            call.saw(&session.user, session.refresh.created_at);
            let mut body = issued(&session, call.dialect());
            if is_legacy {
                let keys = engine.dynamic_keys_as_der(call.app_id()).await?;
                let life = call.app.settings.key_interval + call.app.settings.access_token_validity * 2;
                let legacy = keys.iter().map(|(der, created_at)| LegacyKey::new(der, *created_at, *created_at + life));
                // nothing hangs on this token: any name that nobody else has will do
                let id_token = session.access.claims["refreshTokenHash1"].as_str().unwrap_or_default();
                add_legacy_members(&mut body, &session, id_token, &legacy.collect::<Vec<_>>(), call.version);
            }
            Ok(body.into())
        }
        Created::Banned => Err(Problem::Forbidden(BANNED)),
        Created::ProtectedClaim(_) => Err(Problem::protected_claim()),
        Created::InvalidUser => Err(Problem::BadRequest("Field name 'userId' must be at most 512 bytes, without U+0000".to_owned())),
    }
}
