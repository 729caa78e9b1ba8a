//! Rows and domain values. Here, and nowhere else, a row that makes no sense is refused.
//!
//! A row is read as it is on the thread that owns the connection, and becomes a domain value where its reader waits.

pub(crate) mod bans;
pub(crate) mod events;
pub(crate) mod roles;
pub(crate) mod tenants;
pub(crate) mod users;

use std::ops::Range;

use hallpass_engine::{
    id::{AppId, SessionHandle, SessionKey, UserId},
    judge::{Lineage, Retired},
    keys::{Algorithm, KeyRecord},
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily, Seen, Session},
    store::{RootRecord, StoreError},
    time::Timestamp,
};

use crate::value::{RawValue, Value};

pub(crate) type Param<'a> = Value<'a>;
type Why = &'static str;

pub(crate) fn text(text: &str) -> Param<'_> {
    Value::Text(text.into())
}

pub(crate) fn bytes(bytes: &[u8]) -> Param<'_> {
    Value::Bytes(bytes.into())
}

pub(crate) fn int(number: impl Into<i64>) -> Param<'static> {
    Value::Integer(number.into())
}

pub(crate) fn time(time: Timestamp) -> Param<'static> {
    int(time.as_millis())
}

pub(crate) fn or_null(param: Option<Param<'_>>) -> Param<'_> {
    param.unwrap_or(Value::Null)
}

pub(crate) fn hash(hash: &RefreshHash) -> Param<'_> {
    bytes(hash.as_bytes())
}

pub(crate) fn key(key: &SessionKey) -> [Param<'_>; 3] {
    [text(key.app.as_str()), text(key.handle.tenant().as_str()), bytes(key.handle.id())]
}

pub(crate) fn seen(seen: &Seen) -> [Param<'_>; 4] {
    [hash(&seen.current), int(seen.generation), or_null(seen.at.map(time)), or_null(seen.until.map(time))]
}

pub(crate) fn lineage(lineage: &Lineage) -> [Param<'_>; 9] {
    let retired = lineage.retired.as_ref();
    [
        int(lineage.generation),
        hash(&lineage.current),
        or_null(retired.map(|retired| hash(&retired.hash))),
        or_null(retired.map(|retired| bytes(&retired.salt))),
        or_null(retired.map(|retired| int(retired.root))),
        or_null(retired.map(|retired| time(retired.at))),
        or_null(retired.and_then(|retired| retired.until).map(time)),
        or_null(retired.map(|retired| int(retired.reissues))),
        time(lineage.expires_at),
    ]
}

/// What a session's row holds besides its key and lineage, copied out of the session: the write outlives the caller.
pub(crate) struct NewSession {
    key: SessionKey,
    user: UserId,
    family: KeyFamily,
    created_at: Timestamp,
    lineage: Lineage,
    payload: String,
    data: String,
}

impl From<&Session> for NewSession {
    fn from(session: &Session) -> Self {
        Self {
            key: session.key.clone(),
            user: session.user.clone(),
            family: session.family,
            created_at: session.created_at,
            lineage: session.lineage.clone(),
            payload: json(&session.payload),
            data: json(&session.data),
        }
    }
}

impl NewSession {
    /// The columns, and what the guard against bans takes: app, user, tenant and now.
    pub(crate) fn params(&self) -> impl Iterator<Item = Param<'_>> {
        let (app, tenant) = (self.key.app.as_str(), self.key.handle.tenant().as_str());
        let guard = [text(app), text(self.user.as_str()), text(tenant), time(self.created_at)];
        let user = [text(self.user.as_str()), family(self.family), time(self.created_at)];
        let json = [text(&self.payload), text(&self.data)];
        key(&self.key).into_iter().chain(user).chain(lineage(&self.lineage)).chain(json).chain(guard)
    }
}

pub(crate) fn signing_key(key: &KeyRecord) -> [Param<'_>; 7] {
    [
        text(key.app.as_str()),
        family(key.family),
        int(key.sequence),
        text(&key.kid),
        text(key.algorithm.as_str()),
        bytes(&key.sealed),
        time(key.created_at),
    ]
}

pub(crate) fn root(root: &RootRecord) -> [Param<'_>; 3] {
    [text(root.app.as_str()), int(root.id), bytes(&root.sealed)]
}

