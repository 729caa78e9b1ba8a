//! Sessions of gRPC calls, for tonic: a tower layer, and what methods ask of their calls.
//!
//! ```
//! # use hallpass::Hallpass;
//! use hallpass::grpc::CallSession;
//! use tonic::{Request, Response, Status};
//!
//! # struct Shop;
//! # impl Shop {
//! async fn order(&self, call: Request<String>) -> Result<Response<String>, Status> {
//!     let session = call.session()?;
//!     Ok(Response::new(format!("{} orders {}", session.user_id(), call.get_ref())))
//! }
//! # }
//! ```
//!
//! Add [`Hallpass::grpc`] to the server: `Server::builder().layer(hallpass.grpc()).add_service(…)`. Clients send their
//! access token as the metadata `authorization: Bearer …`. Tokens of a session that a method creates
//! ([`CallSession::sign_in`]) or changes come back as the response's metadata `st-access-token`, `st-refresh-token` and
//! `front-token`.
//!
//! A refused call has a status with the metadata [`SESSION_ERROR`], which tells clients what to do. To refresh, they call
//! `POST /auth/session/refresh` of an HTTP API of the same app. It can be at the same port: put both layers on the services'
//! axum router (`Routes::new(service).into_axum_router().layer(hallpass.grpc()).layer(hallpass.layer())`). Or they call a
//! method of the app's own, which uses [`Hallpass::refresh_from_token`].

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Method, Request, Response, request::Parts};
use tonic::{
    Code, Status,
    metadata::{MetadataMap, MetadataValue},
};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Hallpass,
    claims::{Requirement, Validator, all_of},
    client_address::PeerAddress,
    error::{Misuse, RETRY_AFTER_SECONDS, Raised, SessionError},
    exchange::Exchange,
    layer::take_ready,
    session::Session,
    sign_in::SignIn,
    verify::VerifyOptions,
};

/// The metadata of a status that tells clients why a call was refused:
/// - `try-refresh-token`: refresh, and call again;
/// - `unauthorised`, `token-theft-detected`: sign in;
/// - `invalid-claim`: the session does not suffice for this; [`CLAIM_ERRORS`] says what is missing.
pub const SESSION_ERROR: &str = "session-error";

/// The metadata of a status with the requirements that a session does not meet: JSON, `[{"id": …, "reason": …}]`.
pub const CLAIM_ERRORS: &str = "claim-validation-errors-bin";

/// When a client may try again after [`Code::Unavailable`], as gRPC's own retry policies understand it.
const RETRY_PUSHBACK: &str = "grpc-retry-pushback-ms";

impl Hallpass {
    /// The layer for gRPC servers. It verifies the sessions of calls for [`CallSession`], and writes what sessions change
    /// to the metadata of responses. It refuses nothing by itself: methods do.
    pub fn grpc(&self) -> GrpcLayer {
        GrpcLayer { hallpass: self.clone(), options: VerifyOptions::default() }
    }
}

/// Verifies the sessions of gRPC calls. See [`Hallpass::grpc`].
#[derive(Clone, Debug)]
pub struct GrpcLayer {
    hallpass: Hallpass,
    options: VerifyOptions,
}

impl GrpcLayer {
    /// How sessions are verified.
    #[must_use]
    pub fn verify(self, options: VerifyOptions) -> Self {
        Self { options, ..self }
    }
}

impl<S> Layer<S> for GrpcLayer {
    type Service = GrpcService<S>;

    fn layer(&self, inner: S) -> GrpcService<S> {
        GrpcService { layer: self.clone(), inner }
    }
}

/// A gRPC service with sessions. See [`Hallpass::grpc`].
#[derive(Clone, Debug)]
pub struct GrpcService<S> {
    layer: GrpcLayer,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for GrpcService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let mut inner = take_ready(&mut self.inner);
        let GrpcLayer { hallpass, options } = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            note_peer(&mut parts);
            // the layer for HTTP may be outside this one: then it writes to the response
            let exchange = (!hallpass.is_serving(&parts)).then(|| Exchange::begin(&hallpass, &mut parts));
            let verified = Verified::of(&hallpass, &parts, &options).await;
            parts.extensions.insert(verified);
            let mut response = inner.call(Request::from_parts(parts, body)).await?;
            note_error(&mut response);
            if let Some(exchange) = exchange {
                // a status has no body that a hook could replace
                let _nothing = exchange.finish_head(&mut response);
            }
            Ok(response)
        })
    }
}

/// Where the call comes from, unless it was said already.
fn note_peer(parts: &mut Parts) {
    if parts.extensions.get::<PeerAddress>().is_none() {
        let call = tonic::Request::from_parts(MetadataMap::new(), parts.extensions.clone(), ());
        if let Some(address) = call.remote_addr() {
            parts.extensions.insert(PeerAddress(address.ip()));
        }
    }
}

/// Whether the call has a session, found out by the layer before it was known whether anybody asks.
#[derive(Clone)]
struct Verified(Result<Option<Found>, Arc<SessionError>>);

/// A session that holds.
#[derive(Clone)]
struct Found {
    session: Session,
    /// What the app demands of every session.
    demanded: Arc<[Validator]>,
    /// Whether the session fulfils that. A requirement may waive it.
    verdict: Result<(), Arc<SessionError>>,
}

impl Verified {
    async fn of(hallpass: &Hallpass, call: &Parts, options: &VerifyOptions) -> Self {
        let session = match hallpass.verified_session(call, options).await {
            Ok(Some(session)) => session,
            Ok(None) => return Self(Ok(None)),
            Err(error) => return Self(Err(Arc::new(error))),
        };
        let demanded = hallpass.demanded(call, &session, &options.validators);
        let verdict = session.assert_claims(&demanded).await.map_err(Arc::new);
        Self(Ok(Some(Found { session, demanded: demanded.into(), verdict })))
    }
}

