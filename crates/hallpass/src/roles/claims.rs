//! Roles and permissions in the access token.

use async_trait::async_trait;
use hallpass_engine::time::Timestamp;

use crate::claims::{ArrayClaim, BoxError, ClaimSource, Registered, Subject, Validator};

/// The roles of the session's user in its tenant; an empty list for a user without any.
pub const USER_ROLES: ArrayClaim<String> = ArrayClaim::new("st-role");

/// What the session's user may do in its tenant: the permissions of all roles, each once.
pub const PERMISSIONS: ArrayClaim<String> = ArrayClaim::new("st-perm");

/// The user has this role: [`USER_ROLES`] includes it.
pub fn has_role(role: impl Into<String>) -> Validator {
    USER_ROLES.includes(role)
}

/// The user may do this: [`PERMISSIONS`] includes it.
pub fn has_permission(permission: impl Into<String>) -> Validator {
    PERMISSIONS.includes(permission)
}

/// Which of the two claims new sessions get. Those left out are fetched when something is first demanded of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSettings {
    roles: bool,
    permissions: bool,
}

impl Default for RoleSettings {
    /// Both.
    fn default() -> Self {
        Self { roles: true, permissions: true }
    }
}

impl RoleSettings {
    /// New sessions do not get [`USER_ROLES`].
    #[must_use]
    pub const fn without_roles(self) -> Self {
        Self { roles: false, ..self }
    }

    /// New sessions do not get [`PERMISSIONS`]: for roles with more permissions than fit into a cookie.
    #[must_use]
    pub const fn without_permissions(self) -> Self {
        Self { permissions: false, ..self }
    }
}

/// Adds both claims to those of an app. The app may have given them another source; then those are not looked up here,
/// unless it asked for both.
pub(crate) fn register(claims: &mut Vec<Registered>, settings: Option<RoleSettings>) {
    let none = RoleSettings { roles: false, permissions: false };
    let RoleSettings { roles, permissions } = settings.unwrap_or(none);
    for (is_set_at_sign_in, claim, source) in [(roles, USER_ROLES, RoleSource::Roles), (permissions, PERMISSIONS, RoleSource::Permissions)]
    {
        let ours = Registered::new(claim, source, is_set_at_sign_in);
        if is_set_at_sign_in || !claims.iter().any(|claim| claim.key() == ours.key()) {
            claims.push(ours);
        }
    }
}

enum RoleSource {
    Roles,
    Permissions,
}

#[async_trait]
impl ClaimSource<Vec<String>> for RoleSource {
    async fn fetch(&self, subject: &Subject) -> Result<Option<Vec<String>>, BoxError> {
        let roles = subject.hallpass.roles().in_tenant(subject.tenant.clone());
        let list = match self {
            Self::Roles => roles.of(&subject.user).await?,
            Self::Permissions => roles.permissions_of_user(&subject.user).await?,
        };
        Ok(Some(list))
    }

    fn has_changed(&self, subject: &Subject, fetched_at: Timestamp) -> bool {
        subject.hallpass.revocations().roles_changed_since(&subject.user, &subject.tenant, fetched_at)
    }
}
