//! What is kept about users.

use hallpass_engine::{
    id::{AppId, UserId},
    session::JsonObject,
    time::Timestamp,
};

use super::{Columns, Param, Stored, Why, text, time};

pub(crate) fn user<'a>(app: &'a AppId, user: &'a UserId) -> [Param<'a>; 2] {
    [text(app.as_str()), text(user.as_str())]
}

pub(crate) fn activity(seen: &(AppId, UserId, Timestamp)) -> [Param<'_>; 3] {
    let (app, user, at) = seen;
    [text(app.as_str()), text(user.as_str()), time(*at)]
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
