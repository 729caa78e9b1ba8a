//! Rows and domain values. Here, and nowhere else, a row that makes no sense is refused.
//!
//! A row is read as it is on the thread that owns the connection, and becomes a domain value where its reader waits.

use std::fmt::Display;

use hallpass_engine::{
    event::{Event, EventKind},
    id::{AppId, SessionHandle, SessionKey, TenantId, UserId},
    judge::{Lineage, Retired},
    keys::{Algorithm, KeyRecord},
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily, Seen, Session},
    store::{RootRecord, StoreError},
    time::Timestamp,
};
use rusqlite::{
    Row,
    types::{ToSqlOutput, ValueRef},
};

pub(crate) type Param<'a> = ToSqlOutput<'a>;
type Text = Vec<u8>;
type Why = &'static str;

pub(crate) fn text(text: &str) -> Param<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
}

pub(crate) fn bytes(bytes: &[u8]) -> Param<'_> {
    ToSqlOutput::Borrowed(ValueRef::Blob(bytes))
}

pub(crate) fn int(number: impl Into<i64>) -> Param<'static> {
    ToSqlOutput::Borrowed(ValueRef::Integer(number.into()))
}

pub(crate) fn time(time: Timestamp) -> Param<'static> {
    int(time.as_millis())
}

pub(crate) fn or_null(param: Option<Param<'_>>) -> Param<'_> {
    param.unwrap_or(ToSqlOutput::Borrowed(ValueRef::Null))
}

pub(crate) fn hash(hash: &RefreshHash) -> Param<'_> {
    bytes(hash.as_bytes())
}

pub(crate) fn key(key: &SessionKey) -> [Param<'_>; 3] {
    [text(key.app.as_str()), text(key.handle.tenant().as_str()), bytes(key.handle.id())]
}

pub(crate) fn seen(seen: &Seen) -> [Param<'_>; 3] {
    [hash(&seen.current), int(seen.generation), or_null(seen.until.map(time))]
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
    pub(crate) fn params(&self) -> impl Iterator<Item = Param<'_>> {
        let user = [text(self.user.as_str()), family(self.family), time(self.created_at)];
        let json = [text(&self.payload), text(&self.data)];
        key(&self.key).into_iter().chain(user).chain(lineage(&self.lineage)).chain(json)
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

pub(crate) fn event(event: &Event) -> [Param<'_>; 9] {
    let handle = event.handle.as_ref();
    [
        text(event.app.as_str()),
        text(event.user.as_str()),
        time(event.at),
        bytes(&event.id),
        text(event.kind.as_str()),
        or_null(handle.map(|handle| text(handle.tenant().as_str()))),
        or_null(handle.map(|handle| bytes(handle.id()))),
        or_null(event.actor.as_deref().map(text)),
        or_null(event.reason.as_deref().map(text)),
    ]
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

/// The columns of one row, read one after the other.
struct Columns<'r, 'stmt> {
    row: &'r Row<'stmt>,
    next: usize,
}

impl<'r> Columns<'r, '_> {
    fn value(&mut self) -> rusqlite::Result<ValueRef<'r>> {
        self.next += 1;
        self.row.get_ref(self.next - 1)
    }

    fn bytes(&mut self) -> rusqlite::Result<Vec<u8>> {
        Ok(self.value()?.as_bytes()?.to_vec())
    }

    fn bytes_or_null(&mut self) -> rusqlite::Result<Option<Vec<u8>>> {
        Ok(self.value()?.as_bytes_or_null()?.map(<[u8]>::to_vec))
    }

    fn int(&mut self) -> rusqlite::Result<i64> {
        Ok(self.value()?.as_i64()?)
    }

    fn int_or_null(&mut self) -> rusqlite::Result<Option<i64>> {
        Ok(self.value()?.as_i64_or_null()?)
    }
}

/// A row as it was read, which knows how to become a domain value or say why it cannot.
pub(crate) trait Stored: Sized + Send + 'static {
    type Value;
    const TABLE: &'static str;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
    fn name(&self) -> String;
    fn parse(&self) -> Result<Self::Value, Why>;

    /// The domain value.
    fn value(self) -> Result<Self::Value, StoreError> {
        self.parse().map_err(|why| StoreError::Corrupt { table: Self::TABLE, key: self.name(), why })
    }
}

pub(crate) struct SessionRow {
    app_id: Text,
    tenant_id: Text,
    handle: Vec<u8>,
    user_id: Text,
    key_family: Text,
    created_at_ms: i64,
    r#gen: i64,
    current_hash: Vec<u8>,
    retired_hash: Option<Vec<u8>>,
    retired_salt: Option<Vec<u8>>,
    retired_root: Option<i64>,
    retired_at_ms: Option<i64>,
    retired_until_ms: Option<i64>,
    retired_reissues: Option<i64>,
    expires_at_ms: i64,
    payload: Text,
    data: Text,
}

