//! The feed: what verifiers have to know.
#![allow(missing_docs)] // the names are sentences

use std::time::Duration;

use hallpass_engine::{
    ban::NewBan,
    core::*,
    feed::{Change, Cursor, Entry},
    id::{Tenant, TenantId, UserId},
    roles::{Assigned, Unassigned},
};

use super::{LATER, MS, Subject, app, bans::ban};

impl Subject {
    /// What the feed tells from a cursor on, until it has told of this: a core at a distance may be some moments late.
    async fn news(&self, from: &Cursor, until: &Change) -> Vec<Entry> {
        let (mut cursor, mut news) = (from.clone(), Vec::<Entry>::new());
        for _ in 0..1000 {
            let page = self.core.feed(&app(), Some(&cursor)).await.unwrap();
            news.extend(page.entries.into_iter().filter(|entry| !news.contains(entry)).collect::<Vec<_>>());
            cursor = page.cursor;
            if news.iter().any(|entry| entry.change == *until) {
                return news;
            }
            tokio::task::yield_now().await;
        }
        panic!("the feed does not tell of {until:?}: {news:?}");
    }
}

pub async fn the_feed_tells_of_revoked_sessions_and_bans(subject: Subject) {
    let (one, two) = (subject.sign_in("alice").await, subject.sign_in("alice").await);
    let validity = one.access.expires_at.since(subject.now());
    subject.core.session_revoke(&app(), std::slice::from_ref(&one.handle), Why::default()).await.unwrap();
    let whole = subject.core.feed(&app(), None).await.unwrap();
    assert!(whole.is_whole, "whoever has read nothing gets all that counts");
    let revoked = whole.entries.iter().find(|entry| entry.change == Change::Revoked(one.handle.clone())).unwrap();
    assert!(revoked.at <= subject.now() && revoked.until >= revoked.at + validity, "as long as its last access token may live");
    assert!(!whole.entries.iter().any(|entry| entry.change == Change::Revoked(two.handle.clone())));

    let t1: TenantId = "t1".parse().unwrap();
    let (user, soon) = (UserId::from("alice"), subject.now() + MS * 500);
    let new = NewBan { tenant: Some(t1.clone()), until: Some(soon), ..ban("alice") };
    let ban_in_t1 = subject.core.ban(&app(), new).await.unwrap().unwrap().ban;
    subject.core.ban(&app(), ban("alice")).await.unwrap().unwrap();
    let everywhere = Change::Banned { user: user.clone(), tenant: None };
    let news = subject.news(&whole.cursor, &everywhere).await;
    let change = Change::Banned { user: user.clone(), tenant: Some(t1) };
    assert!(news.contains(&Entry { at: ban_in_t1.at, until: soon, change }), "until it ends, if that is sooner");
    assert!(news.iter().any(|entry| entry.change == Change::Revoked(two.handle.clone())));
    assert!(news.is_sorted_by_key(|entry| entry.at));

    assert!(subject.core.unban(&app(), &user, None, Why::default()).await.unwrap());
    let unbanned = Change::Unbanned { user, tenant: None };
    let news = subject.news(&whole.cursor, &unbanned).await;
    let last_of = |change: &Change| news.iter().rev().find(|entry| entry.change == *change).unwrap();
    assert!(last_of(&unbanned).at > last_of(&everywhere).at, "even in the same millisecond");
    assert!(last_of(&unbanned).until > last_of(&everywhere).until);
}

pub async fn the_feed_tells_of_a_used_token_that_came_back(subject: Subject) {
    let first = subject.sign_in("alice").await;
    let second = subject.rotate(&first.refresh.token).await;
    subject.rotate(&second.refresh.token).await;
    let cursor = subject.core.feed(&app(), None).await.unwrap().cursor;
    assert!(matches!(subject.present(&first.refresh.token).await, Refreshed::Reuse { .. }));
    subject.news(&cursor, &Change::Revoked(first.handle.clone())).await;
}

pub async fn the_feed_tells_whose_roles_changed(subject: Subject) {
    let core = &subject.core;
    let (public, alice) = (Tenant::public(), UserId::from("alice"));
    core.role_put(&app(), "editor", &["write".to_owned()]).await.unwrap();
    let whole = core.feed(&app(), None).await.unwrap();
    assert!(whole.entries.is_empty(), "nobody had a role that is new");
    assert_eq!(core.role_assign(&public, &alice, "editor").await.unwrap(), Assigned::Now);
    let of_alice = Change::RolesChanged { user: Some(alice.clone()), tenant: Some(public.tenant.clone()) };
    subject.news(&whole.cursor, &of_alice).await;
    assert_eq!(core.role_assign(&public, &alice, "editor").await.unwrap(), Assigned::Already);
    // what is the same in the same millisecond is told once
    subject.clock.advance(MS);
    assert_eq!(core.role_unassign(&public, &alice, "editor").await.unwrap(), Unassigned::Now);
    core.role_put(&app(), "editor", &["read".to_owned()]).await.unwrap();
    subject.clock.advance(MS);
    core.role_remove_permissions(&app(), "editor", None).await.unwrap();
    subject.clock.advance(MS);
    core.role_delete(&app(), "editor").await.unwrap();
    core.ban(&app(), ban("last")).await.unwrap().unwrap();
    let news = subject.news(&whole.cursor, &Change::Banned { user: "last".into(), tenant: None }).await;
    let count = |change: &Change| news.iter().filter(|entry| entry.change == *change).count();
    assert_eq!(count(&of_alice), 2, "given and taken");
    assert_eq!(count(&Change::RolesChanged { user: None, tenant: None }), 3, "put, removed from, and deleted");
}

pub async fn a_cursor_that_means_nothing_gets_everything(subject: Subject) {
    let issued = subject.sign_in("alice").await;
    subject.core.session_revoke(&app(), std::slice::from_ref(&issued.handle), Why::default()).await.unwrap();
    subject.clock.advance(Duration::from_secs(60));
    let future = (subject.now() + LATER).as_millis().to_string();
    let old = (subject.now() - LATER * 100).as_millis().to_string();
    for cursor in ["", "garbage", "-1", "99999999999999999999", "🙂", &future, &old, &"9".repeat(1000)] {
        let page = subject.core.feed(&app(), Some(&Cursor::from(cursor.to_owned()))).await.unwrap();
        assert!(page.is_whole, "{cursor}");
        assert!(page.entries.iter().any(|entry| entry.change == Change::Revoked(issued.handle.clone())), "{cursor}");
    }
}
