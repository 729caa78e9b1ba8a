//! What Hallpass speaks beside the interface of the existing core. An SDK that knows nothing of it misses nothing.

mod bans;
mod feed;

use hallpass_engine::{
    core::{Delivered, SessionInfo},
    event::{Event, EventKind},
    id::AppId,
    refresh_token::RefreshHash,
};
use serde_json::{Value, json};

use crate::{
    FieldDoc,
    answer::{Answer, Unreadable},
    dialect::Dialect,
    field::{Field, request},
    session,
};

pub use self::{
    bans::{BanUser, RemoveBan, ban, read_ban},
    feed::{page, read_page},
};

/// A header with which a caller says that it knows Hallpass; its value is free. To such a caller
///
/// - a session whose used token came back is revoked at once, in every version, and the answer says `"revoked": true`;
/// - a refresh need not say which family of keys signs: the session's stays;
/// - a creation or refresh may say how long its access token lives, in every version;
/// - a session's details say when it was last refreshed.
pub const CLIENT_HEADER: &str = "hallpass-client";

/// The text of the answer 403 to a creation whose user is banned, in every version.
pub const BANNED: &str = "User is banned";

request! {
    /// `POST /hallpass/session/confirm`: access tokens came back from their clients.
    ConfirmSessions {
        /// The sessions, and the refresh tokens that were issued with those access tokens.
        delivered: Vec<Delivered> = "delivered",
    }
}

impl Field for Vec<Delivered> {
    const TYPE: &'static str = "array";
    const ITEMS: &'static [FieldDoc] = &[
        FieldDoc { name: "sessionHandle", kind: "string", required: true, items: &[], meaning: "Which session." },
        FieldDoc {
            name: "refreshTokenHash2",
            kind: "string",
            required: true,
            items: &[],
            meaning: "The hash that the server stores of the refresh token that came with the access token, as hexadecimal digits.",
        },
    ];

    fn read(value: Option<&Value>) -> Option<Self> {
        let read = |element: &Value| {
            let hash = hex::decode(element["refreshTokenHash2"].as_str()?).ok()?;
            let child = RefreshHash::from_bytes(hash.try_into().ok()?);
            Some(Delivered { handle: element["sessionHandle"].as_str()?.parse().ok()?, child, token: None })
        };
        value?.as_array()?.iter().map(read).collect()
    }

    fn write(&self) -> Option<Value> {
        let write = |delivered: &Delivered| json!({ "sessionHandle": delivered.handle.to_string(), "refreshTokenHash2": hex::encode(delivered.child.as_bytes()) });
        Some(self.iter().map(write).collect())
    }
}

/// Everything that is stored of a session: as others are told, and when it was last refreshed, if it ever was.
pub fn details(session: &SessionInfo, dialect: &Dialect) -> Value {
    let mut body = session::details(session, dialect);
    body["timeRefreshed"] = session.refreshed_at.map(|at| at.as_millis()).into();
    body
}

/// An event in an answer.
pub fn event(event: &Event) -> Value {
    json!({
        "id": hex::encode(event.id),
        "time": event.at.as_millis(),
        "userId": event.user.as_str(),
        "kind": event.kind.as_str(),
        "sessionHandle": event.handle.as_ref().map(ToString::to_string),
        "tenantId": event.tenant.as_ref().map(ToString::to_string),
        "actor": event.actor,
        "reason": event.reason,
    })
}

/// The event that an answer tells of.
///
/// # Errors
/// [`Unreadable`], also for a kind that is not known here.
pub fn read_event(answer: Answer<'_>, app: &AppId) -> Result<Event, Unreadable> {
    let optional = |name| answer.text(name).ok().map(str::to_owned);
    let kind = answer.text("kind")?;
    Ok(Event {
        id: hex::decode(answer.text("id")?).ok().and_then(|id| id.try_into().ok()).ok_or(Unreadable("id"))?,
        at: answer.time("time")?,
        app: app.clone(),
        user: answer.text("userId")?.into(),
        handle: answer.text("sessionHandle").ok().and_then(|handle| handle.parse().ok()),
        tenant: answer.text("tenantId").ok().and_then(|tenant| tenant.parse().ok()),
        kind: EventKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or(Unreadable("kind"))?,
        actor: optional("actor"),
        reason: optional("reason"),
        felt_until: None, // the feed tells, not the list
    })
}
