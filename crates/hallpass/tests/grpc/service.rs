//! A gRPC service whose messages are text, its server and its client.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, BufMut};
use hallpass::{PeerAddress, Requirement, SessionError, claims::Validator, grpc::CallSession};
use http::uri::PathAndQuery;
use serde_json::json;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, NamedService, UnaryService},
    transport::{Channel, Endpoint},
};
use tower::Service;

use crate::world::Admin;

/// Messages as they are.
#[derive(Clone, Copy, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, text: String, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put_slice(text.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = message.copy_to_bytes(message.remaining());
        String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| Status::invalid_argument("no text"))
    }
}

/// Whoever has still to show a second factor.
struct OnTheWay;

impl Requirement for OnTheWay {
    fn validators() -> Vec<Validator> {
        Vec::new()
    }

    fn global(_: Vec<Validator>) -> Vec<Validator> {
        Vec::new()
    }
}

/// The methods of the service.
async fn answer(method: &str, call: Request<String>) -> Result<String, Status> {
    match method {
        "Me" => Ok(call.session()?.user_id().to_string()),
        "Maybe" => Ok(call.optional_session()?.map_or("nobody".to_owned(), |session| session.user_id().to_string())),
        "Admin" => Ok(call.require::<Admin>().await?.user_id().to_string()),
        "Prove" => Ok(call.require::<OnTheWay>().await?.user_id().to_string()),
        "ProveAsAdmin" => Ok(call.require::<(OnTheWay, Admin)>().await?.user_id().to_string()),
        "Peer" => Ok(format!("{:?}", call.extensions().get::<PeerAddress>())),
        "Public" => Ok("hello".to_owned()),
        "SignIn" => Ok(call.sign_in()?.user(call.into_inner()).await?.handle().to_string()),
        "Merge" => {
            call.session()?.merge_into_access_token_payload(json!({ "said": call.into_inner() })).await?;
            Ok(String::new())
        }
        "Regret" => {
            call.sign_in()?.user(call.into_inner()).await?;
            Err(SessionError::unauthorised().into())
        }
        "Revoke" => Ok(call.session()?.revoke().await.map(|()| String::new())?),
        _ => Err(Status::unimplemented("no such method")),
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Calls;

impl NamedService for Calls {
    const NAME: &'static str = "test.Calls";
}

struct Method(String);

impl UnaryService<String> for Method {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Status>> + Send>>;

    fn call(&mut self, call: Request<String>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move { answer(&method, call).await.map(Response::new) })
    }
}

impl Service<http::Request<Body>> for Calls {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        Box::pin(async move { Ok(Grpc::new(Text).unary(Method(method), request).await) })
    }
}

/// One client of the service.
pub(crate) struct Client(tonic::client::Grpc<Channel>);

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self(tonic::client::Grpc::new(endpoint.connect().await.unwrap()))
    }

    /// Calls a method, with an access token if one is given.
    pub(crate) async fn call(&mut self, method: &str, text: &str, token: Option<&str>) -> Result<Response<String>, Status> {
        let mut request = Request::new(text.to_owned());
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        self.send(method, request).await
    }

    pub(crate) async fn send(&mut self, method: &str, request: Request<String>) -> Result<Response<String>, Status> {
        self.0.ready().await.unwrap();
        self.0.unary(request, PathAndQuery::try_from(format!("/test.Calls/{method}")).unwrap(), Text).await
    }
}
