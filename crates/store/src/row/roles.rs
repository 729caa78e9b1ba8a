//! Roles, their permissions, and who has them.

use hallpass_engine::{
    id::{AppId, UserId},
    store::StoreError,
};

use super::{Columns, Param, RawRow, Stored, Why, text};

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

/// Whether a role is there, and whether it came to a user or went from one.
#[cfg(feature = "postgres")]
pub(crate) struct RoleMoved {
    pub(crate) known: bool,
    pub(crate) moved: bool,
}

#[cfg(feature = "postgres")]
impl Stored for RoleMoved {
    const TABLE: &'static str = "user_role";
    const KEY: usize = 0;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { known: columns.number::<i64>()? > 0, moved: columns.number::<i64>()? > 0 })
    }
}

/// What the rows hold. Without a row there is no role; a row that holds nothing stands for a role that has nothing.
pub(crate) fn unless_unknown<R: Stored, T>(rows: &[RawRow], held: impl Fn(R) -> Option<T>) -> Result<Option<Vec<T>>, StoreError> {
    let all = rows.iter().map(|row| row.value().map(&held)).collect::<Result<Vec<_>, _>>()?;
    Ok((!all.is_empty()).then(|| all.into_iter().flatten().collect()))
}

/// The parameters that name a role, or a permission, of an app.
pub(crate) fn of_app<'a>(app: &'a AppId, name: &'a str) -> [Param<'a>; 2] {
    [text(app.as_str()), text(name)]
}
