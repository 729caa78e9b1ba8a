//! What tests share: a clock that is moved by hand, randomness that can be repeated, and the suites that every
//! implementation must pass.

#![allow(clippy::panic, clippy::unwrap_used)] // all of it is test code

pub mod clock;
pub mod core_suite;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod random;
pub mod store_suite;
