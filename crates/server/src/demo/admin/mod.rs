//! The admin page: who is signed in, and what operators do about it.
//!
//! Anybody may use it, for this is a demo on one's own machine. An app puts such routes behind
//! [`Hallpass::require`](hallpass::Hallpass::require); the office in [`rooms`](super::rooms) shows what visitors see of that.

mod acts;
mod page;

pub(super) use self::{
    acts::{ban, change_role, revoke, revoke_all, unban},
    page::page,
};
