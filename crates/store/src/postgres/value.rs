//! How parameters and columns travel: in PostgreSQL's binary format, so that nothing is quoted or parsed.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use crate::{
    row::RawRow,
    value::{RawValue, Value},
};

type Outcome<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// The types that our columns have.
fn ours(ty: &Type) -> bool {
    [Type::INT2, Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA, Type::UUID].contains(ty)
}

impl std::fmt::Debug for Value<'_> {
    /// Its kind: a parameter may be a hash or a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Integer(_) => "Integer",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
        })
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Outcome<IsNull> {
        match (self, ty) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT2) => out.put_i16((*number).try_into()?),
            (Self::Integer(number), &Type::INT4) => out.put_i32((*number).try_into()?),
            (Self::Integer(number), &Type::INT8) => out.put_i64(*number),
            (Self::Text(text), &Type::TEXT) => out.put_slice(text.as_bytes()),
            (Self::Bytes(bytes), &(Type::BYTEA | Type::UUID)) => out.put_slice(bytes),
            _ => return Err("a parameter does not have the type of its column".into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        ours(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for RawValue<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Outcome<Self> {
        Ok(match *ty {
            Type::INT2 => Self::Integer(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Integer(i64::from_sql(ty, raw)?),
            _ => Self::Bytes(raw),
        })
    }

    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        ours(ty)
    }
}

impl From<&Row> for RawRow {
    fn from(row: &Row) -> Self {
        let mut raw = Self::with_capacity(row.len());
        for column in 0..row.len() {
            raw.push(row.try_get(column).ok());
        }
        raw
    }
}
