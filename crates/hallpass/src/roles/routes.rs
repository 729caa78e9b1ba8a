//! Roles for an app's own back office: routes for a frontend, each of which demands a permission.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use hallpass_engine::{
    id::UserId,
    roles::{Assigned, Unassigned},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Roles, has_permission};
use crate::{Hallpass, error::SessionError, session::Session};

/// Far more than any list of permissions.
const BODY_LIMIT: usize = 64 * 1024;
/// Who manages roles may have lost the permission meanwhile: it is looked up again at least so often.
const PERMISSION_AGE: Duration = Duration::from_secs(60);

/// The permissions that the routes of [`Hallpass::role_routes`] demand. The app names them, and gives them to roles.
#[derive(Clone, Debug)]
pub struct RolePermissions {
    read: String,
    edit: String,
    assign: String,
}

impl RolePermissions {
    /// One permission for everything.
    pub fn all(permission: impl Into<String>) -> Self {
        let permission = permission.into();
        Self { read: permission.clone(), edit: permission.clone(), assign: permission }
    }

    /// What it takes to see roles, their permissions, and who has them.
    #[must_use]
    pub fn read(self, permission: impl Into<String>) -> Self {
        Self { read: permission.into(), ..self }
    }

    /// What it takes to make, change and delete roles, in all tenants.
    #[must_use]
    pub fn edit(self, permission: impl Into<String>) -> Self {
        Self { edit: permission.into(), ..self }
    }

    /// What it takes to give roles to users and to take them away, in one's own tenant.
    #[must_use]
    pub fn assign(self, permission: impl Into<String>) -> Self {
        Self { assign: permission.into(), ..self }
    }
}

impl Hallpass {
    /// Routes by which a frontend manages roles. There are none unless the app adds them: merge them into its router, inside
    /// the layer.
    ///
    /// ```
    /// # use axum::Router;
    /// # use hallpass::{Hallpass, roles::RolePermissions};
    /// fn app(hallpass: &Hallpass) -> Router {
    ///     let permissions = RolePermissions::all("roles:manage").read("roles:read");
    ///     Router::new().merge(hallpass.role_routes(permissions)).layer(hallpass.layer())
    /// }
    /// ```
    ///
    /// | below the API's base path | demands | body | answer |
    /// | --- | --- | --- | --- |
    /// | `GET /roles` | read | | `{"roles": […]}` |
    /// | `GET /roles/{role}` | read | | `{"permissions": […]}` |
    /// | `GET /roles/{role}/users` | read | | `{"users": […]}` |
    /// | `GET /users/{user}/roles` | read | | `{"roles": […]}` |
    /// | `PUT /roles/{role}` | edit | `{"permissions": […]}` to be added | `{"created": true}` |
    /// | `POST /roles/{role}/permissions/remove` | edit | `{"permissions": […]}` | `{}` |
    /// | `DELETE /roles/{role}` | edit | | `{}` |
    /// | `PUT /users/{user}/roles/{role}` | assign | | `{"changed": true}` |
    /// | `DELETE /users/{user}/roles/{role}` | assign | | `{"changed": true}` |
    ///
    /// Users are those of the tenant that the caller is signed in to. An unknown role is answered with 404, a body or a name that
    /// cannot be used with 400 (415 if it is not JSON, 413 if it is too long), a missing permission with 403, each
    /// with a `message`. `changed` is false if the user had the role already, or did not have it.
    ///
    /// # Security
    /// Whoever may assign roles can assign themselves any role, and whoever may edit roles can give theirs any permission,
    /// which counts in every tenant.
    pub fn role_routes<S: Clone + Send + Sync + 'static>(&self, permissions: RolePermissions) -> Router<S> {
        // nothing in the base path is a pattern
        let base = self.config().served_base_path.replace('{', "{{").replace('}', "}}");
        let at = |path: &str| format!("{base}{path}");
        Router::new()
            .route(&at("/roles"), get(list))
            .route(&at("/roles/{role}"), get(find).put(add).delete(delete))
            .route(&at("/roles/{role}/permissions/remove"), post(remove))
            .route(&at("/roles/{role}/users"), get(users))
            .route(&at("/users/{user}/roles"), get(of_user))
            .route(&at("/users/{user}/roles/{role}"), put(assign).delete(unassign))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(Arc::new(Office { hallpass: self.clone(), permissions }))
    }
}

