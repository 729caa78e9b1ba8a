//! What is checked before an operation is carried out, for every operation there is.

use axum::http::{Method, header};
use hallpass_server::{
    api::{Operation, Scope, operations},
    app_settings::AppSettings,
    core_config::effective,
};
use serde_json::{Value, json};

use crate::world::{KEY, Place, World};

const METHODS: [Method; 7] = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE];

/// Fields that may be absent in other versions, or in other calls than the example.
const NEEDED_HERE: [(&str, &str); 6] = [
    ("/recipe/multitenancy/app/v2", "appId"),
    ("/recipe/session/remove", "sessionHandles"),
    ("/recipe/session/refresh", "useDynamicSigningKey"),
    ("/recipe/multitenancy/tenant/user", "recipeUserId"),
    ("/recipe/multitenancy/tenant/user/remove", "recipeUserId"),
    ("/ee/license", "licenseKey"),
];

fn example(operation: &Operation) -> Value {
    serde_json::from_str(operation.example.request).unwrap()
}

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.verb.as_str(), operation.path)
}

#[tokio::test]
async fn without_the_right_key_nothing_is_answered_but_what_is_open() {
    let world = World::with_key().await;
    let keyless = Place::public();
    let mut open = Vec::new();
    for operation in operations() {
        let mut refused = 0;
        for place in [keyless.clone(), keyless.key(Some("another-key-than-the-right")), keyless.key(Some(""))] {
            let answer = world.ask(&place, operation, &example(operation)).await;
            if answer.status == 401 {
                assert_eq!(answer.text, "Invalid API key\n");
                refused += 1;
            }
        }
        assert_eq!(refused, if operation.is_open { 0 } else { 3 }, "{}", name(operation));
        if operation.is_open {
            open.push(operation.path);
        }
        let answer = world.ask(&keyless.key(Some(KEY)), operation, &example(operation)).await;
        assert_ne!(answer.status, 401, "{}", name(operation));
    }
    open.dedup();
    assert_eq!(open, ["/.well-known/jwks.json", "/hello", "/config"]);
    assert_eq!(world.send(Method::GET, "/", &[], "").await.text, "Hello\n");
    for authorization in [KEY.to_owned(), format!("Bearer {KEY}"), format!("bEaReR  {KEY} ")] {
        let answer = world.send(Method::GET, "/apiversion", &[("authorization", &authorization)], "").await;
        assert_eq!(answer.status, 200, "{authorization}");
    }
}

#[tokio::test]
async fn the_key_is_asked_for_before_anything_else_is_looked_at() {
    let world = World::with_key().await;
    let keyless = Place::public().version("nonsense");
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let answer = world.send_at(&keyless.tenant("no-such-tenant"), Method::PATCH, operation.path, "[]".to_owned()).await;
        assert_eq!(answer.problem(401), "Invalid API key", "{}", name(operation));
    }
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_refused() {
    let world = World::new().await;
    let place = Place::public();
    for operation in operations() {
        for (version, problem) in [
            ("nonsense", "cdi-version header is invalid"),
            ("5.", "cdi-version header is invalid"),
            ("9.9", "cdi-version 9.9 not supported"),
        ] {
            let answer = world.ask(&place.version(version), operation, &example(operation)).await;
            assert_eq!(answer.problem(400), problem, "{}", name(operation));
        }
        for version in ["3.2", "2.21"] {
            let answer = world.ask(&place.version(version), operation, &example(operation)).await;
            let is_creation = operation.path == "/recipe/session" && operation.body.is_some();
            let is_lenient = operation.is_open || is_creation && version == "2.21";
            if !is_lenient {
                assert_eq!(answer.problem(400), format!("cdi-version {version} not supported"), "{}", name(operation));
            } else {
                assert_eq!(answer.status, 200, "{} {answer:?}", name(operation));
            }
        }
        let answer = world.ask(&place.tenant("t1").version("2.20"), operation, &example(operation)).await;
        assert_eq!(answer.problem(404), "Not found", "{}", name(operation));
    }
}

#[tokio::test]
async fn a_path_knows_its_methods() {
    let world = World::new().await;
    for operation in operations() {
        let is_known = |method: &Method| operations().iter().any(|it| it.path == operation.path && it.verb.as_str() == method.as_str());
        for method in METHODS.iter().filter(|method| !is_known(method)) {
            let answer = world.send_at(&Place::public(), method.clone(), operation.path, "{}".to_owned()).await;
            assert_eq!(answer.problem(405), "Method not supported", "{method} {}", operation.path);
        }
        // which is answered without a text
        assert_eq!(world.send_at(&Place::public(), Method::HEAD, operation.path, String::new()).await.status, 405);
    }
}

