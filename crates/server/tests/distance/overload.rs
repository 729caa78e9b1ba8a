//! A core that has too much to do: it is asked again, and then given up.

use std::sync::atomic::{AtomicUsize, Ordering};

use hallpass::{Core, CoreError};
use hallpass_engine::{core::Created, store::StoreError};
use hallpass_testkit::core_suite::blank;

use crate::between::Between;

const CREATE: &str = "POST /public/recipe/session";

/// Says so many times that it has too much to do.
fn overloaded(times: usize) -> impl Fn(&str) -> Option<u16> + Send {
    let left = AtomicUsize::new(times);
    move |_| left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).ok().map(|_| 429)
}

#[tokio::test]
async fn it_is_asked_again_in_a_moment() {
    let between = Between::new().await;
    let core = between.client();
    core.event_list(&crate::between::app(), &"alice".into(), 1).await.unwrap();
    between.calls();
    between.answer(overloaded(2));
    let created = core.session_create(blank()).await.unwrap();
    assert!(matches!(created, Created::Issued(_)), "{created:?}");
    assert_eq!(between.calls(), [CREATE; 3]);
    assert_eq!(core.session_list(&crate::between::app(), None, &"alice".into()).await.unwrap().len(), 1, "nothing was done twice");
}

#[tokio::test]
async fn after_six_refusals_it_is_unavailable() {
    let between = Between::new().await;
    let core = between.client();
    core.event_list(&crate::between::app(), &"alice".into(), 1).await.unwrap();
    between.calls();
    between.answer(overloaded(usize::MAX));
    let error = core.session_create(blank()).await.unwrap_err();
    let CoreError::Store(StoreError::Unavailable(why)) = error else { panic!("{error:?}") };
    assert_eq!(why.to_string(), "the core is overloaded");
    assert_eq!(between.calls(), [CREATE; 6]);
}
