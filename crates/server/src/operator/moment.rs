//! Moments and spans as people write them.

use std::time::Duration;

use hallpass_engine::time::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::settings::value::{LONGEST, Unit, duration};

/// RFC 3339, in UTC, to the second.
pub(super) fn text(at: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp(at.as_secs()).ok().and_then(|date| date.format(&Rfc3339).ok());
    // beyond the year 9999
    date.unwrap_or_else(|| format!("{} ms", at.as_millis()))
}

/// RFC 3339, with whatever offset.
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    let date =
        OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "write it as 2027-01-31T12:00:00Z or 2027-01-31T12:00:00+01:00".to_owned())?;
    Ok(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)))
}

/// A number with its unit: what it counts is not guessed.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let allowed = || "write it as 30min, 12h or 7d".to_owned();
    if text.ends_with(|last: char| last.is_ascii_digit()) {
        return Err(allowed());
    }
    duration(text, Unit::Second, Duration::from_secs(1)..=LONGEST).map_err(|_| allowed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        let at = Timestamp::from_millis(1_767_225_600_000);
        assert_eq!(text(at), "2026-01-01T00:00:00Z");
        assert_eq!(parse("2026-01-01T00:00:00Z"), Ok(at));
        assert_eq!(parse("2026-01-01T01:00:00+01:00"), Ok(at));
        assert_eq!(text(Timestamp::from_millis(i64::MAX)), "9223372036854775807 ms");
        for wrong in ["", "tomorrow", "2026-01-01", "2026-01-01T00:00:00", "1767225600000"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_says_its_unit() {
        assert_eq!(span("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(span("30min"), Ok(Duration::from_secs(1800)));
        for wrong in ["", "7", "0s", "-1d", "7 weeks", "d"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
