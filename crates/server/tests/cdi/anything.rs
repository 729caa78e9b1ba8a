//! Nothing that a client sends makes a server fail: not its text, not its size, not its shape.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use hallpass_engine::{keys::Algorithm, store::Store};
use hallpass_server::{api::operations, app_settings::AppSettings};
use hallpass_store::{Postgres, Sqlite};
use hallpass_testkit::postgres;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    runtime::Runtime,
};

use crate::world::{CONFIRM_GRACE, Place, Session, World};

/// Deeper than what JSON parsers like to recurse into.
const DEEP: usize = 200;

/// A connection over which bytes are sent as they are.
struct Wire(BufReader<TcpStream>);

impl Wire {
    async fn to(world: &World) -> Self {
        Self(BufReader::new(TcpStream::connect(world.authority()).await.unwrap()))
    }

    /// Sends a request and tells the answer's status and whether the connection stays open; `None`: no answer came.
    async fn ask(&mut self, request: &[u8]) -> Option<(u16, bool)> {
        tokio::time::timeout(Duration::from_secs(60), self.answer(request)).await.ok()?
    }

    async fn answer(&mut self, request: &[u8]) -> Option<(u16, bool)> {
        self.0.write_all(request).await.ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let length = if request.starts_with(b"HEAD ") { 0 } else { header("content-length").map_or(0, |length| length.parse().unwrap()) };
        self.0.read_exact(&mut vec![0; length]).await.ok()?;
        Some((head.split(' ').nth(1).unwrap().parse().unwrap(), header("connection") != Some("close")))
    }
}

/// A request, and what is asked after it to see whether the server is still there.
async fn survives(world: &World, request: &[u8]) -> Result<(), TestCaseError> {
    let mut wire = Wire::to(world).await;
    let shown = String::from_utf8_lossy(&request[..request.len().min(2000)]).into_owned();
    let Some((status, stays)) = wire.ask(request).await else {
        return Err(TestCaseError::fail(format!("no answer to {shown}")));
    };
    prop_assert!(status < 500, "{status} to {shown}");
    let mut wire = if stays { wire } else { Wire::to(world).await };
    // which reads what is stored, in every way there is
    for path in
        ["/hello", "/recipe/multitenancy/tenant/list/v2", "/hallpass/session/list?userId=alice", "/recipe/user/metadata?userId=alice"]
    {
        let Some((status, _)) = wire.ask(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await else {
            return Err(TestCaseError::fail(format!("no answer to {path} after {shown}")));
        };
        prop_assert!(status < 500, "{status} to {path} after {shown}");
    }
    Ok(())
}

fn request(method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    [request.as_bytes(), b"\r\n", body].concat()
}

/// Texts that somebody once stumbled over.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => select(vec![
            "", " ", "\0", "a\0b", "\u{feff}", "\u{202e}", "'; --", "%00", "..", "null", "true", "-1", "9223372036854775808", "1e400",
            "NaN", "public", "t1", "alice", "_", "x_", "x_t1", "x_t2", "_public", "appid-x", "RS256", "ES256", "EdDSA", "none", "hp1_", "a.b.c", "..", "\r\n",
        ].into_iter().map(str::to_owned).collect::<Vec<_>>()),
        1 => (select(vec!["a", "ä", "\0", "{", "\u{10ffff}"]), select(vec![256_usize, 513, 70_000])).prop_map(|(text, count)| text.repeat(count)),
    ]
}

/// Numbers, as they are written: not all of them can be read.
fn odd_number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("JSON has none of them", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
        select(
            vec![
                "0",
                "-0",
                "-1",
                "0.5",
                "9223372036854775807",
                "-9223372036854775808",
                "18446744073709551616",
                "1e308",
                "-1e308",
                "1e400",
                "1e-400",
                "8640000000000001",
                "253402300800000",
                "99999999999999999999999999999999999999",
            ]
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
        ),
    ]
}

/// How deep something lies: often about where parsers give up.
fn deep() -> impl Strategy<Value = usize> {
    prop_oneof![1..DEEP, 90..130_usize]
}

