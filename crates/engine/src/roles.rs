//! Roles: named sets of permissions of an app, given to users of a tenant.

/// What became of a role that was given to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Assigned {
    /// The user has it from now on.
    Now,
    /// The user had it before.
    Already,
    /// The app has no such role, and nothing changed.
    UnknownRole,
}

/// What became of a role that was taken from a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Unassigned {
    /// The user has it no longer.
    Now,
    /// The user did not have it.
    NotAssigned,
    /// The app has no such role, and nothing changed.
    UnknownRole,
}
