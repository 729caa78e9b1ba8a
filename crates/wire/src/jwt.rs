//! JWTs on demand.

use hallpass_engine::session::JsonObject;

use crate::field::request;

request! {
    /// `POST /recipe/jwt`
    CreateJwt {
        /// The claims.
        payload: JsonObject = "payload",
        /// What it is to be signed with, as in a JOSE header.
        algorithm: String = "algorithm",
        /// `iss`, unless the payload says something else.
        jwks_domain: String = "jwksDomain",
        /// Its life in seconds.
        validity: i64 = "validity",
        /// Whether a key that stays signs: true by default.
        use_static_signing_key: Option<bool> = "useStaticSigningKey",
    }
}
