//! One of two servers dies under load.

use hallpass_testkit::postgres;

use crate::{load::Load, node::Setup};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_costs_nobody_a_session_or_an_acknowledged_change() {
    let database = postgres::database();
    let mut nodes = Setup::new(database.url()).start(2);
    let load = Load::start(24, &nodes);
    load.goes_on(600).await;
    nodes[0].kill();
    load.goes_on(400).await;
    nodes[0].start_again();
    load.goes_on(400).await;
    nodes[1].kill();
    nodes[1].start_again();
    load.goes_on(400).await;
    let seen = load.settle().await;
    assert!(!seen.mishaps.lock().unwrap().is_empty(), "nobody noticed: that was no load");
}
