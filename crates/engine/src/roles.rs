//! Roles: named sets of permissions of an app, given to users of a tenant.

/// So many characters of a name fit into the narrowest column it may be stored in.
pub const MAX_NAME: usize = 255;

/// The name of a role or permission as it is kept: without white space around it. `None`: nothing can be named so.
pub fn name(text: &str) -> Option<&str> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= MAX_NAME && !name.contains('\0');
    fits.then_some(name)
}

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
