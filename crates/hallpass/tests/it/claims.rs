//! Claims: fetched, kept, demanded.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension, Router,
    routing::{any, get, post},
};
use hallpass::{
    BuildError, Hallpass, InvalidClaim, Mistake, Misuse, Require, Requirement, Session, SessionError, SessionHandle, Timestamp,
    VerifyOptions,
    claims::{
        ArrayClaim, BooleanClaim, BoxError, Claim, ClaimSource, Fetched, GlobalValidators, PrimitiveClaim, Stored, Subject, Validator,
    },
};
use serde_json::{Value, json};
use tower_http::cors::CorsLayer;

use crate::world::*;

const PLAN: PrimitiveClaim<String> = PrimitiveClaim::new("plan");
const TAGS: ArrayClaim<String> = ArrayClaim::new("tags");
const VERIFIED: BooleanClaim = BooleanClaim::new("verified");

/// A source whose value the test changes, and which counts how often it is asked.
#[derive(Clone, Default)]
struct Told {
    value: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Told {
    fn says(value: &str) -> Self {
        let told = Self::default();
        told.change(value);
        told
    }

    fn change(&self, value: &str) {
        *self.value.lock().unwrap() = Some(value.to_owned());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn source(&self) -> impl Fn(Subject) -> std::future::Ready<Option<String>> + Send + Sync + 'static {
        let told = self.clone();
        move |_subject| {
            told.asked.fetch_add(1, Ordering::SeqCst);
            std::future::ready(told.value.lock().unwrap().clone())
        }
    }
}

/// Plans that change all at once, at a moment that is known.
#[derive(Clone)]
struct Plans {
    told: Told,
    changed_at: Arc<Mutex<Timestamp>>,
}

#[async_trait::async_trait]
impl ClaimSource<String> for Plans {
    async fn fetch(&self, subject: &Subject) -> Result<Option<String>, BoxError> {
        Ok(self.told.source()(subject.clone()).await)
    }

    fn has_changed(&self, subject: &Subject, fetched_at: Timestamp) -> bool {
        subject.user.as_str() == "u" && *self.changed_at.lock().unwrap() > fetched_at
    }
}

#[tokio::test]
async fn a_value_that_is_known_to_have_changed_is_fetched_again_however_young_it_is() {
    let plans = Plans { told: Told::says("free"), changed_at: Arc::default() };
    let world = World::with(app_info(), |builder| builder.claim(PLAN, plans.clone())).await;
    let (session, other) = (world.hallpass.create_session("u").await.unwrap(), world.hallpass.create_session("other").await.unwrap());
    assert!(session.require::<Pro>().await.is_err());
    plans.told.change("pro");
    world.clock.advance(Duration::from_millis(1));
    *plans.changed_at.lock().unwrap() = hallpass::Clock::now(&*world.clock);
    assert_eq!(plans.told.asked(), 2);
    session.require::<Pro>().await.unwrap();
    session.require::<Pro>().await.unwrap();
    assert!(other.require::<Pro>().await.is_err());
    assert_eq!(plans.told.asked(), 3);
}

/// The plan that a client says it has: nothing to rely on, but seen in the request alone.
async fn said(subject: Subject) -> Option<String> {
    tracing::trace!(?subject, "a subject as it is printed");
    Some(subject.request.map_or("unknown", |request| if request.headers.contains_key("x-pro") { "pro" } else { "free" }).to_owned())
}

#[tokio::test]
async fn a_source_sees_the_request_where_the_app_asks_for_that() {
    let world = World::with(app_info(), |builder| builder.claim(PLAN, said).claims_see_requests(true)).await;
    for (call, plan) in [(login_as("u", "header"), "free"), (login_as("u", "header").header("x-pro", "1"), "pro")] {
        let held = world.send(call).await.held_by_headers();
        assert_eq!(front(&held.front)["up"]["plan"]["v"], plan);
    }
    let held = world.tokens("u").await;
    assert_eq!(stored(&world, &held.handle).await["plan"]["v"], "unknown", "there is no request");

    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, said).claims_see_requests(true)).await;
    let held = world.tokens("u").await;
    send(&pro_route(&world.hallpass), get_("/pro").bearer(&held.access).header("x-pro", "1")).await.assert(200, "u");
    assert!(world.hallpass.fetch_and_set_claim_of(&held.handle, &PLAN).await.unwrap());
    assert_eq!(stored(&world, &held.handle).await["plan"]["v"], "unknown");

    let world = World::with(app_info(), |builder| builder.claim(PLAN, said)).await;
    let held = world.send(login_as("u", "header").header("x-pro", "1")).await.held_by_headers();
    assert_eq!(front(&held.front)["up"]["plan"]["v"], "unknown", "nobody asked for it");
}

