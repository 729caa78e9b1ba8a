//! What this process knows of revocations: heard from the feed, asked at every verification.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hallpass_engine::{
    core::{Core, CoreError, FeedCore},
    feed::{Change, Entry},
    id::{AppId, SessionHandle, TenantId, UserId},
    time::{Clock, Timestamp},
};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, sleep},
};

/// A core that cannot wait for news is asked this often.
const EVERY: Duration = Duration::from_millis(250);
/// The longest pause after failures; it begins with [`EVERY`] and is doubled with each.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// A core that knows no feed is asked this often: it may be replaced by one that does, or it was not the core that answered.
const WITHOUT_FEED: Duration = Duration::from_secs(60);
/// How often what has passed is forgotten.
const PRUNED_EVERY: Duration = Duration::from_secs(60);

/// What happens while the revocation feed cannot be heard: the storage or the server is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedLoss {
    /// Access tokens count until they expire, as though there were no feed.
    #[default]
    Open,
    /// Nobody has a session any more: requests are answered by 503.
    ///
    /// Only for a core that has a feed: an engine in the process, or `hallpass serve`. With another core nothing is ever heard, and
    /// so nobody would have a session once the time is over.
    Closed {
        /// Once nothing was heard for so long. The feed is heard several times a second, or waits for news for half a minute:
        /// choose a minute or more.
        after: Duration,
    },
}

/// The revocations that still count. Entries pass with the last access token that they concern.
pub(crate) struct Revocations {
    known: Mutex<Known>,
    /// Nearly always nobody is refused, and then the lock, for which all threads would wait, is left alone.
    refuses_some: AtomicBool,
    /// Gone with the last handle, and the task that listens with it.
    _listening: oneshot::Sender<()>,
}

struct Known {
    sessions: HashMap<SessionHandle, Timestamp>,
    bans: HashMap<(UserId, Option<TenantId>), Latest<bool>>,
    /// When a change was heard of, by the clock that dates the claims of this process.
    roles: HashMap<(Option<UserId>, Option<TenantId>), Latest<Timestamp>>,
    heard_at: Timestamp,
    pruned_at: Timestamp,
}

/// The latest of several changes, in whatever order they are heard.
struct Latest<T> {
    at: Timestamp,
    until: Timestamp,
    value: T,
}

impl Revocations {
    /// Starts to listen.
    pub(crate) fn start(runtime: &Handle, core: Arc<dyn Core>, app: AppId, clock: Arc<dyn Clock>) -> Arc<Self> {
        let (listening, ended) = oneshot::channel();
        let revocations =
            Arc::new(Self { known: Mutex::new(Known::new(clock.now())), refuses_some: AtomicBool::new(false), _listening: listening });
        let heard = Arc::downgrade(&revocations);
        let hear = move |entries: &[Entry], now| {
            if let Some(revocations) = heard.upgrade() {
                revocations.hear(entries, now);
            }
        };
        runtime.spawn(async move {
            tokio::select! {
                _ = ended => {}
                () = listen(&*core, &app, &*clock, hear) => {}
            }
        });
        revocations
    }

    /// Takes in what the feed tells, if only that there is nothing new.
    fn hear(&self, entries: &[Entry], now: Timestamp) {
        let mut known = self.known();
        known.take(entries, now);
        known.heard(now);
        self.refuses_some.store(known.refuses_some(), Ordering::Release);
    }

    /// Takes in what this process has just done, before the feed tells of it.
    pub(crate) fn felt(&self, entries: &[Entry], now: Timestamp) {
        let mut known = self.known();
        known.take(entries, now);
        self.refuses_some.store(known.refuses_some(), Ordering::Release);
    }

    /// Whether anybody is refused: if not, there is nothing to ask.
    pub(crate) fn refuses_some(&self) -> bool {
        self.refuses_some.load(Ordering::Acquire)
    }

