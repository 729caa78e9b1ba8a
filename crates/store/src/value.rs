//! What goes into a statement and comes out of a row, whatever the database.

use std::borrow::Cow;

/// A parameter of a statement.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

#[cfg(feature = "postgres")]
impl Value<'_> {
    /// One that outlives the caller.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
        }
    }
}

/// A column as it was read. Nothing in it may be believed: a text need not be UTF-8.
pub(crate) enum RawValue<'a> {
    Null,
    Integer(i64),
    Bytes(&'a [u8]),
}
