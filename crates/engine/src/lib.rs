//! The session engine: creation, rotation with reuse detection, verification, revocation, signing keys.
//!
//! It decides and computes; everything else is handed to it: storage through [`store::Store`], time through
//! [`time::Clock`], randomness through [`random::Random`]. It starts no tasks and opens no sockets.
//!
//! Most applications want the crate `hallpass`, which puts this engine behind cookies and headers. The parts worth
//! reading first are [`judge`], the decision that keeps honest users signed in, and [`refresh_token`], the bytes it works on.

pub mod access_token;
pub mod ban;
pub mod core;
pub mod engine;
pub mod event;
pub mod feed;
pub mod id;
pub mod judge;
pub mod jwt;
pub mod key_source;
pub mod keys;
pub mod metadata;
pub mod random;
pub mod refresh_token;
pub mod roles;
pub mod session;
pub mod store;
pub mod tenancy;
pub mod time;
pub mod token_version;
pub mod vault;
