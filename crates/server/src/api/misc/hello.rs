//! `/hello` and the root path: whether the server is there, and its storage answers.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use hallpass_engine::{id::Tenant, time::Timestamp};
use hallpass_wire::FieldDoc;

use super::super::{
    Api,
    apps::App,
    call::Call,
    operation::{Example, Operation, Scope, Verb},
    reply::{Problem, Reply},
};

/// The storage is not asked more often: whoever needs no key must not be able to keep it busy.
const PAUSE: Duration = Duration::from_millis(200);

/// When the storage last answered.
#[derive(Default)]
pub(crate) struct Health(Mutex<Option<Timestamp>>);

pub(crate) static GET: Operation = operation(Verb::Get, None);
pub(crate) static POST: Operation = operation(Verb::Post, Some(&[]));
pub(crate) static PUT: Operation = operation(Verb::Put, Some(&[]));
pub(crate) static DELETE: Operation = operation(Verb::Delete, None);

/// Whoever looks whether a server is there may do so with any method.
const fn operation(verb: Verb, body: Option<&'static [FieldDoc]>) -> Operation {
    Operation {
        verb,
        path: "/hello",
        scope: Scope::AnyTenantOfApp,
        is_open: true,
        summary: "Says hello, when the storage answers.",
        body,
        example: Example { request: "{}", response: r#""Hello""# },
        handler: |call| Box::pin(hello(call)),
        ..Operation::DEFAULT
    }
}

async fn hello(call: Call) -> Result<Reply, Problem> {
    say_hello(&call.api).await
}

/// The same at the root of the server, an app or a tenant.
pub(crate) async fn at_root(api: &Api, app: Option<&App>, tenant: &Tenant) -> Result<Reply, Problem> {
    if app.is_none() {
        return Err(Problem::no_app(tenant));
    }
    if api.apps.tenant(tenant).await?.is_none() {
        return Err(Problem::NotFound);
    }
    say_hello(api).await
}

async fn say_hello(api: &Api) -> Result<Reply, Problem> {
    let now = api.engine.now();
    let last = *api.health.0.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| now.since(last) >= PAUSE) {
        api.store.ping().await?;
        *api.health.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
    Ok(Reply::Text(StatusCode::OK, "Hello".to_owned()))
}
