//! A leaked database: what is in its files, byte for byte.

use std::{sync::Arc, time::Duration};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hallpass_engine::{
    core::{Core, Created, Delivered, Issued, NewSession, Refresh, Refreshed},
    engine::Config,
    id::AppId,
    random::SystemRandom,
    refresh_token::RefreshHash,
    vault::MasterKey,
};
use hallpass_store::Sqlite;
use hallpass_testkit::{
    clock::ManualClock,
    core_suite::{blank, refresh},
};

/// Everything that must not be found, in each spelling.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn text(&mut self, what: &str, text: &str) {
        self.0.push((what.into(), text.into()));
    }

    fn bytes(&mut self, what: &str, bytes: &[u8]) {
        self.0.push((format!("{what}, raw"), bytes.to_vec()));
        self.text(&format!("{what}, hex"), &hex::encode(bytes));
        self.text(&format!("{what}, base64"), STANDARD.encode(bytes).trim_end_matches('='));
        self.text(&format!("{what}, base64url"), &URL_SAFE_NO_PAD.encode(bytes));
    }

    fn issued(&mut self, issued: &Issued) {
        let refresh = issued.refresh.token.expose();
        self.text("refresh token", refresh);
        let bytes = URL_SAFE_NO_PAD.decode(&refresh["hp1_".len()..]).unwrap();
        let (secret, mac) = bytes[bytes.len() - 48..].split_at(32);
        self.bytes("secret of a refresh token", secret);
        self.bytes("MAC of a refresh token", mac);
        let access = issued.access.token.expose();
        self.text("access token", access);
        self.text("signature", access.rsplit_once('.').unwrap().1);
        let id = issued.access.claims["refreshTokenHash1"].as_str().unwrap();
        self.bytes("name of a refresh token", &hex::decode(id).unwrap());
        if let Some(token) = &issued.anti_csrf {
            self.bytes("anti-CSRF token", &URL_SAFE_NO_PAD.decode(token).unwrap());
        }
    }
}

#[tokio::test]
async fn no_issued_token_and_nothing_derived_from_its_secret_is_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let master = MasterKey::generate(&SystemRandom);
    let mut secrets = Secrets::default();
    secrets.text("master key", &master.to_text());
    secrets.bytes("master key", &URL_SAFE_NO_PAD.decode(&master.to_text()["hpm1_".len()..]).unwrap());
    let store = Arc::new(Sqlite::open(folder.path().join("sessions.db")).unwrap());
    let engine = crate::common::engine_with(store, clock.clone(), Config::default(), master);

    let new = NewSession { user: "known-user".into(), anti_csrf: true, ..blank() };
    let Created::Issued(mut issued) = engine.session_create(new).await.unwrap() else { panic!("it is created") };
    secrets.issued(&issued);
    let first_token = issued.refresh.token.clone();
    // every kind of write: rotations, replays, children that are replaced
    for round in 0..8 {
        let presented = Refresh {
            anti_csrf: issued.anti_csrf.clone(),
            use_anti_csrf: true,
            actor: Some("a browser".into()),
            ..refresh(&issued.refresh.token)
        };
        let first = engine.session_refresh(presented.clone()).await.unwrap();
        clock.advance(Duration::from_secs(6 * round));
        let second = engine.session_refresh(presented).await.unwrap();
        for refreshed in [first, second] {
            let Refreshed::Issued(next) = refreshed else { panic!("honest clients get in") };
            secrets.issued(&next);
            issued = next;
        }
    }
    // confirmed, and then an old token comes back: the row goes, the event stays
    let child = RefreshHash::of_id(issued.access.claims["refreshTokenHash1"].as_str().unwrap());
    let delivered = Delivered { handle: issued.handle.clone(), child, token: None };
    engine.session_confirm(&AppId::public(), &[delivered]).await.unwrap();
    let found = files_hold(folder.path(), b"known-user");
    assert!(found, "the search finds what is there");
    assert!(files_hold(folder.path(), issued.handle.id()));
    for (what, secret) in &secrets.0 {
        assert!(!files_hold(folder.path(), secret), "{what} is in the database");
    }
    assert!(matches!(engine.session_refresh(refresh(&first_token)).await.unwrap(), Refreshed::Reuse { .. }));
    drop(engine);
    for (what, secret) in &secrets.0 {
        assert!(!files_hold(folder.path(), secret), "{what} is in the database after it was closed");
    }
}

/// Whether a file of the folder, database, log or index, holds these bytes.
fn files_hold(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        memchr::memmem::find(&content, bytes).is_some()
    })
}
