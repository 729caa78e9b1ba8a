//! The bytes of refresh tokens: fixed vectors, computed by an independent implementation, and what is no token.

use hallpass_engine::{
    id::{AppId, SessionKey},
    refresh_token::{NotOurs, RefreshRoot, RefreshToken, RootId},
};
use proptest::prelude::*;

const SECRET: [u8; 32] = [0x42; 32];
const SALT: [u8; 32] = [0x17; 32];

struct Vector {
    root: RootId,
    app: &'static str,
    handle: &'static str,
    generation: u32,
    anti_csrf_issued: bool,
    token: &'static str,
    id: &'static str,
    stored_hash: &'static str,
    anti_csrf: &'static str,
    child: &'static str,
    child_id: &'static str,
}

const VECTORS: [Vector; 2] = [
    Vector {
        root: 0,
        app: "public",
        handle: "0f8fad5b-d9cb-469f-a165-70867728950e",
        generation: 0,
        anti_csrf_issued: true,
        token: "hp1_AAEAAAAAD4-tW9nLRp-hZXCGdyiVDgBCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQohUdAPKWnWxzMq0zZbn_BE",
        id: "7ccc348442324316b6e3058e7d02197a18ef172dce0315f330bba7b4dd71b238",
        stored_hash: "9b15ca25e76ac3975a0dec3e1139d661b2f8a17717c90fde86cd8bb2b51657fb",
        anti_csrf: "R_va2zVkaK9LgsOHpYU3Iw",
        child: "hp1_AAEAAAABD4-tW9nLRp-hZXCGdyiVDgD1Gs4XCGqi7cXtV8rDF4FLK5PlkcBLYYP0qD1Vo00w3oEEEZGPKt8MeD-QCe-X8xc",
        child_id: "2f5dafb5f8e2946a8bf726820ec1f46d3bc36a204bb5bc22a90c664c72ca72b0",
    },
    Vector {
        root: 7,
        app: "shop",
        handle: "0f8fad5b-d9cb-469f-a165-70867728950e_t-1",
        generation: 41,
        anti_csrf_issued: false,
        token: "hp1_BwAAAAApD4-tW9nLRp-hZXCGdyiVDgN0LTFCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQn8_YoPx_LZsWTr5h71mklA",
        id: "fca8c44b7218ddadb930eed3acdbd361a95c7cb5fae7c317573b70c22ead4ad5",
        stored_hash: "437ff6307d853c2994b68f8ff2fd2f3970ead2f0c7b9c939282a32a4bf990e1b",
        anti_csrf: "DTvt5O4VocnRgzRiXa0dMQ",
        child: "hp1_BwAAAAAqD4-tW9nLRp-hZXCGdyiVDgN0LTErMtwGuKAvJRKSGn_dC8OJ0lcSEd_Qv4loK_OFhL_OfAytLv6J9BmfKfIFW7lnNCU",
        child_id: "7a203f448bb084936de19a8ca284da86886b915df3b0ace22e1c6c05dda711b8",
    },
];

