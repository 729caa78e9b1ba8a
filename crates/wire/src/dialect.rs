//! What differs between the versions of the interface, in one table.

use hallpass_engine::token_version::TokenVersion;

use crate::version::CdiVersion;

/// How a version of the interface speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How the access tokens that it mints are written.
    pub token: TokenVersion,
    /// Whether session objects name their tenant.
    pub names_tenant: bool,
    /// Whether session objects name the user of the login method.
    pub names_recipe_user: bool,
    /// Whether a refresh must say which family of keys signs. If not, it may, and the session's stays by default.
    pub requires_key_choice: bool,
    /// Whether what belongs to a whole app is refused below a tenant.
    pub confines_app_calls: bool,
    /// Whether login methods of tenants are factors first, and the older flags follow from them.
    pub has_factors: bool,
    /// When a rotation counts.
    pub rotation: RotationOf,
    /// Whether the caller may ask for a shorter access token.
    pub may_shorten_validity: bool,
    /// Whether a caller who accepts an approximate number of users is told what it was given.
    pub tells_how_exact_counts_are: bool,
}

/// When a rotation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationOf {
    /// When the child is first used: verification confirms it and gives another access token. Theft is reported only.
    FirstUse,
    /// At once, with a grace for lost answers: verification only reads. Theft ends the session.
    Refresh,
}

use RotationOf::{FirstUse, Refresh};
use TokenVersion::{V2, V3, V4, V5};

/// Each row holds from its version on until the next.
#[rustfmt::skip]
const TABLE: [(CdiVersion, Dialect); 6] = [
    //                          token  names   names        requires    confines   has      rotation   may shorten  tells how exact
    //                                 tenant  recipe user  key choice  app calls  factors  counts at  validity     counts are
    (CdiVersion::new(2, 0),  row(V2,   false,  false,       false,      false,     false,   FirstUse,  false,       false)),
    (CdiVersion::new(2, 21), row(V3,   false,  false,       false,      false,     false,   FirstUse,  false,       false)),
    (CdiVersion::new(3, 0),  row(V4,   true,   false,       false,      false,     false,   FirstUse,  false,       false)),
    (CdiVersion::new(4, 0),  row(V5,   true,   true,        false,      false,     false,   FirstUse,  false,       false)),
    (CdiVersion::new(5, 0),  row(V5,   true,   true,        true,       true,      true,    FirstUse,  false,       false)),
    (CdiVersion::new(5, 6),  row(V5,   true,   true,        true,       true,      true,    Refresh,   true,        true)),
];

#[allow(clippy::fn_params_excessive_bools, clippy::too_many_arguments)] // a table, not an interface
const fn row(
    token: TokenVersion,
    names_tenant: bool,
    names_recipe_user: bool,
    requires_key_choice: bool,
    confines_app_calls: bool,
    has_factors: bool,
    rotation: RotationOf,
    may_shorten_validity: bool,
    tells_how_exact_counts_are: bool,
) -> Dialect {
    Dialect {
        token,
        names_tenant,
        names_recipe_user,
        requires_key_choice,
        confines_app_calls,
        has_factors,
        rotation,
        may_shorten_validity,
        tells_how_exact_counts_are,
    }
}

impl CdiVersion {
    /// The oldest version in which callers say which keys sign, and fetch the public ones by themselves.
    pub const FIRST_WITH_KEY_CHOICE: Self = Self::new(2, 21);

    /// The oldest version that knows tenants.
    pub const FIRST_WITH_TENANTS: Self = Self::new(3, 0);

    /// How it speaks.
    pub fn dialect(self) -> &'static Dialect {
        let row = TABLE.iter().rev().find(|(since, _)| *since <= self);
        &row.unwrap_or(&TABLE[0]).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_speaks_as_the_last_row_that_is_not_after_it() {
        let token = |major, minor| CdiVersion::new(major, minor).dialect().token;
        let versions = [token(1, 0), token(2, 8), token(2, 18), token(2, 21), token(3, 0), token(3, 1), token(4, 0), token(5, 4)];
        assert_eq!(versions, [V2, V2, V2, V3, V4, V4, V5, V5]);
        assert_eq!(CdiVersion::new(5, 5).dialect().rotation, FirstUse);
        assert_eq!(CdiVersion::new(5, 6).dialect().rotation, Refresh);
    }

    #[test]
    fn rows_are_in_order() {
        assert!(TABLE.is_sorted_by(|(before, _), (after, _)| before < after));
    }
}