async fn fails(_subject: Subject) -> Result<Option<String>, std::io::Error> {
    Err(std::io::Error::other("the shop is closed"))
}

/// A source with a fixed answer.
fn always<V: Clone + Send + Sync + 'static>(value: V) -> impl Fn(Subject) -> std::future::Ready<Option<V>> + Send + Sync + 'static
where
    Option<V>: Fetched<V>,
{
    move |_subject| std::future::ready(Some(value.clone()))
}

async fn stored(world: &World, handle: &SessionHandle) -> Value {
    json!(world.hallpass.session_info(handle).await.unwrap().unwrap().payload)
}

fn ids(invalid: &[InvalidClaim]) -> Vec<&str> {
    invalid.iter().map(|claim| claim.id.as_str()).collect()
}

fn invalid(result: Result<(), SessionError>) -> Vec<InvalidClaim> {
    match result {
        Err(SessionError::InvalidClaims(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn registered_claims_are_built_at_sign_in_in_order_and_beat_the_payload() {
    let plan = Told::says("pro");
    let world = World::with(app_info(), |builder| {
        builder.claim(PLAN, plan.source()).claim(TAGS, async |subject: Subject| {
            // the claim before is there already, and so is what the app gave
            let plan = PLAN.value_in(&subject.payload).unwrap();
            Some(vec![plan, subject.user.to_string(), subject.tenant.to_string(), subject.payload["own"].to_string()])
        })
    })
    .await;
    let payload = json!({ "plan": "mine", "own": 1, "sub": "nobody" });
    let session = world.hallpass.create_session("u").tenant("t1".parse().unwrap()).payload(payload).await.unwrap();
    assert_eq!(session.claim_value(&PLAN).as_deref(), Some("pro"));
    assert_eq!(session.claim_value(&TAGS).unwrap(), ["pro", "u", "t1", "1"]);
    let now = hallpass::Clock::now(&*world.clock).as_millis();
    assert_eq!(stored(&world, session.handle()).await["plan"], json!({ "v": "pro", "t": now }));
    // a refresh copies them
    plan.change("free");
    let next = world.send(refresh().bearer(&Held::of(&session).refresh)).await.held_by_headers();
    assert_eq!(front(&next.front)["up"]["plan"]["v"], "pro");
    assert_eq!(plan.asked(), 1);
}

#[tokio::test]
async fn a_source_without_a_value_leaves_the_payload_alone() {
    let world = World::with(app_info(), |builder| builder.claim(PLAN, Told::default().source())).await;
    let session = world.hallpass.create_session("u").payload(json!({ "plan": "mine" })).await.unwrap();
    assert_eq!(session.claim("plan"), Some(json!("mine")));
    session.fetch_and_set_claim(&PLAN).await.unwrap();
    assert_eq!(session.claim("plan"), Some(json!("mine")));
}

#[tokio::test]
async fn a_claim_on_demand_is_not_fetched_before_somebody_demands_it() {
    let plan = Told::says("pro");
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, plan.source())).await;
    let session = world.hallpass.create_session("u").await.unwrap();
    assert_eq!((session.claim_value(&PLAN), plan.asked()), (None, 0));
    session.assert_claims(&[PLAN.has_value("pro")]).await.unwrap();
    session.assert_claims(&[PLAN.has_value("pro")]).await.unwrap();
    assert_eq!((session.claim_value(&PLAN).as_deref(), plan.asked()), (Some("pro"), 1));
}

#[tokio::test]
async fn a_value_is_fetched_again_when_it_is_too_old_for_a_validator() {
    let plan = Told::says("free");
    let claim = PLAN.max_age(Duration::from_secs(300));
    let world = World::with(app_info(), |builder| builder.claim(claim, plan.source())).await;
    let session = world.hallpass.create_session("u").await.unwrap();
    plan.change("pro");
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(ids(&invalid(session.assert_claims(&[claim.has_value("pro")]).await)), ["plan"]);
    world.clock.advance(Duration::from_millis(1));
    // a validator that does not mind the age
    assert_eq!(ids(&invalid(session.assert_claims(&[claim.has_value("pro").any_age().id("any")]).await)), ["any"]);
    assert_eq!(plan.asked(), 1);
    session.assert_claims(&[claim.has_value("pro")]).await.unwrap();
    assert_eq!(plan.asked(), 2);
    plan.change("free");
    world.clock.advance(Duration::from_millis(1));
    session.assert_claims(&[claim.has_value("free").max_age(Duration::ZERO)]).await.unwrap();
    assert_eq!(plan.asked(), 3);
}

#[tokio::test]
async fn a_value_that_is_too_old_and_cannot_be_fetched_is_expired() {
    let world = World::new().await;
    let session = world.hallpass.create_session("u").await.unwrap();
    session.set_claim(&VERIFIED, true).await.unwrap();
    world.clock.advance(Duration::from_millis(1500));
    let invalid = invalid(session.assert_claims(&[VERIFIED.is_true().max_age(Duration::from_secs(1))]).await);
    let reason = json!({ "message": "expired", "ageInSeconds": 1.5, "maxAgeInSeconds": 1 });
    assert_eq!(invalid, [InvalidClaim { id: "verified".to_owned(), reason: Some(reason) }]);
}

#[tokio::test]
async fn all_is_fetched_once_before_anything_is_judged_and_every_failure_is_told() {
    let (plan, tags) = (Told::says("free"), Told::default());
    let world = World::with(app_info(), |builder| {
        builder.claim_on_demand(PLAN, plan.source()).claim_on_demand(PrimitiveClaim::<String>::new("none"), tags.source())
    })
    .await;
    let session = world.hallpass.create_session("u").await.unwrap();
    let sees_plan = Validator::new("first", |payload, _now| if payload.contains_key("plan") { Ok(()) } else { Err(None) });
    let none = PrimitiveClaim::<String>::new("none");
    let validators = [
        sees_plan,
        PLAN.has_value("pro"),
        PLAN.has_value("team").id("team"),
        none.has_value("a"),
        none.has_value("b"),
        VERIFIED.is_false(),
    ];
    let invalid = invalid(session.assert_claims(&validators).await);
    assert_eq!(ids(&invalid), ["plan", "team", "none", "none", "verified"]);
    assert_eq!((plan.asked(), tags.asked()), (1, 1));
}

struct Pro;

impl Requirement for Pro {
    fn validators() -> Vec<Validator> {
        vec![PLAN.has_value("pro")]
    }
}

fn pro_route(hallpass: &Hallpass) -> Router {
    Router::new().route("/pro", get(async |session: Require<Pro>| session.user_id().to_string())).layer(hallpass.layer())
}

#[tokio::test]
async fn gotcha_34_what_was_fetched_is_kept_and_sent_even_if_the_session_fails() {
    let plan = Told::says("free");
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, plan.source())).await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let app = pro_route(&world.hallpass);
    let reply = send(&app, get_("/pro").access_cookie(&held.access)).await;
    let reason = json!({ "message": "wrong value", "expectedValue": "pro", "actualValue": "free" });
    let errors = json!([{ "id": "plan", "reason": reason }]);
    reply.assert(403, &json!({ "message": "invalid claim", "claimValidationErrors": errors }).to_string());
    assert_eq!(stored(&world, &held.handle).await["plan"]["v"], "free");
    assert_eq!(reply.all("set-cookie").len(), 1);
    assert_eq!(front(reply.header("front-token").unwrap())["up"]["plan"]["v"], "free");
    // so the next request costs nothing
    let next = reply.cookie("sAccessToken").unwrap();
    assert!(send(&app, get_("/pro").access_cookie(next)).await.leaves_tokens());
    assert_eq!(plan.asked(), 1);
}