pub(crate) fn family(family: KeyFamily) -> Param<'static> {
    text(family_name(family))
}

const fn family_name(family: KeyFamily) -> &'static str {
    match family {
        KeyFamily::Dynamic => "dynamic",
        KeyFamily::Static => "static",
    }
}

pub(crate) fn json(object: &JsonObject) -> String {
    serde_json::to_string(object).expect("a JSON value has nothing that JSON cannot say")
}

/// A row as it was read. One buffer holds the bytes of all columns: the row goes to another thread.
pub(crate) struct RawRow {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

enum Cell {
    Null,
    Integer(i64),
    Bytes(Range<usize>),
    /// Of a type that no column has.
    Foreign,
}

impl RawRow {
    /// A row without columns, yet.
    pub(crate) fn with_capacity(columns: usize) -> Self {
        Self { cells: Vec::with_capacity(columns), bytes: Vec::with_capacity(512) }
    }

    /// The next column; `None` when it has a type that no column of ours has.
    pub(crate) fn push(&mut self, column: Option<RawValue<'_>>) {
        let cell = match column {
            Some(RawValue::Null) => Cell::Null,
            Some(RawValue::Integer(number)) => Cell::Integer(number),
            Some(RawValue::Bytes(bytes)) => {
                self.bytes.extend_from_slice(bytes);
                Cell::Bytes(self.bytes.len() - bytes.len()..self.bytes.len())
            }
            None => Cell::Foreign,
        };
        self.cells.push(cell);
    }

    /// The domain value, unless the row makes no sense.
    pub(crate) fn value<T: Stored>(&self) -> Result<T, StoreError> {
        let mut columns = Columns { row: self, next: 0 };
        T::parse(&mut columns).map_err(|why| StoreError::Corrupt { table: T::TABLE, key: self.name(T::KEY), why })
    }

    fn name(&self, key_columns: usize) -> String {
        let show = |cell: &Cell| match cell {
            Cell::Integer(number) => number.to_string(),
            Cell::Bytes(range) => match utf8(&self.bytes[range.clone()]) {
                Ok(text) if !text.contains(char::is_control) => text.to_owned(),
                _ => hex::encode(&self.bytes[range.clone()]),
            },
            Cell::Null | Cell::Foreign => "?".to_owned(),
        };
        self.cells.iter().take(key_columns).map(show).collect::<Vec<_>>().join("/")
    }
}

/// The columns of a row, taken one after the other.
pub(crate) struct Columns<'r> {
    row: &'r RawRow,
    next: usize,
}

impl<'r> Columns<'r> {
    fn next(&mut self) -> Option<&'r Cell> {
        self.next += 1;
        self.row.cells.get(self.next - 1)
    }

    /// Passes over columns that the statement was asked by: they only name the row.
    fn skip(&mut self, count: usize) {
        self.next += count;
    }

    fn optional_bytes(&mut self) -> Result<Option<&'r [u8]>, Why> {
        match self.next() {
            Some(Cell::Bytes(range)) => Ok(Some(&self.row.bytes[range.clone()])),
            Some(Cell::Null) => Ok(None),
            _ => Err("a column has the wrong type"),
        }
    }

    fn bytes(&mut self) -> Result<&'r [u8], Why> {
        self.optional_bytes()?.ok_or("a column is empty")
    }

    fn optional_text(&mut self) -> Result<Option<&'r str>, Why> {
        self.optional_bytes()?.map(utf8).transpose()
    }

    fn text(&mut self) -> Result<&'r str, Why> {
        self.optional_text()?.ok_or("a column is empty")
    }

    fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Why> {
        match self.next() {
            Some(Cell::Integer(number)) => T::try_from(*number).map(Some).map_err(|_| "a number is out of range"),
            Some(Cell::Null) => Ok(None),
            _ => Err("a column has the wrong type"),
        }
    }

    fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Why> {
        self.optional_number()?.ok_or("a column is empty")
    }

    fn optional_time(&mut self) -> Result<Option<Timestamp>, Why> {
        Ok(self.optional_number()?.map(Timestamp::from_millis))
    }

    fn time(&mut self) -> Result<Timestamp, Why> {
        self.number().map(Timestamp::from_millis)
    }

    fn app(&mut self) -> Result<AppId, Why> {
        self.text()?.parse().map_err(|_| "no name of an app")
    }

    fn key(&mut self) -> Result<SessionKey, Why> {
        let (app, tenant) = (self.app()?, self.text()?.parse().map_err(|_| "no name of a tenant")?);
        Ok(SessionKey { app, handle: SessionHandle::from_parts(array(self.bytes()?)?, tenant) })
    }

    fn family(&mut self) -> Result<KeyFamily, Why> {
        let name = self.text()?;
        let known = [KeyFamily::Dynamic, KeyFamily::Static];
        known.into_iter().find(|known| family_name(*known) == name).ok_or("no family of signing keys")
    }

    fn json(&mut self) -> Result<JsonObject, Why> {
        serde_json::from_slice(self.bytes()?).map_err(|_| "payload or data is no JSON object")
    }

    fn retired(&mut self) -> Result<Option<Retired>, Why> {
        let (hash, salt, root) = (self.optional_bytes()?, self.optional_bytes()?, self.optional_number()?);
        let (at, until, reissues) = (self.optional_time()?, self.optional_time()?, self.optional_number()?);
        match (hash, salt, root, at, reissues) {
            (Some(hash), Some(salt), Some(root), Some(at), Some(reissues)) => {
                let hash = RefreshHash::from_bytes(array(hash)?);
                Ok(Some(Retired { hash, salt: array(salt)?, root, at, until, reissues }))
            }
            (None, None, None, None, None) if until.is_none() => Ok(None),
            _ => Err("the retired token is there in part"),
        }
    }
}

