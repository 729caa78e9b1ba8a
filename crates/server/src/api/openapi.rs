//! The description of the interface for machines (OpenAPI 3.1), made from `OPERATIONS`: what is not true of them cannot
//! be said here.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderValue, Response, header},
    routing::{MethodRouter, get},
};
use hallpass_engine::id::Tenant;
use hallpass_wire::{CdiVersion, FieldDoc};
use serde_json::{Map, Value, json};

use super::{
    Api, OPERATIONS,
    operation::{Operation, Scope},
    reply::Problem,
};

/// Where the description is. It needs no key: it says nothing about anyone.
pub(super) const PATH: &str = "/openapi.json";

const DESCRIPTION: &str = "Sessions, their tokens and keys, and the roles and metadata of users. Paths may leave out \
    `/appid-{appId}` for the app `public`, and `/{tenantId}` for the tenant `public`. An outcome is a 200 with a `status`; \
    anything else is a text that says what is wrong.";

/// What stands for the names in examples.
const NAMED: [(&str, &str); 3] =
    [("$accessToken", "eyJ…"), ("$refreshToken", "hp1_…"), ("$handle", "0f8fad5b-d9cb-469f-a165-70867728950e")];

/// Answers with the description.
pub(super) fn route(base_path: &str) -> MethodRouter<Arc<Api>> {
    let document = Bytes::from(document(base_path).to_string());
    get(async move |State(api): State<Arc<Api>>, peer: Option<Extension<ConnectInfo<SocketAddr>>>| {
        let peer = peer.map(|Extension(ConnectInfo(address))| address);
        match api.is_allowed(peer, &Tenant::public(), &api.base_app).await {
            Ok(true) => {
                let mut response = Response::new(Body::from(document));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Ok(false) => Problem::Address.into_response(),
            Err(error) => Problem::from(error).into_response(),
        }
    })
}

/// The whole description.
pub fn document(base_path: &str) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(templated(operation)).or_insert_with(|| json!({}));
        path[operation.verb.as_str().to_ascii_lowercase()] = described(operation);
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Hallpass",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": if base_path.is_empty() { "/" } else { base_path } }],
        "security": [{ "apiKey": [] }],
        "paths": paths,
        "components": components(),
    })
}

/// The path with its parameters.
fn templated(operation: &Operation) -> String {
    let prefix = match operation.scope {
        Scope::Tenant | Scope::AnyTenantOfApp => "/appid-{appId}/{tenantId}",
        Scope::App | Scope::PublicTenant => "/appid-{appId}",
        Scope::Global => "",
    };
    format!("{prefix}{}", operation.path)
}

fn described(operation: &Operation) -> Value {
    let example = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let request = NAMED.iter().fold(operation.example.request.to_owned(), |request, (name, value)| request.replace(name, value));
    let request = example(&request);
    let mut described = json!({
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "parameters": parameters(operation, &request),
    });
    if let Some(fields) = operation.body {
        described["requestBody"] = json!({
            "required": !fields.is_empty(),
            "content": { "application/json": { "schema": schema(fields), "example": request } },
        });
    }
    let mut responses = json!({
        "200": { "description": "The outcome.", "content": content(&example(operation.example.response)) },
        "400": { "$ref": "#/components/responses/Malformed" },
        "403": { "$ref": "#/components/responses/Forbidden" },
        "503": { "$ref": "#/components/responses/Unavailable" },
    });
    if operation.is_open {
        described["security"] = json!([]);
    } else {
        responses["401"] = json!({ "$ref": "#/components/responses/Unauthorized" });
    }
    described["responses"] = responses;
    if operation.summary.contains("Deprecated:") {
        described["deprecated"] = true.into();
    }
    described
}

/// Verb and path as one word.
fn operation_id(operation: &Operation) -> String {
    let words = operation.path.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut id = operation.verb.as_str().to_ascii_lowercase();
    for word in words {
        id.push_str(&word[..1].to_ascii_uppercase());
        id.push_str(&word[1..]);
    }
    id
}

fn parameters(operation: &Operation, example: &Value) -> Vec<Value> {
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let mut parameters = match operation.scope {
        Scope::Tenant | Scope::AnyTenantOfApp => vec![shared("appId"), shared("tenantId")],
        Scope::App | Scope::PublicTenant => vec![shared("appId")],
        Scope::Global => Vec::new(),
    };
    parameters.push(shared("cdiVersion"));
    parameters.extend(operation.query.iter().map(|field| {
        let mut parameter = json!({
            "name": field.name,
            "in": "query",
            "required": field.required,
            "description": field.meaning,
            "schema": { "type": field.kind },
        });
        if let Some(example) = example.get(field.name) {
            parameter["example"] = example.clone();
        }
        parameter
    }));
    parameters
}

/// The schema of a body. What is not named in it is ignored.
fn schema(fields: &[FieldDoc]) -> Value {
    let property = |field: &FieldDoc| {
        let mut schema = json!({ "type": field.kind, "description": field.meaning });
        if field.kind == "array" {
            schema["items"] = if field.items.is_empty() { json!({ "type": "string" }) } else { self::schema(field.items) };
        }
        if !field.required {
            schema["type"] = json!([field.kind, "null"]);
        }
        (field.name.to_owned(), schema)
    };
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({ "type": "object", "properties": fields.iter().map(property).collect::<Map<_, _>>(), "required": required })
}

fn content(example: &Value) -> Value {
    match example {
        Value::String(text) => json!({ "text/html": { "schema": { "type": "string" }, "example": format!("{text}\n") } }),
        object => json!({ "application/json": { "schema": { "type": "object" }, "example": object } }),
    }
}

fn components() -> Value {
    let name = json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$", "default": "public" });
    let text = json!({ "text/html": { "schema": { "type": "string" } } });
    let versions: Vec<_> = CdiVersion::SUPPORTED.iter().map(ToString::to_string).collect();
    json!({
        "securitySchemes": {
            "apiKey": {
                "type": "apiKey", "in": "header", "name": "api-key",
                "description": "One of the app's keys, if it has any; also accepted as `Authorization: Bearer`.",
            },
        },
        "parameters": {
            "appId": { "name": "appId", "in": "path", "required": true, "description": "The app.", "schema": name.clone() },
            "tenantId": { "name": "tenantId", "in": "path", "required": true, "description": "The tenant of the app.", "schema": name },
            "cdiVersion": {
                "name": "cdi-version", "in": "header", "required": false,
                "description": "The version of the interface that the caller speaks.",
                "schema": { "type": "string", "enum": versions, "default": CdiVersion::DEFAULT.to_string() },
            },
        },
        "responses": {
            "Malformed": { "description": "Something is wrong with the request, or the app or tenant does not exist.", "content": text.clone() },
            "Unauthorized": { "description": "The app has keys, and none of them was given.", "content": text.clone() },
            "Forbidden": { "description": "Not from this address, or not at this app or tenant.", "content": text.clone() },
            "Unavailable": { "description": "The storage does not answer: try again.", "content": text },
        },
    })
}
