//! Users. They are not kept here: SDKs that ask about them learn that there are none, but who was active is known.

pub(super) mod active;
pub(super) mod count;
pub(super) mod find;
pub(super) mod list;
pub(super) mod mapping;
pub(super) mod remove;
pub(super) mod search_tags;
