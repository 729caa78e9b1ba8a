//! What keeps a task from being done: one sentence with the remedy, and an exit code.

use std::error::Error;

use hallpass::remote::InvalidRemote;
use hallpass_engine::{
    core::CoreError,
    id::{AppId, TenantId},
    store::StoreError,
};

use crate::{serve::ServeError, settings::Mistakes};

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The command makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The one thing that was named is not there.
    #[error("{0}")]
    NotThere(String),
    /// The server's configuration, which says where the database is, cannot be read.
    #[error(transparent)]
    Settings(#[from] Mistakes),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] ServeError),
    /// The server cannot be called.
    #[error(transparent)]
    Remote(#[from] InvalidRemote),
    /// The file of the API key is not in order.
    #[error("{0}")]
    ApiKey(String),
    /// The database or the server fails, or refuses.
    #[error("{what}")]
    Core {
        /// In our words.
        what: String,
        /// In theirs.
        #[source]
        why: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// What stops a task: said in full already, or still as the core says it, which does not know where it is.
#[derive(Debug)]
pub(super) enum Trouble {
    Said(Failure),
    Core(CoreError),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Said(failure)
    }
}

impl From<CoreError> for Trouble {
    fn from(error: CoreError) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    /// What the process ends with: 1 it failed, 2 the command is not right, 3 what was named is not there.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NotThere(_) => 3,
            _ => 1,
        }
    }

    pub(super) fn no_database(name: &str) -> Self {
        Self::NotThere(format!("there is no Hallpass database {name}: nothing was made; name the one that the app or server uses"))
    }

    pub(super) fn no_app(app: &AppId) -> Self {
        Self::NotThere(format!("there is no app {app}: check --app"))
    }

    pub(super) fn no_tenant(app: &AppId, tenant: &TenantId) -> Self {
        Self::NotThere(format!("the app {app} has no tenant {tenant}: check how it is written"))
    }

    pub(super) fn no_role(role: &str) -> Self {
        Self::NotThere(format!("there is no role {role:?}: `hallpass roles list` tells which there are"))
    }

    /// What a database did not do.
    pub(super) fn of_database(name: &str, error: CoreError) -> Self {
        match error {
            CoreError::InvalidRole | CoreError::InvalidUser => Self::Usage(error.to_string()),
            error => Self::Core { what: format!("the database {name} fails"), why: Some(error.into()) },
        }
    }

    /// What a server did not do.
    pub(super) fn of_server(name: &str, has_key: bool, error: CoreError) -> Self {
        let plain = |what| Self::Core { what, why: None };
        match error {
            CoreError::InvalidRole | CoreError::InvalidUser => Self::Usage(error.to_string()),
            CoreError::Refused { status: 401, .. } if has_key => {
                plain(format!("the server at {name} does not accept this API key: give another in --api-key-file or HALLPASS_API_KEY"))
            }
            CoreError::Refused { status: 401, .. } => plain(format!(
                "the server at {name} wants an API key: name a file that holds one by --api-key-file, or set HALLPASS_API_KEY"
            )),
            CoreError::Refused { status: 404, .. } => plain(format!(
                "the server at {name} does not know this: it is not Hallpass, an older one, or its base path is missing in --core"
            )),
            CoreError::UnknownTenant(place) => Self::no_tenant(&place.app, &place.tenant),
            CoreError::Refused { status, text, .. } => {
                missing_app(&text).unwrap_or_else(|| plain(format!("the server at {name} refuses ({status}): {text}")))
            }
            CoreError::Store(StoreError::Unavailable(why)) => {
                Self::Core { what: format!("the server at {name} fails, or cannot be reached"), why: Some(why) }
            }
            error => Self::Core { what: format!("the server at {name} gives no answer that can be used"), why: Some(error.into()) },
        }
    }
}

/// The app that a server says it does not know: `(, APP)`.
fn missing_app(text: &str) -> Option<Failure> {
    let name = text.strip_prefix("AppId or tenantId not found => (, ")?.strip_suffix(')')?;
    Some(Failure::no_app(&name.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use hallpass_engine::id::Tenant;

    use super::*;

    #[test]
    fn what_a_server_misses_is_said_as_a_database_says_it() {
        let refused = |text: &str| {
            let error = CoreError::Refused { call: "GET /".to_owned(), status: 400, text: text.to_owned() };
            Failure::of_server("http://core", false, error)
        };
        let app = refused("AppId or tenantId not found => (, shop)");
        assert_eq!((app.to_string(), app.exit_code()), (Failure::no_app(&"shop".parse().unwrap()).to_string(), 3));
        let place = Tenant { app: "shop".parse().unwrap(), tenant: "t1".parse().unwrap() };
        let tenant = Failure::of_server("http://core", false, CoreError::UnknownTenant(place));
        let expected = Failure::no_tenant(&"shop".parse().unwrap(), &"t1".parse().unwrap());
        assert_eq!((tenant.to_string(), tenant.exit_code()), (expected.to_string(), 3));
        let other = refused("something else");
        assert_eq!((other.to_string(), other.exit_code()), ("the server at http://core refuses (400): something else".to_owned(), 1));
    }
}
