//! Watches everything that is logged while a world exists, at every level, for tokens and for what they can be told by.

use std::{
    io::Write,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use tracing_subscriber::filter::LevelFilter;

use super::read_front;

/// Shorter texts occur by chance.
const TELLING: usize = 20;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&LOG).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Checks, when it goes, that nothing secret was logged since it came.
pub(crate) struct LogWatch {
    log_from: usize,
    secrets_from: usize,
}

impl LogWatch {
    pub(crate) fn begin() -> Self {
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_max_level(LevelFilter::TRACE).with_writer(|| Log).init());
        Self { log_from: lock(&LOG).len(), secrets_from: lock(&SECRETS).len() }
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&lock(&LOG)[self.log_from..]).into_owned()
    }

    /// What was to be kept secret so far. Others go on meanwhile: theirs is among it.
    pub(crate) fn secrets(&self) -> Vec<String> {
        lock(&SECRETS)[self.secrets_from..].to_vec()
    }
}

impl Drop for LogWatch {
    fn drop(&mut self) {
        let leaked = leaked(&self.log(), &self.secrets());
        assert!(leaked.is_none() || std::thread::panicking(), "a secret was logged: {}", leaked.unwrap_or_default());
    }
}

/// The line of the log that holds a secret.
pub(crate) fn leaked(log: &str, secrets: &[String]) -> Option<String> {
    let at = secrets.iter().find_map(|secret| log.find(secret.as_str()))?;
    let line = log[..at].rfind('\n').map_or(0, |newline| newline + 1);
    Some(log[line..].lines().next().unwrap_or_default().to_owned())
}

/// Nothing of these tokens may occur in a log from now on. Whatever they are: access, refresh, front or anti-CSRF token.
pub(crate) fn keep_secret<'a>(tokens: impl IntoIterator<Item = &'a str>) {
    let telling = tokens.into_iter().flat_map(secrets).filter(|secret| secret.len() >= TELLING);
    lock(&SECRETS).extend(telling);
}

/// A token, its parts that matter, and the hashes inside.
pub(crate) fn secrets(token: &str) -> Vec<String> {
    let mut secrets = vec![token.to_owned()];
    secrets.extend(token.strip_prefix("hp1_").map(str::to_owned));
    if let Some((signed, signature)) = token.rsplit_once('.') {
        secrets.extend([signature.to_owned(), signed.split('.').next_back().unwrap_or_default().to_owned()]);
    }
    let facts = read_front(token);
    for claim in ["refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken"] {
        secrets.extend(facts.as_ref().and_then(|facts| facts["up"][claim].as_str()).map(str::to_owned));
    }
    secrets
}
