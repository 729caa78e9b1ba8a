//! From the text of one value to what it means. On failure: what would have been allowed.

use std::{fmt, ops::RangeInclusive, path::PathBuf, time::Duration};

use hallpass_engine::keys::Algorithm;
use hallpass_wire::CdiVersion;

/// Says what is allowed, after "is not".
pub(crate) type Allowed = String;

/// What a bare number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
}

impl Unit {
    fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3600.0,
        }
    }
}

/// A hundred years: more than anything here needs, and far from where arithmetic ends.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A number with a unit (`500ms`, `1s`, `1.5m`, `1h`, `7d`), or a bare one that counts in `unit`.
pub(crate) fn duration(text: &str, unit: Unit, within: RangeInclusive<Duration>) -> Result<Duration, Allowed> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let each = match suffix.trim() {
        "" => Some(unit.seconds()),
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" | "min" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86_400.0),
        _ => None,
    };
    let seconds = each.and_then(|each| Some(number.parse::<f64>().ok()? * each));
    // whole milliseconds: 0.0004 h are 1.44 s, and not what a binary fraction makes of it
    let duration = seconds.and_then(|s| Duration::try_from_secs_f64((s * 1000.0).round() / 1000.0).ok());
    duration.filter(|duration| within.contains(duration)).ok_or_else(|| {
        let (least, most) = (Span(*within.start()), Span(*within.end()));
        match *within.end() {
            LONGEST => format!("a duration of at least {least}"),
            _ => format!("a duration from {least} to {most}"),
        }
    })
}

/// A duration as people write it.
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)];
        match units.into_iter().find(|(_, each)| ms.is_multiple_of(*each) && ms > 0) {
            Some((unit, each)) => write!(f, "{}{unit}", ms / each),
            None => write!(f, "{ms}ms"),
        }
    }
}

/// A whole number.
pub(crate) fn whole(text: &str, within: RangeInclusive<u64>) -> Result<u64, Allowed> {
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| match *within.end() {
        u64::MAX => format!("a whole number of at least {}", within.start()),
        most => format!("a whole number from {} to {most}", within.start()),
    })
}

/// A whole number that counts things in memory.
pub(crate) fn count(text: &str, within: RangeInclusive<u32>) -> Result<usize, Allowed> {
    let number = whole(text, u64::from(*within.start())..=u64::from(*within.end()))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// A number with decimals.
pub(crate) fn fraction(text: &str, within: RangeInclusive<f64>) -> Result<f64, Allowed> {
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| format!("a number from {} to {}", within.start(), within.end()))
}

/// `true` or `false`.
pub(crate) fn flag(text: &str) -> Result<bool, Allowed> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

/// One of these words, in any case.
pub(crate) fn choice<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Allowed> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| format!("one of {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")))
}

/// A signature algorithm.
pub(crate) fn algorithm(text: &str) -> Result<Algorithm, Allowed> {
    choice(text, &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(|algorithm| (algorithm.as_str(), algorithm)))
}

/// A version of the interface that is offered; nothing for none.
pub(crate) fn cdi_version(text: &str) -> Result<Option<CdiVersion>, Allowed> {
    if text.is_empty() {
        return Ok(None);
    }
    let version = text.parse().ok().filter(|version| CdiVersion::SUPPORTED.contains(version));
    version.map(Some).ok_or_else(|| {
        let all: Vec<_> = CdiVersion::SUPPORTED.iter().map(CdiVersion::to_string).collect();
        format!("one of {}", all.join(", "))
    })
}

/// The name of a file; nothing for none.
pub(crate) fn file(text: &str) -> Result<Option<PathBuf>, Allowed> {
    Ok((!text.is_empty()).then(|| text.into()))
}

