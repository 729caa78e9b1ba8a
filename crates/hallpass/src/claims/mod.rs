//! Claims: what an app wants to know of a user in every request, kept in the access token.
//!
//! A [`Claim`] is a name and a type; where its values come from is a [`ClaimSource`], which the app gives to the builder
//! once. A [`Validator`] demands something of a claim: of every session, or of those that a route lets in.
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "sqlite"))] mod app {
//! use std::time::Duration;
//!
//! use hallpass::{
//!     AppInfo, BuildError, Hallpass, Require, Requirement, Session, SessionError,
//!     claims::{BooleanClaim, PrimitiveClaim, Subject, Validator},
//! };
//! # use hallpass::UserId;
//! # #[derive(Clone)] struct Shop;
//! # #[derive(Debug, thiserror::Error)] #[error("the shop is closed")] struct Closed;
//! # impl Shop { async fn plan_of(&self, _: &UserId) -> Result<Option<String>, Closed> { Ok(Some("pro".to_owned())) } }
//!
//! /// What the user pays for. Looked up at sign-in, and again when it is needed and older than ten minutes.
//! const PLAN: PrimitiveClaim<String> = PrimitiveClaim::new("plan").max_age(Duration::from_secs(600));
//! /// Whether the second factor was shown. Set by a handler, so it needs no source.
//! const SECOND_FACTOR: BooleanClaim = BooleanClaim::new("2fa");
//!
//! async fn hallpass(shop: Shop) -> Result<Hallpass, BuildError> {
//!     let info = AppInfo::new("shop").api("http://localhost:3000").website("http://localhost:3000");
//!     Hallpass::builder(info)
//!         .embedded("sqlite://hallpass.db")
//!         .claim(PLAN, move |subject: Subject| {
//!             let shop = shop.clone();
//!             async move { shop.plan_of(&subject.user).await }
//!         })
//!         .validator(SECOND_FACTOR.is_true()) // of every session, except to sign out
//!         .build()
//!         .await
//! }
//!
//! struct Pro;
//!
//! impl Requirement for Pro {
//!     fn validators() -> Vec<Validator> {
//!         vec![PLAN.has_value("pro")]
//!     }
//! }
//!
//! async fn reports(session: Require<Pro>) -> String {
//!     format!("figures for {}", session.user_id())
//! }
//!
//! async fn upgrade(session: Session) -> Result<(), SessionError> {
//!     // …
//!     session.fetch_and_set_claim(&PLAN).await // the client gets a new access token with this response
//! }
//! # }
//! ```
//!
//! [`Hallpass::require`](crate::Hallpass::require) demands validators of many routes at once.
//!
//! # Security
//! A claim says what was true when it was fetched. Clients can read it, and cannot change it.

mod builtin;
mod by_handle;
mod expectation;
mod layer;
mod requirement;
mod session;
mod settle;
mod source;
mod validator;

use hallpass_engine::{session::JsonObject, time::Timestamp};
use serde_json::Value;

#[cfg(feature = "tonic")]
pub(crate) use self::requirement::all_of;
pub use self::{
    builtin::{ArrayClaim, BooleanClaim, Primitive, PrimitiveClaim},
    by_handle::Stored,
    layer::{RequireLayer, RequireService},
    requirement::Requirement,
    source::{BoxError, ClaimSource, Fetched, Subject},
    validator::{GlobalValidators, Validator},
};
pub(crate) use self::{
    requirement::Anybody,
    source::{Registered, Sources},
    validator::Demanded,
};

/// A value about a session's user that is kept in the payload of access tokens: its name, its type, and how it is written.
///
/// The built-in ones are written as frontend SDKs know them, `"key": {"v": value, "t": milliseconds}`. An app may write
/// its own in another way:
///
/// ```
/// use hallpass::{Timestamp, claims::Claim};
/// use serde_json::{Value, json};
///
/// /// How many messages there are, as a bare number.
/// struct Unread;
///
/// impl Claim for Unread {
///     type Value = u64;
///
///     fn key(&self) -> &str {
///         "unread"
///     }
///
///     fn write(&self, value: u64, _fetched_at: Timestamp) -> Value {
///         json!(value)
///     }
///
///     fn read(&self, written: &Value) -> Option<u64> {
///         written.as_u64()
///     }
/// }
/// ```
pub trait Claim: Send + Sync + 'static {
    /// What it holds.
    type Value: Send + 'static;

    /// The member of the payload that holds it.
    fn key(&self) -> &str;

    /// The member's value. `null` takes the claim away.
    fn write(&self, value: Self::Value, fetched_at: Timestamp) -> Value;

    /// What was written. `None`: it is not what this claim writes.
    fn read(&self, written: &Value) -> Option<Self::Value>;

    /// The value in a payload, if there is one.
    fn value_in(&self, payload: &JsonObject) -> Option<Self::Value> {
        self.read(payload.get(self.key())?)
    }
}

/// The member that holds a value of a built-in claim.
const VALUE: &str = "v";
/// The member that tells when it was fetched, in milliseconds.
const FETCHED_AT: &str = "t";

/// When a claim in the common form was fetched. Without a time it is as old as can be.
fn fetched_at(written: &Value) -> Timestamp {
    Timestamp::from_millis(written.get(FETCHED_AT).and_then(Value::as_i64).unwrap_or_default())
}