#[tokio::test]
async fn gotcha_35_an_absent_value_has_no_actual_value_and_a_validator_may_have_no_reason() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = send(&pro_route(&world.hallpass), get_("/pro").bearer(&held.access)).await;
    let error = r#"{"id":"plan","reason":{"message":"value does not exist","expectedValue":"pro"}}"#;
    reply.assert(403, &format!(r#"{{"message":"invalid claim","claimValidationErrors":[{error}]}}"#));

    let world = World::with(app_info(), |builder| builder.validator(Validator::new("never", |_, _| Err(None)))).await;
    let held = world.tokens("u").await;
    let reply = world.send(get_("/me").bearer(&held.access)).await;
    reply.assert(403, r#"{"message":"invalid claim","claimValidationErrors":[{"id":"never"}]}"#);
}

#[tokio::test]
async fn gotcha_28_what_is_demanded_of_every_session_is_demanded_everywhere_but_to_refresh_and_leave() {
    let world = World::with(app_info(), |builder| builder.validator(VERIFIED.is_true())).await;
    let held = world.tokens("u").await;
    for path in ["/me", "/maybe", "/payload", "/admin"] {
        assert_eq!(world.send(get_(path).bearer(&held.access)).await.status, 403, "{path}");
    }
    world.send(get_("/maybe")).await.assert(200, "nobody");
    let from_token = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await;
    assert!(matches!(from_token, Err(SessionError::InvalidClaims(_))));
    // what a route demands comes after it, in the same answer
    let reply = world.send(get_("/admin").bearer(&held.access)).await;
    let ids = serde_json::from_str::<Value>(&reply.body).unwrap();
    assert_eq!((&ids["claimValidationErrors"][0]["id"], &ids["claimValidationErrors"][1]["id"]), (&json!("verified"), &json!("admin")));

    let next = world.send(refresh().bearer(&held.refresh)).await;
    assert_eq!(next.status, 200);
    let access = next.header("st-access-token").unwrap();
    world.send(post_("/auth/signout").bearer(access)).await.assert(200, r#"{"status":"OK"}"#);
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_none());
}

#[tokio::test]
async fn an_app_that_refreshes_by_itself_demands_nothing_there() {
    let world = World::with(app_info(), |builder| builder.validator(VERIFIED.is_true()).disable(hallpass::Route::Refresh)).await;
    let held = world.tokens("u").await;
    let app = Router::new()
        .route("/auth/session/refresh", post(async |session: Session| session.user_id().to_string()))
        .layer(world.hallpass.layer());
    let reply = send(&app, refresh().bearer(&held.refresh)).await;
    assert!(reply.assert(200, "u").sets_headers());
    let app = Router::new()
        .route(
            "/auth/session/refresh",
            post(async |hallpass: Hallpass, request: axum::extract::Request| {
                let (parts, _body) = request.into_parts();
                hallpass.session(&parts, &VerifyOptions::default()).await.map(|session| session.user_id().to_string())
            }),
        )
        .layer(world.hallpass.layer());
    let refreshed = reply.held_by_headers();
    assert!(send(&app, refresh().bearer(&refreshed.refresh)).await.assert(200, "u").sets_headers());
}

#[tokio::test]
async fn one_call_may_change_what_is_demanded_of_every_session() {
    let world = World::with(app_info(), |builder| builder.validator(VERIFIED.is_true()).validator(TAGS.includes("a"))).await;
    let held = world.tokens("u").await;
    let with = async |validators| {
        let options = VerifyOptions { validators, ..VerifyOptions::default() };
        world.hallpass.session_from_token(&held.access, None, &options).await.map(|_| ())
    };
    assert_eq!(ids(&invalid(with(GlobalValidators::kept()).await)), ["verified", "tags"]);
    with(GlobalValidators::ignored()).await.unwrap();
    let adapted = GlobalValidators::adapted(|mut global, session| {
        global.truncate(1);
        global.push(PLAN.has_value(session.user_id().as_str()));
        global
    });
    assert_eq!(ids(&invalid(with(adapted).await)), ["verified", "plan"]);
}

#[tokio::test]
async fn a_layer_lets_in_who_fulfils_it_to_all_of_its_routes() {
    let world =
        World::with(app_info(), |builder| builder.validator(TAGS.excludes("banned")).claim(TAGS, always(vec!["b".to_owned()]))).await;
    let (held, pro) = (world.tokens("u").await, world.hallpass.create_session("pro").await.unwrap());
    pro.set_claim(&PLAN, "pro").await.unwrap();
    let whoami = async |session: Session| session.user_id().to_string();
    let app = Router::new()
        .route("/a", get(whoami))
        .route("/b", get(whoami))
        .route_layer(world.hallpass.require([PLAN.has_value("pro"), TAGS.includes("b")]))
        .route("/open", get(async || "open"))
        .layer(world.hallpass.layer());
    for path in ["/a", "/b"] {
        send(&app, get_(path)).await.assert(401, UNAUTHORISED);
        let reply = send(&app, get_(path).bearer(&held.access)).await;
        assert!(reply.status == 403 && reply.body.contains("plan") && !reply.body.contains("tags"), "{reply:?}");
        send(&app, get_(path).bearer(&Held::of(&pro).access)).await.assert(200, "pro");
    }
    send(&app, get_("/open")).await.assert(200, "open");
    pro.set_claim(&TAGS, vec!["b".to_owned(), "banned".to_owned()]).await.unwrap();
    assert_eq!(send(&app, get_("/a").bearer(&Held::of(&pro).access)).await.status, 403);
    let app = Router::new().route("/a", get(whoami)).layer(world.hallpass.require([])).layer(world.hallpass.layer());
    send(&app, get_("/a").bearer(&held.access)).await.assert(200, "u");
    world.expire_access_tokens();
    send(&app, get_("/a").bearer(&held.access)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn a_layer_lets_nobody_in_by_a_method_and_preflights_are_answered_outside_of_it() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let guarded = Router::new().route("/secret", any(async || "secret")).layer(world.hallpass.require([])).layer(world.hallpass.layer());
    let preflight = |method| call(method, "/secret").header("origin", "https://example.com").header("access-control-request-method", "GET");
    for method in ["OPTIONS", "TRACE", "HEAD", "GET", "POST", "PURGE"] {
        let reply = send(&guarded, preflight(method)).await;
        assert_eq!((reply.status.as_u16(), reply.body.contains("secret")), (401, false), "{method}");
    }
    send(&guarded, get_("/secret").bearer(&held.access)).await.assert(200, "secret");
    let reply = send(&guarded.layer(CorsLayer::permissive()), preflight("OPTIONS")).await;
    assert_eq!(
        (reply.assert(200, "").header("access-control-allow-methods"), reply.header("access-control-allow-origin")),
        (Some("*"), Some("*"))
    );
}

/// Whoever is signed in, verified or not.
struct Unverified;

impl Requirement for Unverified {
    fn validators() -> Vec<Validator> {
        Vec::new()
    }

    fn global(_: Vec<Validator>) -> Vec<Validator> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_route_may_be_excepted_without_opening_the_others() {
    let world = World::with(app_info(), |builder| builder.validator(VERIFIED.is_true())).await;
    let held = world.tokens("u").await;
    let app = Router::new()
        .route("/verify", get(async |session: Require<Unverified>| session.user_id().to_string()))
        .route("/both", get(async |_: Require<Unverified>, session: Session| session.user_id().to_string()))
        .route("/pair", get(async |session: Require<(Unverified, Pro)>| session.user_id().to_string()))
        .layer(world.hallpass.layer());
    send(&app, get_("/verify").bearer(&held.access)).await.assert(200, "u");
    assert_eq!(send(&app, get_("/both").bearer(&held.access)).await.status, 403);
    let reply = send(&app, get_("/pair").bearer(&held.access)).await;
    assert!(reply.status == 403 && reply.body.contains("plan") && !reply.body.contains("verified"));
}

#[tokio::test]
async fn claims_of_a_session_are_set_fetched_read_and_removed() {
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, Told::says("pro").source())).await;
    let session = world.hallpass.create_session("u").await.unwrap();
    session.set_claim(&VERIFIED, false).await.unwrap();
    session.set_claim(&TAGS, vec!["a".to_owned()]).await.unwrap();
    session.fetch_and_set_claim(&PLAN).await.unwrap();
    session.require::<Pro>().await.unwrap();
    assert_eq!(session.claim_value(&VERIFIED), Some(false));
    assert_eq!(stored(&world, session.handle()).await["tags"], json!({ "v": ["a"], "t": hallpass::Clock::now(&*world.clock).as_millis() }));
    session.remove_claim(&PLAN).await.unwrap();
    session.remove_claim(&PLAN).await.unwrap();
    assert!(!stored(&world, session.handle()).await.as_object().unwrap().contains_key("plan"));
    assert_eq!(session.claim_value(&PLAN), None);
}

#[tokio::test]
async fn gotcha_30_by_handle_the_store_changes_and_the_client_does_not() {
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, Told::says("pro").source())).await;
    let held = world.tokens("u").await;
    let hallpass = &world.hallpass;
    assert!(hallpass.fetch_and_set_claim_of(&held.handle, &PLAN).await.unwrap());
    assert!(hallpass.set_claim_of(&held.handle, &VERIFIED, true).await.unwrap());
    assert!(hallpass.set_claim_of(&held.handle, &TAGS, vec![]).await.unwrap());
    assert!(hallpass.remove_claim_of(&held.handle, &TAGS).await.unwrap());
    assert_eq!(hallpass.claim_value_of(&held.handle, &PLAN).await.unwrap(), Stored::Value("pro".to_owned()));
    assert_eq!(hallpass.claim_value_of(&held.handle, &TAGS).await.unwrap(), Stored::NoValue);
    let before = world.send(get_("/payload").bearer(&held.access)).await;
    assert!(before.leaves_tokens() && !before.body.contains("plan"));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    let up = &front(&next.front)["up"];
    assert_eq!((&up["plan"]["v"], &up["verified"]["v"], up.get("tags")), (&json!("pro"), &json!(true), None));

    hallpass.revoke(std::slice::from_ref(&held.handle), Default::default()).await.unwrap();
    assert!(!hallpass.fetch_and_set_claim_of(&held.handle, &PLAN).await.unwrap());
    assert!(!hallpass.set_claim_of(&held.handle, &VERIFIED, true).await.unwrap());
    assert!(!hallpass.remove_claim_of(&held.handle, &VERIFIED).await.unwrap());
    assert_eq!(hallpass.claim_value_of(&held.handle, &PLAN).await.unwrap(), Stored::NoSession);
    assert_eq!(hallpass.validate_claims_of(&held.handle, |global, _| global).await.unwrap(), None);
}

