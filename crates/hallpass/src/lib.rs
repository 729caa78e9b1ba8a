//! Sessions for Rust web apps: what comes after a sign-in has succeeded.
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "sqlite"))] mod app {
//! use axum::{Form, Router, routing::{get, post}};
//! use hallpass::{AppInfo, BuildError, Hallpass, Require, Requirement, Session, SessionError, SignIn, claims::Validator, roles::has_role};
//! use serde_json::json;
//!
//! async fn app() -> Result<Router, BuildError> {
//!     let info = AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000");
//!     let hallpass = Hallpass::builder(info).embedded("sqlite://hallpass.db").build().await?;
//!     Ok(Router::new()
//!         .route("/login", post(login))
//!         .route("/me", get(me))
//!         .route("/admin", get(admin))
//!         .layer(hallpass.layer())) // last: serves refresh and sign-out, writes cookies, maps errors
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     user: String,
//! }
//!
//! async fn login(sign_in: SignIn, Form(form): Form<Login>) -> Result<String, SessionError> {
//!     let session = sign_in.user(form.user).payload(json!({ "plan": "pro" })).await?;
//!     Ok(session.user_id().to_string())
//! }
//!
//! async fn me(session: Session) -> String {
//!     session.user_id().to_string()
//! }
//!
//! struct Admin;
//!
//! impl Requirement for Admin {
//!     fn validators() -> Vec<Validator> {
//!         vec![has_role("admin")] // given by `hallpass.roles().assign(…)`
//!     }
//! }
//!
//! async fn admin(_: Require<Admin>) -> &'static str {
//!     "hello"
//! }
//! # }
//! ```
//!
//! Without the layer an extractor still verifies, if the [`Hallpass`] is there as an `axum::Extension`; what has to write
//! a response then says that the layer is missing. Without axum, [`HallpassLayer`] works on any tower service, and
//! [`Hallpass::session`] on the parts of any request.

#[cfg(feature = "actix")]
pub mod actix;
mod bans;
mod builder;
pub mod claims;
mod client_address;
mod config;
mod confirm;
mod cookie;
mod csrf;
#[cfg(feature = "sqlite")]
pub mod embedded;
mod error;
mod exchange;
#[cfg(feature = "axum")]
mod extract;
mod fetch_metadata;
mod front_token;
#[cfg(feature = "tonic")]
pub mod grpc;
mod hallpass;
mod hardening;
mod hooks;
mod jwt;
#[cfg(feature = "sqlite")]
pub mod key_file;
#[cfg(feature = "sqlite")]
mod key_pool;
mod layer;
mod limit;
mod manage;
mod metadata;
mod names;
#[cfg(doctest)]
mod manual;
mod outgoing;
mod read_session;
mod refresh;
#[cfg(feature = "remote")]
pub mod remote;
#[cfg(any(feature = "actix", feature = "axum"))]
mod require;
mod revocations;
pub mod roles;
mod routes;
mod session;
mod sign_in;
mod sign_out;
mod site;
mod transfer;
mod verified;
mod verify;

pub use async_trait::async_trait;
pub use hallpass_engine::{
    ban::Ban,
    core::{Banned, Core, CoreError, NewSession, SessionInfo, TokenText, Why},
    id::{AppId, SessionHandle, TenantId, UserId},
    keys::{Algorithm, Jwks},
    session::{JsonObject, KeyFamily},
    time::{Clock, Timestamp},
};

#[cfg(feature = "sqlite")]
pub use crate::key_pool::KeyPool;
#[cfg(any(feature = "actix", feature = "axum"))]
pub use crate::require::Require;
pub use crate::{
    bans::Banning,
    builder::Builder,
    claims::Requirement,
    client_address::{ForwardedIn, PeerAddress},
    config::{AppInfo, BuildError, Mistake, Promotion, Purpose},
    csrf::AntiCsrf,
    error::{InvalidClaim, Misuse, SessionError, cors_headers},
    exchange::Exchange,
    hallpass::Hallpass,
    hardening::SiteData,
    hooks::{HookContext, Hooks},
    jwt::JwtCreation,
    layer::{HallpassLayer, HallpassService},
    metadata::Metadata,
    names::{InvalidName, Names},
    read_session::{ReadOnlySession, ReadSession},
    revocations::FeedLoss,
    routes::Route,
    session::{Session, Tokens},
    sign_in::{Creation, SignIn},
    site::SameSite,
    transfer::{Allowed, Transfer},
    verify::VerifyOptions,
};
