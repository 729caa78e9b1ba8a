//! Facts in words.

use std::time::Duration;

use hallpass::Timestamp;
use hallpass_engine::event::{Event, EventKind};

/// How long ago something was.
pub(super) fn ago(now: Timestamp, at: Timestamp) -> String {
    match now.since(at).as_secs() {
        0 => "just now".to_owned(),
        _ => format!("{} ago", span(now.since(at))),
    }
}

/// A length of time in its largest unit.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How much of a ban is left.
pub(super) fn ban_left(now: Timestamp, until: Option<Timestamp>) -> String {
    until.map_or_else(|| "for good".to_owned(), |until| format!("for another {}", span(until.since(now))))
}

/// How often something happened.
pub(super) fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// A user agent's name, as people know it.
pub(super) fn device(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        // not a browser that we know: its own words
        (None, _) => agent.chars().take(60).collect(),
    }
}

/// What an event means to the user whom it happened to.
pub(super) fn meaning_of_event(event: &Event) -> String {
    match (event.kind, event.reason.as_deref()) {
        (EventKind::SessionCreated, _) => "Signed in.".to_owned(),
        (EventKind::RefreshReplayed, _) => {
            "A just-retired refresh token came again, and got the same child. Harmless for two tabs; a thief in a hurry looks the same."
                .to_owned()
        }
        (EventKind::RefreshReissued, _) => {
            "A retired refresh token came back late. Its child had never been used: that one died, and a new one was made.".to_owned()
        }
        (EventKind::RefreshReuse, _) => "A used-up refresh token came back: somebody holds a copy. The session was revoked.".to_owned(),
        (EventKind::SessionRevoked, Some(reason)) => format!("The session was revoked: {reason}."),
        (EventKind::SessionRevoked, None) => "The session was revoked.".to_owned(),
        (kind, _) => kind.as_str().to_owned(),
    }
}

/// What a claim of an access token is for.
pub(super) fn meaning_of_claim(name: &str) -> &'static str {
    match name {
        "sub" => "the user",
        "rsub" => "the user, by login method",
        "iat" => "issued, in Unix time",
        "exp" => "expires, in Unix time",
        "iss" => "who issued it",
        "sessionHandle" => "the session, no secret",
        "refreshTokenHash1" => "its refresh token’s name",
        "parentRefreshTokenHash1" => "and that one’s parent",
        "antiCsrfToken" => "not needed here",
        "tId" => "the tenant",
        "st-role" => "the user’s roles",
        "st-perm" => "what the roles permit",
        "stt" => "the kind of signing key",
        _ => "the app’s own claim",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_use_their_largest_unit() {
        let spans = [0, 119, 120, 7199, 7200, 172_800, 8_640_000].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["0 s", "119 s", "2 min", "119 min", "2 h", "2 days", "100 days"]);
        let now = Timestamp::from_millis(10_000);
        assert_eq!((ban_left(now, None), ban_left(now, Some(now + Duration::from_secs(9)))), ("for good".into(), "for another 9 s".into()));
        assert_eq!((ago(now, now), ago(now, Timestamp::from_millis(0))), ("just now".to_owned(), "10 s ago".to_owned()));
    }

    #[test]
    fn browsers_have_names() {
        for (agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18 Safari/604.1", "Safari on iPhone"),
            ("curl/8.5.0", "curl"),
            ("The thief's laptop", "The thief's laptop"),
            ("", ""),
        ] {
            assert_eq!(device(agent), name);
        }
    }
}
