//! Metadata: what an application keeps about a user, beside all sessions.

use crate::session::JsonObject;

/// What is kept after `update`: each of its members replaces the stored one entirely, and one that is null removes it.
///
/// Only the top level is merged: whatever is nested is taken as it is, nulls included. Members keep their places, new ones
/// come last.
pub fn merge(stored: &JsonObject, update: &JsonObject) -> JsonObject {
    let mut merged = stored.clone();
    for (name, value) in update {
        if value.is_null() {
            merged.shift_remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The text of what is kept: it shows the order of members as well.
    fn merged(stored: Value, update: Value) -> String {
        let (Value::Object(stored), Value::Object(update)) = (stored, update) else { panic!("no JSON objects") };
        serde_json::to_string(&merge(&stored, &update)).unwrap()
    }

    #[test]
    fn members_are_replaced_whole_and_the_rest_stays() {
        let stored = json!({ "b": { "x": 1, "y": 2 }, "a": [1, 2], "c": "kept" });
        assert_eq!(merged(stored, json!({ "a": 3, "b": { "z": 1 } })), r#"{"b":{"z":1},"a":3,"c":"kept"}"#);
    }

    #[test]
    fn a_null_removes_a_member_without_moving_the_others() {
        let stored = json!({ "d": 1, "c": 2, "b": 3, "a": 4 });
        assert_eq!(merged(stored, json!({ "d": null, "unknown": null })), r#"{"c":2,"b":3,"a":4}"#);
    }

    #[test]
    fn what_is_nested_is_taken_as_it_is() {
        let update = json!({ "new": { "null": null, "list": [null, { "x": null }] }, "empty": {} });
        assert_eq!(merged(json!({}), update), r#"{"new":{"null":null,"list":[null,{"x":null}]},"empty":{}}"#);
    }

    #[test]
    fn an_empty_update_changes_nothing() {
        assert_eq!(merged(json!({ "a": 1 }), json!({})), r#"{"a":1}"#);
    }
}