impl Stored for SessionRow {
    type Value = Session;
    const TABLE: &'static str = "session";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns { row, next: 0 };
        Ok(Self {
            app_id: columns.bytes()?,
            tenant_id: columns.bytes()?,
            handle: columns.bytes()?,
            user_id: columns.bytes()?,
            key_family: columns.bytes()?,
            created_at_ms: columns.int()?,
            r#gen: columns.int()?,
            current_hash: columns.bytes()?,
            retired_hash: columns.bytes_or_null()?,
            retired_salt: columns.bytes_or_null()?,
            retired_root: columns.int_or_null()?,
            retired_at_ms: columns.int_or_null()?,
            retired_until_ms: columns.int_or_null()?,
            retired_reissues: columns.int_or_null()?,
            expires_at_ms: columns.int()?,
            payload: columns.bytes()?,
            data: columns.bytes()?,
        })
    }

    fn name(&self) -> String {
        name(&[&text_or_hex(&self.app_id), &text_or_hex(&self.tenant_id), &hex::encode(&self.handle)])
    }

    fn parse(&self) -> Result<Session, Why> {
        Ok(Session {
            key: SessionKey { app: parse_app(&self.app_id)?, handle: parse_handle(&self.tenant_id, &self.handle)? },
            user: utf8(&self.user_id)?.into(),
            payload: parse_json(&self.payload)?,
            data: parse_json(&self.data)?,
            family: parse_family(&self.key_family)?,
            created_at: Timestamp::from_millis(self.created_at_ms),
            lineage: Lineage {
                generation: number(self.r#gen)?,
                current: RefreshHash::from_bytes(array(&self.current_hash)?),
                retired: self.parse_retired()?,
                expires_at: Timestamp::from_millis(self.expires_at_ms),
            },
        })
    }
}

impl SessionRow {
    fn parse_retired(&self) -> Result<Option<Retired>, Why> {
        let numbers = [self.retired_root, self.retired_at_ms, self.retired_reissues];
        match (&self.retired_hash, &self.retired_salt, numbers) {
            (Some(hash), Some(salt), [Some(root), Some(at), Some(reissues)]) => Ok(Some(Retired {
                hash: RefreshHash::from_bytes(array(hash)?),
                salt: array(salt)?,
                root: number(root)?,
                at: Timestamp::from_millis(at),
                until: self.retired_until_ms.map(Timestamp::from_millis),
                reissues: number(reissues)?,
            })),
            (None, None, [None, None, None]) if self.retired_until_ms.is_none() => Ok(None),
            _ => Err("the retired token is there in part"),
        }
    }
}

/// A key of a page that is being swept.
pub(crate) struct SweptRow {
    app_id: Text,
    tenant_id: Text,
    handle: Vec<u8>,
    expires_at_ms: i64,
}

impl Stored for SweptRow {
    type Value = (SessionKey, Timestamp);
    const TABLE: &'static str = "session";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns { row, next: 0 };
        Ok(Self {
            app_id: columns.bytes()?,
            tenant_id: columns.bytes()?,
            handle: columns.bytes()?,
            expires_at_ms: columns.int()?,
        })
    }

    fn name(&self) -> String {
        name(&[&text_or_hex(&self.app_id), &text_or_hex(&self.tenant_id), &hex::encode(&self.handle)])
    }

    fn parse(&self) -> Result<Self::Value, Why> {
        let key = SessionKey { app: parse_app(&self.app_id)?, handle: parse_handle(&self.tenant_id, &self.handle)? };
        Ok((key, Timestamp::from_millis(self.expires_at_ms)))
    }
}

pub(crate) struct KeyRow {
    app_id: Text,
    family: Text,
    sequence: i64,
    kid: Text,
    algorithm: Text,
    sealed: Vec<u8>,
    created_at_ms: i64,
}

impl Stored for KeyRow {
    type Value = KeyRecord;
    const TABLE: &'static str = "signing_key";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns { row, next: 0 };
        Ok(Self {
            app_id: columns.bytes()?,
            family: columns.bytes()?,
            sequence: columns.int()?,
            kid: columns.bytes()?,
            algorithm: columns.bytes()?,
            sealed: columns.bytes()?,
            created_at_ms: columns.int()?,
        })
    }

    fn name(&self) -> String {
        name(&[&text_or_hex(&self.app_id), &text_or_hex(&self.family), &self.sequence])
    }

    fn parse(&self) -> Result<KeyRecord, Why> {
        Ok(KeyRecord {
            app: parse_app(&self.app_id)?,
            family: parse_family(&self.family)?,
            sequence: number(self.sequence)?,
            kid: utf8(&self.kid)?.to_owned(),
            algorithm: parse_algorithm(&self.algorithm)?,
            sealed: self.sealed.clone(),
            created_at: Timestamp::from_millis(self.created_at_ms),
        })
    }
}

