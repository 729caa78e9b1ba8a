//! Traces of requests, sent to an OpenTelemetry collector if there is one. Without one, none of this runs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::{propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Tracer},
};
use tokio::runtime::Handle;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tracing::{Span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::ServeError;

/// The target of spans that are meant for a collector.
pub(super) const TARGET: &str = "trace";

/// A collector that takes longer than this is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where spans go. Must be given the chance to send the last ones: [`Traces::finish`].
#[derive(Clone, Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans to the collector at `endpoint`, on a thread of its own. Must be called within a Tokio runtime.
    pub(super) fn start(endpoint: &str) -> Result<Self, ServeError> {
        let failed = |why: String| ServeError::Traces { endpoint: endpoint.to_owned(), why };
        let path = "/v1/traces";
        let whole = if endpoint.ends_with(path) { endpoint.to_owned() } else { format!("{endpoint}{path}") };
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new().map_err(failed)?).with_endpoint(whole);
        let exporter = exporter.with_timeout(PATIENCE).build().map_err(|error| failed(error.to_string()))?;
        let resource = Resource::builder().with_service_name("hallpass").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// What turns our spans into those of the collector.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer: Tracer = self.0.tracer("hallpass");
        let only_ours = Targets::new().with_default(LevelFilter::OFF).with_target(TARGET, LevelFilter::INFO);
        tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false).with_filter(only_ours)
    }

    /// Sends what is left.
    pub async fn finish(self) {
        // it waits on its thread, not on ours
        let finished = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(PATIENCE)).await;
        if let Ok(Err(error)) = finished {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last traces could not be sent");
        }
    }
}

/// The span of a request; it costs next to nothing when nobody collects spans.
pub(super) fn span(method: &Method, path: &str, headers: &HeaderMap, id: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.kind = "server",
        otel.name = tracing::field::Empty,
        http.request.method = %method,
        url.path = path,
        http.response.status_code = tracing::field::Empty,
        hallpass.request_id = id,
        hallpass.app = tracing::field::Empty,
    );
    if !span.is_disabled() {
        // a trace that the caller began goes on here
        let _ = span.set_parent(TraceContextPropagator::new().extract(&HeaderExtractor(headers)));
    }
    span
}

/// What is known of a request when it has been answered.
pub(super) fn complete(span: &Span, operation: &str, app: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    span.record("otel.name", operation).record("hallpass.app", app).record("http.response.status_code", status);
}

/// A client of the collector. The thread that sends spans has no runtime: requests are made on ours.
#[derive(Clone, Debug)]
struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
}

impl Collector {
    fn new() -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(Arc::new(default_provider()));
        let connector = connector.map_err(|error| error.to_string())?.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = self.client.request(request.map(Full::new));
        let answered = async move {
            let (parts, body) = sending.await?.into_parts();
            Ok::<_, HttpError>(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        self.runtime.spawn(async { tokio::time::timeout(PATIENCE, answered).await? }).await?
    }
}
