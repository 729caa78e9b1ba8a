//! Signing keys of a running engine: rotation by age, a leaked key, several processes, master keys.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use crate::common::{engine, engine_with};
use hallpass_engine::{
    access_token::{UnverifiedAccessToken, VerifyError},
    core::{Core, CoreError, Created, NewSession, Refreshed, Why},
    engine::{Config, Engine, Environment},
    event::EventKind,
    id::AppId,
    key_source::KeySource,
    keys::{Algorithm, NewKey, SigningFailed},
    random::SystemRandom,
    session::KeyFamily,
    store::Store,
    vault::{MasterKey, Vault},
};
use hallpass_store::Sqlite;
use hallpass_testkit::{
    clock::ManualClock,
    core_suite::{Subject, blank, refresh},
};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

struct Fixture {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    engine: Arc<Engine>,
    subject: Subject,
}

fn fixture(config: Config) -> Fixture {
    let store: Arc<dyn Store> = Arc::new(Sqlite::memory().unwrap());
    let clock = Arc::new(ManualClock::default());
    let engine = Arc::new(engine(store.clone(), clock.clone(), config));
    let subject = Subject { core: engine.clone(), clock: clock.clone() };
    Fixture { store, clock, engine, subject }
}

impl Fixture {
    async fn kids(&self) -> Vec<String> {
        let keys = self.engine.verifying_keys(&AppId::public(), None).await.unwrap().to_jwks();
        keys.keys.into_iter().map(|key| key.kid).collect()
    }

    async fn kid_that_signs(&self) -> String {
        let issued = self.subject.sign_in("alice").await;
        UnverifiedAccessToken::parse(issued.access.token.expose()).unwrap().kid().unwrap().to_owned()
    }

    async fn verify(&self, token: &str) -> Result<(), VerifyError> {
        let token = UnverifiedAccessToken::parse(token).unwrap();
        let keys = self.engine.verifying_keys(&AppId::public(), token.kid()).await.unwrap();
        token.verify(&keys, self.engine.now()).map(drop)
    }
}

