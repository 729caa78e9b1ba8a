//! Sessions for Rust web apps: what comes after a sign-in has succeeded.
//!
//! Short access tokens, rotating refresh tokens, revocation, in cookies or headers. A lost response or a second tab does not
//! log anybody out; a stolen refresh token is found out, and ends the session.
//!
//! # Four steps
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "sqlite"))] mod app {
//! use axum::{Form, Router, routing::{get, post}};
//! use hallpass::{AppInfo, BuildError, Hallpass, Require, Requirement, Session, SessionError, SignIn, claims::Validator, roles::has_role};
//! use serde_json::json;
//!
//! async fn app() -> Result<Router, BuildError> {
//!     // 1. where the app is, and where its sessions are
//!     let info = AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000");
//!     let hallpass = Hallpass::builder(info).embedded("sqlite://hallpass.db").build().await?;
//!     Ok(Router::new()
//!         .route("/login", post(login))
//!         .route("/me", get(me))
//!         .route("/admin", get(admin))
//!         // 2. last: serves refresh and sign-out, writes cookies, maps errors
//!         .layer(hallpass.layer()))
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     user: String,
//! }
//!
//! // 3. a session for a user whom the app has checked
//! async fn login(sign_in: SignIn, Form(form): Form<Login>) -> Result<String, SessionError> {
//!     let session = sign_in.user(form.user).payload(json!({ "plan": "pro" })).await?;
//!     Ok(session.user_id().to_string())
//! }
//!
//! // 4. who may enter is a parameter
//! async fn me(session: Session) -> String {
//!     session.user_id().to_string()
//! }
//!
//! async fn admin(_: Require<Admin>) -> &'static str {
//!     "hello"
//! }
//!
//! struct Admin;
//!
//! impl Requirement for Admin {
//!     fn validators() -> Vec<Validator> {
//!         vec![has_role("admin")] // given by `hallpass.roles().assign(…)`
//!     }
//! }
//! # }
//! ```
//!
//! # Where to read on
//!
//! | to | see |
//! | --- | --- |
//! | set cookies, CSRF, lifetimes | [`AppInfo`], [`Builder`], [`embedded::Config`](embedded) |
//! | read and change a session | [`Session`] |
//! | list and end sessions, whoever holds them | [`Hallpass::sessions_of`], [`Hallpass::revoke`] |
//! | ban somebody | [`Hallpass::ban`] |
//! | demand something of a session | [`claims`], [`roles`], [`Hallpass::require`] |
//! | keep something about a user | [`Hallpass::metadata`] |
//! | keep sessions in a server | `Builder::remote`, with the feature `remote` |
//! | decide otherwise | [`Hooks`] |
//! | protect more than frontends need | [`Builder::prefixed_cookies`], [`Builder::trusted_origins`] and their neighbours |
//! | render a page on the server | [`Hallpass::read_session`] |
//! | use another framework | the modules `actix` and `grpc`, with their features; [`HallpassLayer`] on any tower service, [`Hallpass::session`] on the parts of any request |
//! | integrate a framework of its own | [`Exchange`] |
//! | know what a client is told | [`SessionError`] |
//!
//! Without the layer an extractor still verifies, if the [`Hallpass`] is there as an `axum::Extension`; what has to write
//! a response then says that the layer is missing.
//!
//! # Features
//!
//! | feature | brings | default |
//! | --- | --- | --- |
//! | `axum` | extractors for axum 0.8, errors as responses | yes |
//! | `sqlite` | an engine in this process, over a SQLite file | yes |
//! | `remote` | an engine at a distance: `hallpass serve` | |
//! | `actix` | middleware and extractors for actix-web 4 | |
//! | `tonic` | sessions of gRPC calls, for tonic 0.14 | |

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
#[cfg(doctest)]
mod manual;
mod metadata;
mod names;
mod outgoing;
mod own_sessions;
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
    hooks::{HookContext, Hooks, Theft},
    jwt::JwtCreation,
    layer::{HallpassFuture, HallpassLayer, HallpassService},
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