#[tokio::test]
async fn gotcha_30_a_claim_that_is_fetched_after_the_token_expired_is_stored_and_sent_at_the_next_refresh() {
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, Told::says("pro").source())).await;
    let held = world.tokens("u").await;
    let session = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await.unwrap();
    world.expire_access_tokens();
    session.require::<Pro>().await.unwrap();
    assert!(!session.tokens().updated);
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(front(&next.front)["up"]["plan"]["v"], "pro");
}

#[tokio::test]
async fn a_stored_session_is_judged_in_its_own_tenant_and_keeps_what_was_fetched() {
    let world = World::with(app_info(), |builder| {
        builder
            .validator(VERIFIED.is_true())
            .claim_on_demand(PLAN, async |subject: Subject| Some(format!("{} of {}", subject.user, subject.tenant)))
    })
    .await;
    let session = world.hallpass.create_session("u").tenant("t1".parse().unwrap()).await.unwrap();
    let with_plan = |mut global: Vec<Validator>, info: &hallpass::SessionInfo| {
        global.push(PLAN.has_value(format!("{} of {}", info.user, info.tenant())));
        global
    };
    let invalid = world.hallpass.validate_claims_of(session.handle(), with_plan).await.unwrap().unwrap();
    assert_eq!(ids(&invalid), ["verified"]);
    assert_eq!(stored(&world, session.handle()).await["plan"]["v"], "u of t1");
}

