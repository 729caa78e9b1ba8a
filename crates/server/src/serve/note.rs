//! What a request turned out to be about: said by whoever understands it, read by whoever logs and counts it.

use std::sync::{Arc, OnceLock};

use hallpass_engine::id::AppId;

/// Travels with a request as an extension. The first word counts.
#[derive(Clone, Debug, Default)]
pub struct Note(Arc<OnceLock<(AppId, &'static str)>>);

impl Note {
    /// Says which app a request concerns, and what it asks: a name from the code, never from the request, for it becomes the
    /// label of a time series.
    pub fn set(&self, app: AppId, operation: &'static str) {
        let _ = self.0.set((app, operation)); // a request is about one thing
    }

    /// The app, if it is known.
    pub fn app(&self) -> Option<&AppId> {
        self.0.get().map(|(app, _)| app)
    }

    /// The operation; `other` as long as nobody said.
    pub fn operation(&self) -> &'static str {
        self.0.get().map_or("other", |(_, operation)| operation)
    }
}
