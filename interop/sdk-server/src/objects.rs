//! The methods of a session. The suite sends the session's tokens and what the method is given; back comes what the method
//! returns, and the session as it is then.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use hallpass::{JsonObject, Session};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    claims::{Demand, Named, validators},
    failed::Failed,
    functions::REGENERATE,
    sdk::Sdk,
    serialised::{Held, tokens},
};

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    Router::new().route("/test/session/sessionobject/{method}", post(call))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    session: Held,
    access_token_payload_update: Option<JsonObject>,
    new_session_data: Option<JsonObject>,
    claim: Option<Named>,
    value: Option<Value>,
    #[serde(default)]
    claim_validators: Vec<Demand>,
}

async fn call(State(sdk): State<Arc<Sdk>>, Path(method): Path<String>, Json(asked): Json<Asked>) -> Result<Response, Failed> {
    let session = asked.session.session(&sdk.hallpass()?).await?;
    let Some(returned) = asked.call(&method, &session).await? else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let mut answer = json!({ "updatedSession": asked.session.updated(&session) });
    if let Returned::Value(value) = returned {
        answer["retVal"] = value;
    }
    Ok(Json(answer).into_response())
}

/// What a method comes back with.
enum Returned {
    Value(Value),
    Nothing,
}

impl From<()> for Returned {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<Value> for Returned {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<Option<Value>> for Returned {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::Nothing, Self::Value)
    }
}

impl Asked {
    /// Calls a method of a session. `None`: there is no such method.
    async fn call(&self, method: &str, session: &Session) -> Result<Option<Returned>, Failed> {
        let through_core = Failed::of_call(REGENERATE);
        Ok(Some(match method {
            "getuserid" => json!(session.user_id().as_str()).into(),
            "getrecipeuserid" => json!({ "recipeUserId": session.recipe_user_id().as_str() }).into(),
            "gettenantid" => json!(session.tenant().as_str()).into(),
            "gethandle" => json!(session.handle().to_string()).into(),
            "getaccesstoken" => json!(session.tokens().access.expose()).into(),
            "getallsessiontokensdangerously" => tokens(session, &self.session).into(),
            "getaccesstokenpayload" => json!(session.access_token_payload()).into(),
            "mergeintoaccesstokenpayload" => {
                session.merge_into_access_token_payload(&self.access_token_payload_update).await.map_err(through_core)?.into()
            }
            "getsessiondatafromdatabase" => json!(session.data().await?).into(),
            "updatesessiondataindatabase" => session.set_data(&self.new_session_data).await?.into(),
            "gettimecreated" => json!(session.created_at().await?.as_millis()).into(),
            "getexpiry" => json!(session.expires_at().await?.as_millis()).into(),
            "revokesession" => session.revoke().await?.into(),
            "assertclaims" => session.assert_claims(&validators(&self.claim_validators)?).await?.into(),
            "fetchandsetclaim" => session.fetch_and_set_claim(self.claim()?).await.map_err(through_core)?.into(),
            "setclaimvalue" => {
                let value = self.value.clone().unwrap_or_default();
                session.set_claim(self.claim()?, value).await.map_err(through_core)?.into()
            }
            "getclaimvalue" => session.claim_value(self.claim()?).into(),
            "removeclaim" => session.remove_claim(self.claim()?).await.map_err(through_core)?.into(),
            _ => return Ok(None),
        }))
    }

    fn claim(&self) -> Result<&Named, Failed> {
        self.claim.as_ref().ok_or_else(|| Failed::other("which claim? give its `key`"))
    }
}