struct Office {
    hallpass: Hallpass,
    permissions: RolePermissions,
}

type At = State<Arc<Office>>;
type Name = Result<Path<String>, PathRejection>;
type Names = Result<Path<(String, String)>, PathRejection>;
type Body = Result<Json<Permissions>, JsonRejection>;
type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
struct Permissions {
    permissions: Vec<String>,
}

impl Office {
    /// Lets a session in that has the permission: to the roles of its tenant.
    async fn enter(&self, session: &Session, permission: &str) -> Result<Roles, SessionError> {
        session.assert_claims(&[has_permission(permission).max_age(PERMISSION_AGE)]).await?;
        Ok(self.hallpass.roles().in_tenant(session.tenant().clone()))
    }
}

async fn list(State(office): At, session: Session) -> Answer {
    let roles = office.enter(&session, &office.permissions.read).await?;
    Ok(Json(json!({ "roles": roles.all().await? })))
}

async fn find(State(office): At, session: Session, role: Name) -> Answer {
    let roles = office.enter(&session, &office.permissions.read).await?;
    let permissions = roles.permissions_of(&role?).await?.ok_or(Refused::UnknownRole)?;
    Ok(Json(json!({ "permissions": permissions })))
}

async fn users(State(office): At, session: Session, role: Name) -> Answer {
    let roles = office.enter(&session, &office.permissions.read).await?;
    let users = roles.users_with(&role?).await?.ok_or(Refused::UnknownRole)?;
    Ok(Json(json!({ "users": users.iter().map(UserId::as_str).collect::<Vec<_>>() })))
}

async fn of_user(State(office): At, session: Session, user: Name) -> Answer {
    let roles = office.enter(&session, &office.permissions.read).await?;
    let Path(user) = user?;
    Ok(Json(json!({ "roles": roles.of(&user.into()).await? })))
}

async fn add(State(office): At, session: Session, role: Name, body: Body) -> Answer {
    let roles = office.enter(&session, &office.permissions.edit).await?;
    let Json(body) = body?;
    Ok(Json(json!({ "created": roles.put(&role?, body.permissions).await? })))
}

async fn remove(State(office): At, session: Session, role: Name, body: Body) -> Answer {
    let roles = office.enter(&session, &office.permissions.edit).await?;
    let Json(body) = body?;
    if roles.remove_permissions(&role?, body.permissions).await? { Ok(Json(json!({}))) } else { Err(Refused::UnknownRole) }
}

async fn delete(State(office): At, session: Session, role: Name) -> Answer {
    let roles = office.enter(&session, &office.permissions.edit).await?;
    if roles.delete(&role?).await? { Ok(Json(json!({}))) } else { Err(Refused::UnknownRole) }
}

async fn assign(State(office): At, session: Session, names: Names) -> Answer {
    let roles = office.enter(&session, &office.permissions.assign).await?;
    let Path((user, role)) = names?;
    match roles.assign(&user.into(), &role).await? {
        Assigned::Now => Ok(Json(json!({ "changed": true }))),
        Assigned::Already => Ok(Json(json!({ "changed": false }))),
        Assigned::UnknownRole => Err(Refused::UnknownRole),
    }
}

async fn unassign(State(office): At, session: Session, names: Names) -> Answer {
    let roles = office.enter(&session, &office.permissions.assign).await?;
    let Path((user, role)) = names?;
    match roles.unassign(&user.into(), &role).await? {
        Unassigned::Now => Ok(Json(json!({ "changed": true }))),
        Unassigned::NotAssigned => Ok(Json(json!({ "changed": false }))),
        Unassigned::UnknownRole => Err(Refused::UnknownRole),
    }
}

/// Why a request is not served.
enum Refused {
    Session(SessionError),
    UnknownRole,
    /// A body or a path that cannot be read.
    Unreadable(StatusCode, String),
}

impl From<SessionError> for Refused {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<PathRejection> for Refused {
    fn from(rejection: PathRejection) -> Self {
        Self::Unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        let status = match rejection.status() {
            // JSON of another shape is no better than no JSON
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        Self::Unreadable(status, rejection.body_text())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Session(error) => return error.into_response(),
            Self::UnknownRole => (StatusCode::NOT_FOUND, "there is no such role".to_owned()),
            Self::Unreadable(status, message) => (status, message),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}
