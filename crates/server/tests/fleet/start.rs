//! Servers start, together or not at all.

use hallpass_testkit::postgres;

use crate::{
    caller::{Caller, token},
    node::Setup,
};

/// What a server says that does not start: one line.
fn refusal(setup: &Setup) -> String {
    let (code, said) = setup.starting().refused();
    assert!(code == Some(1) && said.lines().count() == 1 && said.starts_with("hallpass: "), "{code:?} {said}");
    said
}

#[tokio::test]
async fn servers_that_start_at_the_same_moment_make_one_database() {
    let database = postgres::database();
    let nodes = Setup::new(database.url()).start(3);
    let caller = Caller::new("5.6");
    for node in &nodes {
        let session = caller.sign_in(node.address, "u").await;
        for other in &nodes {
            assert_eq!(caller.verify(other.address, token(&session, "accessToken")).await["status"], "OK");
        }
        assert_eq!(node.log(), "");
    }
}

#[test]
fn a_server_without_its_database_or_master_key_says_so_in_one_line_and_ends() {
    let server = postgres::Server::start();
    let database = server.database();
    let url = database.url();

    let said = refusal(&Setup::new(&url).with("HALLPASS_MASTER_KEY", ""));
    assert!(said.contains("make one with `hallpass keygen`"), "{said}");

    let wrong = url.replace(server.password(), "hunter2hunter2");
    let wrong_password = refusal(&Setup::new(&wrong));
    assert!(wrong_password.contains("password authentication failed") && !wrong_password.contains("hunter2"), "{wrong_password}");
    for malformed in [url.replace("@127.0.0.1", "@"), format!("{url}?sslmode=maybe"), format!("{url}?colour={}", server.password())] {
        let said = refusal(&Setup::new(malformed));
        assert!(!said.contains(server.password()), "{said}");
    }

    server.kill();
    let said = refusal(&Setup::new(&url));
    let address = format!("cannot connect to the database 127.0.0.1:{}/{}", server.port(), database.name());
    assert!(said.contains(&address) && !said.contains(server.password()), "{said}");
    server.restart();
}

#[tokio::test]
async fn a_server_with_another_master_key_does_not_join() {
    let database = postgres::database();
    let first = Setup::new(database.url());
    let nodes = first.start(1);
    let caller = Caller::new("5.6");
    let session = caller.sign_in(nodes[0].address, "u").await;
    let said = refusal(&Setup::new(database.url()));
    assert!(said.contains("is the master key the one that sealed them?") && !said.contains(database.server().password()), "{said}");
    assert_eq!(caller.refresh(nodes[0].address, token(&session, "refreshToken")).await["status"], "OK");
}
