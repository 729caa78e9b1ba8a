//! What the suite is told when a function of the SDK fails.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hallpass::SessionError;
use serde_json::{Value, json};

/// A call of a core that an SDK makes for one of its functions.
pub(crate) type CoreCall = (&'static str, &'static str);

/// Why a function did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What the SDK would answer to a client by itself.
    Session(SessionError),
    /// The same, as the fields that an SDK's error has.
    Thrown(SessionError),
    /// Anything else, in words.
    Other(String),
}

impl From<SessionError> for Failed {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl Failed {
    /// An error of the suite's own making, or of this machine.
    pub(crate) fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// Says that a claim is protected as a core says it to the SDKs that ask one, by this call.
    pub(crate) fn of_call((method, path): CoreCall) -> impl Fn(SessionError) -> Self {
        move |error| match error {
            SessionError::ProtectedClaim(_) => Self::Other(format!(
                "SuperTokens core threw an error for a {method} request to path: '{path}' with status code: 400 and message: The user payload \
                 contains protected field\n"
            )),
            other => Self::Session(other),
        }
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let body = match self {
            // what an SDK has no answer for of its own is any error to the app
            Self::Session(error @ (SessionError::Misuse(_) | SessionError::ProtectedClaim(_) | SessionError::InsecureCookie)) => {
                json!({ "message": error.to_string() })
            }
            Self::Session(error) => return error.into_response(),
            Self::Thrown(error) => fields(&error),
            Self::Other(message) => json!({ "message": message }),
        };
        (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
    }
}

/// What an SDK's error is made of.
fn fields(error: &SessionError) -> Value {
    let (kind, payload) = match error {
        SessionError::Unauthorised { clear } => ("UNAUTHORISED", json!({ "clearTokens": clear })),
        SessionError::TryRefresh => ("TRY_REFRESH_TOKEN", Value::Null),
        SessionError::TokenTheft { handle, user, recipe_user } => {
            let recipe_user = json!({ "recipeUserId": recipe_user.as_str() });
            let payload = json!({ "sessionHandle": handle.to_string(), "userId": user.as_str(), "recipeUserId": recipe_user });
            ("TOKEN_THEFT_DETECTED", payload)
        }
        other => return json!({ "message": other.to_string() }),
    };
    let mut fields = json!({ "fromRecipe": "session", "type": kind, "message": error.to_string() });
    if !payload.is_null() {
        fields["payload"] = payload;
    }
    fields
}