#[tokio::test]
async fn a_key_is_replaced_before_it_is_too_old_and_verifies_until_its_last_token_is_gone() {
    let fixture = fixture(Config::default());
    let first = fixture.kid_that_signs().await;
    fixture.clock.advance(DAY * 7 - MINUTE);
    assert_eq!(fixture.kid_that_signs().await, first);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.kid_that_signs().await, first, "the next key is published for a minute before it signs");
    let kids = fixture.kids().await;
    assert_eq!((kids.len(), &kids[1]), (2, &first));
    let last = fixture.subject.sign_in("bob").await;
    fixture.clock.advance(MINUTE);
    assert_eq!(fixture.kid_that_signs().await, kids[0]);
    assert_eq!(fixture.verify(last.access.token.expose()).await, Ok(()));
    fixture.clock.advance(Duration::from_secs(2 * 3600));
    fixture.engine.maintain(&AppId::public()).await.unwrap();
    assert_eq!(fixture.kids().await, [kids[0].clone()], "and is deleted afterwards");
    assert_eq!(fixture.store.key_list(&AppId::public()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_engine_that_slept_for_a_year_starts_with_a_new_key_and_throws_the_old_one_away() {
    let fixture = fixture(Config::default());
    let first = fixture.kid_that_signs().await;
    fixture.clock.advance(DAY * 365);
    let next = fixture.kid_that_signs().await;
    assert_ne!(next, first);
    let stored: Vec<_> = fixture.store.key_list(&AppId::public()).await.unwrap().into_iter().map(|key| key.kid).collect();
    assert_eq!(stored, [next]);
}

#[tokio::test]
async fn the_algorithm_can_be_switched_without_logging_anyone_out() {
    let before = fixture(Config::default());
    let key = MasterKey::generate(&SystemRandom);
    let with = |algorithm| {
        let config = Config { algorithm, ..Config::default() };
        let engine = Arc::new(engine_with(before.store.clone(), before.clock.clone(), config, key.clone()));
        Fixture {
            store: before.store.clone(),
            clock: before.clock.clone(),
            subject: Subject { core: engine.clone(), clock: before.clock.clone() },
            engine,
        }
    };
    let es256 = with(Algorithm::Es256);
    let old = es256.subject.sign_in("alice").await;
    before.clock.advance(MINUTE * 2);
    let rs256 = with(Algorithm::Rs256);
    rs256.engine.maintain(&AppId::public()).await.unwrap();
    before.clock.advance(MINUTE);
    let new = rs256.subject.sign_in("alice").await;
    for token in [&old, &new] {
        assert_eq!(rs256.verify(token.access.token.expose()).await, Ok(()));
    }
    let algorithms: Vec<_> = rs256.store.key_list(&AppId::public()).await.unwrap().iter().map(|key| key.algorithm).collect();
    assert_eq!(algorithms, [Algorithm::Rs256, Algorithm::Es256]);
}

#[tokio::test]
async fn after_a_leak_every_old_key_is_refused_at_once_and_nobody_is_logged_out() {
    let fixture = fixture(Config::default());
    let issued = fixture.subject.sign_in("alice").await;
    let leaked = fixture.kids().await;
    let why = Why { actor: Some("operator".into()), reason: Some("it was in a log".into()) };
    let kid = fixture.engine.rotate_keys(&AppId::public(), true, why).await.unwrap();
    assert_eq!(fixture.verify(issued.access.token.expose()).await, Err(VerifyError::UnknownKey));
    assert_eq!(fixture.kids().await, std::slice::from_ref(&kid));
    assert_eq!(fixture.kid_that_signs().await, kid);
    let events = fixture.store.event_list(&AppId::public(), &"".into(), 10).await.unwrap();
    let revoked = events.iter().find(|event| event.kind == EventKind::KeyRevoked).unwrap();
    assert_eq!(revoked.reason.as_deref(), Some(format!("{}: it was in a log", leaked[0]).as_str()));
    let refresh = refresh(&issued.refresh.token);
    assert!(matches!(fixture.engine.session_refresh(refresh).await.unwrap(), Refreshed::Issued(_)));
}

#[tokio::test]
async fn rotating_twice_within_a_millisecond_makes_two_keys() {
    let fixture = fixture(Config::default());
    let one = fixture.engine.rotate_keys(&AppId::public(), false, Why::default()).await.unwrap();
    let two = fixture.engine.rotate_keys(&AppId::public(), false, Why::default()).await.unwrap();
    assert_ne!(one, two);
    assert!(fixture.kids().await.starts_with(&[two, one]));
}

#[tokio::test]
async fn another_process_learns_of_a_new_key_by_its_name_and_of_a_revoked_one_at_its_next_maintenance() {
    let here = fixture(Config::default());
    let key = MasterKey::generate(&SystemRandom);
    let store: Arc<dyn Store> = Arc::new(Sqlite::memory().unwrap());
    let process = || Arc::new(engine_with(store.clone(), here.clock.clone(), Config::default(), key.clone()));
    let (ours, theirs) = (process(), process());
    ours.maintain(&AppId::public()).await.unwrap();
    theirs.maintain(&AppId::public()).await.unwrap();
    let jwks = async |engine: &Engine, kid: Option<&str>| engine.verifying_keys(&AppId::public(), kid).await.unwrap().to_jwks();
    assert_eq!(jwks(&ours, None).await, jwks(&theirs, None).await, "they agree on the first key");
    here.clock.advance(Duration::from_millis(500));
    let kid = theirs.rotate_keys(&AppId::public(), true, Why::default()).await.unwrap();
    assert_ne!(jwks(&ours, None).await, jwks(&theirs, None).await);
    assert_eq!(jwks(&ours, Some(&kid)).await, jwks(&theirs, None).await);
    theirs.rotate_keys(&AppId::public(), true, Why::default()).await.unwrap();
    ours.maintain(&AppId::public()).await.unwrap();
    assert_eq!(jwks(&ours, None).await, jwks(&theirs, None).await);
}

#[tokio::test]
async fn two_processes_that_start_together_agree_on_one_root_and_one_key() {
    let clock = Arc::new(ManualClock::default());
    let key = MasterKey::generate(&SystemRandom);
    let store: Arc<dyn Store> = Arc::new(Sqlite::memory().unwrap());
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let engine = Arc::new(engine_with(store.clone(), clock.clone(), Config::default(), key.clone()));
        starting.spawn(async move {
            engine.maintain(&AppId::public()).await.unwrap();
            engine
        });
    }
    let engines = starting.join_all().await;
    assert_eq!(store.root_list(&AppId::public()).await.unwrap().len(), 1);
    assert_eq!(store.key_list(&AppId::public()).await.unwrap().len(), 1);
    let subject = Subject { core: engines[0].clone(), clock };
    let issued = subject.sign_in("alice").await;
    for engine in engines {
        let refresh = refresh(&issued.refresh.token);
        assert!(matches!(engine.session_refresh(refresh).await.unwrap(), Refreshed::Issued(_)));
    }
}

/// Takes longer for each key than for the one before.
#[derive(Default)]
struct Slow(AtomicUsize);

#[async_trait]
impl KeySource for Slow {
    fn ready(&self, _: Algorithm) -> Option<NewKey> {
        None
    }

    async fn next(&self, algorithm: Algorithm) -> Result<NewKey, SigningFailed> {
        for _ in 0..20 * self.0.fetch_add(1, Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        NewKey::generate(algorithm)
    }
}

#[tokio::test]
async fn of_many_who_find_no_key_one_in_each_process_makes_it_and_one_counts() {
    let store: Arc<dyn Store> = Arc::new(Sqlite::memory().unwrap());
    let (master, keys) = (MasterKey::generate(&SystemRandom), Arc::new(Slow::default()));
    let engines = [(); 2].map(|()| {
        let vault = Vault::new(master.clone(), vec![]);
        let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SystemRandom));
        Arc::new(Engine::new(Environment { store: store.clone(), vault, clock, random, keys: keys.clone() }, Config::default()))
    });
    let mut first = tokio::task::JoinSet::new();
    for number in 0..40 {
        let engine = engines[number % 2].clone();
        let family = if number % 3 == 0 { KeyFamily::Static } else { KeyFamily::Dynamic };
        first.spawn(async move { engine.session_create(NewSession { family, ..blank() }).await.unwrap() });
    }
    assert!(first.join_all().await.iter().all(|created| matches!(created, Created::Issued(_))));
    let stored = store.key_list(&AppId::public()).await.unwrap();
    let of = |family| stored.iter().filter(|key| key.family == family).count();
    assert_eq!((of(KeyFamily::Dynamic), of(KeyFamily::Static)), (1, 1));
    assert!(keys.0.load(Ordering::Relaxed) <= 4, "the others wait for it");
}

