//! Bans.
#![allow(missing_docs)] // the names are sentences

use std::collections::HashSet;

use hallpass_engine::{
    ban::NewBan,
    core::*,
    event::EventKind,
    id::{Tenant, TenantId, UserId},
};
use tokio::task::JoinSet;

use super::{LATER, MS, Subject, app, blank, is_unauthorised};

/// A ban everywhere and for good.
pub(super) fn ban(user: &str) -> NewBan {
    NewBan { user: user.into(), tenant: None, until: None, by: None, reason: None }
}

pub async fn a_banned_user_has_no_session_and_gets_none(subject: Subject) {
    let (first, second, bobs) = (subject.sign_in("alice").await, subject.sign_in("alice").await, subject.sign_in("bob").await);
    let new = NewBan { by: Some("operator".into()), reason: Some("spam".into()), ..ban("alice") };
    let banned = subject.core.ban(&app(), new).await.unwrap().unwrap();
    let revoked: HashSet<_> = banned.revoked.iter().cloned().collect();
    assert_eq!(revoked, HashSet::from([first.handle.clone(), second.handle.clone()]));
    let made = &banned.ban;
    assert_eq!((made.user.as_str(), &made.tenant, made.until), ("alice", &None, None));
    assert_eq!((made.by.as_deref(), made.reason.as_deref()), (Some("operator"), Some("spam")));
    assert_eq!(subject.core.bans_of(&app(), &"alice".into()).await.unwrap(), std::slice::from_ref(made));
    assert!(is_unauthorised(&subject.present(&first.refresh.token).await, Refusal::NoSession));
    assert!(matches!(subject.core.session_create(blank()).await.unwrap(), Created::Banned));
    subject.rotate(&bobs.refresh.token).await;

    let events = subject.core.event_list(&app(), &"alice".into(), 100).await.unwrap();
    let told = events.iter().find(|event| event.kind == EventKind::UserBanned).unwrap();
    assert_eq!((told.actor.as_deref(), told.reason.as_deref()), (Some("operator"), Some("spam")));
    let kinds = events.iter().map(|event| event.kind);
    assert_eq!(kinds.filter(|kind| *kind == EventKind::SessionRevoked).count(), 2, "each with its event, and no session was created");
    assert_eq!(events.len(), 5);

    let why = Why { actor: Some("another".into()), reason: Some("appealed".into()) };
    assert!(subject.core.unban(&app(), &"alice".into(), None, why.clone()).await.unwrap());
    assert!(!subject.core.unban(&app(), &"alice".into(), None, why).await.unwrap());
    let again = subject.sign_in("alice").await;
    subject.rotate(&again.refresh.token).await;
    assert!(!subject.lives(&first).await, "what was revoked stays so");
    let events = subject.core.event_list(&app(), &"alice".into(), 100).await.unwrap();
    let told = events.iter().find(|event| event.kind == EventKind::UserUnbanned).unwrap();
    assert_eq!((told.actor.as_deref(), told.reason.as_deref()), (Some("another"), Some("appealed")));
}

pub async fn a_ban_in_one_tenant_leaves_the_user_alone_elsewhere(subject: Subject) {
    let t1 = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
    let there = NewSession { tenant: t1.clone(), ..blank() };
    let (here, gone) = (subject.sign_in("alice").await, subject.create(there.clone()).await);
    let in_t1 = NewBan { tenant: Some(t1.tenant.clone()), ..ban("alice") };
    let banned = subject.core.ban(&app(), in_t1).await.unwrap().unwrap();
    assert_eq!((banned.ban.tenant.as_ref(), banned.revoked), (Some(&t1.tenant), vec![gone.handle.clone()]));
    assert!(matches!(subject.core.session_create(there.clone()).await.unwrap(), Created::Banned));
    subject.rotate(&here.refresh.token).await;
    subject.sign_in("alice").await;
    assert!(!subject.core.unban(&app(), &"alice".into(), None, Why::default()).await.unwrap(), "that is another ban");
    assert!(subject.core.unban(&app(), &"alice".into(), Some(&t1.tenant), Why::default()).await.unwrap());
    subject.create(there).await;
}

