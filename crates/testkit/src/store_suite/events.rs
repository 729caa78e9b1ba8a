//! Events: those that verifiers have to know of, and those that nobody needs any more.

use std::sync::Arc;

use hallpass_engine::{
    event::{Event, EventKind},
    id::{AppId, SessionHandle},
    store::{Store, SweptEvents},
    time::Timestamp,
};

use super::{HOUR, MILLISECOND, NOW, tenant};

fn told(app: &str, user: &str, at: Timestamp, number: u8) -> Event {
    let event = Event::new(EventKind::UserBanned, tenant(app, "public").app, at, [number; 16]);
    Event { user: user.into(), felt_until: Some(NOW + HOUR), ..event }
}

/// Of all apps and users, in the order in which they happened; and only what has to be known.
pub async fn the_feed_has_what_verifiers_have_to_know(store: Arc<dyn Store>) {
    let t1 = tenant("a1", "t1");
    let handle = SessionHandle::from_parts([0xee; 16], t1.tenant.clone());
    let words = Some("Zoë\n\u{1f98a}".to_owned());
    let first = told("public", "b", NOW - MILLISECOND, 9);
    let second = Event { tenant: Some(t1.tenant), actor: words.clone(), reason: words, ..told("a1", "", NOW, 1) };
    let third = Event { handle: Some(handle), kind: EventKind::SessionRevoked, ..told("a1", "a", NOW, 2) };
    let last = Event { felt_until: Some(NOW), ..told("public", "a", NOW + HOUR, 3) };
    let unfelt = Event { felt_until: None, ..told("public", "a", NOW, 4) };
    for event in [&last, &unfelt, &third, &first, &second] {
        store.event_append(event).await.unwrap();
    }
    assert!(store.event_append(&last).await.is_err(), "an event's name is taken once");
    let feed = async |since| store.event_feed(since).await.unwrap();
    assert_eq!(feed(Timestamp::default()).await, [first.clone(), second.clone(), third.clone(), last.clone()]);
    assert_eq!(feed(NOW - MILLISECOND).await[0], first);
    assert_eq!(feed(NOW).await, [second, third, last.clone()]);
    assert_eq!(feed(NOW + HOUR).await, [last]);
    assert_eq!(feed(NOW + HOUR + MILLISECOND).await, []);
    let listed = store.event_list(&AppId::public(), &"a".into(), 10).await.unwrap();
    assert!(listed.contains(&unfelt) && listed.len() == 2);
}

/// Page by page, through all apps and users, whatever the size of a page; and those that are in the feed longer stay longer.
pub async fn a_sweep_visits_every_event_and_deletes_the_old(store: Arc<dyn Store>) {
    let nothing = SweptEvents { deleted: 0, next: None };
    assert_eq!(store.event_sweep(None, 10, NOW).await.unwrap(), nothing, "an empty store");
    let before_now = NOW - MILLISECOND;
    for limit in [1, 2, 3, 7, 1000] {
        let mut events = Vec::new();
        for (app, user) in [("public", ""), ("public", "a"), ("a1", "a"), ("zz", "b")] {
            for (number, (at, felt_until)) in
                (0..).zip([(before_now, None), (NOW, None), (before_now, Some(before_now)), (NOW - HOUR, Some(NOW)), (NOW, Some(NOW))])
            {
                events.push(Event { felt_until, ..told(app, user, at, number) });
            }
        }
        for event in &events {
            store.event_append(event).await.unwrap();
        }
        let (mut deleted, mut pages, mut after) = (0, 0, None);
        loop {
            let page = store.event_sweep(after.as_ref(), limit, NOW).await.unwrap();
            deleted += page.deleted;
            pages += 1;
            assert!(page.deleted <= limit as usize && pages <= events.len() + 1, "pages of {limit}");
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(deleted, 8, "pages of {limit}");
        for event in &events {
            let kept = event.at == NOW || event.felt_until == Some(NOW);
            let listed = store.event_list(&event.app, &event.user, 100).await.unwrap();
            assert_eq!(listed.contains(event), kept, "pages of {limit}");
        }
        // the rest goes a moment later
        assert_eq!(store.event_sweep(None, 1000, NOW + MILLISECOND).await.unwrap(), SweptEvents { deleted: 12, next: None });
    }
}
