//! The revocation feed.

use hallpass_engine::feed::{Change, Entry, Page};
use serde_json::{Value, json};

use crate::answer::{Answer, Unreadable};

/// A part of the feed, as an answer.
pub fn page(page: &Page) -> Value {
    json!({
        "status": "OK",
        "cursor": page.cursor.as_str(),
        "isWhole": page.is_whole,
        "entries": page.entries.iter().filter_map(entry).collect::<Vec<_>>(),
    })
}

/// What has no word here is left out.
fn entry(entry: &Entry) -> Option<Value> {
    let mut value = match &entry.change {
        Change::Revoked(handle) => json!({ "kind": "session.revoked", "sessionHandle": handle.to_string() }),
        Change::Banned { user, tenant } => about("user.banned", Some(user), tenant.as_ref()),
        Change::Unbanned { user, tenant } => about("user.unbanned", Some(user), tenant.as_ref()),
        Change::RolesChanged { user, tenant } => about("roles.changed", user.as_ref(), tenant.as_ref()),
        _ => return None,
    };
    value["time"] = entry.at.as_millis().into();
    value["until"] = entry.until.as_millis().into();
    Some(value)
}

/// Null is everybody, and everywhere.
fn about(kind: &str, user: Option<&impl ToString>, tenant: Option<&impl ToString>) -> Value {
    json!({ "kind": kind, "userId": user.map(ToString::to_string), "tenantId": tenant.map(ToString::to_string) })
}

/// The part of the feed that an answer is. Entries of kinds that are not known here are left out: a newer server may tell more.
///
/// # Errors
/// [`Unreadable`].
pub fn read_page(answer: Answer<'_>) -> Result<Page, Unreadable> {
    let entries = answer.list("entries")?.map(read_entry).filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(Page { cursor: answer.text("cursor")?.to_owned().into(), is_whole: answer.is("isWhole"), entries })
}

fn read_entry(answer: Answer<'_>) -> Result<Option<Entry>, Unreadable> {
    let user = || Ok::<_, Unreadable>(answer.text("userId")?.into());
    let tenant = || answer.optional_text("tenantId").map(|tenant| tenant.parse().map_err(|_| Unreadable("tenantId"))).transpose();
    let change = match answer.text("kind")? {
        "session.revoked" => Change::Revoked(answer.handle("sessionHandle")?),
        "user.banned" => Change::Banned { user: user()?, tenant: tenant()? },
        "user.unbanned" => Change::Unbanned { user: user()?, tenant: tenant()? },
        "roles.changed" => Change::RolesChanged { user: answer.optional_text("userId").map(Into::into), tenant: tenant()? },
        _ => return Ok(None),
    };
    Ok(Some(Entry { at: answer.time("time")?, until: answer.time("until")?, change }))
}

#[cfg(test)]
mod tests {
    use hallpass_engine::{id::TenantId, time::Timestamp};

    use super::*;

    fn at(millis: i64, change: Change) -> Entry {
        Entry { at: Timestamp::from_millis(millis), until: Timestamp::from_millis(millis + 3_600_000), change }
    }

    #[test]
    fn a_page_is_read_as_it_was_written() {
        let handle = "0f8fad5b-d9cb-469f-a165-70867728950e_t1".parse().unwrap();
        let tenant: Option<TenantId> = Some("t1".parse().unwrap());
        let entries = vec![
            at(1, Change::Revoked(handle)),
            at(2, Change::Banned { user: "".into(), tenant: None }),
            at(3, Change::Unbanned { user: "zoë".into(), tenant: tenant.clone() }),
            at(4, Change::RolesChanged { user: None, tenant: None }),
            at(5, Change::RolesChanged { user: Some("u".into()), tenant }),
        ];
        for is_whole in [true, false] {
            let written = Page { cursor: "x.7".to_owned().into(), is_whole, entries: entries.clone() };
            assert_eq!(read_page(Answer::new(&page(&written))), Ok(written));
        }
    }

    #[test]
    fn what_a_newer_server_tells_besides_is_passed_over_and_what_is_broken_is_not() {
        let body = json!({ "cursor": "1", "isWhole": false, "entries": [{ "kind": "moon.full" }] });
        assert!(read_page(Answer::new(&body)).unwrap().entries.is_empty());
        let broken = json!({ "kind": "user.banned", "userId": "u", "tenantId": "T 1", "time": 1, "until": 2 });
        let body = json!({ "cursor": "1", "isWhole": false, "entries": [broken] });
        assert_eq!(read_page(Answer::new(&body)), Err(Unreadable("tenantId")));
    }
}
