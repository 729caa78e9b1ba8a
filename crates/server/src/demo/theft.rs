//! Owner and thief: the visitor plays both.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{AppId, CoreError, Session, SessionError, Timestamp, TokenText, VerifyOptions, Why};
use hallpass_engine::{
    access_token::UnverifiedAccessToken,
    core::{Refresh, Refreshed},
    judge::{Lineage, Rule},
};

use super::{
    Demo,
    clock::SKIP,
    home::{Happened, events_of},
    millis,
    page::{Fields, Onward, Place, refused, render},
    story::{Letter, Outcome, Role, Step, Theft},
    visitor::{Access, Browser, Hand},
    wording,
};

#[derive(Template)]
#[template(path = "theft.html")]
struct Page<'a> {
    user: Option<&'a str>,
    name: String,
    owner: Held,
    thief: Held,
    /// `None`: the session is over.
    server: Option<ServerSide>,
    story: Vec<Told>,
    events: Vec<Happened>,
}

#[derive(Template)]
#[template(path = "theft_none.html")]
struct NoTheft<'a> {
    user: Option<&'a str>,
}

/// What somebody holds.
struct Held {
    token: Option<Letter>,
    /// Milliseconds that the access token has left; `None`: there is none.
    access_left_ms: Option<u64>,
}

/// What the server has on record.
struct ServerSide {
    generation: u32,
    current: Option<Letter>,
    retired: Option<RetiredSide>,
}

struct RetiredSide {
    token: Letter,
    is_child_used: bool,
    /// How long it still gets the same child.
    left_ms: u64,
    window_ms: u64,
}

struct Told {
    role: &'static str,
    headline: String,
    why: String,
    ago: String,
    is_alarm: bool,
}

impl Page<'_> {
    /// A token in a sentence.
    fn letter(&self, token: &Option<Letter>) -> String {
        token.map_or_else(|| "it".to_owned(), |letter| letter.to_string())
    }
}

impl Held {
    fn new(hand: Option<&Hand>, theft: &Theft, now: Timestamp) -> Self {
        Self {
            token: hand.and_then(|hand| theft.letter(&hand.id)),
            access_left_ms: hand.and_then(|hand| hand.access.as_ref()).map(|access| millis(access.expires_at.since(now))),
        }
    }
}

impl ServerSide {
    fn new(row: &Lineage, theft: &Theft, now: Timestamp) -> Self {
        let window = Rule::new().window;
        let retired = row.retired.as_ref().and_then(|retired| {
            // retired before the theft began: not part of the story
            let token = theft.letter(&retired.hash)?;
            let left_ms = millis(retired.until.unwrap_or(retired.at + window).since(now));
            Some(RetiredSide { token, is_child_used: retired.until.is_some(), left_ms, window_ms: millis(window) })
        });
        Self { generation: row.generation, current: theft.letter(&row.current), retired }
    }
}

impl Told {
    fn new(step: &Step, now: Timestamp) -> Self {
        Self {
            role: step.role.map_or("clock", Role::as_str),
            headline: step.headline.clone(),
            why: step.why.clone(),
            ago: wording::ago(now, step.at),
            is_alarm: step.is_alarm,
        }
    }
}

/// `GET /theft`. The owner may be signed out by now: the story is told all the same.
pub(super) async fn page(State(demo): State<Arc<Demo>>, session: Result<Session, SessionError>, browser: Browser) -> Response {
    let session = session.ok();
    let user = session.as_ref().map(|session| session.user_id().as_str());
    let known = demo.visitors.with(&browser, |visitor| (visitor.user.clone(), visitor.handle.clone(), visitor.theft.is_some()));
    let Some((owner, handle, true)) = known else { return render(&NoTheft { user }) };
    let told = async {
        if let Some(session) = &session {
            // the layer tells the engine in the background; this page is about to show what the engine knows
            confirm(&demo, &session.tokens().access).await?;
        }
        demo.stored(&handle).await
    };
    let row = match told.await {
        Ok(row) => row.map(|session| session.lineage),
        Err(error) => return refused(&error.into(), Place::Theft),
    };
    let now = demo.now();
    let events = if row.is_none() { events_of(&demo, &owner, &handle).await } else { Vec::new() };
    let page = demo.visitors.with(&browser, |visitor| {
        let theft = visitor.theft.as_ref()?;
        Some(Page {
            user,
            name: owner.to_string(),
            owner: Held::new(visitor.owner.as_ref(), theft, now),
            thief: Held::new(Some(&theft.thief), theft, now),
            server: row.as_ref().map(|row| ServerSide::new(row, theft, now)),
            story: theft.story.iter().rev().map(|step| Told::new(step, now)).collect(),
            events,
        })
    });
    page.flatten().map_or_else(|| render(&NoTheft { user }), |page| render(&page))
}

/// Tells the engine that an access token came from whoever holds it. `false`: it does not hold.
async fn confirm(demo: &Demo, access: &TokenText) -> Result<bool, CoreError> {
    let (core, app) = (demo.hallpass.core(), AppId::public());
    let Ok(token) = UnverifiedAccessToken::parse(access.expose()) else { return Ok(false) };
    let keys = core.verifying_keys(&app, token.kid()).await?;
    let Ok(token) = token.verify(&keys, demo.now()) else { return Ok(false) };
    if token.parent_refresh_id().is_some() {
        core.session_confirm(&app, &[token.delivered()]).await?;
    }
    Ok(true)
}

