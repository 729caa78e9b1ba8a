//! Refresh tokens are replaced by guarded writes: of those who race, one wins.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    event::EventKind,
    judge::{Lineage, Retired},
    session::{KeyFamily, Seen, Session},
    store::{Rotation, Store},
};

use super::{HOUR, MILLISECOND, NOW, at_once, event, hash, insert, insert_rotated, kinds, rotation, session, session_in, tenant};

/// The answer is the row as it is afterwards.
pub async fn a_rotation_replaces_the_current_token_and_nothing_else(store: Arc<dyn Store>) {
    let before = session(1);
    insert(&*store, &before).await;
    let first = rotation(&before, hash(2));
    let rotated = store.session_rotate(&before.key, &first, NOW).await.unwrap();
    let after = Session { lineage: first.next, ..before };
    assert_eq!(rotated.as_ref(), Some(&after));
    assert_eq!(store.session_find(&after.key).await.unwrap(), rotated);

    let second = Rotation { family: Some(KeyFamily::Static), ..rotation(&after, hash(3)) };
    let rotated = store.session_rotate(&after.key, &second, NOW).await.unwrap();
    let after = Session { lineage: second.next, family: KeyFamily::Static, ..after };
    assert_eq!(rotated.as_ref(), Some(&after));

    let third = rotation(&after, hash(4));
    let rotated = store.session_rotate(&after.key, &third, NOW).await.unwrap();
    assert_eq!(rotated, Some(Session { lineage: third.next, ..after }), "the family stays unless one is named");
}

/// Neither a retired token nor one that never was.
pub async fn only_the_current_token_rotates(store: Arc<dyn Store>) {
    let before = session(1);
    let after = insert_rotated(&*store, 1, hash(2)).await;
    assert_eq!(store.session_rotate(&before.key, &rotation(&before, hash(3)), NOW).await.unwrap(), None);
    let invented = Rotation { presented: hash(9), ..rotation(&after, hash(3)) };
    assert_eq!(store.session_rotate(&before.key, &invented, NOW).await.unwrap(), None);
    assert_eq!(store.session_find(&before.key).await.unwrap(), Some(after));
    assert_eq!(store.session_rotate(&session(9).key, &rotation(&before, hash(3)), NOW).await.unwrap(), None);
}

/// It is over at the millisecond at which it expires.
pub async fn an_expired_session_does_not_rotate(store: Arc<dyn Store>) {
    let session = session(1);
    insert(&*store, &session).await;
    let next = rotation(&session, hash(2));
    let expires_at = session.lineage.expires_at;
    for too_late in [expires_at, expires_at + HOUR] {
        assert_eq!(store.session_rotate(&session.key, &next, too_late).await.unwrap(), None);
    }
    assert_eq!(store.session_find(&session.key).await.unwrap().as_ref(), Some(&session));
    assert!(store.session_rotate(&session.key, &next, expires_at - MILLISECOND).await.unwrap().is_some());
}

/// Even if another one, of another tenant or app, has the same handle and the same token.
pub async fn a_rotation_touches_its_own_session_only(store: Arc<dyn Store>) {
    let session = |app, name| Session { user: format!("{app} {name}").into(), ..session_in(tenant(app, name), 1) };
    let [one, tenant, app] = [session("a1", "t1"), session("a1", "t2"), session("a2", "t1")];
    for session in [&one, &tenant, &app] {
        insert(&*store, session).await;
    }
    assert!(store.session_rotate(&one.key, &rotation(&one, hash(2)), NOW).await.unwrap().is_some());
    for untouched in [tenant, app] {
        assert_eq!(store.session_find(&untouched.key).await.unwrap(), Some(untouched));
    }
}

/// However many present it at the same moment.
pub async fn of_a_hundred_rotations_of_one_token_one_wins(store: Arc<dyn Store>) {
    for round in 0..10 {
        let session = session(round);
        insert(&*store, &session).await;
        let rotated = at_once(100, |number| {
            let child = hash(100 + u8::try_from(number).unwrap());
            let (store, key, next) = (store.clone(), session.key.clone(), rotation(&session, child));
            async move { store.session_rotate(&key, &next, NOW).await.unwrap() }
        });
        let winners: Vec<_> = rotated.await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(store.session_find(&session.key).await.unwrap(), winners.into_iter().next());
    }
}

fn replacement(session: &Session) -> Lineage {
    let retired = session.lineage.retired.clone().map(|retired| Retired { at: NOW + HOUR, reissues: 1, ..retired });
    Lineage { current: hash(77), retired, ..session.lineage }
}

