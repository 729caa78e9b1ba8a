//! Roles, their permissions, and who has them.

use hallpass_engine::id::UserId;

use super::{Columns, Stored, Why};

/// A role of an app.
pub(crate) struct Role(pub(crate) String);

impl Stored for Role {
    const TABLE: &'static str = "role";
    const KEY: usize = 2;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(1);
        Ok(Self(columns.text()?.to_owned()))
    }
}

/// A permission of a role. Without one the row stands for a role that has none.
pub(crate) struct Granted {
    pub(crate) role: String,
    pub(crate) permission: Option<String>,
}

impl Stored for Granted {
    const TABLE: &'static str = "role_permission";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(1);
        Ok(Self { role: columns.text()?.to_owned(), permission: columns.optional_text()?.map(str::to_owned) })
    }
}

/// A role that a user has. Without a user the row stands for a role that nobody has.
pub(crate) struct Held {
    pub(crate) user: Option<UserId>,
    pub(crate) role: String,
}

impl Stored for Held {
    const TABLE: &'static str = "user_role";
    const KEY: usize = 4;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(2);
        Ok(Self { user: columns.optional_text()?.map(UserId::from), role: columns.text()?.to_owned() })
    }
}
