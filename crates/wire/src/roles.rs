//! Roles and permissions of an app, and who has them in a tenant.

use crate::field::request;

request! {
    /// `PUT /recipe/role`
    PutRole {
        /// The role; it is made if there is none of that name.
        role: String = "role",
        /// Permissions that it has from now on; those that it has stay.
        permissions: Option<Vec<String>> = "permissions",
    }
}

request! {
    /// `POST /recipe/role/permissions/remove`
    RemovePermissions {
        /// Which role.
        role: String = "role",
        /// What it is no longer allowed; everything by default.
        permissions: Option<Vec<String>> = "permissions",
    }
}

request! {
    /// `POST /recipe/role/remove`
    RemoveRole {
        /// Which role.
        role: String = "role",
    }
}

request! {
    /// `PUT /recipe/user/role` and `POST /recipe/user/role/remove`
    UserRole {
        /// Whose role; no user needs to exist.
        user_id: String = "userId",
        /// Which role.
        role: String = "role",
    }
}
