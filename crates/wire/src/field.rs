//! The fields of request bodies: each has one name and one type, and what is wrong with it can be told by its name.

use hallpass_engine::{core::TokenText, session::JsonObject};
use serde_json::Value;

/// A field that is missing although it is required, or has the wrong type. The text is compared by SDKs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Field name '{0}' is invalid in JSON input")]
pub struct InvalidField(pub &'static str);

/// A value that a request can hold.
pub trait Field: Sized {
    /// Its type, in the words of JSON Schema.
    const TYPE: &'static str;
    /// Whether a request without it is refused.
    const REQUIRED: bool = true;
    /// What the objects of an array have; none if it is one of texts.
    const ITEMS: &'static [FieldDoc] = &[];

    /// Reads it; `None` if it is not there, or something else.
    fn read(value: Option<&Value>) -> Option<Self>;

    /// Writes it; `None` leaves it out.
    fn write(&self) -> Option<Value>;
}

impl Field for String {
    const TYPE: &'static str = "string";

    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_str().map(str::to_owned)
    }

    fn write(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Field for TokenText {
    const TYPE: &'static str = "string";

    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_str().map(Self::from)
    }

    fn write(&self) -> Option<Value> {
        Some(self.expose().into())
    }
}

impl Field for bool {
    const TYPE: &'static str = "boolean";

    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_bool()
    }

    fn write(&self) -> Option<Value> {
        Some((*self).into())
    }
}

/// A number, its fraction cut off, or a text that is one.
impl Field for i64 {
    const TYPE: &'static str = "integer";

    fn read(value: Option<&Value>) -> Option<Self> {
        match value? {
            #[allow(clippy::cast_possible_truncation)] // saturates, and cuts the fraction off
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as Self)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn write(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Field for JsonObject {
    const TYPE: &'static str = "object";

    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_object().cloned()
    }

    fn write(&self) -> Option<Value> {
        Some(self.clone().into())
    }
}

impl Field for Vec<String> {
    const TYPE: &'static str = "array";

    fn read(value: Option<&Value>) -> Option<Self> {
        value?.as_array()?.iter().map(|element| element.as_str().map(str::to_owned)).collect()
    }

    fn write(&self) -> Option<Value> {
        Some(self.clone().into())
    }
}

/// A field that may be absent; `null` is as good as absent.
impl<T: Field> Field for Option<T> {
    const TYPE: &'static str = T::TYPE;
    const REQUIRED: bool = false;
    const ITEMS: &'static [FieldDoc] = T::ITEMS;

    fn read(value: Option<&Value>) -> Option<Self> {
        match value {
            None | Some(Value::Null) => Some(None),
            present => T::read(present).map(Some),
        }
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().and_then(T::write)
    }
}

/// A field that may be absent, which leaves things as they are, or `null`, which clears them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nullable<T> {
    /// Not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A value.
    Value(T),
}

impl<T: Field> Field for Nullable<T> {
    const TYPE: &'static str = T::TYPE;
    const REQUIRED: bool = false;
    const ITEMS: &'static [FieldDoc] = T::ITEMS;

    fn read(value: Option<&Value>) -> Option<Self> {
        match value {
            None => Some(Self::Absent),
            Some(Value::Null) => Some(Self::Null),
            present => T::read(present).map(Self::Value),
        }
    }

    fn write(&self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Null => Some(Value::Null),
            Self::Value(value) => value.write(),
        }
    }
}

/// What a field is, for a description of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// Its name.
    pub name: &'static str,
    /// Its type, in the words of JSON Schema.
    pub kind: &'static str,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What the objects of an array have; none if it is one of texts.
    pub items: &'static [FieldDoc],
    /// What it means.
    pub meaning: &'static str,
}

/// The body of a request.
pub trait Request: Sized {
    /// Its fields.
    const FIELDS: &'static [FieldDoc];

    /// Reads it. Members that are not known are ignored.
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    fn read(body: &JsonObject) -> Result<Self, InvalidField>;

    /// Writes it.
    fn write(&self) -> JsonObject;
}

