//! The core driver interface (CDI): what a backend SDK sends to a session server and what it gets back, and what differs
//! between the versions of that interface. Values only: no IO, no decisions about sessions.

pub mod answer;
mod dialect;
pub mod field;
pub mod jwt;
pub mod metadata;
pub mod misc;
pub mod own;
pub mod roles;
pub mod session;
pub mod tenancy;
mod version;

pub use dialect::{Dialect, RotationOf};
pub use field::{FieldDoc, InvalidField, Request};
pub use version::{CdiVersion, InvalidVersion};
