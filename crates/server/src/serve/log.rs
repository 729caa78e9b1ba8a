//! Log lines, and traces if somebody collects them.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, Registry, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use super::{ServeError, trace::Traces};
use crate::settings::{LogFormat, Settings};

/// Writes log lines to the standard error output from now on, and starts to send traces if the settings say where to: then
/// they are returned. Whoever comes second in a process changes nothing. Must be called within a Tokio runtime.
///
/// # Errors
/// [`ServeError::Traces`].
pub fn start(settings: &Settings) -> Result<Option<Traces>, ServeError> {
    let traces = settings.otlp_endpoint.as_deref().map(Traces::start).transpose()?;
    let mut layers = vec![lines(settings)];
    layers.extend(traces.as_ref().map(|traces| traces.layer().boxed()));
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(traces)
}

fn lines(settings: &Settings) -> Box<dyn Layer<Registry> + Send + Sync> {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match settings.log_format {
        LogFormat::Text => layer.with_target(false).with_filter(wanted(settings.log_level)).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(wanted(settings.log_level)).boxed(),
    }
}

/// Our own lines from this level on; those of libraries only if something is wrong. Spans are for traces.
fn wanted(level: LevelFilter) -> Targets {
    let libraries = level.min(LevelFilter::WARN);
    Targets::new().with_default(libraries).with_target("hallpass", level).with_target(super::trace::TARGET, LevelFilter::OFF)
}
