//! Log lines.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, Registry, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::{LogFormat, Settings};

/// Writes log lines to the standard error output from now on. Whoever comes second changes nothing.
pub fn start(settings: &Settings) {
    let _ = tracing_subscriber::registry().with(lines(settings)).try_init();
}

fn lines(settings: &Settings) -> Box<dyn Layer<Registry> + Send + Sync> {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match settings.log_format {
        LogFormat::Text => layer.with_target(false).with_filter(wanted(settings.log_level)).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).with_filter(wanted(settings.log_level)).boxed(),
    }
}

/// Our own lines from this level on; those of libraries only if something is wrong.
fn wanted(level: LevelFilter) -> Targets {
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("hallpass", level)
}
