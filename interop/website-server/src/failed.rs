//! What the suite is told when this server cannot do as it says.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// A sentence for whoever reads the suite's log.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl From<Failed> for Box<dyn std::error::Error> {
    fn from(failed: Failed) -> Self {
        failed.0.into()
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
