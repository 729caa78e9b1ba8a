//! Several hosts of one fleet: one that fails is left for the next one, and what it may have begun is not done twice.

use std::future::pending;

use axum::Router;
use hallpass::{Core, CoreError, remote::RemoteCore};
use hallpass_engine::{core::Created, store::StoreError};
use hallpass_testkit::core_suite::blank;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::between::{Between, app};

const CREATE: &str = "POST /public/recipe/session";

fn fleet(between: &Between, hosts: [&str; 2]) -> RemoteCore {
    RemoteCore::new(&hosts.join(";"), None, between.clock()).unwrap()
}

/// A host that takes every call, and answers none. The receiver hears of each.
async fn frozen() -> (String, UnboundedReceiver<()>) {
    let (taken, calls) = unbounded_channel();
    let router = Router::new().fallback(move || {
        taken.send(()).unwrap();
        pending::<()>()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (address, calls)
}

#[tokio::test]
async fn after_a_host_that_does_not_answer_the_next_one_is_asked() {
    let between = Between::new().await;
    let (address, mut calls) = frozen().await;
    let core = fleet(&between, [&address, between.address()]);
    let (app, user) = (app(), "alice".into());
    let mut asking = core.session_list(&app, None, &user);
    tokio::select! {
        _ = calls.recv() => tokio::time::pause(),
        answered = &mut asking => panic!("it is frozen: {answered:?}"),
    }
    let given_up = asking.await.unwrap_err();
    tokio::time::resume();
    assert!(matches!(given_up, CoreError::Store(StoreError::Unavailable(_))), "{given_up:?}");
    assert!(between.calls().is_empty());
    for _ in 0..2 {
        assert!(core.session_list(&app, None, &user).await.unwrap().is_empty());
    }
    assert_eq!(between.calls().len(), 2);
    assert!(calls.try_recv().is_err(), "the frozen one is left alone");
}

#[tokio::test]
async fn after_a_host_that_fails_the_next_one_is_asked_and_nothing_is_done_twice() {
    let (one, two) = (Between::new().await, Between::new().await);
    let core = fleet(&one, [one.address(), two.address()]);
    assert!(core.session_list(&app(), None, &"alice".into()).await.unwrap().is_empty());
    for (failing, next) in [(&one, &two), (&two, &one), (&one, &two)] {
        failing.calls();
        next.calls();
        failing.answer(|_| Some(500));
        let failed = core.session_create(blank()).await.unwrap_err();
        assert!(matches!(failed, CoreError::Store(StoreError::Unavailable(_))), "{failed:?}");
        assert_eq!((failing.calls(), next.calls()), (vec![CREATE.to_owned()], vec![]));
        for _ in 0..2 {
            assert!(matches!(core.session_create(blank()).await.unwrap(), Created::Issued(_)));
        }
        assert_eq!((failing.calls(), next.calls()), (vec![], vec![CREATE.to_owned(); 2]));
        failing.answer(|_| None);
    }
}
