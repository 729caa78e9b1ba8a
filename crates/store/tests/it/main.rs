//! What the databases promise, tried on real files, real servers, real processes and a real full disk.

#![cfg(any(feature = "postgres", feature = "sqlite"))]
#![allow(clippy::panic, clippy::unwrap_used)] // all of it is test code

#[cfg(feature = "sqlite")]
mod crash;
#[cfg(feature = "sqlite")]
mod full_disk;
#[cfg(feature = "sqlite")]
mod handles;
#[cfg(feature = "sqlite")]
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod suite;

#[cfg(feature = "sqlite")]
use std::process::Command;

use hallpass_engine::{
    event::{Event, EventKind},
    id::{AppId, SessionHandle, SessionKey, TenantId},
    judge::Lineage,
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily, Session},
    store::{Inserted, Store, StoreError},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const TOMORROW: Timestamp = Timestamp::from_millis(1_767_312_000_000);

/// A session that lives until tomorrow; its user has no other.
fn session(handle: [u8; 16]) -> Session {
    let handle = SessionHandle::from_parts(handle, TenantId::public());
    Session {
        user: handle.to_string().into(),
        payload: JsonObject::new(),
        data: JsonObject::new(),
        family: KeyFamily::Dynamic,
        created_at: NOW,
        lineage: Lineage { generation: 0, current: RefreshHash::from_bytes([0; 32]), retired: None, expires_at: TOMORROW },
        key: SessionKey { app: AppId::public(), handle },
    }
}

fn numbered(number: u32) -> Session {
    let mut handle = [0; 16];
    handle[..4].copy_from_slice(&number.to_be_bytes());
    session(handle)
}

fn event(kind: EventKind, session: &Session) -> Event {
    let at = if kind == EventKind::SessionCreated { NOW } else { TOMORROW };
    let event = Event::new(kind, session.key.app.clone(), at, *session.key.handle.id());
    Event { user: session.user.clone(), handle: Some(session.key.handle.clone()), ..event }
}

async fn insert(store: &dyn Store, session: &Session) -> Result<bool, StoreError> {
    Ok(store.session_insert(session, &event(EventKind::SessionCreated, session)).await? == Inserted::Now)
}

#[cfg(feature = "sqlite")]
/// This very program again, to run one test, which finds `value` in the environment and plays another part.
fn again(program: impl AsRef<std::ffi::OsStr>, test: &str, value: &std::path::Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture"]).env(PART, value);
    command
}

#[cfg(feature = "sqlite")]
/// Set in a process that [`again`] started.
const PART: &str = "HALLPASS_TEST_PART";