pub(crate) struct RootRow {
    app_id: Text,
    id: i64,
    sealed: Vec<u8>,
}

impl Stored for RootRow {
    type Value = RootRecord;
    const TABLE: &'static str = "refresh_root";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns { row, next: 0 };
        Ok(Self { app_id: columns.bytes()?, id: columns.int()?, sealed: columns.bytes()? })
    }

    fn name(&self) -> String {
        name(&[&text_or_hex(&self.app_id), &self.id])
    }

    fn parse(&self) -> Result<RootRecord, Why> {
        Ok(RootRecord { app: parse_app(&self.app_id)?, id: number(self.id)?, sealed: self.sealed.clone() })
    }
}

pub(crate) struct EventRow {
    app_id: Text,
    user_id: Text,
    at_ms: i64,
    id: Vec<u8>,
    kind: Text,
    tenant_id: Option<Text>,
    handle: Option<Vec<u8>>,
    actor: Option<Text>,
    reason: Option<Text>,
}

impl Stored for EventRow {
    type Value = Event;
    const TABLE: &'static str = "event";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut columns = Columns { row, next: 0 };
        Ok(Self {
            app_id: columns.bytes()?,
            user_id: columns.bytes()?,
            at_ms: columns.int()?,
            id: columns.bytes()?,
            kind: columns.bytes()?,
            tenant_id: columns.bytes_or_null()?,
            handle: columns.bytes_or_null()?,
            actor: columns.bytes_or_null()?,
            reason: columns.bytes_or_null()?,
        })
    }

    fn name(&self) -> String {
        name(&[&text_or_hex(&self.app_id), &text_or_hex(&self.user_id), &self.at_ms, &hex::encode(&self.id)])
    }

    fn parse(&self) -> Result<Event, Why> {
        let kind = utf8(&self.kind)?;
        Ok(Event {
            id: array(&self.id)?,
            at: Timestamp::from_millis(self.at_ms),
            app: parse_app(&self.app_id)?,
            user: utf8(&self.user_id)?.into(),
            handle: match (&self.tenant_id, &self.handle) {
                (Some(tenant), Some(id)) => Some(parse_handle(tenant, id)?),
                (None, None) => None,
                _ => return Err("the session is there in part"),
            },
            kind: EventKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or("no kind of event")?,
            actor: self.actor.as_deref().map(utf8).transpose()?.map(str::to_owned),
            reason: self.reason.as_deref().map(utf8).transpose()?.map(str::to_owned),
        })
    }
}

fn name(parts: &[&dyn Display]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")
}

fn text_or_hex(bytes: &[u8]) -> String {
    utf8(bytes).map_or_else(|_| hex::encode(bytes), str::to_owned)
}

fn utf8(bytes: &[u8]) -> Result<&str, Why> {
    std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8")
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Why> {
    bytes.try_into().map_err(|_| "a hash, salt or id has the wrong length")
}

fn number<T: TryFrom<i64>>(number: i64) -> Result<T, Why> {
    number.try_into().map_err(|_| "a number is out of range")
}

fn parse_app(bytes: &[u8]) -> Result<AppId, Why> {
    utf8(bytes)?.parse().map_err(|_| "no name of an app")
}

fn parse_handle(tenant: &[u8], id: &[u8]) -> Result<SessionHandle, Why> {
    let tenant: TenantId = utf8(tenant)?.parse().map_err(|_| "no name of a tenant")?;
    Ok(SessionHandle::from_parts(array(id)?, tenant))
}

fn parse_family(bytes: &[u8]) -> Result<KeyFamily, Why> {
    let known = [KeyFamily::Dynamic, KeyFamily::Static];
    known.into_iter().find(|known| family_name(*known).as_bytes() == bytes).ok_or("no family of signing keys")
}

fn parse_algorithm(bytes: &[u8]) -> Result<Algorithm, Why> {
    let known = [Algorithm::Es256, Algorithm::Rs256];
    known.into_iter().find(|known| known.as_str().as_bytes() == bytes).ok_or("no algorithm that we know")
}

fn parse_json(bytes: &[u8]) -> Result<JsonObject, Why> {
    serde_json::from_slice(bytes).map_err(|_| "payload or data is no JSON object")
}
