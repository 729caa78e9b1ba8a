//! From a request to the operation that it asks for: what is wrong with a request is told in a fixed order.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{ConnectInfo, Query, State, rejection::BytesRejection},
    http::{HeaderMap, Method, Response, StatusCode, Uri},
    response::IntoResponse,
};
use hallpass_engine::{core::CoreError, id::TenantId};
use hallpass_wire::{CdiVersion, own::CLIENT_HEADER};

use super::{
    Api,
    call::Call,
    misc::hello,
    operation::{self, Operation, Scope},
    path::{self, Target},
    reply::{Problem, Reply},
};
use crate::{
    app_settings::{ApiKeys, AppSettings},
    serve::Note,
};

/// Versions before the first with tenants in which sessions can still be created: old sessions go on.
const LEGACY: std::ops::RangeInclusive<CdiVersion> = CdiVersion::new(2, 7)..=CdiVersion::new(2, 21);

pub(super) async fn dispatch(
    State(api): State<Arc<Api>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    note: Option<Extension<Note>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let text = "The body is larger than this server accepts".to_owned();
            return Reply::Text(StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
        }
        Err(rejection) => return rejection.into_response(),
    };
    let peer = peer.map(|Extension(ConnectInfo(address))| address);
    let note = note.map(|Extension(note)| note).unwrap_or_default();
    let request = Request { method: &method, uri: &uri, headers: &headers, peer, note: &note };
    let answer = request.answer(&api, body).await;
    if let Err(Problem::Core(CoreError::Store(_))) = &answer {
        api.metrics.store_failed();
    }
    answer.map_or_else(Problem::into_response, Reply::into_response)
}

struct Request<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    peer: Option<SocketAddr>,
    /// For the log: what this was about.
    note: &'a Note,
}

impl Request<'_> {
    async fn answer(&self, api: &Arc<Api>, body: Bytes) -> Result<Reply, Problem> {
        let is_known = |path: &str| !operation::at(path).is_empty();
        let Target { tenant, operation: path } = path::parse(self.uri.path(), &api.base_path, is_known).ok_or(Problem::NotFound)?;
        let operations = operation::at(&path);
        self.note.set(tenant.app.clone(), operations.first().map_or("/", |operation| operation.path));
        let app = api.apps.app(&tenant.app).await?;
        let settings = app.as_deref().map_or(&api.base_app, |app| &app.settings);
        if !api.is_allowed(self.peer, &tenant, settings).await? {
            return Err(Problem::Address);
        }
        if path.is_empty() {
            return hello::at_root(api, app.as_deref(), &tenant).await;
        }
        // an operation's methods agree on whether they are open
        let is_open = operations.first().is_some_and(|operation| operation.is_open);
        if !is_open && !settings.api_keys.is_empty() && !ApiKeys::presented(self.headers).is_some_and(|key| settings.api_keys.accepts(key))
        {
            return Err(Problem::ApiKey);
        }
        let operation = operations.iter().find(|operation| operation.verb.as_str() == self.method.as_str());
        let version = self.version(settings, &tenant.tenant, (is_open, accepts_legacy(operation)))?;
        let operation = operation.ok_or(Problem::Method)?;
        let absent = |problem: Problem| operation.absent.map_or(Err(problem), |status| Ok(Reply::status(status)));
        let Some(app) = app else { return absent(Problem::no_app(&tenant)) };
        let query = Query::<Vec<(String, String)>>::try_from_uri(self.uri).map(|Query(query)| query).unwrap_or_default();
        let is_own_client = self.headers.contains_key(CLIENT_HEADER);
        let call = Call { api: api.clone(), tenant, app, version, is_own_client, query, body };
        match operation.scope {
            Scope::Tenant => match call.tenant_must_exist(&call.tenant.tenant).await {
                Err(problem @ Problem::NoTenant(_)) => return absent(problem),
                checked => checked?,
            },
            Scope::App => call.confine_to_app()?,
            Scope::AnyTenantOfApp => {}
            Scope::PublicTenant if call.tenant.tenant.is_public() => {}
            Scope::PublicTenant => return Err(Problem::Forbidden("Only the public tenant of an app can call this API")),
            Scope::Global if call.tenant == hallpass_engine::id::Tenant::public() => {}
            Scope::Global => return Err(Problem::Forbidden("Only the public tenant of the public app can call this API")),
        }
        (operation.handler)(call).await
    }

    /// The version that the request is made in: one that is offered, but for open operations, and for legacy versions where
    /// they are accepted.
    fn version(&self, settings: &AppSettings, tenant: &TenantId, (is_open, accepts_legacy): (bool, bool)) -> Result<CdiVersion, Problem> {
        let Some(header) = self.headers.get("cdi-version") else {
            let default = settings.min_cdi.unwrap_or(CdiVersion::DEFAULT).max(CdiVersion::DEFAULT);
            return Ok(settings.max_cdi.unwrap_or(default));
        };
        let version: CdiVersion = header.to_str().unwrap_or_default().parse()?;
        let unsupported = || Problem::UnsupportedVersion(version.to_string());
        let latest = settings.max_cdi.unwrap_or(CdiVersion::LATEST);
        if version > latest || settings.min_cdi.is_some_and(|oldest| version < oldest) {
            return Err(unsupported());
        }
        if version < CdiVersion::FIRST_WITH_TENANTS && !tenant.is_public() {
            return Err(Problem::NotFound);
        }
        let is_offered = CdiVersion::SUPPORTED.contains(&version) || accepts_legacy && LEGACY.contains(&version);
        if is_open || is_offered { Ok(version) } else { Err(unsupported()) }
    }
}

fn accepts_legacy(operation: Option<&&'static Operation>) -> bool {
    operation.is_some_and(|operation| std::ptr::eq(*operation, &super::session::create::OPERATION))
}
