//! A gRPC service with sessions in its own process: sign in, order, and, for staff only, restock.

use std::fmt;

use hallpass::{
    Hallpass, Requirement, Session,
    claims::Validator,
    grpc::{CallSession, GrpcLayer},
};
use serde_json::json;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::Router},
};
use tower::layer::util::{Identity, Stack};

pub use self::rpc::shop_client::ShopClient;
use self::rpc::shop_server::{Shop, ShopServer};

mod rpc {
    #![allow(missing_docs, unreachable_pub, clippy::all, reason = "written by tonic-build")]
    tonic::include_proto!("shop.v1.Shop");
}

/// Who wants to sign in.
#[derive(Clone, PartialEq, prost::Message)]
pub struct User {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// What a client keeps. Calls carry the access token as `authorization: Bearer …`.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub struct Tokens {
    /// Good for an hour. Not needed to refresh.
    #[prost(string, tag = "1")]
    pub access: String,
    /// For new tokens, when a call's status says `session-error: try-refresh-token`.
    #[prost(string, tag = "2")]
    pub refresh: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

impl From<&Session> for Tokens {
    fn from(session: &Session) -> Self {
        let tokens = session.tokens();
        let refresh = tokens.refresh.map(|refresh| refresh.expose().to_owned()).unwrap_or_default();
        Self { access: tokens.access.expose().to_owned(), refresh }
    }
}

/// What somebody wants.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Order {
    /// The article.
    #[prost(string, tag = "1")]
    pub article: String,
}

/// What somebody gets.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Receipt {
    /// In words.
    #[prost(string, tag = "1")]
    pub text: String,
}

/// The server: the layer verifies the sessions of all calls, methods ask for them.
pub fn server(hallpass: &Hallpass) -> Router<Stack<GrpcLayer, Identity>> {
    Server::builder().layer(hallpass.grpc()).add_service(ShopServer::new(Service { hallpass: hallpass.clone() }))
}

struct Service {
    hallpass: Hallpass,
}

#[tonic::async_trait]
impl Shop for Service {
    /// Check a password here; Hallpass starts where that has succeeded.
    async fn sign_in(&self, call: Request<User>) -> Result<Response<Tokens>, Status> {
        let name = call.into_inner().name;
        let staff = name.starts_with("staff-");
        let session = self.hallpass.create_session(name).payload(json!({ "staff": staff })).without_anti_csrf().await?;
        Ok(Response::new(Tokens::from(&session)))
    }

    async fn refresh(&self, call: Request<Tokens>) -> Result<Response<Tokens>, Status> {
        let session = self.hallpass.refresh_from_token(&call.get_ref().refresh, None, false).await?;
        Ok(Response::new(Tokens::from(&session)))
    }

    async fn order(&self, call: Request<Order>) -> Result<Response<Receipt>, Status> {
        let session = call.session()?;
        Ok(Response::new(Receipt { text: format!("{} for {}", call.get_ref().article, session.user_id()) }))
    }

    async fn restock(&self, call: Request<Order>) -> Result<Response<Receipt>, Status> {
        let session = call.require::<Staff>().await?;
        Ok(Response::new(Receipt { text: format!("{} brings {}", session.user_id(), call.get_ref().article) }))
    }
}

struct Staff;

impl Requirement for Staff {
    fn validators() -> Vec<Validator> {
        vec![Validator::new("staff", |payload, _now| if payload.get("staff") == Some(&json!(true)) { Ok(()) } else { Err(None) })]
    }
}
