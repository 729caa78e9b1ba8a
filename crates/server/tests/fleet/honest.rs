//! An honest client: it keeps what it was last given, and asks again, maybe elsewhere, what was not answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hallpass_engine::random::Random;
use hallpass_testkit::random::SeededRandom;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    caller::{Caller, new_session, refreshing, token, verifying},
    node::PATIENCE,
};

/// More sessions are not begun.
const SESSIONS: usize = 8;

/// What clients have seen together.
#[derive(Default)]
pub(crate) struct Seen {
    /// What must never happen to an honest client.
    pub(crate) wrongs: Mutex<Vec<String>>,
    /// When a server said "not now", or broke off.
    pub(crate) mishaps: Mutex<Vec<(Instant, String)>>,
    /// The longest that anything took to be answered or broken off.
    longest: Mutex<Duration>,
    /// What succeeded.
    pub(crate) done: Mutex<u64>,
}

impl Seen {
    fn wrong(&self, what: String) {
        self.wrongs.lock().unwrap().push(what);
    }

    fn took(&self, time: Duration) {
        let mut longest = self.longest.lock().unwrap();
        *longest = time.max(*longest);
    }

    pub(crate) fn longest(&self) -> Duration {
        *self.longest.lock().unwrap()
    }
}

pub(crate) struct Honest {
    user: String,
    caller: Caller,
    nodes: Vec<SocketAddr>,
    random: SeededRandom,
    seen: Arc<Seen>,
    sessions: Vec<Session>,
}

/// A session as far as its client knows: everything here was acknowledged.
struct Session {
    handle: String,
    refresh: String,
    access: String,
    payload: u64,
    data: u64,
    is_revoked: bool,
    /// An answer was lost. The change may still come late: it must not come after another one.
    is_payload_left_alone: bool,
    is_data_left_alone: bool,
}

impl Honest {
    pub(crate) fn new(number: usize, nodes: Vec<SocketAddr>, seen: Arc<Seen>) -> Self {
        let version = if number.is_multiple_of(2) { "5.4" } else { "5.6" };
        let user = format!("user-{number}");
        Self { user, caller: Caller::new(version), nodes, random: SeededRandom::new(number as u64), seen, sessions: Vec::new() }
    }

    /// Does what clients do until it is told to stop; every answer that it waits for is there then.
    pub(crate) async fn live(mut self, stop: Arc<AtomicBool>) -> Self {
        while !stop.load(Ordering::Relaxed) {
            let living: Vec<_> = (0..self.sessions.len()).filter(|index| !self.sessions[*index].is_revoked).collect();
            if living.is_empty() {
                self.begin().await;
                continue;
            }
            let index = living[self.below(living.len())];
            match self.below(20) {
                0 if self.sessions.len() < SESSIONS => self.begin().await,
                0 | 1 => self.revoke(index).await,
                2..=5 => self.change_payload(index).await,
                6..=8 => self.change_data(index).await,
                9..=11 => self.verify(index).await,
                12 | 13 => self.refresh_in_two_tabs(index).await,
                _ => self.refresh(index).await,
            }
        }
        self
    }

    fn below(&self, bound: usize) -> usize {
        let mut byte = [0];
        self.random.fill(&mut byte);
        usize::from(byte[0]) % bound
    }

    async fn begin(&mut self) {
        let (session, _) = self.insist(Method::POST, "/recipe/session", new_session(&self.user)).await;
        self.sessions.push(Session {
            handle: session["session"]["handle"].as_str().unwrap().to_owned(),
            refresh: token(&session, "refreshToken").to_owned(),
            access: token(&session, "accessToken").to_owned(),
            payload: 0,
            data: 0,
            is_revoked: false,
            is_payload_left_alone: false,
            is_data_left_alone: false,
        });
    }

    async fn refresh(&mut self, index: usize) {
        let (answer, _) = self.insist(Method::POST, "/recipe/session/refresh", refreshing(&self.sessions[index].refresh)).await;
        self.keep(index, &answer);
    }

    /// Two tabs wake up with the same cookies; the jar keeps what came last.
    async fn refresh_in_two_tabs(&mut self, index: usize) {
        let ask = async || {
            let (answer, _) = self.insist(Method::POST, "/recipe/session/refresh", refreshing(&self.sessions[index].refresh)).await;
            (Instant::now(), answer)
        };
        let (one, other) = tokio::join!(ask(), ask());
        let [(_, first), (_, last)] = if one.0 <= other.0 { [one, other] } else { [other, one] };
        self.keep(index, &first);
        self.keep(index, &last);
    }

    fn keep(&mut self, index: usize, answer: &Value) {
        if self.expect_ok("refresh", answer) {
            let session = &mut self.sessions[index];
            session.refresh = token(answer, "refreshToken").to_owned();
            session.access = token(answer, "accessToken").to_owned();
        }
    }

    async fn verify(&mut self, index: usize) {
        let body = verifying(&self.sessions[index].access, true);
        let (answer, _) = self.insist(Method::POST, "/recipe/session/verify", body).await;
        self.expect_ok("verification", &answer);
        if let Some(access) = answer["accessToken"]["token"].as_str() {
            self.sessions[index].access = access.to_owned();
        }
    }

