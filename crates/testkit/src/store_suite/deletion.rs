//! Sessions end: by a decision, with its event, or swept away when they have expired.

use std::sync::Arc;

use hallpass_engine::{
    event::{Event, EventKind},
    id::Tenant,
    session::{Seen, Session},
    store::{Store, Swept},
};

use super::{HOUR, MILLISECOND, NOW, at_once, event, hash, insert, insert_rotated, kinds, rotation, session, session_in, tenant};

/// Whatever state it is in, or only in the state that was seen.
pub async fn a_session_is_deleted_together_with_the_event(store: Arc<dyn Store>) {
    let (one, bystander) = (session(1), session(2));
    insert(&*store, &one).await;
    insert(&*store, &bystander).await;
    let revoked = Event {
        actor: Some("operator Åsa".into()),
        reason: Some("lost laptop".into()),
        at: NOW + HOUR,
        ..event(EventKind::SessionRevoked, &one, 9)
    };
    assert!(store.session_delete(&one.key, None, &revoked).await.unwrap());
    assert_eq!(store.session_find(&one.key).await.unwrap(), None);
    assert_eq!(store.event_list(&one.key.app, &one.user, 1).await.unwrap(), std::slice::from_ref(&revoked));

    assert!(!store.session_delete(&one.key, None, &Event { id: [10; 16], ..revoked }).await.unwrap());
    assert_eq!(kinds(&*store, &one.user).await.len(), 3, "no event of a session that was gone already");
    assert_eq!(store.session_find(&bystander.key).await.unwrap(), Some(bystander));

    let rotated = insert_rotated(&*store, 3, hash(4)).await;
    let reuse = event(EventKind::RefreshReuse, &rotated, 11);
    assert!(store.session_delete(&rotated.key, Some(&rotated.as_seen()), &reuse).await.unwrap());
    assert_eq!(store.session_find(&rotated.key).await.unwrap(), None);
}

/// It may have become another's in between; and no event tells of what did not happen.
pub async fn a_session_that_moved_is_not_deleted(store: Arc<dyn Store>) {
    let stored = insert_rotated(&*store, 1, hash(2)).await;
    let seen = stored.as_seen();
    let reuse = event(EventKind::RefreshReuse, &stored, 9);
    let moved = [
        Seen { current: hash(3), ..seen },
        Seen { generation: seen.generation + 1, ..seen },
        Seen { at: None, ..seen },
        Seen { until: Some(NOW), ..seen },
    ];
    for other in moved {
        assert!(!store.session_delete(&stored.key, Some(&other), &reuse).await.unwrap());
    }
    assert!(store.session_confirm(&stored.key, &hash(2), NOW).await.unwrap());
    assert!(!store.session_delete(&stored.key, Some(&seen), &reuse).await.unwrap());
    assert!(store.session_find(&stored.key).await.unwrap().is_some());
    assert_eq!(kinds(&*store, &stored.user).await, [EventKind::SessionCreated]);
    let confirmed = Seen { until: Some(NOW), ..seen };
    assert!(store.session_delete(&stored.key, Some(&confirmed), &reuse).await.unwrap());
}

/// One caller is told that it ended the session, and one event is there.
pub async fn of_a_hundred_deletions_one_wins(store: Arc<dyn Store>) {
    let session = session(1);
    insert(&*store, &session).await;
    let deleted = at_once(100, |number| {
        let (store, key) = (store.clone(), session.key.clone());
        let event = event(EventKind::SessionRevoked, &session, 100 + u8::try_from(number).unwrap());
        async move { store.session_delete(&key, None, &event).await.unwrap() }
    });
    assert_eq!(deleted.await.into_iter().filter(|deleted| *deleted).count(), 1);
    assert_eq!(kinds(&*store, &session.user).await, [EventKind::SessionRevoked, EventKind::SessionCreated]);
    let next = rotation(&session, hash(2));
    assert_eq!(store.session_rotate(&session.key, &next, NOW).await.unwrap(), None, "no token of it rotates any more");
}

/// A change and its event happen both or not at all; and a change that fails does no harm to those beside it.
pub async fn a_change_whose_event_is_refused_does_not_happen(store: Arc<dyn Store>) {
    let outcomes = at_once(100, |number| {
        let store = store.clone();
        let session = session(u8::try_from(number).unwrap());
        let revoked = event(EventKind::SessionRevoked, &session, 200 + u8::try_from(number % 50).unwrap());
        async move {
            insert(&*store, &session).await;
            // an event's name is taken once: half of these take one that another has
            let outcome = store.session_delete(&session.key, None, &revoked).await;
            (outcome.is_ok(), store.session_find(&session.key).await.unwrap().is_none())
        }
    });
    let outcomes = outcomes.await;
    assert!(outcomes.iter().all(|(acknowledged, gone)| acknowledged == gone), "{outcomes:?}");
    assert_eq!(outcomes.into_iter().filter(|(acknowledged, _)| *acknowledged).count(), 50);
    assert_eq!(kinds(&*store, &session(0).user).await.len(), 150, "100 creations, 50 deletions");

    let two = insert_rotated(&*store, 120, hash(2)).await;
    let taken = event(EventKind::RefreshReissued, &two, 200);
    assert!(store.session_replace(&two.key, &two.as_seen(), &session(3).lineage, &taken).await.is_err());
    assert_eq!(store.session_find(&two.key).await.unwrap(), Some(two));
    let three = session(121);
    assert!(store.session_insert(&three, &event(EventKind::SessionCreated, &three, 200)).await.is_err());
    assert_eq!(store.session_find(&three.key).await.unwrap(), None);
}

/// Page by page, through all apps and tenants, whatever the size of a page.
pub async fn a_sweep_visits_every_session_and_deletes_the_expired(store: Arc<dyn Store>) {
    let nothing = Swept { deleted: 0, next: None };
    assert_eq!(store.session_sweep(None, 10, NOW).await.unwrap(), nothing, "an empty store");

    let worlds = [Tenant::public(), tenant("public", "t1"), tenant("a1", "public"), tenant("zz", "t1")];
    for (round, limit) in [1, 2, 3, 7, 1000].into_iter().enumerate() {
        let sessions = worlds.iter().flat_map(|world| (0..6).map(|number| session_in(world.clone(), number)));
        let sessions: Vec<_> = sessions.zip(0..).map(|(session, number)| expiring(session, round, number)).collect();
        for session in &sessions {
            insert(&*store, session).await;
        }
        let (mut deleted, mut pages, mut after) = (0, 0, None);
        loop {
            let page = store.session_sweep(after.as_ref(), limit, NOW).await.unwrap();
            deleted += page.deleted;
            pages += 1;
            assert!(page.deleted <= limit as usize && pages <= sessions.len() + 1, "pages of {limit}");
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(deleted, sessions.iter().filter(|session| session.lineage.expires_at <= NOW).count(), "pages of {limit}");
        for session in &sessions {
            let live = session.lineage.expires_at > NOW;
            assert_eq!(store.session_find(&session.key).await.unwrap().is_some(), live, "pages of {limit}");
        }
        // the rest goes at the end of its time
        let rest = store.session_sweep(None, 1000, NOW + MILLISECOND).await.unwrap();
        assert_eq!(rest, Swept { deleted: sessions.len() - deleted, next: None });
    }
}

/// Two of three have expired, one of them in this very millisecond. Each has its own user, and so its own events.
fn expiring(mut session: Session, round: usize, number: usize) -> Session {
    session.user = format!("{round} {number}").into();
    session.lineage.expires_at = [NOW - HOUR, NOW, NOW + MILLISECOND][number % 3];
    session
}
