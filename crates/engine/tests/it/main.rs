//! The engine as its users see it, over a real store.

mod common;
mod dump;
mod embedded;
mod keys;
mod refresh_token;