pub async fn a_ban_ends_by_itself_when_it_has_an_end(subject: Subject) {
    let now = subject.now();
    let until = now + LATER;
    let lasting = subject.core.ban(&app(), NewBan { until: Some(until), ..ban("alice") }).await.unwrap().unwrap();
    assert_eq!(lasting.ban.until, Some(until));
    subject.clock.advance(LATER - MS);
    assert!(matches!(subject.core.session_create(blank()).await.unwrap(), Created::Banned));
    subject.clock.advance(MS);
    assert!(subject.core.bans_of(&app(), &"alice".into()).await.unwrap().is_empty());
    assert!(!subject.core.unban(&app(), &"alice".into(), None, Why::default()).await.unwrap());
    let issued = subject.sign_in("alice").await;
    subject.rotate(&issued.refresh.token).await;
}

/// A mistake in the unit must not lift the ban that there is.
pub async fn a_ban_that_would_be_over_is_refused_and_changes_nothing(subject: Subject) {
    let issued = subject.sign_in("bob").await;
    subject.core.ban(&app(), ban("alice")).await.unwrap().unwrap();
    for user in ["alice", "bob"] {
        let over = NewBan { until: Some(subject.now()), ..ban(user) };
        assert!(matches!(subject.core.ban(&app(), over).await, Err(CoreError::BanIsOver)));
    }
    assert!(matches!(subject.core.session_create(blank()).await.unwrap(), Created::Banned));
    subject.rotate(&issued.refresh.token).await;
}

pub async fn bans_are_listed_page_by_page(subject: Subject) {
    let t1: TenantId = "t1".parse().unwrap();
    for user in ["carol", "alice", "bob"] {
        for tenant in [None, Some(t1.clone())] {
            subject.core.ban(&app(), NewBan { tenant, ..ban(user) }).await.unwrap().unwrap();
        }
    }
    let list = async |after: Option<&str>, limit| {
        let bans = subject.core.ban_list(&app(), after.map(UserId::from).as_ref(), limit).await.unwrap();
        bans.into_iter().map(|ban| (ban.user.to_string(), ban.tenant.is_some())).collect::<Vec<_>>()
    };
    let both = |user: &str| [(user.to_owned(), false), (user.to_owned(), true)];
    assert_eq!(list(None, 2).await, [both("alice"), both("bob")].concat(), "whole users");
    assert_eq!(list(Some("bob"), 2).await, both("carol"));
    assert!(list(Some("carol"), 2).await.is_empty());
}

pub async fn nobody_is_banned_by_an_id_that_nobody_can_have(subject: Subject) {
    for user in ["a\0b".to_owned(), "x".repeat(513)] {
        let user = UserId::from(user);
        assert!(subject.core.ban(&app(), NewBan { user: user.clone(), ..ban("") }).await.unwrap().is_none());
        assert!(!subject.core.unban(&app(), &user, None, Why::default()).await.unwrap());
        assert!(subject.core.bans_of(&app(), &user).await.unwrap().is_empty());
    }
    subject.core.ban(&app(), ban("")).await.unwrap().unwrap();
    assert!(matches!(subject.core.session_create(NewSession { user: "".into(), ..blank() }).await.unwrap(), Created::Banned));
}

pub async fn a_ban_wins_over_sign_ins_and_refreshes_at_the_same_time(subject: Subject) {
    for round in 0..5 {
        let user = format!("user {round}");
        let first = subject.sign_in(&user).await;
        let mut racers = JoinSet::new();
        for racer in 0..24 {
            let (subject, user, token) = (subject.clone(), user.clone(), first.refresh.token.clone());
            racers.spawn(async move {
                match racer {
                    8 => drop(subject.core.ban(&app(), ban(&user)).await.unwrap().unwrap()),
                    _ if racer % 2 == 0 => drop(subject.present(&token).await),
                    _ => drop(subject.core.session_create(NewSession { user: user.as_str().into(), ..blank() }).await.unwrap()),
                }
            });
        }
        racers.join_all().await;
        assert!(subject.core.session_list(&app(), None, &user.as_str().into()).await.unwrap().is_empty());
        assert!(matches!(subject.present(&first.refresh.token).await, Refreshed::Unauthorised(_)));
    }
}
