//! Roles: named sets of permissions of an app, given to users of a tenant.

pub(super) mod assign;
pub(super) mod list;
pub(super) mod of_user;
pub(super) mod permissions;
pub(super) mod permissions_remove;
pub(super) mod put;
pub(super) mod remove;
pub(super) mod unassign;
pub(super) mod users;
pub(super) mod with_permission;

use hallpass_wire::FieldDoc;

use super::reply::Reply;

/// The one parameter of whatever reads a role.
const ROLE: &[FieldDoc] = &[FieldDoc { name: "role", kind: "string", required: true, items: &[], meaning: "Which role." }];

/// The app has no such role.
fn unknown_role() -> Reply {
    Reply::status("UNKNOWN_ROLE_ERROR")
}