    async fn change_payload(&mut self, index: usize) {
        let session = &self.sessions[index];
        if session.is_payload_left_alone {
            return;
        }
        let value = session.payload + 1;
        let body = json!({ "sessionHandle": session.handle, "userDataInJWT": { "n": value } });
        let (answer, at_once) = self.insist(Method::PUT, "/recipe/jwt/data", body).await;
        self.expect_ok("change of the payload", &answer);
        let session = &mut self.sessions[index];
        (session.payload, session.is_payload_left_alone) = (value, !at_once);
    }

    async fn change_data(&mut self, index: usize) {
        let session = &self.sessions[index];
        if session.is_data_left_alone {
            return;
        }
        let value = session.data + 1;
        let body = json!({ "sessionHandle": session.handle, "userDataInDatabase": { "n": value } });
        let (answer, at_once) = self.insist(Method::PUT, "/recipe/session/data", body).await;
        self.expect_ok("change of the data", &answer);
        let session = &mut self.sessions[index];
        (session.data, session.is_data_left_alone) = (value, !at_once);
    }

    async fn revoke(&mut self, index: usize) {
        let body = json!({ "sessionHandles": [self.sessions[index].handle] });
        let (answer, _) = self.insist(Method::POST, "/recipe/session/remove", body).await;
        self.expect_ok("revocation", &answer);
        self.sessions[index].is_revoked = true;
        self.check(index, &self.nodes.clone()).await; // it holds at once, whoever is asked
    }

    fn expect_ok(&self, what: &str, answer: &Value) -> bool {
        let is_ok = answer["status"] == "OK";
        if !is_ok {
            self.seen.wrong(format!("{} ({}): {what}: {answer}", self.user, self.caller.version));
        }
        is_ok
    }

    /// Asks one server after the other until one answers; also tells whether the first answer was one.
    async fn insist(&self, verb: Method, path: &str, body: Value) -> (Value, bool) {
        self.insist_at(&self.nodes, verb, path, body).await
    }

    async fn insist_at(&self, nodes: &[SocketAddr], verb: Method, path: &str, body: Value) -> (Value, bool) {
        let started = Instant::now();
        for attempt in 0.. {
            let (node, asked_at) = (nodes[self.below(nodes.len())], Instant::now());
            let answer = self.caller.call(node, verb.clone(), path, &body).await;
            self.seen.took(asked_at.elapsed());
            let mishap = match answer {
                Ok(answer) if answer.status == StatusCode::OK => {
                    *self.seen.done.lock().unwrap() += 1;
                    return (answer.json(), attempt == 0);
                }
                Ok(answer) if answer.is_not_now() => format!("{} {}", answer.status, answer.text),
                Ok(answer) => panic!("{path} was answered with {} {}", answer.status, answer.text),
                Err(silence) => silence.to_string(),
            };
            self.seen.mishaps.lock().unwrap().push((Instant::now(), format!("{node} {path}: {mishap}")));
            assert!(started.elapsed() < PATIENCE, "nobody does {path}: {mishap}");
            sleep(Duration::from_millis(20 + 10 * attempt.min(20))).await;
        }
        unreachable!()
    }

    /// Whether everything that was ever acknowledged is so, on every server. All of them must be there.
    pub(crate) async fn settle(mut self) {
        for index in 0..self.sessions.len() {
            if !self.sessions[index].is_revoked {
                self.refresh(index).await;
            }
            for node in self.nodes.clone() {
                self.check(index, &[node]).await;
            }
        }
        let path = format!("/hallpass/event/list?limit=1000&userId={}", self.user);
        let (events, _) = self.insist(Method::GET, &path, Value::Null).await;
        let is_theft = |event: &&Value| event["kind"] == "refresh.reuse";
        let thefts: Vec<_> = events["events"].as_array().unwrap().iter().filter(is_theft).collect();
        if !thefts.is_empty() {
            self.seen.wrong(format!("{}: {thefts:?}", self.user));
        }
    }

    /// Whether a session is as it was acknowledged, or as gone, at one of these servers.
    async fn check(&mut self, index: usize, nodes: &[SocketAddr]) {
        let session = &self.sessions[index];
        let ask = async |verb, path: &str, body| self.insist_at(nodes, verb, path, body).await.0;
        let verified = ask(Method::POST, "/recipe/session/verify", verifying(&session.access, true)).await;
        let stored = ask(Method::GET, &format!("/recipe/session?sessionHandle={}", session.handle), Value::Null).await;
        if session.is_revoked {
            let refreshed = ask(Method::POST, "/recipe/session/refresh", refreshing(&session.refresh)).await;
            for answer in [&verified, &stored, &refreshed] {
                if answer["status"] != "UNAUTHORISED" {
                    self.seen.wrong(format!("{} was revoked: {answer}", session.handle));
                }
            }
            return;
        }
        self.expect_ok("verification", &verified);
        let number = |value: &Value| value["n"].as_u64().unwrap_or(0);
        let found = (number(&stored["userDataInJWT"]), number(&stored["userDataInDatabase"]));
        if !self.expect_ok("session", &stored) || found != (session.payload, session.data) {
            self.seen.wrong(format!("{}: {} and {} were acknowledged: {stored}", session.handle, session.payload, session.data));
        }
        if let Some(access) = verified["accessToken"]["token"].as_str() {
            self.sessions[index].access = access.to_owned();
        }
    }
}
