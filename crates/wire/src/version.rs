//! Versions of the interface. SDKs ask for exactly one.

use std::{fmt, str::FromStr};

/// A version of the interface, as in the header `cdi-version`. Parts that are not there count as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CdiVersion([u32; 3]);

/// Why a text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cdi-version header is invalid")]
pub struct InvalidVersion;

impl CdiVersion {
    /// The version with these parts.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self([major, minor, 0])
    }

    /// What is offered, oldest first: SDKs look for their one version by its exact text.
    pub const SUPPORTED: &[Self] = &[
        Self::new(3, 0),
        Self::new(3, 1),
        Self::new(4, 0),
        Self::new(5, 0),
        Self::new(5, 1),
        Self::new(5, 2),
        Self::new(5, 3),
        Self::new(5, 4),
        Self::new(5, 5),
        Self::new(5, 6),
    ];

    /// What a request without the header speaks, unless its app says otherwise.
    pub const DEFAULT: Self = Self::new(5, 4);

    /// The latest that is offered.
    pub const LATEST: Self = Self::new(5, 6);
}

impl FromStr for CdiVersion {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let part = |part: &str| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_number).ok_or(InvalidVersion)
        };
        let parts = text.trim().split('.').map(part).collect::<Result<Vec<u32>, _>>()?;
        let at = |index: usize| parts.get(index).copied().unwrap_or(0);
        // whatever stands further behind is told apart from nothing, which is all that comparing needs
        Ok(Self([at(0), at(1), parts.iter().skip(2).copied().find(|part| *part > 0).unwrap_or(0)]))
    }
}

impl fmt::Display for CdiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}")?;
        if patch > 0 { write!(f, ".{patch}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_between_dots_and_missing_parts_are_zero() {
        let version = |text: &str| text.parse::<CdiVersion>();
        assert_eq!(version("3"), version("3.0"));
        assert_eq!(version("5.4.0"), Ok(CdiVersion::new(5, 4)));
        assert!(version("5.4.1").unwrap() > version("5.4").unwrap());
        assert!(version("5.10").unwrap() > version("5.4").unwrap());
        for wrong in ["", ".", "5.", "v5", "5.x", "-1", "+5.4", "5..4", "99999999999"] {
            assert_eq!(version(wrong), Err(InvalidVersion), "{wrong}");
        }
    }

    #[test]
    fn what_is_offered_is_written_as_sdks_look_for_it() {
        let offered: Vec<_> = CdiVersion::SUPPORTED.iter().map(CdiVersion::to_string).collect();
        assert_eq!(offered, ["3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"]);
        assert_eq!(CdiVersion::SUPPORTED.last(), Some(&CdiVersion::LATEST));
    }
}
