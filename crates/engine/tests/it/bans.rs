//! A ban that is in force while a session is still there: revoking it failed, or has yet to happen.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    ban::{Ban, NewBan},
    core::{BanCore, Core, FeedCore, Issued, Refresh, Refreshed, Refusal},
    engine::{Config, Engine},
    event::{Event, EventKind},
    id::AppId,
    store::{BanStore, EventStore, Store},
    time::{Clock, Timestamp},
};
use hallpass_store::Sqlite;
use hallpass_testkit::{
    clock::ManualClock,
    core_suite::{Subject, refresh},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Fixture {
    store: Sqlite,
    clock: Arc<ManualClock>,
    engine: Arc<Engine>,
}

impl Fixture {
    fn new(config: Config) -> Self {
        let (store, clock) = (Sqlite::memory().unwrap(), Arc::new(ManualClock::default()));
        let engine = Arc::new(crate::common::engine(Arc::new(store.clone()), clock.clone(), config));
        Self { store, clock, engine }
    }

    async fn sign_in(&self, user: &str) -> Box<Issued> {
        Subject { core: self.engine.clone(), clock: self.clock.clone() }.sign_in(user).await
    }

    async fn present(&self, call: Refresh) -> Refreshed {
        self.engine.session_refresh(call).await.unwrap()
    }

    fn event(&self, kind: EventKind, at: Timestamp, id: u8) -> Event {
        Event { user: "alice".into(), ..Event::new(kind, AppId::public(), at, [id; 16]) }
    }

    /// A ban that revokes nothing.
    async fn put_ban(&self) {
        let now = self.clock.now();
        let ban = Ban { user: "alice".into(), tenant: None, at: now, until: None, by: None, reason: None };
        self.store.ban_put(&AppId::public(), &ban, &self.event(EventKind::UserBanned, now, 1)).await.unwrap();
    }
}

#[tokio::test]
async fn neither_a_current_nor_a_retired_token_of_a_banned_user_is_exchanged() {
    let fixture = Fixture::new(Config::default());
    let first = fixture.sign_in("alice").await;
    let Refreshed::Issued(second) = fixture.present(refresh(&first.refresh.token)).await else { panic!("it rotates") };
    let key = hallpass_engine::id::SessionKey { app: AppId::public(), handle: first.handle.clone() };
    let before = fixture.store.session_find(&key).await.unwrap();
    fixture.put_ban().await;
    for wait in [Duration::ZERO, Duration::from_secs(11)] {
        fixture.clock.advance(wait); // within the window, and after it
        for token in [&first.refresh.token, &second.refresh.token] {
            let refreshed = fixture.present(refresh(token)).await;
            assert!(matches!(refreshed, Refreshed::Unauthorised(Refusal::Banned)), "{refreshed:?}");
        }
    }
    assert_eq!(fixture.store.session_find(&key).await.unwrap(), before, "nothing was written");
    let unbanned = fixture.event(EventKind::UserUnbanned, fixture.clock.now(), 2);
    assert!(fixture.store.ban_delete(&AppId::public(), &"alice".into(), None, &unbanned).await.unwrap());
    assert!(matches!(fixture.present(refresh(&second.refresh.token)).await, Refreshed::Issued(_)));
}

#[tokio::test]
async fn bans_of_one_moment_are_told_apart() {
    let fixture = Fixture::new(Config::default());
    let new = NewBan { user: "alice".into(), tenant: None, until: None, by: None, reason: None };
    for _ in 0..3 {
        fixture.engine.ban(&AppId::public(), new.clone()).await.unwrap().unwrap();
        assert!(fixture.engine.unban(&AppId::public(), &"alice".into(), None, Default::default()).await.unwrap());
    }
    let entries = fixture.engine.feed(&AppId::public(), None).await.unwrap().entries;
    assert_eq!(entries.len(), 6);
    assert!(entries.is_sorted_by(|earlier, later| earlier.at < later.at), "{entries:?}");
    fixture.sign_in("alice").await;
}

#[tokio::test]
async fn the_feed_goes_back_as_far_as_an_access_token_lives() {
    let fixture = Fixture::new(Config::default());
    let handles = [fixture.sign_in("alice").await.handle, fixture.sign_in("alice").await.handle];
    let revoke = async |number: usize| fixture.engine.session_revoke(&AppId::public(), &handles[number..=number], Default::default()).await;
    revoke(0).await.unwrap();
    fixture.clock.advance(fixture.engine.config().access_token_validity);
    revoke(1).await.unwrap();
    let told = async || fixture.engine.feed(&AppId::public(), None).await.unwrap().entries.len();
    assert_eq!(told().await, 2, "to the last moment");
    fixture.clock.advance(Duration::from_secs(11));
    assert_eq!(told().await, 1);
    let of_all = fixture.engine.feed_of_all(Timestamp::default()).await.unwrap();
    assert_eq!(of_all.len(), 2);
    assert!(of_all.iter().all(|(app, _)| *app == AppId::public()));
}

#[tokio::test]
async fn events_are_kept_as_long_as_configured_and_looked_through_once_a_day() {
    let fixture = Fixture::new(Config { event_retention: DAY * 3, ..Config::default() });
    fixture.sign_in("alice").await;
    let events = async || fixture.engine.event_list(&AppId::public(), &"alice".into(), 9).await.unwrap().len();
    fixture.engine.sweep_all(10).await.unwrap();
    fixture.clock.advance(DAY * 3);
    fixture.engine.sweep_all(10).await.unwrap();
    assert_eq!(events().await, 1, "to the last moment");
    fixture.clock.advance(DAY - Duration::from_millis(1));
    fixture.engine.sweep_all(10).await.unwrap();
    assert_eq!(events().await, 1, "that was less than a day ago");
    fixture.clock.advance(Duration::from_millis(1));
    fixture.engine.sweep_all(10).await.unwrap();
    assert_eq!(events().await, 0);
    fixture.store.event_append(&fixture.event(EventKind::UserUnbanned, Timestamp::default(), 1)).await.unwrap();
    assert_eq!(fixture.engine.sweep_events(10).await.unwrap(), 1);
}
