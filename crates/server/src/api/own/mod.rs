//! What can be asked beside the interface of the existing core.

pub(super) mod confirm;
pub(super) mod events;
pub(super) mod sessions;