/// JSON as it is written. Not all of it is valid.
fn odd_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        odd_text().prop_map(|text| json!(text).to_string()),
        odd_number(),
        select(vec!["null", "true", "false", "[]", "{}", r#""\ud800""#, r#""\u0000""#, "nul", ""]).prop_map(str::to_owned),
        deep().prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
        deep().prop_map(|depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let member = (odd_text(), inner.clone()).prop_map(|(name, value)| format!("{}:{value}", json!(name)));
        prop_oneof![
            vec(inner, 0..6).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// What is done to a right call.
#[derive(Clone, Debug)]
enum Twist {
    /// A member of the arguments is something else.
    Replace(Index, String),
    /// It is in the midst of something: an object's member, or a list's element.
    Wrap(Index, usize),
    /// It is not there.
    Remove(Index),
    /// There is one more.
    Add(String, String),
    /// The body is something else altogether.
    Body(Vec<u8>),
    /// It ends early.
    Cut(Index),
}

fn twist() -> impl Strategy<Value = Twist> {
    prop_oneof![
        4 => (any::<Index>(), odd_json()).prop_map(|(at, json)| Twist::Replace(at, json)),
        2 => (any::<Index>(), deep()).prop_map(|(at, depth)| Twist::Wrap(at, depth)),
        1 => any::<Index>().prop_map(Twist::Remove),
        1 => (odd_text(), odd_json()).prop_map(|(name, json)| Twist::Add(name, json)),
        1 => prop_oneof![odd_json().prop_map(String::into_bytes), vec(any::<u8>(), 0..200)].prop_map(Twist::Body),
        1 => any::<Index>().prop_map(Twist::Cut),
    ]
}

/// An operation's right arguments, as names and JSON texts.
fn arguments(example: &str, session: &Session) -> Vec<(String, String)> {
    let example: Map<String, Value> = serde_json::from_str(&session.in_example(example)).unwrap();
    example.into_iter().map(|(name, value)| (name, value.to_string())).collect()
}

fn twisted(mut arguments: Vec<(String, String)>, twists: &[Twist], is_query: bool) -> Vec<u8> {
    let mut whole = None;
    let mut cut = None;
    for twist in twists {
        match twist {
            Twist::Replace(at, json) if !arguments.is_empty() => at.get_mut(&mut arguments).1.clone_from(json),
            Twist::Wrap(at, depth) if !arguments.is_empty() => {
                let value = &mut at.get_mut(&mut arguments).1;
                // objects stay objects, so that what is in them gets further
                let (open, close) = if value.starts_with('{') { (r#"{"thirdPartyId":"x","a":"#, "}") } else { ("[", "]") };
                *value = format!("{}{value}{}", open.repeat(*depth), close.repeat(*depth));
            }
            Twist::Remove(at) if !arguments.is_empty() => drop(arguments.remove(at.index(arguments.len()))),
            Twist::Add(name, json) => arguments.push((name.clone(), json.clone())),
            Twist::Body(bytes) => whole = Some(bytes.clone()),
            Twist::Cut(at) => cut = Some(*at),
            Twist::Replace(..) | Twist::Wrap(..) | Twist::Remove(_) => {}
        }
    }
    let mut bytes = whole.unwrap_or_else(|| {
        let members = arguments
            .iter()
            .map(|(name, value)| if is_query { format!("{name}={}", as_parameter(value)) } else { format!("{}:{value}", json!(name)) });
        let members: Vec<_> = members.collect();
        if is_query { members.join("&") } else { format!("{{{}}}", members.join(",")) }.into_bytes()
    });
    if let Some(at) = cut.filter(|_| !bytes.is_empty()) {
        bytes.truncate(at.index(bytes.len()));
    }
    bytes
}

/// A JSON value as it stands in a query: texts as they are.
fn as_parameter(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

fn encoded(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A query as it is sent: names, `=` and `&` as they are, or all of it encoded.
fn query(bytes: &[u8], is_whole: bool) -> String {
    if is_whole {
        return encoded(bytes);
    }
    bytes
        .split(|byte| *byte == b'&')
        .map(|pair| pair.splitn(2, |byte| *byte == b'=').map(encoded).collect::<Vec<_>>().join("="))
        .collect::<Vec<_>>()
        .join("&")
}

fn versions() -> impl Strategy<Value = String> {
    let odd = ["", "x", "5.", "0", "2.6", "2.8", "2.21", "3.2", "9.9", "99999999999.1", "5.4.0.0.0.0.1", "1.2.3.4.5.6.7.8.9"];
    prop_oneof![
        6 => select(vec!["3.0", "3.1", "4.0", "5.0", "5.4", "5.6"]).prop_map(str::to_owned),
        1 => select(odd.to_vec()).prop_map(str::to_owned),
    ]
}

/// What may stand in front of an operation's path.
fn places() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        5 => Just(""),
        3 => select(vec!["/public", "/t1", "/t2", "/appid-a1", "/appid-a1/t1", "/appid-", "/appid-public/t1", "//", "/%00", "/appid-%ff/..", "/recipe"]),
    ]
}

async fn world(store: Arc<dyn Store>) -> World {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    let world = World::serve(store, settings, "", CONFIRM_GRACE).await;
    world.tenant(&Place::public(), "t1").await;
    world.put(&Place::public(), "/recipe/role", json!({ "role": "reader", "permissions": ["read"] })).await.json();
    world
}

/// Alice's one session.
async fn session(world: &World) -> Session {
    world.post(&Place::public(), "/recipe/session/remove", json!({ "userId": "alice" })).await.json();
    world.session(&Place::public(), "alice", json!({ "plan": "pro" }), json!({})).await
}

/// `often`: how many times as often as usual; what that is, `PROPTEST_CASES` says.
fn run<S: Strategy>(often: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let usual = Config { failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let config = Config { cases: usual.cases.saturating_mul(often), ..usual };
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{failure}");
    }
}

/// Twists right calls of every operation.
fn twist_calls<S: Store + 'static>(store: impl AsyncFnOnce() -> S, often: u32) {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(async { world(Arc::new(store().await)).await });
    let calls = (0..operations().len(), vec(twist(), 0..4), versions(), places(), any::<bool>(), any::<bool>());
    run(often, calls, |(operation, twists, version, place, is_own, is_whole)| {
        let operation = operations()[operation];
        let is_query = operation.body.is_none();
        let session = runtime.block_on(session(&world));
        let mut arguments = twisted(arguments(operation.example.request, &session), &twists, is_query);
        let mut headers = vec![("cdi-version".to_owned(), version)];
        headers.extend(is_own.then(|| ("hallpass-client".to_owned(), "1".to_owned())));
        let path = format!("{place}{}", operation.path);
        // what is too long is another test
        arguments.truncate(if is_query { 10_000 } else { 1_000_000 });
        let request = if is_query {
            request(operation.verb.as_str(), &format!("{path}?{}", query(&arguments, is_whole)), &headers, b"")
        } else {
            request(operation.verb.as_str(), &path, &headers, &arguments)
        };
        runtime.block_on(survives(&world, &request))
    });
}

#[test]
fn no_arguments_make_a_server_over_sqlite_fail() {
    twist_calls(async || Sqlite::memory().unwrap(), 6);
}

/// It refuses texts that SQLite takes.
#[test]
fn no_arguments_make_a_server_over_postgresql_fail() {
    let database = postgres::database();
    let four = NonZeroUsize::new(4).unwrap();
    twist_calls(async || Postgres::connect(&database.url(), four, "hallpass").await.unwrap(), 2);
}

/// Each text of each operation in turn, whoever calls.
async fn try_odd_texts(store: impl Store + 'static) {
    let world = world(Arc::new(store)).await;
    let odd = ["", " ", "\0", "a\0b", "\u{feff}", "\u{10ffff}", "_", "x_\0", "'; --", "%00", "\r\n", "<b>"].map(str::to_owned);
    let odd = [&odd[..], &["x".repeat(600), "ä".repeat(5000), "\0".repeat(600)]].concat();
    let mut tried = 0;
    for operation in operations() {
        let example: Map<String, Value> = serde_json::from_str(operation.example.request).unwrap();
        for (name, value) in &example {
            for odd in &odd {
                let session = session(&world).await;
                let filled = session.in_example(operation.example.request);
                let mut arguments: Value = serde_json::from_str(&filled).unwrap();
                arguments[name] = match value {
                    Value::String(_) => json!(odd),
                    Value::Array(_) => json!([odd]),
                    Value::Object(_) => json!({ odd: odd, "thirdPartyId": odd }),
                    _ => continue,
                };
                for version in ["5.4", "5.6"] {
                    let answer = world.ask(&Place::public().version(version), operation, &arguments).await;
                    assert!(answer.status.as_u16() < 500, "{} {} {arguments}: {answer:?}", operation.verb.as_str(), operation.path);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1500, "{tried}");
}

#[tokio::test]
async fn every_text_of_every_operation_may_be_odd_over_sqlite() {
    try_odd_texts(Sqlite::memory().unwrap()).await;
}

#[tokio::test]
async fn every_text_of_every_operation_may_be_odd_over_postgresql() {
    let database = postgres::database();
    try_odd_texts(Postgres::connect(&database.url(), NonZeroUsize::new(4).unwrap(), "hallpass").await.unwrap()).await;
}

#[test]
fn no_bytes_make_a_server_fail() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(async { world(Arc::new(Sqlite::memory().unwrap())).await });
    let bytes = || vec(any::<u8>().prop_filter("lines end where they end", |byte| !b"\r\n".contains(byte)), 0..40);
    let names = ["cdi-version", "api-key", "authorization", "rid", "content-type", "hallpass-client", "expect", "cookie", "x"];
    let headers = vec((select(names.to_vec()), bytes()), 0..4);
    let methods = select(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY", "get"]);
    let paths = prop_oneof![
        bytes().prop_map(|bytes| [b"/", &bytes[..]].concat()),
        (0..operations().len(), bytes())
            .prop_map(|(operation, bytes)| { [operations()[operation].path.as_bytes(), b"?", &bytes].concat() })
    ];
    run(3, (methods, paths, headers, vec(any::<u8>(), 0..60)), |(method, path, headers, body)| {
        let mut request = [method.as_bytes(), b" ", &path, b" HTTP/1.1\r\nhost: x\r\n"].concat();
        for (name, value) in headers {
            request = [&request, name.as_bytes(), b": ", &value, b"\r\n"].concat();
        }
        request.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
        request.extend(body);
        runtime.block_on(survives(&world, &request))
    });
}

#[tokio::test]
async fn what_is_nested_too_deep_is_refused_before_it_is_stored() {
    let (world, place) = (world(Arc::new(Sqlite::memory().unwrap())).await, Place::public());
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for depth in 1..DEEP {
        let session = session(&world).await;
        let value = deep(depth);
        for (path, body) in [
            ("/recipe/session/data", format!(r#"{{"sessionHandle": "{}", "userDataInDatabase": {{"a": {value}}}}}"#, session.handle)),
            ("/recipe/jwt/data", format!(r#"{{"sessionHandle": "{}", "userDataInJWT": {{"a": {value}}}}}"#, session.handle)),
            ("/recipe/user/metadata", format!(r#"{{"userId": "alice", "metadataUpdate": {{"a": {value}}}}}"#)),
            ("/recipe/multitenancy/config/thirdparty", format!(r#"{{"config": {{"thirdPartyId": "x", "a": {value}}}}}"#)),
        ] {
            let answer = world.send_at(&place, axum::http::Method::PUT, path, body).await;
            let is_taken = depth <= 98;
            let expected = if is_taken { (200, r#"{"status":"OK""#) } else { (400, "Invalid Json Input") };
            assert!(answer.status == expected.0 && answer.text.starts_with(expected.1), "{depth} {path} {answer:?}");
        }
        // every answer that tells of it can be read by a parser with the usual limit
        for path in ["/recipe/multitenancy/app/list/v2", "/hallpass/session/list?userId=alice", "/recipe/user/metadata?userId=alice"] {
            world.send_at(&place, axum::http::Method::GET, path, String::new()).await.json();
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_told_so() {
    let world = World::new().await;
    let body = format!(r#"{{"a": "{}"}}"#, "x".repeat(1 << 20));
    let answer = world.send_at(&Place::public(), axum::http::Method::POST, "/recipe/session", body).await;
    assert_eq!(answer.problem(413), "The body is larger than this server accepts");
}
