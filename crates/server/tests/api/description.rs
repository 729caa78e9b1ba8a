//! The description of the interface for machines.

use std::collections::HashSet;

use axum::http::{Method, header};
use hallpass_server::{
    api::{openapi::document, operations},
    app_settings::AppSettings,
};
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn it_is_served_without_a_key_below_the_base_path() {
    let world = World::with_key().await;
    let answer = world.send(Method::GET, "/openapi.json", &[], "").await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.json(), document(""));
    let world = World::start(AppSettings::default(), "/core").await;
    let answer = world.send(Method::GET, "/core/openapi.json", &[], "").await.json();
    assert_eq!(answer["servers"][0]["url"], "/core");
    assert_eq!(world.send(Method::GET, "/openapi.json", &[], "").await.problem(404), "Not found");
}

#[test]
fn every_operation_is_in_it_once() {
    let document = document("");
    let described: Vec<_> = described(&document).collect();
    assert_eq!(described.len(), operations().len());
    for operation in operations() {
        let is_it =
            |(path, verb, _): &&(&str, &str, &Value)| path.ends_with(operation.path) && *verb == operation.verb.as_str().to_lowercase();
        assert!(described.iter().any(|it| is_it(&it)), "{:?} {}", operation.verb, operation.path);
    }
    let ids: HashSet<_> = described.iter().map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), described.len());
}

#[test]
fn its_structure_is_that_of_openapi_3_1() {
    let document = document("/core");
    assert_eq!(document["openapi"], "3.1.1");
    for name in ["title", "version", "description"] {
        assert!(document["info"][name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    let left = ["$accessToken", "$refreshToken", "$handle"].map(|name| document.to_string().contains(name));
    assert_eq!(left, [false; 3], "a name is left in an example");
    let shared = &document["components"];
    for (path, verb, operation) in described(&document) {
        let name = format!("{verb} {path}");
        assert!(path.starts_with('/') && !path.ends_with('/'), "{name}");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{name}");

        let parameters: Vec<&Value> = operation["parameters"].as_array().unwrap().iter().map(|given| resolved(&document, given)).collect();
        let mut places = HashSet::new();
        for parameter in &parameters {
            let (place, called) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
            assert!(["path", "query", "header"].contains(&place) && places.insert((place, called)), "{name}: {called}");
            assert!(parameter["required"].is_boolean() && parameter["description"].is_string(), "{name}: {called}");
            check_schema(&parameter["schema"], &name);
        }
        let in_path: HashSet<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let declared: HashSet<_> = places.iter().filter(|(place, _)| *place == "path").map(|(_, called)| *called).collect();
        assert_eq!(in_path, declared, "{name}");
        assert!(parameters.iter().all(|it| it["in"] != "path" || it["required"] == true), "{name}");

        assert_eq!(operation.get("requestBody").is_some(), ["post", "put"].contains(&verb), "{name}");
        if let Some(body) = operation.get("requestBody") {
            let content = &body["content"]["application/json"];
            check_schema(&content["schema"], &name);
            check_example(&content["example"], &content["schema"], &name);
        }

        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("200"), "{name}");
        for (status, response) in responses {
            let response = resolved(&document, response);
            assert!(status.parse::<u16>().is_ok() && response["description"].is_string(), "{name} {status}");
            for content in response["content"].as_object().unwrap().values() {
                check_schema(&content["schema"], &name);
            }
        }
        let security = operation.get("security").unwrap_or(&document["security"]).as_array().unwrap();
        assert_eq!(security.is_empty(), !responses.contains_key("401"), "{name}");
        let schemes = security.iter().flat_map(|scheme| scheme.as_object().unwrap().keys());
        assert!(schemes.into_iter().all(|scheme| shared["securitySchemes"].get(scheme).is_some()), "{name}");
    }
}

/// Whether a request is what its schema says: no more, no less, and of these types.
fn check_example(example: &Value, schema: &Value, name: &str) {
    let is = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|it| it == kind));
    match example {
        Value::Null => assert!(is("null"), "{name}: null"),
        Value::Bool(_) => assert!(is("boolean"), "{name}: {example}"),
        Value::Number(number) => assert!(is("integer") && number.is_i64(), "{name}: {example}"),
        Value::String(_) => assert!(is("string"), "{name}: {example}"),
        Value::Array(elements) => {
            assert!(is("array"), "{name}: {example}");
            elements.iter().for_each(|element| check_example(element, &schema["items"], name));
        }
        Value::Object(members) => {
            assert!(is("object"), "{name}: {example}");
            let required = schema["required"].as_array().into_iter().flatten();
            assert!(required.into_iter().all(|field| members.contains_key(field.as_str().unwrap())), "{name}: {example}");
            // an object of which nothing is said is the caller's own
            let Some(properties) = schema.get("properties") else { return };
            for (field, value) in members {
                let property = properties.get(field).unwrap_or_else(|| panic!("{name}: `{field}` is not described"));
                check_example(value, property, &format!("{name}: {field}"));
            }
        }
    }
}

/// Path, method and operation.
fn described(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(verb, it)| (path.as_str(), verb.as_str(), it)))
}

fn resolved<'a>(document: &'a Value, it: &'a Value) -> &'a Value {
    let Some(reference) = it.get("$ref") else { return it };
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
}

fn check_schema(schema: &Value, name: &str) {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap()).collect(),
        other => panic!("{name}: {other} is no type"),
    };
    assert!(types.iter().all(|it| ["string", "boolean", "integer", "object", "array", "null"].contains(it)), "{name}: {types:?}");
    assert_eq!(types.contains(&"array"), schema.get("items").is_some(), "{name}");
    schema.get("items").into_iter().for_each(|items| check_schema(items, name));
    for property in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|properties| properties.values()) {
        assert!(property["description"].as_str().is_some_and(|meaning| !meaning.is_empty()), "{name}");
        check_schema(property, name);
    }
}
