//! `/recipe/multitenancy/config/thirdparty`: providers of third-party sign-in, kept for SDKs.

use hallpass_engine::session::JsonObject;
use hallpass_wire::{
    InvalidField, Request,
    tenancy::{PutThirdParty, RemoveThirdParty},
};
use serde_json::{Value, json};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    change::change,
};

const ID: &str = "thirdPartyId";

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/multitenancy/config/thirdparty",
    scope: Scope::Tenant,
    summary: "Keeps how a provider of third-party sign-in is configured for a tenant, instead of what was kept of it.",
    body: Some(PutThirdParty::FIELDS),
    example: Example {
        request: r#"{"config": {"thirdPartyId": "github", "name": "GitHub", "clients": [{"clientId": "an-id", "clientSecret": "a-secret"}]}}"#,
        response: r#"{"status": "OK", "createdNew": true}"#,
    },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

pub(crate) static REMOVE: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/multitenancy/config/thirdparty/remove",
    scope: Scope::Tenant,
    summary: "Forgets how a provider of third-party sign-in is configured for a tenant.",
    body: Some(RemoveThirdParty::FIELDS),
    example: Example { request: r#"{"thirdPartyId": "google"}"#, response: r#"{"status": "OK", "didConfigExist": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn put(call: Call) -> Result<Reply, Problem> {
    let request: PutThirdParty = call.body()?;
    if !request.config.get(ID).is_some_and(Value::is_string) {
        return Err(InvalidField(ID).into());
    }
    let provider = as_kept(&request.config);
    let is_new = change(&call.api, &call.tenant, |settings| {
        let known = settings.providers.iter_mut().find(|known| known.get(ID) == provider.get(ID));
        let is_new = known.is_none();
        match known {
            Some(known) => known.clone_from(&provider),
            None => settings.providers.push(provider.clone()),
        }
        Ok(is_new)
    })
    .await?;
    Ok(json!({ "status": "OK", "createdNew": is_new }).into())
}

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveThirdParty = call.body()?;
    let was_there = change(&call.api, &call.tenant, |settings| {
        let before = settings.providers.len();
        let is_other = |known: &JsonObject| known.get(ID).and_then(Value::as_str) != Some(&request.third_party_id);
        settings.providers.retain(is_other);
        Ok(settings.providers.len() < before)
    })
    .await?;
    Ok(json!({ "status": "OK", "didConfigExist": was_there }).into())
}

/// A provider as it was given, without what is null, and with the one member that SDKs expect in every provider.
fn as_kept(given: &JsonObject) -> JsonObject {
    let mut provider: JsonObject =
        given.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect();
    let map = provider.entry("userInfoMap").or_insert_with(|| json!({}));
    if let Value::Object(map) = map {
        for source in ["fromIdTokenPayload", "fromUserInfoAPI"] {
            let part = map.entry(source).or_insert(Value::Null);
            if part.is_null() {
                *part = json!({});
            }
        }
    }
    provider
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(given: Value) -> Value {
        as_kept(given.as_object().unwrap()).into()
    }

    #[test]
    fn a_provider_is_kept_as_given_but_for_nulls_and_the_map_that_sdks_expect() {
        let empty = json!({ "fromIdTokenPayload": {}, "fromUserInfoAPI": {} });
        let given = json!({ "thirdPartyId": "x", "name": null, "tokenEndpointBodyParams": { "a": null }, "userInfoMap": null });
        assert_eq!(kept(given), json!({ "thirdPartyId": "x", "tokenEndpointBodyParams": { "a": null }, "userInfoMap": empty }));
        let mapped = json!({ "thirdPartyId": "x", "userInfoMap": { "fromUserInfoAPI": { "userId": "id" } } });
        let expected = json!({ "fromUserInfoAPI": { "userId": "id" }, "fromIdTokenPayload": {} });
        assert_eq!(kept(mapped)["userInfoMap"], expected);
    }
}
