//! What a payload says, as far as it is acted on: read without keeping the rest.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

use crate::token_version::PROTECTED_CLAIMS;

const NOT_BEFORE: &str = "nbf";

/// The protected claims, and `nbf`. Of a member that is there twice the last one counts, as in a [`JsonObject`].
///
/// A text is refused exactly if it is no [`JsonObject`] either.
///
/// [`JsonObject`]: crate::session::JsonObject
#[derive(Default)]
pub(super) struct Members<'a>([Option<Member<'a>>; PROTECTED_CLAIMS.len() + 1]);

/// A value: as much of it as is of use.
enum Member<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    /// Any other number.
    Number(f64),
    Other,
}

impl<'a> Members<'a> {
    /// The members of a JSON object.
    pub(super) fn read(json: &'a str) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(json);
        let members = json.deserialize_map(MembersVisitor).ok()?;
        json.end().ok()?;
        Some(members)
    }

    fn get(&self, name: &str) -> Option<&Member<'a>> {
        self.0[place(name)?].as_ref()
    }

    /// Whether it is there at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// It, if it is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        if let Member::Text(text) = self.get(name)? { Some(text) } else { None }
    }

    /// It, if it is an integer.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        if let Member::Integer(number) = self.get(name)? { Some(*number) } else { None }
    }

    /// It, if it is a number, rounded towards zero. Absurd numbers stay absurd.
    pub(super) fn seconds(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Member::Integer(number) => Some(*number),
            #[allow(clippy::cast_possible_truncation)] // saturates
            Member::Number(number) => Some(*number as i64),
            Member::Text(_) | Member::Other => None,
        }
    }
}

fn place(name: &str) -> Option<usize> {
    if name == NOT_BEFORE { Some(PROTECTED_CLAIMS.len()) } else { PROTECTED_CLAIMS.iter().position(|claim| *claim == name) }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<Member<'de>>()? {
            let value = map.next_value()?;
            if let Member::Text(name) = name
                && let Some(place) = place(&name)
            {
                members.0[place] = Some(value);
            }
        }
        Ok(members)
    }
}

impl<'de> Deserialize<'de> for Member<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Member<'de>, E> {
        Ok(Member::Integer(number))
    }

    #[allow(clippy::cast_precision_loss)] // beyond the integers that count as such
    fn visit_u64<E>(self, number: u64) -> Result<Member<'de>, E> {
        Ok(i64::try_from(number).map_or(Member::Number(number as f64), Member::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Member<'de>, E> {
        Ok(Member::Number(number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    // looked through by this very visitor: what it cannot read, nobody could read later

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Member<'de>, A::Error> {
        while seq.next_element::<Member<'de>>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member<'de>, A::Error> {
        while map.next_entry::<Member<'de>, Member<'de>>()?.is_some() {}
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::session::JsonObject;

    /// Whether both readers say the same of a text.
    fn assert_alike(json: &str) {
        let (members, object) = (Members::read(json), serde_json::from_str::<JsonObject>(json).ok());
        assert_eq!(members.is_some(), object.is_some(), "{json}");
        let (Some(members), Some(object)) = (members, object) else { return };
        for name in PROTECTED_CLAIMS.into_iter().chain([NOT_BEFORE]) {
            let value = object.get(name);
            assert_eq!(members.has(name), value.is_some(), "{name} of {json}");
            assert_eq!(members.text(name), value.and_then(Value::as_str), "{name} of {json}");
            assert_eq!(members.integer(name), value.and_then(Value::as_i64), "{name} of {json}");
            #[allow(clippy::cast_possible_truncation)] // as the reader does
            let seconds = value.and_then(|value| value.as_i64().or_else(|| value.as_f64().map(|number| number as i64)));
            assert_eq!(members.seconds(name), seconds, "{name} of {json}");
        }
    }

    #[test]
    fn what_cannot_be_read_as_an_object_is_not_read_at_all() {
        let values = [
            "0",
            "-1",
            "1.5",
            "1e3",
            "1e999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "01",
            "+1",
            ".5",
            "\"a\"",
            r#""\u0061""#,
            r#""\ud800""#,
            r#""\ud83d\ude00""#,
            "\"\n\"",
            r#""\x""#,
            "\"",
            "null",
            "true",
            "nul",
            "[]",
            "{}",
            "[1,]",
            r#"{"a":}"#,
            r#"{1:2}"#,
            r#"["\ud800"]"#,
            r#"{"\ud800":1}"#,
            "[1e999]",
            "",
        ];
        for value in values {
            for name in ["sub", "exp", "nbf", "stt", "own", r"\u0073ub", r"\ud800"] {
                assert_alike(&format!(r#"{{"{name}":{value}}}"#));
                assert_alike(&format!(r#"{{"iat":1,"{name}":{value},"{name}":2}} "#));
            }
            assert_alike(value);
            assert_alike(&format!(r#"{{"sub":{value}}} x"#));
        }
        for depth in 120..135 {
            assert_alike(&format!(r#"{{"own":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)));
            assert_alike(&format!(r#"{{"sub":{}1{}}}"#, r#"{"a":"#.repeat(depth), "}".repeat(depth)));
        }
    }

    proptest! {
        #[test]
        fn whatever_a_text_is_both_readers_say_the_same(json in r#"\{("(sub|exp|nbf|x)":("(a|\\u00e9|\\ud83d)"|-?[0-9]{1,20}(\.[0-9])?(e[0-9]{1,3})?|\[\]|null),?){0,3}\}?"#) {
            assert_alike(&json);
        }
    }
}
