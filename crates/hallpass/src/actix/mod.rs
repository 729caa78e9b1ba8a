//! Sessions in actix-web 4.
//!
//! ```
//! use actix_web::{App, HttpServer, web};
//! use hallpass::{Hallpass, Session, SessionError, SignIn};
//!
//! fn routes(config: &mut web::ServiceConfig) {
//!     config.route("/login", web::post().to(login)).route("/me", web::get().to(me));
//! }
//!
//! async fn serve(hallpass: Hallpass) -> std::io::Result<()> {
//!     // last, so that it sees every request first: only CORS goes outside it
//!     HttpServer::new(move || App::new().configure(routes).wrap(hallpass.actix())).bind("127.0.0.1:3000")?.run().await
//! }
//!
//! async fn login(sign_in: SignIn, user: String) -> Result<String, SessionError> {
//!     // check the password here
//!     let session = sign_in.user(user).await?;
//!     Ok(session.user_id().to_string())
//! }
//!
//! async fn me(session: Session) -> String {
//!     session.user_id().to_string()
//! }
//! ```
//!
//! [`Session`](crate::Session), [`Require`](crate::Require), [`SignIn`](crate::SignIn), [`ReadSession`](crate::ReadSession) and
//! [`Hallpass`] are extractors, and so is [`MaybeSession`]. [`Head`] is the request for whatever else a [`Hallpass`] does with
//! one. A [`SessionError`](crate::SessionError) is a response error. Without the middleware an extractor still verifies, if the
//! [`Hallpass`] is there as `app_data`; what has to write a response then says that the middleware is missing. Of several, in an
//! app and a scope inside it, the one nearest to the handler counts; name all of them as `Hallpass`, or all as `Data<Hallpass>`.
//!
//! Headers that a CORS middleware has to allow: `cors_headers().iter().map(|name| name.as_str())`
//! ([`cors_headers`](crate::cors_headers)).

mod convert;
mod extract;
mod middleware;

pub use self::{
    extract::{Head, MaybeSession},
    middleware::{Middleware, MiddlewareService},
};
use crate::Hallpass;

impl Hallpass {
    /// The middleware for actix-web: it serves the session routes, writes cookies and headers, and maps errors. Wrap the
    /// whole app, as the last middleware but CORS.
    pub fn actix(&self) -> Middleware {
        Middleware::new(self.clone())
    }
}
