//! Events.

use hallpass_engine::{
    event::{Event, EventKind},
    id::{AppId, SessionHandle, TenantId, UserId},
    store::EventKey,
    time::Timestamp,
};

use super::{Columns, Param, Stored, Why, array, bytes, or_null, text, time};

pub(crate) fn event(event: &Event) -> [Param<'_>; 10] {
    let handle = event.handle.as_ref();
    let tenant = handle.map(SessionHandle::tenant).or(event.tenant.as_ref());
    let [app, user, at, id] = key(&event.app, &event.user, event.at, &event.id);
    [
        app,
        user,
        at,
        id,
        text(event.kind.as_str()),
        or_null(tenant.map(|tenant| text(tenant.as_str()))),
        or_null(handle.map(|handle| bytes(handle.id()))),
        or_null(event.actor.as_deref().map(text)),
        or_null(event.reason.as_deref().map(text)),
        or_null(event.felt_until.map(time)),
    ]
}

fn key<'a>(app: &'a AppId, user: &'a UserId, at: Timestamp, id: &'a [u8; 16]) -> [Param<'a>; 4] {
    [text(app.as_str()), text(user.as_str()), time(at), bytes(id)]
}

pub(crate) fn event_key(event: &EventKey) -> [Param<'_>; 4] {
    key(&event.app, &event.user, event.at, &event.id)
}

/// A key that comes before all: no app has an empty name.
pub(crate) fn first_event<'a>() -> [Param<'a>; 4] {
    [text(""), text(""), time(Timestamp::default()), bytes(&[0; 16])]
}

impl Stored for Event {
    const TABLE: &'static str = "event";
    const KEY: usize = 4;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        let EventKey { app, user, at, id } = columns.event_key()?;
        let kind = columns.kind()?;
        let (handle, tenant) = columns.place()?;
        Ok(Self {
            id,
            at,
            app,
            user,
            handle,
            tenant,
            kind,
            actor: columns.optional_text()?.map(str::to_owned),
            reason: columns.optional_text()?.map(str::to_owned),
            felt_until: columns.optional_time()?,
        })
    }
}

impl Columns<'_> {
    fn event_key(&mut self) -> Result<EventKey, Why> {
        Ok(EventKey { app: self.app()?, user: self.text()?.into(), at: self.time()?, id: array(self.bytes()?)? })
    }

    fn kind(&mut self) -> Result<EventKind, Why> {
        let name = self.text()?;
        EventKind::ALL.into_iter().find(|known| known.as_str() == name).ok_or("no kind of event that we know")
    }

    /// A session's handle, or the tenant of what is no session.
    fn place(&mut self) -> Result<(Option<SessionHandle>, Option<TenantId>), Why> {
        let tenant = self.optional_text()?.map(str::parse).transpose().map_err(|_| "no name of a tenant")?;
        match (tenant, self.optional_bytes()?) {
            (Some(tenant), Some(id)) => Ok((Some(SessionHandle::from_parts(array(id)?, tenant)), None)),
            (tenant, None) => Ok((None, tenant)),
            (None, Some(_)) => Err("a handle is there in part"),
        }
    }
}

/// How long an event that is being swept has to be kept.
#[cfg(feature = "sqlite")]
pub(crate) struct Kept {
    pub(crate) key: EventKey,
    felt_until: Option<Timestamp>,
}

#[cfg(feature = "sqlite")]
impl Kept {
    /// Whether nobody needed it at this moment any more.
    pub(crate) fn is_over(&self, before: Timestamp) -> bool {
        self.key.at < before && self.felt_until.is_none_or(|until| until < before)
    }
}

#[cfg(feature = "sqlite")]
impl Stored for Kept {
    const TABLE: &'static str = "event";
    const KEY: usize = 4;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { key: columns.event_key()?, felt_until: columns.optional_time()? })
    }
}

/// A page of a sweep that was one statement.
#[cfg(feature = "postgres")]
pub(crate) struct SweptEventPage {
    pub(crate) last: EventKey,
    pub(crate) deleted: u32,
    pub(crate) length: u32,
}

#[cfg(feature = "postgres")]
impl Stored for SweptEventPage {
    const TABLE: &'static str = "event";
    const KEY: usize = 4;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self { last: columns.event_key()?, deleted: columns.number()?, length: columns.number()? })
    }
}