impl Found {
    async fn require<R: Requirement>(self) -> Result<Session, SessionError> {
        self.session.assert_claims(&all_of::<R>(self.demanded.to_vec())).await?;
        Ok(self.session)
    }
}

/// The response has passed the layer nearest to its method.
#[derive(Clone)]
struct Passed;

/// A session error that became a status may have to take the client's tokens away: those of the app that raised it.
fn note_error<B>(response: &mut Response<B>) {
    if response.extensions_mut().insert(Passed).is_some() {
        return;
    }
    let source = response.extensions().get::<Status>().and_then(std::error::Error::source);
    if let Some(error) = source.and_then(|source| source.downcast_ref::<SessionError>()).filter(|error| error.clears()).cloned() {
        response.extensions_mut().insert(Raised(error));
    }
}

/// The session of a gRPC call.
pub trait CallSession {
    /// The session.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] if there is none or if its token does not hold, [`Code::PermissionDenied`] if it is not what
    /// is demanded, [`Code::Unavailable`], and [`Code::Internal`] if the layer is missing.
    fn session(&self) -> Result<Session, Status> {
        self.optional_session()?.ok_or_else(|| SessionError::Unauthorised { clear: false }.into())
    }

    /// The session, if the call carries an access token.
    ///
    /// # Errors
    /// As [`CallSession::session`], but for a call without a token.
    fn optional_session(&self) -> Result<Option<Session>, Status>;

    /// The session, which must meet a requirement, and what the app demands of every session unless the requirement waives
    /// it ([`Requirement::global`]).
    ///
    /// # Errors
    /// As [`CallSession::session`].
    fn require<R: Requirement>(&self) -> impl Future<Output = Result<Session, Status>> + Send;

    /// What creating a session needs of the call that signs a user in.
    ///
    /// # Errors
    /// [`Code::Internal`] if the layer is missing.
    fn sign_in(&self) -> Result<SignIn, Status>;
}

impl<T> CallSession for tonic::Request<T> {
    fn optional_session(&self) -> Result<Option<Session>, Status> {
        let Some(Found { session, verdict, .. }) = found(self)? else { return Ok(None) };
        verdict.map_err(status)?;
        Ok(Some(session))
    }

    fn require<R: Requirement>(&self) -> impl Future<Output = Result<Session, Status>> + Send {
        let found = found(self);
        async { Ok(found?.ok_or(SessionError::Unauthorised { clear: false })?.require::<R>().await?) }
    }

    fn sign_in(&self) -> Result<SignIn, Status> {
        let parts = parts(self);
        let hallpass = Hallpass::of(&parts).map_err(SessionError::from)?;
        Ok(hallpass.sign_in(&parts))
    }
}

/// What the layer found.
fn found<T>(call: &tonic::Request<T>) -> Result<Option<Found>, Status> {
    let Verified(found) = call.extensions().get().ok_or(SessionError::Misuse(Misuse::LayerMissing))?;
    found.clone().map_err(status)
}

/// The call as the shared code knows it.
fn parts<T>(call: &tonic::Request<T>) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::POST;
    parts.headers = call.metadata().clone().into_headers();
    parts.extensions = call.extensions().clone();
    parts
}

impl From<SessionError> for Status {
    fn from(error: SessionError) -> Self {
        status(Arc::new(error))
    }
}

/// What the client is told. The error itself goes along as the source, for the layer.
fn status(error: Arc<SessionError>) -> Status {
    error.log();
    let message = error.message();
    let mut status = Status::with_metadata(code(&error), message, metadata(&error));
    status.set_source(error);
    status
}

fn code(error: &SessionError) -> Code {
    match error {
        SessionError::Unauthorised { .. } | SessionError::TryRefresh | SessionError::TokenTheft { .. } => Code::Unauthenticated,
        SessionError::InvalidClaims(_) | SessionError::Banned | SessionError::Refused(_) | SessionError::UntrustedOrigin => {
            Code::PermissionDenied
        }
        SessionError::ProtectedClaim(_)
        | SessionError::InvalidUser
        | SessionError::UnknownTenant(_)
        | SessionError::InvalidRole
        | SessionError::TooDeep
        | SessionError::BanIsOver => Code::InvalidArgument,
        SessionError::TooManyRequests { .. } => Code::ResourceExhausted,
        SessionError::Unavailable(_) | SessionError::ClaimUnavailable { .. } => Code::Unavailable,
        SessionError::ClearDuplicateCookies | SessionError::DuplicateCookies | SessionError::InsecureCookie => Code::FailedPrecondition,
        SessionError::Misuse(_) => Code::Internal,
    }
}

fn metadata(error: &SessionError) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let reason = match error {
        SessionError::Unauthorised { .. } => "unauthorised",
        SessionError::TryRefresh => "try-refresh-token",
        SessionError::TokenTheft { .. } => "token-theft-detected",
        SessionError::InvalidClaims(_) => "invalid-claim",
        SessionError::Unavailable(_) | SessionError::ClaimUnavailable { .. } => {
            metadata.insert(RETRY_PUSHBACK, (RETRY_AFTER_SECONDS * 1000).into());
            return metadata;
        }
        _ => return metadata,
    };
    metadata.insert(SESSION_ERROR, MetadataValue::from_static(reason));
    if let SessionError::InvalidClaims(claims) = error {
        metadata.insert_bin(CLAIM_ERRORS, MetadataValue::from_bytes(crate::error::claim_errors(claims).to_string().as_bytes()));
    }
    metadata
}
