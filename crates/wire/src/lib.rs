//! The core driver interface (CDI): what a backend SDK sends to a session server and what it gets back, and what differs
//! between the versions of that interface. Values only: no IO, no decisions about sessions.

mod version;

pub use version::{CdiVersion, InvalidVersion};
