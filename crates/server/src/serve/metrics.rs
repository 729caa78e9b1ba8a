//! What is counted, in the format that Prometheus reads.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

/// Seconds: from a database in memory to one that is in trouble.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    operation: &'static str,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    event: &'static str,
}

/// The counters of a server. Clones count together.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    registry: Registry,
    answers: Family<Answer, Counter>,
    durations: Family<Operation, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    overloads: Counter,
    connections: Gauge,
    sessions: Family<What, Counter>,
    store_errors: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hallpass");
        let durations: Family<_, _, fn() -> Histogram> = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let all = Counters {
            answers: Family::default(),
            durations,
            in_flight: Gauge::default(),
            overloads: Counter::default(),
            connections: Gauge::default(),
            sessions: Family::default(),
            store_errors: Counter::default(),
            registry: Registry::default(),
        };
        registry.register("build", "The version that runs", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("requests", "Requests that were answered", all.answers.clone());
        registry.register("request_duration_seconds", "How long requests took", all.durations.clone());
        registry.register("requests_in_flight", "Requests that are being answered", all.in_flight.clone());
        registry.register("overloads", "Requests that were turned away because there were too many", all.overloads.clone());
        registry.register("connections", "Open connections", all.connections.clone());
        registry.register("sessions", "What happened to sessions", all.sessions.clone());
        registry.register("store_errors", "How often the database failed", all.store_errors.clone());
        Self(Arc::new(Counters { registry, ..all }))
    }
}

/// One more of something that lasts, as long as this is kept.
#[derive(Debug)]
#[must_use = "counted until it is dropped"]
pub(crate) struct Present(Gauge);

impl Present {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// A session was created.
    pub fn session_created(&self) {
        self.session("created", 1);
    }

    /// A refresh token was exchanged for new tokens.
    pub fn session_refreshed(&self) {
        self.session("refreshed", 1);
    }

    /// A refresh token was refused.
    pub fn refresh_refused(&self) {
        self.session("refresh_refused", 1);
    }

    /// A used refresh token came back.
    pub fn reuse_detected(&self) {
        self.session("reuse_detected", 1);
    }

    /// An access token was found to be good.
    pub fn session_verified(&self) {
        self.session("verified", 1);
    }

    /// Sessions were revoked.
    pub fn sessions_revoked(&self, number: usize) {
        self.session("revoked", number);
    }

    /// Expired sessions were deleted.
    pub fn sessions_swept(&self, number: usize) {
        self.session("swept", number);
    }

    /// The database failed.
    pub fn store_failed(&self) {
        self.0.store_errors.inc();
    }

    fn session(&self, event: &'static str, number: usize) {
        self.0.sessions.get_or_create(&What { event }).inc_by(number as u64);
    }

    /// Counts a request until what is returned is dropped.
    pub(crate) fn request(&self) -> Present {
        Present::new(&self.0.in_flight)
    }

    pub(crate) fn connection(&self) -> Present {
        Present::new(&self.0.connections)
    }

    pub(crate) fn overloaded(&self) {
        self.0.overloads.inc();
    }

    pub(crate) fn answered(&self, operation: &'static str, status: http::StatusCode, duration: Duration) {
        self.0.answers.get_or_create(&Answer { operation, status: status.as_u16().into() }).inc();
        self.0.durations.get_or_create(&Operation { operation }).observe(duration.as_secs_f64());
    }

    /// Everything, as OpenMetrics text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let _ = encode(&mut text, &self.0.registry); // writing to a String does not fail
        text
    }
}

/// The media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown_with_its_labels() {
        let metrics = Metrics::default();
        let present = metrics.request();
        metrics.answered("session_refresh", http::StatusCode::OK, Duration::from_millis(2));
        metrics.session_created();
        metrics.clone().sessions_revoked(3);
        metrics.store_failed();
        let text = metrics.text();
        for line in [
            "hallpass_requests_total{operation=\"session_refresh\",status=\"200\"} 1",
            "hallpass_request_duration_seconds_bucket{le=\"0.0025\",operation=\"session_refresh\"} 1",
            "hallpass_requests_in_flight 1",
            "hallpass_sessions_total{event=\"created\"} 1",
            "hallpass_sessions_total{event=\"revoked\"} 3",
            "hallpass_store_errors_total 1",
            "hallpass_build_info{version=\"0.1.0\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
        drop(present);
        assert!(metrics.text().contains("hallpass_requests_in_flight 0"));
    }
}
