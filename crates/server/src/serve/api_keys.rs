//! API keys that are changed without a restart: those in a file.

use std::{path::PathBuf, time::Duration};

use crate::{
    app_settings::ApiKeys,
    settings::{Settings, api_keys_in},
};

/// A change counts after this long at most.
const EVERY: Duration = Duration::from_secs(2);

/// Reads the file of API keys again and again, for as long as it is polled.
pub(super) async fn follow(settings: &Settings) {
    let Some(file) = settings.api_keys_file.clone() else { return std::future::pending().await };
    let mut followed = Followed { last: api_keys_in(&file), file, keys: settings.app.api_keys.clone() };
    loop {
        tokio::time::sleep(EVERY).await;
        followed.look();
    }
}

struct Followed {
    file: PathBuf,
    keys: ApiKeys,
    last: Result<Vec<String>, String>,
}

impl Followed {
    /// Takes up the keys in the file if they are others. What is no list of keys leaves those that count: nobody is let in, or
    /// out, by mistake.
    fn look(&mut self) {
        let now = api_keys_in(&self.file);
        if now == self.last {
            return;
        }
        match &now {
            Ok(keys) => {
                self.keys.replace(keys.clone());
                tracing::info!(keys = keys.len(), "the API keys were changed");
            }
            Err(why) => tracing::warn!("{why}; the API keys stay as they are"),
        }
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_file_and_stay_when_it_holds_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let (old, new) = ("o".repeat(24), "n".repeat(24));
        let mut keys = ApiKeys::default();
        keys.set_keys(vec![old.clone()]);
        let in_use = keys.clone();
        let mut followed = Followed { last: Ok(vec![old.clone()]), file: file.clone(), keys };
        let mut after = |text: &str| {
            std::fs::write(&file, text).unwrap();
            followed.look();
            (in_use.accepts(&old), in_use.accepts(&new))
        };
        assert_eq!(after(&format!("{old}\n{new}\n")), (true, true));
        assert_eq!(after(&new), (false, true));
        for nonsense in ["", "\n\n", ",", "short", "white space and ünïcode in it"] {
            assert_eq!(after(nonsense), (false, true), "{nonsense}");
        }
        assert_eq!(after(&old), (true, false));
        std::fs::remove_file(&file).unwrap();
        followed.look();
        assert!(in_use.accepts(&old) && !in_use.is_empty());
    }
}
