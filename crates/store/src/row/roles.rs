//! Roles, their permissions, and who has them.

use hallpass_engine::id::UserId;

use super::{Columns, Stored, Why};

/// A role of an app, or one that has a permission.
pub(crate) struct RoleName(pub(crate) String);

impl Stored for RoleName {
    const TABLE: &'static str = "role";
    const KEY: usize = 2;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(1);
        Ok(Self(columns.text()?.to_owned()))
    }
}

/// A permission of a role. `None`: the role has none.
pub(crate) struct Permission(pub(crate) Option<String>);

impl Stored for Permission {
    const TABLE: &'static str = "role_permission";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(2);
        Ok(Self(columns.optional_text()?.map(str::to_owned)))
    }
}

/// A user who has a role. `None`: nobody has.
pub(crate) struct Holder(pub(crate) Option<UserId>);

impl Stored for Holder {
    const TABLE: &'static str = "user_role";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(2);
        Ok(Self(columns.optional_text()?.map(UserId::from)))
    }
}

/// A role that a user has.
pub(crate) struct HeldRole(pub(crate) String);

impl Stored for HeldRole {
    const TABLE: &'static str = "user_role";
    const KEY: usize = 4;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(3);
        Ok(Self(columns.text()?.to_owned()))
    }
}