#[tokio::test]
async fn without_the_layer_what_was_fetched_is_only_stored() {
    let plan = Told::says("pro");
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, plan.source())).await;
    let held = world.tokens("u").await;
    let app = Router::new()
        .route("/pro", get(async |session: Require<Pro>| session.user_id().to_string()))
        .layer(Extension(world.hallpass.clone()));
    let reply = send(&app, get_("/pro").bearer(&held.access)).await;
    assert!(reply.assert(200, "u").leaves_tokens());
    assert_eq!(stored(&world, &held.handle).await["plan"]["v"], "pro");
}

#[tokio::test]
async fn a_session_that_is_gone_when_a_claim_is_fetched_is_cleared() {
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, Told::says("pro").source())).await;
    let held = world.tokens("u").await;
    world.revoke_unheard(&held.handle).await;
    let reply = send(&pro_route(&world.hallpass), get_("/pro").bearer(&held.access)).await;
    assert!(reply.assert(401, UNAUTHORISED).clears_all());
}

#[tokio::test]
async fn a_source_that_fails_is_503_and_takes_nothing_away() {
    let world = World::with(app_info(), |builder| builder.claim_on_demand(PLAN, fails)).await;
    let held = world.tokens("u").await;
    let reply = send(&pro_route(&world.hallpass), get_("/pro").bearer(&held.access)).await;
    reply.assert(503, r#"{"message":"sessions are unavailable"}"#);
    assert!(reply.leaves_tokens() && reply.header("retry-after") == Some("2"));

    let world = World::with(app_info(), |builder| builder.claim(PLAN, fails)).await;
    let reply = world.send(login_as("u", "cookie")).await;
    assert!(reply.status == 503 && reply.leaves_tokens());
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_claim_without_a_source_can_be_set_but_not_fetched() {
    let world = World::new().await;
    let session = world.hallpass.create_session("u").await.unwrap();
    session.set_claim(&PLAN, "pro").await.unwrap();
    session.require::<Pro>().await.unwrap();
    for fetched in
        [session.fetch_and_set_claim(&PLAN).await, world.hallpass.fetch_and_set_claim_of(session.handle(), &PLAN).await.map(drop)]
    {
        assert!(matches!(fetched, Err(SessionError::Misuse(Misuse::NoSource))));
    }
}

/// A number, as it is.
#[derive(Clone, Copy)]
struct Bare;

impl Claim for Bare {
    type Value = u64;

    fn key(&self) -> &str {
        "bare"
    }

    fn write(&self, value: u64, _fetched_at: Timestamp) -> Value {
        if value == 0 { Value::Null } else { json!(value) }
    }

    fn read(&self, written: &Value) -> Option<u64> {
        written.as_u64()
    }
}

#[tokio::test]
async fn an_app_may_write_claims_and_validators_of_its_own() {
    let world = World::with(app_info(), |builder| builder.claim(Bare, always(7))).await;
    let session = world.hallpass.create_session("u").await.unwrap();
    assert_eq!(stored(&world, session.handle()).await["bare"], 7);
    session.set_claim(&Bare, 3u64).await.unwrap();
    assert_eq!(session.claim_value(&Bare), Some(3));
    let at_least = |least: u64| {
        let check = move |payload: &hallpass::JsonObject, _| match Bare.value_in(payload) {
            Some(value) if value >= least => Ok(()),
            value => Err(Some(json!({ "least": least, "is": value }))),
        };
        Validator::new("enough", check).refetching(&Bare, move |payload, _| Bare.value_in(payload).is_none_or(|value| value < least))
    };
    session.assert_claims(&[at_least(3)]).await.unwrap();
    assert_eq!(session.claim_value(&Bare), Some(3));
    let invalid = invalid(session.assert_claims(&[at_least(8)]).await);
    assert_eq!(invalid, [InvalidClaim { id: "enough".to_owned(), reason: Some(json!({ "least": 8, "is": 7 })) }]);
    // written as null it is not there, and never a null member
    session.set_claim(&Bare, 0u64).await.unwrap();
    assert!(!stored(&world, session.handle()).await.as_object().unwrap().contains_key("bare"));
}

#[tokio::test]
async fn two_claims_of_one_key_and_keys_of_the_engine_are_mistakes_of_the_app() {
    let world = World::new().await;
    let core = Arc::clone(&world.core) as Arc<dyn hallpass::Core>;
    let builder = Hallpass::builder(app_info())
        .core(core)
        .claim(PLAN, Told::default().source())
        .claim(TAGS, always(vec![]))
        .claim_on_demand(PLAN, Told::default().source())
        .claim(PrimitiveClaim::<String>::new("sessionHandle"), Told::default().source());
    let Err(error) = builder.build().await else { panic!("it was built") };
    assert!(error.to_string().contains("two claims have the key `plan`"), "{error}");
    let BuildError::Settings(mistakes) = error else { panic!("{error}") };
    assert_eq!(mistakes, [Mistake::SameClaim("plan".to_owned()), Mistake::ProtectedClaim("sessionHandle".to_owned())]);
}

#[tokio::test]
async fn what_is_demanded_of_every_session_may_depend_on_its_user_and_tenant() {
    let world = World::with(app_info(), |builder| {
        builder.validator(PLAN.has_value("pro")).validators_of(|user, tenant| match (user.as_str(), tenant.as_str()) {
            ("u", "t1") => vec![VERIFIED.is_true()],
            _ => vec![],
        })
    })
    .await;
    for (tenant, expected) in [("public", vec!["plan"]), ("t1", vec!["plan", "verified"])] {
        let session = world.hallpass.create_session("u").tenant(tenant.parse().unwrap()).await.unwrap();
        let by_handle = world.hallpass.validate_claims_of(session.handle(), |global, _| global).await.unwrap().unwrap();
        assert_eq!(ids(&by_handle), expected);
        let tokens = session.tokens();
        let verified = world.hallpass.session_from_token(tokens.access.expose(), None, &VerifyOptions::default()).await;
        assert_eq!(ids(&invalid(verified.map(drop))), expected);
    }
}

#[tokio::test]
async fn without_extractors_a_requirement_is_demanded_just_so() {
    let world = World::with(app_info(), |builder| builder.validator(VERIFIED.is_true())).await;
    let held = world.tokens("u").await;
    let request = get_("/").bearer(&held.access).build().into_parts().0;
    let required = world.hallpass.session_for::<Pro>(&request, &VerifyOptions::default()).await;
    assert_eq!(ids(&invalid(required.map(drop))), ["verified", "plan"]);
    let required = world.hallpass.session_for::<(Unverified, Pro)>(&request, &VerifyOptions::default()).await;
    assert_eq!(ids(&invalid(required.map(drop))), ["plan"]);
    let session = world.hallpass.session_for::<Unverified>(&request, &VerifyOptions::default()).await.unwrap();
    assert_eq!(session.handle(), &held.handle);
    let nobody = world.hallpass.session_for::<Unverified>(&get_("/").build().into_parts().0, &VerifyOptions::default()).await;
    assert!(matches!(nobody, Err(SessionError::Unauthorised { clear: false })));
}
