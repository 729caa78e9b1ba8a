//! The engine under load: many callers at once on a SQLite file.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hallpass_engine::{
    access_token::UnverifiedAccessToken,
    core::{Core, Created, Issued, NewSession, Refresh, Refreshed},
    engine::{Config, Engine, Environment},
    id::{AppId, Tenant},
    key_source::OnDemand,
    keys::Algorithm,
    random::{Random, SystemRandom},
    session::{JsonObject, KeyFamily},
    time::SystemClock,
    vault::{MasterKey, Vault},
};
use hallpass_store::Sqlite;
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    limits::sqlite::GROUP,
    rate::{Rate, measure, repeat},
};

/// Creations, refreshes, verifications.
pub(crate) fn run(algorithm: Algorithm, span: Duration) -> (Rate, Rate, Rate) {
    let runtime = Runtime::new().expect("a runtime starts");
    let folder = tempfile::tempdir_in(".").expect("the working directory is writable");
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let environment = Environment {
        store: Arc::new(Sqlite::open(folder.path().join("load.db")).expect("a fresh database opens")),
        vault: Vault::new(MasterKey::generate(&*random), vec![]),
        clock: Arc::new(SystemClock::default()),
        random,
        keys: Arc::new(OnDemand),
    };
    let engine = Arc::new(Engine::new(environment, Config { algorithm, ..Config::default() }));
    let issued = runtime.block_on(create(&engine));
    let creations = measure(|| each(&runtime, span, vec![(); GROUP], &engine, |engine, ()| async move { drop(create(&engine).await) }));
    let sessions: Vec<_> = (0..GROUP).map(|_| runtime.block_on(create(&engine)).refresh.token).collect();
    let refreshes = measure(|| each(&runtime, span, sessions, &engine, refresh));
    let keys = runtime.block_on(engine.verifying_keys(&AppId::public(), None)).expect("there are keys");
    let verifications = measure(|| {
        repeat(span, || {
            let token = UnverifiedAccessToken::parse(issued.access.token.expose()).expect("the token was issued here");
            drop(token.verify(&keys, engine.now()).expect("and is valid"));
        })
    });
    (creations, refreshes, verifications)
}

/// `GROUP` callers, each doing its work again and again with what the last time gave.
fn each<S: Send + 'static, F: Future<Output = S> + Send>(
    runtime: &Runtime,
    span: Duration,
    callers: Vec<S>,
    engine: &Arc<Engine>,
    work: impl Fn(Arc<Engine>, S) -> F + Copy + Send + 'static,
) -> usize {
    let until = Instant::now() + span;
    let mut running = JoinSet::new();
    let _context = runtime.enter();
    for mut state in callers {
        let engine = engine.clone();
        running.spawn(async move {
            let mut count = 0;
            while Instant::now() < until {
                state = work(engine.clone(), state).await;
                count += 1;
            }
            count
        });
    }
    runtime.block_on(running.join_all()).into_iter().sum()
}

async fn create(engine: &Engine) -> Box<Issued> {
    let mut payload = JsonObject::new();
    payload.insert("iss".into(), "http://localhost:3000/auth".into());
    let new = NewSession {
        tenant: Tenant::public(),
        user: "0f8fad5b-d9cb-469f-a165-70867728950e".into(),
        payload,
        data: JsonObject::new(),
        family: KeyFamily::Dynamic,
        anti_csrf: false,
        access_token_validity: None,
        actor: None,
    };
    match engine.session_create(new).await.expect("the store works") {
        Created::Issued(issued) => issued,
        other => unreachable!("nothing is wrong with it: {other:?}"),
    }
}

async fn refresh(engine: Arc<Engine>, token: hallpass_engine::core::TokenText) -> hallpass_engine::core::TokenText {
    let refresh = Refresh {
        app: AppId::public(),
        token,
        anti_csrf: None,
        use_anti_csrf: false,
        family: None,
        access_token_validity: None,
        actor: None,
    };
    match engine.session_refresh(refresh).await.expect("the store works") {
        Refreshed::Issued(issued) => issued.refresh.token,
        other => unreachable!("every token is current: {other:?}"),
    }
}
