//! A core that links accounts: whoever signs in by one of several login methods is one user.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass::{AppInfo, Hallpass, HookContext, Hooks, SessionError, Theft, async_trait, remote::RemoteCore};
use hallpass_testkit::clock::ManualClock;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const HANDLE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// What it says of a session of `primary`, who signed in as `recipe`.
fn session() -> Value {
    json!({ "handle": HANDLE, "userId": "primary", "recipeUserId": "recipe", "tenantId": "public", "userDataInJWT": {} })
}

fn issued() -> Json<Value> {
    let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let claims = json!({ "sub": "primary", "rsub": "recipe", "tId": "public", "sessionHandle": HANDLE });
    let token = format!("{}.{}.{}", part(json!({ "alg": "ES256" })), part(claims), part(json!("signature")));
    let times = json!({ "token": token, "createdTime": 1_767_225_600_000_i64, "expiry": 1_767_229_200_000_i64 });
    Json(json!({ "status": "OK", "session": session(), "accessToken": times, "refreshToken": times }))
}

async fn refreshed(State(stolen): State<Arc<AtomicBool>>) -> Json<Value> {
    if stolen.load(Ordering::SeqCst) {
        Json(json!({ "status": "TOKEN_THEFT_DETECTED", "session": { "handle": HANDLE, "userId": "primary", "recipeUserId": "recipe" } }))
    } else {
        issued()
    }
}

async fn details() -> Json<Value> {
    Json(json!({
        "status": "OK", "sessionHandle": HANDLE, "userId": "primary", "recipeUserId": "recipe", "tenantId": "public",
        "timeCreated": 0, "expiry": 1, "userDataInJWT": {}, "userDataInDatabase": {},
    }))
}

#[derive(Clone, Default)]
struct Alarm(Arc<Mutex<Vec<[String; 2]>>>);

#[async_trait]
impl Hooks for Alarm {
    async fn stolen(&self, theft: Theft<'_>, _: HookContext<'_>) {
        self.0.lock().unwrap().push([theft.user, theft.recipe_user].map(ToString::to_string));
    }
}

#[tokio::test]
async fn the_user_and_the_user_by_the_login_method_are_told_apart_everywhere() {
    let is_stolen = Arc::new(AtomicBool::new(false));
    let router = Router::new()
        .route("/apiversion", get(async || Json(json!({ "versions": ["5.4"] }))))
        .route("/public/recipe/session", post(async || issued()))
        .route("/recipe/session", get(details))
        .route("/recipe/session/refresh", post(refreshed))
        .route("/recipe/session/remove", post(async || Json(json!({ "status": "OK", "sessionHandlesRevoked": [HANDLE] }))))
        .with_state(is_stolen.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let core = RemoteCore::new(&format!("http://{}", listener.local_addr().unwrap()), None, Arc::new(ManualClock::default())).unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let alarm = Alarm::default();
    let app = Hallpass::builder(info).core(Arc::new(core)).hooks(alarm.clone()).build().await.unwrap();

    let created = app.create_session("recipe").await.unwrap();
    let refreshed = app.refresh_from_token("a refresh token", None, false).await.unwrap();
    for session in [&created, &refreshed] {
        assert_eq!((session.user_id().as_str(), session.recipe_user_id().as_str()), ("primary", "recipe"));
    }
    let info = app.session_info(created.handle()).await.unwrap().unwrap();
    assert_eq!((info.user.as_str(), info.recipe_user.as_str()), ("primary", "recipe"));
    is_stolen.store(true, Ordering::SeqCst);
    match app.refresh_from_token("a refresh token", None, false).await {
        Err(SessionError::TokenTheft { user, recipe_user, .. }) => assert_eq!((user.as_str(), recipe_user.as_str()), ("primary", "recipe")),
        other => panic!("{other:?}"),
    }
    assert_eq!(*alarm.0.lock().unwrap(), [["primary", "recipe"]]);
}
