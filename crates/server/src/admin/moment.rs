//! Moments and durations, as operators write and read them.

use std::time::Duration;

use hallpass_engine::time::Timestamp;
use time::{
    Date, OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

use crate::settings::value::{LONGEST, Unit, duration};

const SHOWN: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// In UTC, to the second. What no calendar holds is told as the number that it is.
pub(super) fn shown(at: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(at.as_secs()).ok();
    let text = moment.and_then(|moment| moment.format(SHOWN).ok());
    text.unwrap_or_else(|| format!("{} ms", at.as_millis()))
}

/// `2026-12-01T00:00:00Z`, with any offset; or a date, which begins at midnight UTC.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
    let moment = moment.or_else(|| Some(Date::parse(text, DATE).ok()?.midnight().assume_utc()));
    let millis = moment.and_then(|moment| i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok());
    millis.map(Timestamp::from_millis).ok_or_else(|| "a moment is written 2026-12-01T00:00:00Z, or 2026-12-01".to_owned())
}

/// `30m`, `12h`, `7d`. A bare number might mean days to one and seconds to another.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let has_unit = text.ends_with(|c: char| c.is_ascii_alphabetic());
    let span = duration(text, Unit::Second, Duration::from_secs(1)..=LONGEST).ok();
    span.filter(|_| has_unit)
        .ok_or_else(|| "a duration is a number with its unit, such as 30m, 12h or 7d, and a second at least".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_any_zone_and_shown_in_utc() {
        let read = |text| moment(text).map(shown);
        assert_eq!(read("2026-12-01T00:00:00Z").as_deref(), Ok("2026-12-01 00:00:00"));
        assert_eq!(read("2026-12-01T01:30:00.5+01:00").as_deref(), Ok("2026-12-01 00:30:00"));
        assert_eq!(read("2026-12-01").as_deref(), Ok("2026-12-01 00:00:00"));
        for wrong in ["", "tomorrow", "2026-12-01 00:00", "2026-13-01", "2026-12-01T00:00:00", "1767225600"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
        assert_eq!(shown(Timestamp::from_millis(i64::MAX)), "9223372036854775807 ms");
    }

    #[test]
    fn a_duration_says_its_unit() {
        assert_eq!(span("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(span("1.5h"), Ok(Duration::from_secs(5400)));
        for wrong in ["", "7", "7.5", "d", "-7d", "0s", "10ms", "7 weeks"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