/// Declares the body of a request: its fields with their names in JSON.
macro_rules! request {
    ($(#[$doc:meta])* $name:ident { $(#[doc = $meaning:literal] $field:ident: $type:ty = $wire:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $(#[doc = $meaning] pub $field: $type,)*
        }

        impl $crate::field::Request for $name {
            const FIELDS: &'static [$crate::field::FieldDoc] = &[$($crate::field::FieldDoc {
                name: $wire,
                kind: <$type as $crate::field::Field>::TYPE,
                required: <$type as $crate::field::Field>::REQUIRED,
                items: <$type as $crate::field::Field>::ITEMS,
                meaning: $meaning.trim_ascii(),
            },)*];

            fn read(body: &hallpass_engine::session::JsonObject) -> Result<Self, $crate::field::InvalidField> {
                Ok(Self {
                    $($field: $crate::field::Field::read(body.get($wire)).ok_or($crate::field::InvalidField($wire))?,)*
                })
            }

            fn write(&self) -> hallpass_engine::session::JsonObject {
                let mut body = hallpass_engine::session::JsonObject::new();
                $(if let Some(value) = $crate::field::Field::write(&self.$field) {
                    body.insert($wire.to_owned(), value);
                })*
                body
            }
        }
    };
}
pub(crate) use request;

#[cfg(test)]
#[allow(unreachable_pub)] // the macro declares for the whole world
mod tests {
    use serde_json::json;

    use super::*;

    request! {
        /// An example.
        Example {
            /// Who.
            user: String = "userId",
            /// What.
            payload: JsonObject = "payload",
            /// How long.
            validity: i64 = "validity",
            /// Which.
            names: Option<Vec<String>> = "names",
            /// Maybe.
            factors: Nullable<Vec<String>> = "factors",
            /// Whether.
            flag: bool = "flag",
        }
    }

    fn read(value: Value) -> Result<Example, InvalidField> {
        Example::read(value.as_object().unwrap())
    }

    #[test]
    fn a_body_is_read_and_written_alike() {
        let body = json!({ "userId": "", "payload": { "a": null }, "validity": 1, "names": ["x"], "factors": null, "flag": true });
        let example = read(body.clone()).unwrap();
        assert_eq!(Value::Object(example.write()), body);
        let least = json!({ "userId": "", "payload": {}, "validity": 9, "flag": false });
        assert_eq!(Value::Object(read(least.clone()).unwrap().write()), least);
    }

    #[test]
    fn a_wrong_field_is_told_by_its_name() {
        let right = json!({ "userId": "u", "payload": {}, "validity": 1, "flag": true });
        for (field, wrong) in [
            ("userId", json!(1)),
            ("userId", Value::Null),
            ("payload", json!([])),
            ("payload", json!("{}")),
            ("validity", json!("soon")),
            ("flag", json!("true")),
            ("names", json!("x")),
            ("names", json!(["x", 1])),
            ("factors", json!(1)),
        ] {
            let mut body = right.clone();
            body[field] = wrong.clone();
            assert_eq!(read(body).unwrap_err().to_string(), format!("Field name '{field}' is invalid in JSON input"), "{wrong}");
        }
        let mut body = right.as_object().unwrap().clone();
        body.remove("flag");
        assert_eq!(Example::read(&body).unwrap_err(), InvalidField("flag"));
    }

    #[test]
    fn numbers_may_be_texts_and_lose_their_fraction() {
        let read = |value: Value| i64::read(Some(&value));
        assert_eq!(read(json!("3153600000")), Some(3_153_600_000));
        assert_eq!(read(json!(1.9)), Some(1));
        assert_eq!(read(json!(1_700_000_000_123_i64)), Some(1_700_000_000_123));
        assert_eq!(read(json!(true)), None);
    }

    #[test]
    fn what_a_field_is_can_be_told() {
        let names: Vec<_> = Example::FIELDS.iter().map(|field| (field.name, field.kind, field.required)).collect();
        assert_eq!(names[0], ("userId", "string", true));
        assert_eq!(names[3], ("names", "array", false));
        assert_eq!(Example::FIELDS[2].meaning, "How long.");
    }
}