#[tokio::test]
async fn with_another_master_key_nothing_opens_and_the_error_says_so() {
    let fixture = fixture(Config::default());
    fixture.subject.sign_in("alice").await;
    let stranger = engine(fixture.store.clone(), fixture.clock.clone(), Config::default());
    let error = stranger.maintain(&AppId::public()).await.unwrap_err();
    assert!(matches!(error, CoreError::Keys { .. }));
    assert_eq!(error.to_string(), "the keys of app `public` cannot be opened: is the master key the one that sealed them?");
}

#[tokio::test]
async fn a_token_that_names_another_algorithm_or_a_foreign_key_is_refused() {
    let fixture = fixture(Config::default());
    let issued = fixture.subject.sign_in("alice").await;
    let token = issued.access.token.expose();
    let encode = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    let kid = UnverifiedAccessToken::parse(token).unwrap().kid().unwrap().to_owned();
    let with_header = |header: String| format!("{}.{claims}.{signature}", encode(&header));
    for algorithm in ["none", "RS256", "HS256", "es256"] {
        let forged = with_header(format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":"{kid}","version":"5"}}"#));
        assert_eq!(fixture.verify(&forged).await, Err(VerifyError::Signature), "{algorithm}");
    }
    let foreign = with_header(r#"{"alg":"ES256","typ":"JWT","kid":"d-1","version":"5"}"#.into());
    assert_eq!(fixture.verify(&foreign).await, Err(VerifyError::UnknownKey));
    let unsigned = format!("{signed}.");
    assert_eq!(fixture.verify(&unsigned).await, Err(VerifyError::Signature));
}

#[tokio::test]
async fn a_token_expires_to_the_millisecond() {
    let fixture = fixture(Config { access_token_jitter: 0.0, ..Config::default() });
    let issued = fixture.subject.sign_in("alice").await;
    fixture.clock.advance(Duration::from_millis(3_599_999));
    assert_eq!(fixture.verify(issued.access.token.expose()).await, Ok(()));
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.verify(issued.access.token.expose()).await, Err(VerifyError::Expired));
}

#[tokio::test]
async fn lifetimes_are_shortened_by_at_most_the_jitter() {
    let fixture = fixture(Config::default());
    let mut lives = Vec::new();
    for _ in 0..50 {
        let issued = fixture.subject.sign_in("alice").await;
        lives.push(issued.access.expires_at.since(issued.access.created_at));
    }
    assert!(lives.iter().all(|life| (Duration::from_secs(3419)..=Duration::from_secs(3600)).contains(life)), "{lives:?}");
    lives.dedup();
    assert!(lives.len() > 10, "they differ: {lives:?}");
}

#[tokio::test]
async fn static_keys_stay() {
    let fixture = fixture(Config::default());
    let sign = async || {
        let new = NewSession { family: KeyFamily::Static, ..blank() };
        match fixture.engine.session_create(new).await.unwrap() {
            Created::Issued(issued) => UnverifiedAccessToken::parse(issued.access.token.expose()).unwrap().kid().unwrap().to_owned(),
            other => panic!("expected a session, got {other:?}"),
        }
    };
    let first = sign().await;
    assert!(first.starts_with("s-"), "{first}");
    fixture.clock.advance(DAY * 1000);
    assert_eq!(sign().await, first);
}