#[tokio::test]
async fn a_body_is_a_json_object() {
    let world = World::new().await;
    let place = Place::public();
    for operation in operations().iter().filter(|operation| operation.body.is_some_and(|fields| !fields.is_empty())) {
        let method: Method = operation.verb.as_str().parse().unwrap();
        for body in ["", "[]", "null", "1", "\"{}\"", "{", "{} {}", "{'a': 1}"] {
            let answer = world.send_at(&place, method.clone(), operation.path, body.to_owned()).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (400, "Invalid Json Input\n"), "{} {body}", name(operation));
            assert_eq!(answer.headers[header::CONTENT_TYPE], "text/html; charset=UTF-8");
        }
    }
}

#[tokio::test]
async fn a_field_or_parameter_that_is_missing_or_wrong_is_named() {
    let world = World::new().await;
    let place = Place::public();
    for operation in operations() {
        for field in operation.query.iter().filter(|field| field.required) {
            let mut arguments = example(operation);
            arguments.as_object_mut().unwrap().remove(field.name);
            let expected = format!("Field name '{}' is missing in GET request", field.name);
            assert_eq!(world.ask(&place, operation, &arguments).await.problem(400), expected, "{}", name(operation));
        }
        for field in operation.query.iter().filter(|field| field.kind == "integer") {
            let mut arguments = example(operation);
            arguments[field.name] = "soon".into();
            let answer = world.ask(&place, operation, &arguments).await;
            let kind = match operation.path {
                "/config" => "an int",
                "/hallpass/ban/list" | "/hallpass/event/list" => "an int from 1 to 1000",
                _ => "a long",
            };
            assert_eq!(answer.problem(400), format!("Field name '{}' must be {kind} in the GET request", field.name));
        }
        for field in operation.body.into_iter().flatten() {
            let expected = format!("Field name '{}' is invalid in JSON input", field.name);
            let mut arguments = example(operation);
            arguments[field.name] = if field.kind == "boolean" { json!("true") } else { json!(true) };
            assert_eq!(world.ask(&place, operation, &arguments).await.problem(400), expected, "{}", name(operation));
            if field.required {
                arguments.as_object_mut().unwrap().remove(field.name);
                assert_eq!(world.ask(&place, operation, &arguments).await.problem(400), expected, "{}", name(operation));
            } else if !NEEDED_HERE.contains(&(operation.path, field.name)) {
                // null is as good as absent
                arguments[field.name] = Value::Null;
                assert_eq!(world.ask(&place, operation, &arguments).await.status, 200, "{} {}", name(operation), field.name);
            }
        }
    }
}

#[tokio::test]
async fn each_operation_is_called_where_it_belongs() {
    let world = World::new().await;
    let public = Place::public();
    let tenant = world.tenant(&public, "t1").await;
    let app = world.app("a1").await;
    for operation in operations() {
        let (name, arguments) = (name(operation), example(operation));
        let at_tenant = async |version| world.ask(&tenant.version(version), operation, &arguments).await;
        match operation.scope {
            Scope::App => {
                assert_eq!(at_tenant("5.0").await.problem(403), "Only public tenantId can call this app specific API", "{name}");
                assert_eq!(at_tenant("4.0").await.status, 200, "{name}");
            }
            Scope::PublicTenant => {
                for version in ["5.4", "3.1"] {
                    assert_eq!(at_tenant(version).await.problem(403), "Only the public tenant of an app can call this API", "{name}");
                }
            }
            Scope::Global => {
                for place in [&tenant, &app] {
                    let answer = world.ask(place, operation, &arguments).await;
                    assert_eq!(answer.problem(403), "Only the public tenant of the public app can call this API", "{name}");
                }
            }
            Scope::Tenant | Scope::AnyTenantOfApp => {}
        }
        let unknown = world.ask(&public.tenant("t2"), operation, &arguments).await;
        match (operation.scope, operation.absent) {
            (Scope::Tenant, None) => assert_eq!(unknown.problem(400), "AppId or tenantId not found => (, public, t2)", "{name}"),
            (Scope::Tenant, Some(status)) => assert_eq!(unknown.json(), json!({ "status": status }), "{name}"),
            _ => {}
        }
        let nowhere = world.ask(&Place { app: "a2".to_owned(), ..public.clone() }, operation, &arguments).await;
        match operation.absent {
            None => assert_eq!(nowhere.problem(400), "AppId or tenantId not found => (, a2)", "{name}"),
            Some(status) => assert_eq!(nowhere.json(), json!({ "status": status }), "{name}"),
        }
    }
}

#[tokio::test]
async fn an_address_that_is_not_let_in_gets_nothing() {
    let overrides = json!({ "ip_deny_regex": r"127\..*" });
    let world = World::start(effective(&AppSettings::default(), overrides.as_object().unwrap()), "").await;
    for path in ["/hello", "/", "/apiversion", "/openapi.json", "/recipe/roles"] {
        let answer = world.send(Method::GET, path, &[], "").await;
        assert_eq!(answer.problem(403), "This address is not allowed to call this server", "{path}");
    }
}