/// The thief copies what the owner's browser holds now.
pub(super) async fn steal(State(demo): State<Arc<Demo>>, browser: Browser) -> Response {
    let now = demo.now();
    demo.visitors.with(&browser, |visitor| {
        if let Some(owner) = &visitor.owner {
            visitor.theft = Some(Theft::begin(owner, now));
        }
    });
    Redirect::to(Place::Theft.path()).into_response()
}

/// The thief's copy, by its letter.
fn copy(demo: &Demo, browser: &Browser) -> Option<(Hand, Option<Letter>)> {
    demo.visitors.with(browser, |visitor| visitor.theft.as_ref().map(|theft| (theft.thief.clone(), theft.letter(&theft.thief.id))))?
}

/// Goes on with the story, unless another one has begun.
fn tell_on(demo: &Demo, browser: &Browser, tell: impl FnOnce(&mut Theft, Timestamp)) {
    let now = demo.now();
    demo.visitors.with(browser, |visitor| visitor.theft.as_mut().map(|theft| tell(theft, now)));
}

/// The thief presents the refresh token: the same call that the refresh route makes.
pub(super) async fn thief_refreshes(State(demo): State<Arc<Demo>>, browser: Browser) -> Response {
    let Some((thief, letter)) = copy(&demo, &browser) else { return Redirect::to(Place::Theft.path()).into_response() };
    let refresh = Refresh {
        app: AppId::public(),
        token: thief.refresh,
        anti_csrf: None,
        use_anti_csrf: false,
        family: None,
        access_token_validity: None,
        actor: Some("The thief’s laptop".to_owned()),
    };
    let outcome = match demo.hallpass.core().session_refresh(refresh).await {
        Ok(outcome) => outcome,
        Err(error) => return refused(&error.into(), Place::Theft),
    };
    if let Refreshed::Reuse { handle, .. } = &outcome {
        // it is gone already. A refresh by the SDK is felt at once, and this one too
        if let Err(error) = demo.hallpass.revoke(std::slice::from_ref(handle), Why::default()).await {
            return refused(&error, Place::Theft);
        }
    }
    tell_on(&demo, &browser, |theft, now| match outcome {
        Refreshed::Issued(issued) => {
            let access = Access { token: issued.access.token, expires_at: issued.access.expires_at };
            let hand = Hand::new(issued.refresh.token, access, &issued.access.claims);
            if let (Some(hand), Some(outcome)) = (hand, theft.learn(&issued.access.claims)) {
                theft.thief = hand;
                theft.refreshed(now, Role::Thief, letter, outcome);
            }
        }
        Refreshed::Reuse { .. } => theft.refreshed(now, Role::Thief, letter, Outcome::Reuse),
        Refreshed::Unauthorised(_) => theft.refreshed(now, Role::Thief, letter, Outcome::Over),
    });
    Redirect::to(Place::Theft.path()).into_response()
}

/// The thief acts as the user, with the access token that the copy got.
pub(super) async fn thief_calls(State(demo): State<Arc<Demo>>, browser: Browser) -> Response {
    let onward = || Redirect::to(Place::Theft.path()).into_response();
    let Some((Hand { access: Some(access), id, .. }, letter)) = copy(&demo, &browser) else { return onward() };
    let known = demo.visitors.with(&browser, |visitor| visitor.handle.clone());
    let called = async {
        let accepted = match demo.hallpass.session_from_token(access.token.expose(), None, &VerifyOptions::default()).await {
            Ok(_session) => confirm(&demo, &access.token).await?,
            Err(SessionError::TryRefresh) => false,
            Err(error) => return Err(error),
        };
        let row = if let Some(handle) = &known { demo.stored(handle).await? } else { None };
        Ok((accepted, row))
    };
    let (accepted, row) = match called.await {
        Ok(called) => called,
        Err(error) => return refused(&error, Place::Theft),
    };
    let name = letter.map_or_else(String::new, |letter| letter.to_string());
    let (headline, why) = match (accepted, row) {
        (true, Some(row)) if row.lineage.current == id => (
            format!("The thief acts as the user, with {name}’s access token"),
            format!("It works: access tokens are checked without asking the database. And now the server knows that {name} arrived somewhere, so its parent dies 10 s later."),
        ),
        (true, _) => (
            format!("The thief acts as the user, with {name}’s access token"),
            format!("It works until it expires, although {name} can rotate no more: access tokens are checked without asking the database."),
        ),
        (false, None) if demo.now() < access.expires_at => (
            "The thief’s access token counts no more".to_owned(),
            "It has not expired, but its session is revoked. Access tokens are checked without asking the database; whoever checks them is told of every revocation.".to_owned(),
        ),
        (false, _) => (
            "The thief’s access token is refused".to_owned(),
            "It has expired. The thief has to refresh, and that is where thefts come to light.".to_owned(),
        ),
    };
    tell_on(&demo, &browser, |theft, now| theft.tell(now, Some(Role::Thief), headline, why));
    onward()
}

/// Ten seconds pass, for everybody who looks at this demo.
pub(super) async fn skip(State(demo): State<Arc<Demo>>, browser: Browser, Fields(Onward { next }): Fields<Onward>) -> Response {
    demo.clock.skip();
    tell_on(&demo, &browser, |theft, now| theft.tell(now, None, format!("{} seconds pass", SKIP.as_secs()), ""));
    Redirect::to(next.path()).into_response()
}