/// Where to listen: a host, and a port that may be 0 for any free one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// An IP address without brackets, or a name.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// `HOST:PORT`, where an IPv6 address stands in brackets.
pub(crate) fn address(text: &str) -> Result<Address, Allowed> {
    let parse = || {
        let (host, port) = text.rsplit_once(':')?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = |host: &str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        let host = match bracketed {
            Some(host) => host.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
            None => Some(host).filter(|host| is_host(host))?.to_owned(),
        };
        Some(Address { host, port: port.parse().ok()? })
    };
    parse().ok_or_else(|| "ADDRESS:PORT, such as 127.0.0.1:3567 or [::1]:3567".to_owned())
}

/// The path that every route lies below: empty, or `/…` without a trailing slash.
pub(crate) fn base_path(text: &str) -> Result<String, Allowed> {
    let mut path = String::new();
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        path.push('/');
        path.push_str(segment);
    }
    let fits = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#%\"<>\\^`{|}".contains(&byte));
    if fits { Ok(path) } else { Err("a path of plain characters, such as /auth".to_owned()) }
}

/// An address of another service.
pub(crate) fn http_url(text: &str) -> Result<Option<String>, Allowed> {
    if text.is_empty() {
        return Ok(None);
    }
    let uri = text.parse::<http::Uri>().ok();
    let has_password = |uri: &http::Uri| uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    let is_http = |uri: &http::Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && !has_password(uri);
    uri.filter(is_http)
        .map(|_| Some(text.trim_end_matches('/').to_owned()))
        .ok_or_else(|| "an address, http://… or https://…, without a password".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_a_unit_or_in_the_unit_of_their_key() {
        let read = |text, unit| duration(text, unit, Duration::ZERO..=LONGEST).map(|duration| duration.as_millis());
        assert_eq!(read("1h", Unit::Second), Ok(3_600_000));
        assert_eq!(read("100 d", Unit::Second), Ok(8_640_000_000));
        assert_eq!(read("1.5min", Unit::Hour), Ok(90_000));
        assert_eq!(read("250ms", Unit::Hour), Ok(250));
        assert_eq!(read("3600", Unit::Second), Ok(3_600_000));
        assert_eq!(read("144000", Unit::Minute), Ok(8_640_000_000));
        assert_eq!(read("0.0004", Unit::Hour), Ok(1440));
        assert_eq!(read("0.0041", Unit::Hour), Ok(14_760));
        for wrong in ["", "h", "-1", "1w", "1h30m", "1e3", "NaN", "inf", "..", "99999999999999d"] {
            assert!(read(wrong, Unit::Second).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_allowed_is_said_as_people_write_it() {
        let second = Duration::from_secs(1);
        assert_eq!(duration("0", Unit::Second, second..=second * 86_400).unwrap_err(), "a duration from 1s to 1d");
        assert_eq!(duration("0", Unit::Second, second * 90..=LONGEST).unwrap_err(), "a duration of at least 90s");
        assert_eq!(whole("0", 1..=u64::MAX).unwrap_err(), "a whole number of at least 1");
        assert_eq!(fraction("0.5", 0.0..=0.25).unwrap_err(), "a number from 0 to 0.25");
        assert_eq!(choice("x", &[("text", 1), ("json", 2)]).unwrap_err(), "one of text, json");
    }

    #[test]
    fn addresses_are_a_host_and_a_port() {
        for right in ["127.0.0.1:3567", "[::1]:0", "localhost:80", "db-1.example.com:5"] {
            assert_eq!(address(right).unwrap().to_string(), right);
        }
        for wrong in ["", "3567", ":3567", "::1:3567", "[::1]", "[x]:1", "a b:1", "host:65536", "http://host:1"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_base_path_begins_with_one_slash_and_ends_without() {
        for (text, path) in [("", ""), ("/", ""), ("auth", "/auth"), ("//a//b/", "/a/b")] {
            assert_eq!(base_path(text).as_deref(), Ok(path));
        }
        assert!(base_path("/a b").is_err() && base_path("/a?b").is_err());
    }
}