fn root(id: RootId) -> RefreshRoot {
    RefreshRoot::new(id, &std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

#[test]
fn tokens_have_these_bytes() {
    for vector in VECTORS {
        let (app, root) = (app(vector.app), root(vector.root));
        let token = RefreshToken::decode(vector.token, &app, std::slice::from_ref(&root)).unwrap();
        assert_eq!(token.key().handle.to_string(), vector.handle);
        assert_eq!(token.generation(), vector.generation);
        assert_eq!(token.encode(&root).as_str(), vector.token);
        assert_eq!(token.id(), vector.id);
        assert_eq!(hex::encode(token.hash().as_bytes()), vector.stored_hash);
        assert_eq!(token.anti_csrf_token().as_deref(), vector.anti_csrf_issued.then_some(vector.anti_csrf));
        let child = token.child(&root, &SALT, vector.anti_csrf_issued).unwrap();
        assert_eq!(child.encode(&root).as_str(), vector.child);
        assert_eq!(child.id(), vector.child_id);
    }
    assert_eq!(VECTORS[0].token.len(), 99);
}

#[test]
fn a_first_token_is_made_of_its_secret() {
    let vector = &VECTORS[0];
    let key = SessionKey { app: app(vector.app), handle: vector.handle.parse().unwrap() };
    assert_eq!(RefreshToken::first(key, true, SECRET).encode(&root(0)).as_str(), vector.token);
}

#[test]
fn the_hash_covers_the_secret_and_its_place_but_neither_root_nor_flags() {
    let vector = &VECTORS[0];
    let token = RefreshToken::decode(vector.token, &app("public"), &[root(0)]).unwrap();
    let moved = token.encode(&root(9));
    let again = RefreshToken::decode(&moved, &app("public"), &[root(0), root(9)]).unwrap();
    assert_ne!(moved.as_str(), vector.token);
    assert_eq!(again.hash(), token.hash());
    let with = |anti_csrf| token.child(&root(0), &SALT, anti_csrf).unwrap().hash();
    assert_eq!(with(true), with(false));
}

#[test]
fn a_child_needs_its_parent_the_root_and_the_salt() {
    let decode = |text: &str| RefreshToken::decode(text, &app("public"), &[root(0)]).unwrap();
    let parent = decode(VECTORS[0].token);
    let child = parent.child(&root(0), &SALT, false).unwrap().hash();
    let other_root = RefreshRoot::new(0, &[1; 32]);
    assert_ne!(parent.child(&other_root, &SALT, false).unwrap().hash(), child);
    assert_ne!(parent.child(&root(0), &[0; 32], false).unwrap().hash(), child);
    let other_parent = RefreshToken::first(parent.key().clone(), true, [0x43; 32]);
    assert_ne!(other_parent.child(&root(0), &SALT, false).unwrap().hash(), child);
}

#[test]
fn a_token_counts_only_in_the_app_that_issued_it() {
    for vector in VECTORS {
        for (name, id) in [("other", vector.root), (vector.app, vector.root + 1)] {
            assert_eq!(RefreshToken::decode(vector.token, &app(name), &[root(id)]).err(), Some(NotOurs));
        }
    }
}

#[test]
fn a_token_has_one_spelling() {
    let decode = |text: &str| RefreshToken::decode(text, &app("public"), &[root(0)]);
    let text = VECTORS[0].token;
    let padded = format!("{text}=");
    let spaced = format!("{text} ");
    let standard_alphabet = text.replace('-', "+").replace('_', "/");
    // 71 bytes end in a character with two loose bits
    let loose_bits = format!("{}{}", &text[..text.len() - 1], "F");
    assert!(text.ends_with('E'));
    for wrong in [&padded, &spaced, &standard_alphabet, &loose_bits, &text.to_lowercase(), &text[4..], "hp1_", ""] {
        assert_eq!(decode(wrong).err(), Some(NotOurs), "{wrong}");
    }
    assert_eq!(decode(&format!("hp1_{}", "A".repeat(64 * 1024))).err(), Some(NotOurs));
}

#[test]
fn debug_shows_no_secret() {
    let token = RefreshToken::decode(VECTORS[0].token, &app("public"), &[root(0)]).unwrap();
    let shown = format!("{token:?} {:?} {:?}", token.hash(), root(0));
    assert!(!shown.contains("66, 66") && !shown.contains("4242") && !shown.contains(VECTORS[0].id), "{shown}");
    assert!(shown.contains("generation: 0"), "{shown}");
}

proptest! {
    #[test]
    fn any_changed_character_makes_it_no_token(at in 0..99_usize, replacement in "[A-Za-z0-9_-]") {
        let mut text = VECTORS[0].token.to_owned();
        text.replace_range(at..=at, &replacement);
        let decoded = RefreshToken::decode(&text, &app("public"), &[root(0)]);
        prop_assert_eq!(decoded.is_ok(), text == VECTORS[0].token);
    }

    #[test]
    fn whatever_comes_nothing_breaks(text in "(hp1_)?\\PC{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let decode = |text: &str| RefreshToken::decode(text, &app("public"), &[root(0)]).is_err();
        prop_assert!(decode(&text));
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes);
        let framed = format!("hp1_{encoded}");
        prop_assert!(decode(&framed));
    }
}
