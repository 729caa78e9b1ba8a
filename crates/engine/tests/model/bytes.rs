//! A leaked database yields no usable token.
//!
//! In a model of identities that is true by definition: whoever knows hashes and salts only can present nothing. It is a
//! property of the bytes, so it is tried on real ones: on everything that a database with all its backups ever held, with
//! every retired token and the access tokens' references on top, but without the root.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass_engine::{
    id::{AppId, SessionHandle, SessionKey, TenantId},
    refresh_token::{RefreshRoot, RefreshToken, Salt},
};

const ROTATIONS: u8 = 6;

fn key() -> SessionKey {
    SessionKey { app: AppId::public(), handle: SessionHandle::from_parts([0x0f; 16], TenantId::public()) }
}

fn root() -> RefreshRoot {
    RefreshRoot::new(0, &[0xa7; 32])
}

/// Some other root: those that an attacker may make up.
fn made_up_roots(dumped: &[[u8; 32]]) -> Vec<RefreshRoot> {
    [[0; 32], [0xff; 32]].iter().chain(dumped).map(|bytes| RefreshRoot::new(0, bytes)).collect()
}

fn salt(generation: u8) -> Salt {
    [0x30 + generation; 32]
}

/// Every token of a session, the current one last.
fn issued() -> Vec<RefreshToken> {
    let first = RefreshToken::first(key(), false, [0xc1; 32]);
    let next = |token: &RefreshToken| token.child(&root(), &salt(token.generation().try_into().unwrap()), false);
    std::iter::successors(Some(first), next).take(usize::from(ROTATIONS) + 1).collect()
}

/// What the rows held: hashes and salts; and what access tokens said.
fn dumped() -> Vec<[u8; 32]> {
    let hashes = issued().iter().map(|token| *token.hash().as_bytes()).collect::<Vec<_>>();
    let ids = issued().iter().map(|token| hex::decode(token.id()).unwrap().try_into().unwrap()).collect::<Vec<_>>();
    [hashes, ids, (0..ROTATIONS).map(salt).collect()].concat()
}

fn hashes(tokens: &[RefreshToken]) -> HashSet<[u8; 32]> {
    tokens.iter().map(|token| *token.hash().as_bytes()).collect()
}

fn secret(token: &RefreshToken) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(&token.encode(&root())[4..]).unwrap();
    bytes[bytes.len() - 48..bytes.len() - 16].to_vec()
}

/// What can be derived with made-up roots and the dumped salts; of some of it, once more.
fn offspring(tokens: &[RefreshToken], roots: &[RefreshRoot]) -> Vec<RefreshToken> {
    let children = |tokens: &[RefreshToken]| -> Vec<RefreshToken> {
        let each = |token: &RefreshToken| {
            let of_root = |root| (0..ROTATIONS).map(move |generation| (root, salt(generation)));
            roots.iter().flat_map(of_root).map(|(root, salt)| token.child(root, &salt, false).unwrap()).collect::<Vec<_>>()
        };
        tokens.iter().flat_map(each).collect()
    };
    let first = children(tokens);
    let second = children(&first[..first.len().min(200)]);
    [first, second].concat()
}

#[test]
fn nothing_dumped_is_or_contains_a_secret() {
    let dumped = dumped().concat();
    for token in issued() {
        for piece in secret(&token).windows(8) {
            assert!(!dumped.windows(8).any(|window| window == piece));
        }
    }
}

#[test]
fn no_dumped_value_serves_as_the_secret_of_a_token() {
    let dumped = dumped();
    let forged: Vec<_> = dumped.iter().map(|bytes| RefreshToken::first(key(), false, *bytes)).collect();
    let roots = made_up_roots(&dumped);
    let forged = [offspring(&forged, &roots), forged].concat();
    assert!(hashes(&forged).is_disjoint(&hashes(&issued())));
    // and nobody takes them for genuine
    for token in &forged {
        assert!(RefreshToken::decode(&token.encode(&roots[0]), &key().app, &[root()]).is_err());
    }
}

#[test]
fn retired_tokens_with_their_salts_but_without_the_root_yield_none_of_their_children() {
    let issued = issued();
    let (current, retired) = issued.split_last().unwrap();
    let forged = offspring(retired, &made_up_roots(&dumped()));
    assert!(hashes(&forged).is_disjoint(&hashes(&issued)));
    // with the root it is the real one
    let child = retired.last().unwrap().child(&root(), &salt(ROTATIONS - 1), false).unwrap();
    assert_eq!(child.id(), current.id());
}
