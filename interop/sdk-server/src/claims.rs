//! Claims and what is demanded of them. The suite names claims by their keys; those whose values can be fetched, and judged,
//! are the ones of roles and one of this server's own, which tells for whom it was fetched.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing::post};
use hallpass::{
    Builder, Timestamp,
    claims::{ArrayClaim, Claim, GlobalValidators, PrimitiveClaim, Subject, Validator},
    roles::{PERMISSIONS, USER_ROLES},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    failed::Failed,
    functions::{Answer, SET_PAYLOAD},
    sdk::Sdk,
};

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    Router::new()
        .route("/test/session/fetchandsetclaim", post(fetch_and_set))
        .route("/test/session/validateclaimsforsessionhandle", post(validate))
}

/// Whom a claim is fetched for: the user, the user by the login method, the tenant.
const SUBJECT: PrimitiveClaim<String> = PrimitiveClaim::new("subject");

/// Tells the SDK where the values of this server's own claim come from.
pub(crate) fn register(builder: Builder) -> Builder {
    builder.claim_on_demand(SUBJECT, async |subject: Subject| Some(format!("{} {} {}", subject.user, subject.recipe_user, subject.tenant)))
}

/// Any claim, written as frontends know it.
#[derive(Deserialize)]
pub(crate) struct Named {
    key: String,
}

impl Claim for Named {
    type Value = Value;

    fn key(&self) -> &str {
        &self.key
    }

    fn write(&self, value: Value, fetched_at: Timestamp) -> Value {
        json!({ "v": value, "t": fetched_at.as_millis() })
    }

    fn read(&self, written: &Value) -> Option<Value> {
        written.get("v").cloned()
    }
}

/// A validator by the name that SDKs give it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Demand {
    key: String,
    check: String,
    expected: Value,
    id: Option<String>,
    max_age_in_seconds: Option<f64>,
}

impl Demand {
    fn validator(&self) -> Result<Validator, Failed> {
        let mut validator = match self.key.as_str() {
            "subject" if self.check == "hasValue" => SUBJECT.has_value(self.text()?),
            "st-role" => self.of_list(USER_ROLES)?,
            "st-perm" => self.of_list(PERMISSIONS)?,
            _ => return Err(self.unknown()),
        };
        if let Some(id) = &self.id {
            validator = validator.id(id.clone());
        }
        if let Some(seconds) = self.max_age_in_seconds {
            validator = validator.max_age(Duration::try_from_secs_f64(seconds).map_err(Failed::other)?);
        }
        Ok(validator)
    }

    fn of_list(&self, claim: ArrayClaim<String>) -> Result<Validator, Failed> {
        Ok(match self.check.as_str() {
            "includes" => claim.includes(self.text()?),
            "excludes" => claim.excludes(self.text()?),
            "includesAll" => claim.includes_all(self.texts()?),
            "includesAny" => claim.includes_any(self.texts()?),
            "excludesAll" => claim.excludes_all(self.texts()?),
            _ => return Err(self.unknown()),
        })
    }

    fn text(&self) -> Result<String, Failed> {
        String::deserialize(&self.expected).map_err(Failed::other)
    }

    fn texts(&self) -> Result<Vec<String>, Failed> {
        Vec::deserialize(&self.expected).map_err(Failed::other)
    }

    fn unknown(&self) -> Failed {
        Failed::Other(format!("the claim `{}` has no validator `{}`", self.key, self.check))
    }
}

pub(crate) fn validators(demands: &[Demand]) -> Result<Vec<Validator>, Failed> {
    demands.iter().map(Demand::validator).collect()
}

/// What is demanded instead of the app's own validators, if anything.
pub(crate) fn demanded(demands: Option<Vec<Demand>>) -> Result<GlobalValidators, Failed> {
    let Some(demands) = demands else { return Ok(GlobalValidators::kept()) };
    let validators = validators(&demands)?;
    Ok(GlobalValidators::adapted(move |_global, _session| validators.clone()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FetchAndSet {
    session_handle: String,
    claim: Named,
}

async fn fetch_and_set(State(sdk): State<Arc<Sdk>>, Json(asked): Json<FetchAndSet>) -> Answer {
    let Ok(handle) = asked.session_handle.parse() else { return Ok(Json(false.into())) };
    let done = sdk.hallpass()?.fetch_and_set_claim_of(&handle, &asked.claim).await;
    Ok(Json(done.map_err(Failed::of_call(SET_PAYLOAD))?.into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validate {
    session_handle: String,
    override_global_claim_validators: Option<Vec<Demand>>,
}

async fn validate(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Validate>) -> Answer {
    let instead = asked.override_global_claim_validators.as_deref().map(validators).transpose()?;
    let invalid = match asked.session_handle.parse() {
        Ok(handle) => sdk.hallpass()?.validate_claims_of(&handle, |global, _session| instead.unwrap_or(global)).await?,
        Err(_) => None,
    };
    Ok(Json(match invalid {
        None => json!({ "status": "SESSION_DOES_NOT_EXIST_ERROR" }),
        Some(invalid) => {
            let written = |claim: &hallpass::InvalidClaim| match &claim.reason {
                Some(reason) => json!({ "id": claim.id, "reason": reason }),
                None => json!({ "id": claim.id }),
            };
            json!({ "status": "OK", "invalidClaims": invalid.iter().map(written).collect::<Vec<_>>() })
        }
    }))
}
