//! What has to happen now and then: keys are renewed, expired sessions deleted, activity written down.

use std::{error::Error, time::Duration};

use hallpass_engine::{core::CoreError, engine::Engine, id::AppId};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::metrics::Metrics;
use crate::api::Api;

const KEYS_EVERY: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// A short while after the start, when the first requests have been answered.
const FIRST_SWEEP: Duration = Duration::from_secs(10);
const SWEEP_PAGE: u32 = 500;
const ACTIVITY_EVERY: Duration = Duration::from_secs(120);

/// Goes on for as long as it is polled. A failure is logged, and tried again at the next turn.
pub(super) async fn maintain(engine: &Engine, api: &Api, metrics: &Metrics) {
    let mut keys = interval_at(Instant::now() + KEYS_EVERY, KEYS_EVERY);
    let mut sweep = interval_at(Instant::now() + FIRST_SWEEP, SWEEP_EVERY);
    let mut activity = interval_at(Instant::now() + ACTIVITY_EVERY, ACTIVITY_EVERY);
    // a machine that slept does not make up for what it missed
    keys.set_missed_tick_behavior(MissedTickBehavior::Delay);
    activity.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            _ = keys.tick() => engine.maintain(&AppId::public()).await,
            _ = sweep.tick() => engine.sweep_all(SWEEP_PAGE).await.map(|deleted| metrics.sessions_swept(deleted)),
            _ = activity.tick() => api.flush().await.map_err(CoreError::from),
        };
        if let Err(error) = done {
            metrics.store_failed();
            tracing::warn!(error = &error as &dyn Error, "maintenance failed; it will be tried again");
        }
    }
}
