//! A session: the stored record.

use serde_json::{Map, Value};

use crate::{
    id::{SessionKey, UserId},
    judge::Lineage,
    refresh_token::RefreshHash,
    time::Timestamp,
};

/// A JSON object whose members keep their order.
pub type JsonObject = Map<String, Value>;

/// So many objects and arrays may be inside one another in what an application has kept. Parsers give up at 128, ours and those
/// of clients, and what is kept is answered inside of something else: everything that is taken must be readable there.
pub const MAX_DEPTH: usize = 99;

/// Whether an object is nested no deeper than [`MAX_DEPTH`]. Looks no deeper than that.
pub fn is_readable(object: &JsonObject) -> bool {
    object.values().all(|value| fits(value, MAX_DEPTH - 1))
}

/// Whether there are at most so many objects and arrays inside one another.
fn fits(value: &Value, levels: usize) -> bool {
    match value {
        Value::Object(members) => levels > 0 && members.values().all(|value| fits(value, levels - 1)),
        Value::Array(elements) => levels > 0 && elements.iter().all(|value| fits(value, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Which family of signing keys a session's access tokens are signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyFamily {
    /// Keys that are replaced by age; `kid` starts with `d-`.
    #[default]
    Dynamic,
    /// Keys that stay; `kid` starts with `s-`.
    Static,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Where it is stored.
    pub key: SessionKey,
    /// Whom it belongs to.
    pub user: UserId,
    /// The application's claims, copied into every access token.
    pub payload: JsonObject,
    /// What the application keeps with the session; never leaves the server.
    pub data: JsonObject,
    /// The keys that sign its access tokens.
    pub family: KeyFamily,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// Its refresh tokens.
    pub lineage: Lineage,
}

impl Session {
    /// The state of rotation, to be named by a guarded write.
    pub fn as_seen(&self) -> Seen {
        Seen {
            current: self.lineage.current,
            generation: self.lineage.generation,
            at: self.lineage.retired.as_ref().map(|retired| retired.at),
            until: self.lineage.retired.as_ref().and_then(|retired| retired.until),
        }
    }
}

/// The state of rotation that a write relies on: it happens only if the row still says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The current token.
    pub current: RefreshHash,
    /// Its generation.
    pub generation: u32,
    /// When its parent was last presented in good faith: a child that was handed out again in between must not be replaced as
    /// lost.
    pub at: Option<Timestamp>,
    /// When its parent dies: a child that is confirmed in between must not be replaced as unused.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> JsonObject {
        let inner = (1..levels).fold(Value::Null, |value, _| Value::Array(vec![value]));
        JsonObject::from_iter([("a".to_owned(), inner)])
    }

    #[test]
    fn what_is_readable_is_told_by_its_depth() {
        assert!(is_readable(&JsonObject::new()));
        assert!(is_readable(&nested(MAX_DEPTH)));
        assert!(!is_readable(&nested(MAX_DEPTH + 1)));
    }

    #[test]
    fn however_deep_it_is_no_stack_is_needed_to_see_that_it_is_too_deep() {
        let mut endless = nested(100_000);
        assert!(!is_readable(&endless));
        // taken apart level by level: dropped whole, it would need the stack
        let mut level = endless.remove("a");
        while let Some(Value::Array(mut elements)) = level {
            level = elements.pop();
        }
    }
}