/// A domain value that is kept in rows. Its statements select the columns in the order in which it takes them.
pub(crate) trait Stored: Sized {
    const TABLE: &'static str;
    /// How many of the first columns name the row.
    const KEY: usize;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why>;
}

impl Stored for Session {
    const TABLE: &'static str = "session";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self {
            key: columns.key()?,
            user: columns.text()?.into(),
            family: columns.family()?,
            created_at: columns.time()?,
            lineage: Lineage {
                generation: columns.number()?,
                current: RefreshHash::from_bytes(array(columns.bytes()?)?),
                retired: columns.retired()?,
                expires_at: columns.time()?,
            },
            payload: columns.json()?,
            data: columns.json()?,
        })
    }
}

/// Whether a session that is being swept has expired.
#[cfg(feature = "sqlite")]
pub(crate) struct Expiry {
    pub(crate) key: SessionKey,
    pub(crate) expires_at: Timestamp,
}

#[cfg(feature = "sqlite")]
impl Stored for Expiry {
    const TABLE: &'static str = "session";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { key: columns.key()?, expires_at: columns.time()? })
    }
}

/// What is no row, but counted or read from a clock.
#[cfg(feature = "postgres")]
pub(crate) struct Number(pub(crate) i64);

#[cfg(feature = "postgres")]
impl Stored for Number {
    const TABLE: &'static str = "(none)";
    const KEY: usize = 0;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.number().map(Self)
    }
}

/// A page of a sweep that was one statement.
#[cfg(feature = "postgres")]
pub(crate) struct SweptPage {
    pub(crate) last: SessionKey,
    pub(crate) deleted: u32,
    pub(crate) length: u32,
}

#[cfg(feature = "postgres")]
impl Stored for SweptPage {
    const TABLE: &'static str = "session";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { last: columns.key()?, deleted: columns.number()?, length: columns.number()? })
    }
}

impl Stored for KeyRecord {
    const TABLE: &'static str = "signing_key";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self {
            app: columns.app()?,
            family: columns.family()?,
            sequence: columns.number()?,
            kid: columns.text()?.to_owned(),
            algorithm: Algorithm::from_name(columns.text()?).ok_or("no algorithm that we know")?,
            sealed: columns.bytes()?.to_vec(),
            created_at: columns.time()?,
        })
    }
}

impl Stored for RootRecord {
    const TABLE: &'static str = "refresh_root";
    const KEY: usize = 2;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { app: columns.app()?, id: columns.number()?, sealed: columns.bytes()?.to_vec() })
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Why> {
    std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8")
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Why> {
    bytes.try_into().map_err(|_| "a hash, salt or id has the wrong length")
}