    /// Whether a session's access tokens count no more although they have not expired.
    pub(crate) fn refuses(&self, handle: &SessionHandle, user: &UserId, tenant: &TenantId, now: Timestamp) -> bool {
        self.known().refuses(handle, user, tenant, now)
    }

    /// Whether the roles of a user, or what roles permit, may have changed since a moment.
    pub(crate) fn roles_changed_since(&self, user: &UserId, tenant: &TenantId, since: Timestamp) -> bool {
        self.known().roles_changed_since(user, tenant, since)
    }

    /// Whether nothing was heard for longer than this.
    pub(crate) fn is_silent(&self, after: Duration, now: Timestamp) -> bool {
        now > self.known().heard_at + after
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for news again and again.
async fn listen(core: &dyn FeedCore, app: &AppId, clock: &dyn Clock, hear: impl Fn(&[Entry], Timestamp)) {
    let (mut cursor, mut failures, mut is_missing) = (None, 0, false);
    loop {
        let asked = Instant::now();
        let pause = match core.feed(app, cursor.as_ref()).await {
            Ok(page) => {
                hear(&page.entries, clock.now());
                cursor = Some(page.cursor);
                (failures, is_missing) = (0, false);
                EVERY.saturating_sub(asked.elapsed())
            }
            Err(CoreError::Refused { status: 404, .. }) => {
                if !is_missing {
                    tracing::warn!("the core has no revocation feed, and is asked again now and then: meanwhile it counts as lost");
                }
                is_missing = true;
                cursor = None;
                WITHOUT_FEED
            }
            Err(error) => {
                if failures == 0 {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the revocation feed cannot be heard; it is tried again");
                }
                failures += 1;
                // who asks for news is answered when there is some; how things stand is told at once, and the silence is over
                cursor = None;
                EVERY.saturating_mul(1 << failures.min(8)).min(LONGEST_PAUSE)
            }
        };
        sleep(pause).await;
    }
}

impl Known {
    fn new(now: Timestamp) -> Self {
        Self { sessions: HashMap::new(), bans: HashMap::new(), roles: HashMap::new(), heard_at: now, pruned_at: now }
    }

    fn take(&mut self, entries: &[Entry], now: Timestamp) {
        for Entry { at, until, change } in entries.iter().cloned() {
            match change {
                Change::Revoked(handle) => {
                    let known = self.sessions.entry(handle).or_insert(until);
                    *known = until.max(*known);
                }
                Change::Banned { user, tenant } => latest(&mut self.bans, (user, tenant), Latest { at, until, value: true }),
                Change::Unbanned { user, tenant } => latest(&mut self.bans, (user, tenant), Latest { at, until, value: false }),
                Change::RolesChanged { user, tenant } => {
                    let key = (user, tenant);
                    if self.roles.get(&key).is_none_or(|known| known.at < at) {
                        self.roles.insert(key, Latest { at, until, value: now });
                    }
                }
                // what a newer core tells of is nothing that would let anybody in
                _ => {}
            }
        }
    }

    fn heard(&mut self, now: Timestamp) {
        self.heard_at = self.heard_at.max(now);
        if now > self.pruned_at + PRUNED_EVERY {
            self.sessions.retain(|_, until| now < *until);
            self.bans.retain(|_, ban| now < ban.until);
            self.roles.retain(|_, change| now < change.until);
            self.pruned_at = now;
        }
    }

    fn refuses_some(&self) -> bool {
        !self.sessions.is_empty() || !self.bans.is_empty()
    }

    fn refuses(&self, handle: &SessionHandle, user: &UserId, tenant: &TenantId, now: Timestamp) -> bool {
        let is_revoked = || self.sessions.get(handle).is_some_and(|until| now < *until);
        let is_banned = |tenant: Option<TenantId>| self.bans.get(&(user.clone(), tenant)).is_some_and(|ban| ban.value && now < ban.until);
        is_revoked() || !self.bans.is_empty() && (is_banned(None) || is_banned(Some(tenant.clone())))
    }

    fn roles_changed_since(&self, user: &UserId, tenant: &TenantId, since: Timestamp) -> bool {
        let changed = |user: Option<&UserId>, tenant: Option<&TenantId>| {
            self.roles.get(&(user.cloned(), tenant.cloned())).is_some_and(|change| change.value >= since)
        };
        !self.roles.is_empty() && (changed(None, None) || changed(Some(user), None) || changed(Some(user), Some(tenant)))
    }
}

fn latest<K: Hash + Eq, T: PartialEq>(of: &mut HashMap<K, Latest<T>>, key: K, change: Latest<T>) {
    match of.get_mut(&key) {
        Some(known) if change.at < known.at => {}
        // the same once more: what this process did itself, and the feed tells with its exact end
        Some(known) if change.at == known.at && known.value == change.value => known.until = known.until.max(change.until),
        // of two in the same millisecond the one that is heard later came later
        _ => {
            of.insert(key, change);
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use hallpass_engine::{
        feed::{Cursor, Page},
        time::SystemClock,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn entry(at: Timestamp, change: Change) -> Entry {
        Entry { at, until: at + 3600 * SECOND, change }
    }

    fn handle() -> SessionHandle {
        "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap()
    }

    fn refuses(known: &Known, user: &str, tenant: &str, now: Timestamp) -> bool {
        known.refuses(&handle(), &user.into(), &tenant.parse().unwrap(), now)
    }

    fn banned(tenant: Option<&str>) -> Change {
        Change::Banned { user: "alice".into(), tenant: tenant.map(|tenant| tenant.parse().unwrap()) }
    }

    fn unbanned(tenant: Option<&str>) -> Change {
        Change::Unbanned { user: "alice".into(), tenant: tenant.map(|tenant| tenant.parse().unwrap()) }
    }

    #[test]
    fn a_revoked_session_is_refused_for_as_long_as_its_tokens_could_live() {
        let mut known = Known::new(NOW);
        assert!(!refuses(&known, "alice", "public", NOW));
        known.take(&[entry(NOW, Change::Revoked(handle()))], NOW);
        assert!(refuses(&known, "whoever", "public", NOW + 3599 * SECOND));
        assert!(!refuses(&known, "whoever", "public", NOW + 3600 * SECOND));
    }

    #[test]
    fn a_ban_concerns_its_user_and_tenant() {
        let mut known = Known::new(NOW);
        known.take(&[entry(NOW, banned(Some("t1")))], NOW);
        assert!(refuses(&known, "alice", "t1", NOW));
        assert!(!refuses(&known, "alice", "t2", NOW) && !refuses(&known, "bob", "t1", NOW));
        known.take(&[entry(NOW, banned(None))], NOW);
        assert!(refuses(&known, "alice", "t2", NOW));
        known.take(&[entry(NOW, unbanned(None))], NOW);
        assert!(refuses(&known, "alice", "t1", NOW), "that is another ban");
        assert!(!refuses(&known, "alice", "t2", NOW));
    }

    #[test]
    fn the_latest_word_on_a_user_counts_in_whatever_order_it_is_heard() {
        let (ban, unban) = (entry(NOW, banned(None)), entry(NOW + SECOND, unbanned(None)));
        for heard in [[&ban, &unban, &ban], [&unban, &ban, &unban], [&unban, &ban, &ban]] {
            let mut known = Known::new(NOW);
            heard.into_iter().for_each(|entry| known.take(std::slice::from_ref(entry), NOW));
            assert!(!refuses(&known, "alice", "public", NOW + SECOND));
        }
    }

    #[test]
    fn a_ban_that_replaces_a_longer_one_ends_when_it_says() {
        let mut known = Known::new(NOW);
        known.take(&[entry(NOW, banned(None))], NOW);
        let shorter = Entry { at: NOW + SECOND, until: NOW + 2 * SECOND, change: banned(None) };
        known.take(&[shorter], NOW);
        assert!(refuses(&known, "alice", "public", NOW + SECOND));
        assert!(!refuses(&known, "alice", "public", NOW + 2 * SECOND));
    }

    #[test]
    fn a_ban_made_here_lasts_as_long_as_the_feed_says() {
        let mut known = Known::new(NOW);
        known.take(&[Entry { at: NOW, until: NOW + SECOND, change: banned(None) }], NOW);
        known.take(&[entry(NOW, banned(None))], NOW);
        assert!(refuses(&known, "alice", "public", NOW + 2 * SECOND));
    }

    #[test]
    fn changed_roles_are_known_by_user_tenant_and_moment() {
        let mut known = Known::new(NOW);
        let changed =
            |known: &Known, user: &str, tenant: &str, since| known.roles_changed_since(&user.into(), &tenant.parse().unwrap(), since);
        let of_alice = Change::RolesChanged { user: Some("alice".into()), tenant: Some("t1".parse().unwrap()) };
        known.take(&[entry(NOW, of_alice)], NOW);
        assert!(changed(&known, "alice", "t1", NOW) && changed(&known, "alice", "t1", NOW - SECOND));
        assert!(!changed(&known, "alice", "t1", NOW + SECOND));
        assert!(!changed(&known, "alice", "public", NOW) && !changed(&known, "bob", "t1", NOW));
        let of_a_role = entry(NOW - SECOND, Change::RolesChanged { user: None, tenant: None });
        known.take(std::slice::from_ref(&of_a_role), NOW + SECOND);
        assert!(changed(&known, "bob", "public", NOW + SECOND), "a role itself has changed, by a clock that is behind");
        known.take(&[of_a_role], NOW + 2 * SECOND);
        assert!(!changed(&known, "bob", "public", NOW + 2 * SECOND), "that was heard before");
    }

    #[test]
    fn what_has_passed_is_forgotten() {
        let mut known = Known::new(NOW);
        let changes = [Change::Revoked(handle()), banned(None), Change::RolesChanged { user: None, tenant: None }];
        known.take(&changes.map(|change| entry(NOW, change)), NOW);
        known.heard(NOW + 3601 * SECOND);
        assert_eq!((known.sessions.len(), known.bans.len(), known.roles.len()), (0, 0, 0));
    }

    /// A core that has a feed until a moment, and from another one on; who asked it when, and from the beginning or not.
    struct Replaced {
        begun: Instant,
        asked: Mutex<Vec<(u64, bool)>>,
    }

    #[async_trait]
    impl FeedCore for Replaced {
        async fn feed(&self, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError> {
            let second = self.begun.elapsed().as_secs();
            self.asked.lock().unwrap().push((second, after.is_none()));
            match second {
                0 if after.is_none() => Ok(Page { cursor: "first".to_owned().into(), is_whole: true, entries: vec![] }),
                ..100 => Err(CoreError::Refused { call: "GET /hallpass/feed".to_owned(), status: 404, text: app.to_string() }),
                _ if after.is_none() => Ok(Page { cursor: "second".to_owned().into(), is_whole: true, entries: vec![] }),
                _ => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_core_that_has_no_feed_for_a_while_is_asked_again_every_minute_from_the_beginning() {
        let core = Replaced { begun: Instant::now(), asked: Mutex::default() };
        let (app, clock, heard) = (AppId::public(), SystemClock::default(), Mutex::new(0));
        let listening = listen(&core, &app, &clock, |_, _| *heard.lock().unwrap() += 1);
        let _listens_on = tokio::time::timeout(Duration::from_secs(600), listening).await;
        assert_eq!(*core.asked.lock().unwrap(), [(0, true), (0, false), (60, true), (120, true), (120, false)]);
        assert_eq!(*heard.lock().unwrap(), 2);
    }
}
