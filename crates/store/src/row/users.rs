//! What is kept about users.

use hallpass_engine::{
    id::{AppId, UserId},
    session::JsonObject,
};

use super::{Columns, Param, Stored, Why, text};

pub(crate) fn user<'a>(app: &'a AppId, user: &'a UserId) -> [Param<'a>; 2] {
    [text(app.as_str()), text(user.as_str())]
}

/// What is kept about a user.
pub(crate) struct Metadata(pub(crate) JsonObject);

impl Stored for Metadata {
    const TABLE: &'static str = "user_metadata";
    const KEY: usize = 2;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(2);
        serde_json::from_slice(columns.bytes()?).map(Self).map_err(|_| "metadata is no JSON object")
    }
}