/// Both happen.
pub async fn a_lineage_is_replaced_together_with_the_event(store: Arc<dyn Store>) {
    let before = insert_rotated(&*store, 1, hash(2)).await;
    let next = replacement(&before);
    let reissued = event(EventKind::RefreshReissued, &before, 99);
    assert!(store.session_replace(&before.key, &before.as_seen(), &next, &reissued).await.unwrap());
    let events = store.event_list(&before.key.app, &before.user, 1).await.unwrap();
    assert_eq!(events, [reissued]);
    let after = Session { lineage: next, ..before };
    assert_eq!(store.session_find(&after.key).await.unwrap(), Some(after));
}

/// Neither happens: another token, another generation, or a child that was confirmed in between.
pub async fn a_lineage_that_moved_is_not_replaced(store: Arc<dyn Store>) {
    let stored = insert_rotated(&*store, 1, hash(2)).await;
    let seen = stored.as_seen();
    let moved = [
        Seen { current: hash(3), ..seen },
        Seen { generation: seen.generation - 1, ..seen },
        Seen { generation: seen.generation + 1, ..seen },
        Seen { until: Some(NOW), ..seen },
        Seen { at: seen.at.map(|at| at - MILLISECOND), ..seen },
        Seen { at: None, ..seen },
    ];
    let reissued = event(EventKind::RefreshReissued, &stored, 99);
    for other in moved {
        assert!(!store.session_replace(&stored.key, &other, &replacement(&stored), &reissued).await.unwrap());
    }
    assert!(!store.session_replace(&session(9).key, &seen, &replacement(&stored), &reissued).await.unwrap());
    assert_eq!(store.session_find(&stored.key).await.unwrap().as_ref(), Some(&stored));

    assert!(store.session_confirm(&stored.key, &hash(2), NOW + HOUR).await.unwrap());
    assert!(!store.session_replace(&stored.key, &seen, &replacement(&stored), &reissued).await.unwrap());
    assert_eq!(kinds(&*store, &stored.user).await, [EventKind::SessionCreated]);

    let confirmed = store.session_find(&stored.key).await.unwrap().unwrap();
    assert!(store.session_replace(&stored.key, &confirmed.as_seen(), &replacement(&stored), &reissued).await.unwrap());
}

/// The first confirmation settles when the parent dies.
pub async fn a_child_is_confirmed_once(store: Arc<dyn Store>) {
    let mut stored = insert_rotated(&*store, 1, hash(2)).await;
    let until = NOW + Duration::from_secs(10);
    assert!(store.session_confirm(&stored.key, &hash(2), until).await.unwrap());
    assert!(!store.session_confirm(&stored.key, &hash(2), until + HOUR).await.unwrap());
    stored.lineage.retired.as_mut().unwrap().until = Some(until);
    assert_eq!(store.session_find(&stored.key).await.unwrap(), Some(stored));
}

/// Neither the parent, nor a stranger, nor a first token: it has no parent that could die.
pub async fn only_the_current_child_is_confirmed(store: Arc<dyn Store>) {
    let fresh = session(5);
    insert(&*store, &fresh).await;
    assert!(!store.session_confirm(&fresh.key, &fresh.lineage.current, NOW).await.unwrap());
    assert_eq!(store.session_find(&fresh.key).await.unwrap(), Some(fresh));

    let stored = insert_rotated(&*store, 1, hash(2)).await;
    for other in [hash(1), hash(9)] {
        assert!(!store.session_confirm(&stored.key, &other, NOW).await.unwrap());
    }
    assert!(!store.session_confirm(&session(9).key, &hash(2), NOW).await.unwrap());
    assert_eq!(store.session_find(&stored.key).await.unwrap(), Some(stored));
}

/// Otherwise a child that is in use could die as unused.
pub async fn of_a_confirmation_and_a_replacement_at_once_one_wins(store: Arc<dyn Store>) {
    for round in 0..50 {
        let stored = insert_rotated(&*store, round, hash(200)).await;
        let won = at_once(2, |number| {
            let (store, stored) = (store.clone(), stored.clone());
            async move {
                let reissued = event(EventKind::RefreshReissued, &stored, 100 + round);
                match number {
                    0 => store.session_confirm(&stored.key, &hash(200), NOW).await.unwrap(),
                    _ => store.session_replace(&stored.key, &stored.as_seen(), &replacement(&stored), &reissued).await.unwrap(),
                }
            }
        });
        let won = won.await;
        assert!(won[0] != won[1], "confirmed and replaced, or neither: {won:?}");
    }
}
