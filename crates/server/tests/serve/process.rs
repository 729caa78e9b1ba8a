//! The command `hallpass serve`, from its start to its end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use hallpass_engine::{random::SystemRandom, vault::MasterKey};
use serde_json::Value;

const SECRET: &str = "hunter2hunter2hunter2";

/// A command that finds no settings but those that it is given.
fn hallpass(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    command.args(arguments).env_clear().current_dir(folder);
    command
}

fn refused(folder: &Path, arguments: &[&str], code: i32) -> String {
    let Output { status, stdout, stderr } = hallpass(folder, arguments).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(code), 0), "{said}");
    said
}

/// A server in a process of its own.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Hallpass listens at http://").unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Self { child, address }
    }

    fn says(&self, request: &str) -> String {
        let mut connection = TcpStream::connect(self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.says(&format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"))
    }

    /// Creates a session; its refresh token.
    fn sign_in(&self) -> String {
        let body = r#"{"userId":"u","userDataInJWT":{},"userDataInDatabase":{},"enableAntiCsrf":false}"#;
        let answer = self.post("/recipe/session", body);
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        answer["refreshToken"]["token"].as_str().unwrap().to_owned()
    }

    fn refresh(&self, token: &str) -> String {
        let body = format!(r#"{{"refreshToken":"{token}","enableAntiCsrf":false,"useDynamicSigningKey":true}}"#);
        self.post("/recipe/session/refresh", &body)
    }

    fn post(&self, path: &str, body: &str) -> String {
        let length = body.len();
        self.says(&format!("POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"))
    }

    /// Tells it something as an operator or a container does.
    fn tell(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Tells it to stop; what it logged.
    fn stop(self, signal: &str) -> String {
        self.tell(signal);
        self.end()
    }

    /// What it logged by its end.
    fn end(mut self) -> String {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{said}");
        said
    }
}

#[test]
fn whoever_says_stop_twice_does_not_wait_for_requests_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--shutdown-grace", "1h"]));
    let mut unfinished = TcpStream::connect(server.address).unwrap();
    unfinished.write_all(b"POST /recipe/session HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n").unwrap();
    let mut under_way = [0; 12];
    unfinished.read_exact(&mut under_way).unwrap();
    assert_eq!(&under_way, b"HTTP/1.1 100");
    server.tell("-INT");
    while TcpStream::connect(server.address).is_ok() {} // it has heard that when nobody new gets in
    server.tell("-INT");
    server.end();
}

#[test]
fn sessions_in_a_file_survive_a_restart_and_their_key_is_the_owners_only() {
    let folder = tempfile::tempdir().unwrap();
    let serve = || Process::start(hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--database", "sqlite://sessions.db"]));
    let first = serve();
    assert!(first.get("/hello").ends_with("Hello\n"));
    let token = first.sign_in();
    let said = first.stop("-TERM");
    assert!(said.contains("stopping") && said.contains("stopped") && !said.contains("memory"), "{said}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("sessions.db.key"), mode("sessions.db")), (0o600, 0o600));
    }
    let second = serve();
    let answer = second.refresh(&token);
    assert!(answer.contains("\"status\":\"OK\""), "{answer}");
    second.stop("-INT");
}

#[test]
fn a_master_key_takes_over_from_the_key_file_and_another_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let command = |keys: &str| {
        let mut command = hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--database", "sqlite://sessions.db"]);
        if !keys.is_empty() {
            command.env("HALLPASS_MASTER_KEY", keys);
        }
        command
    };
    let [first, second] = [(); 2].map(|()| MasterKey::generate(&SystemRandom).to_text().to_string());
    let beside = Process::start(command(""));
    let token = beside.sign_in();
    beside.stop("-TERM");
    let given = Process::start(command(&first));
    assert!(given.refresh(&token).contains("\"status\":\"OK\""));
    given.stop("-TERM");

    std::fs::remove_file(folder.path().join("sessions.db.key")).unwrap();
    let output = command(&second).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("is the master key the one that sealed them?") && !said.contains(&second), "{said}");
}

#[test]
fn the_log_tells_each_request_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"]);
    command.env("HALLPASS_API_KEYS", SECRET).env("PASSWORD_HASHING_ALG", "BCRYPT");
    let server = Process::start(command);
    server.says(&format!(
        "GET /recipe/session?sessionHandle={SECRET} HTTP/1.1\r\nhost: test\r\napi-key: {SECRET}\r\nx-request-id: seven\r\nconnection: close\r\n\r\n"
    ));
    server.post("/recipe/session/refresh", &format!(r#"{{"refreshToken":"{SECRET}"}}"#));
    server.get(&format!("/metrics?api-key={SECRET}"));
    let said = server.stop("-TERM");
    assert!(!said.contains(SECRET), "{said}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().find(|line| line["id"] == "seven").unwrap_or_else(|| panic!("{said}"));
    assert_eq!((&told["method"], &told["path"], &told["level"]), (&"GET".into(), &"/recipe/session".into(), &"INFO".into()));
    assert!(told["status"].is_u64() && told["ms"].is_f64(), "{told}");
    let warnings = lines.iter().filter(|line| line["level"] == "WARN").count();
    assert_eq!(warnings, 2, "no database, and a variable without effect: {said}");
    assert!(said.contains("PASSWORD_HASHING_ALG"));
}

#[test]
fn no_token_that_it_mints_is_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--log-level", "debug"]));
    let minted = |answer: &str| {
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        ["accessToken", "refreshToken"].map(|name| answer[name]["token"].as_str().unwrap().to_owned())
    };
    let first = server.sign_in();
    let [second_access, second] = minted(&server.refresh(&first));
    // the same child once more, a generation, one that is wrong in one place, and a theft
    let [again, _] = minted(&server.refresh(&first));
    let [third_access, third] = minted(&server.refresh(&second));
    let wrong = format!("{third}A");
    assert!(server.refresh(&wrong).contains("UNAUTHORISED"));
    let verify = format!(r#"{{"accessToken":"{third_access}","enableAntiCsrf":false,"doAntiCsrfCheck":false,"checkDatabase":true}}"#);
    assert!(server.post("/recipe/session/verify", &verify).contains("\"status\":\"OK\""));
    server.refresh(&first);
    let said = server.stop("-TERM");
    assert!(said.contains("/recipe/session/refresh"), "it tells of its requests: {said}");
    for token in [first, second, third, second_access, again, third_access, wrong] {
        for part in token.trim_start_matches("hp1_").split('.') {
            assert!(!said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn traces_go_to_a_collector_as_part_of_the_callers_trace() {
    let folder = tempfile::tempdir().unwrap();
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let server = Process::start(hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--otlp-endpoint", &endpoint]));
    server.says(&format!(
        "GET /recipe/session?sessionHandle={SECRET} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nx-request-id: seven\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n"
    ));
    server.get("/live");
    let (sender, collected) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut connection, _) = collector.accept().unwrap();
        let mut sent = Vec::new();
        let mut buffer = [0; 4096];
        // a batch is small; its end is that of the body whose length the head tells
        while !is_whole(&sent) {
            let read = connection.read(&mut buffer).unwrap();
            assert!(read > 0);
            sent.extend_from_slice(&buffer[..read]);
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        sender.send(sent)
    });
    server.stop("-TERM"); // what is left is sent
    let sent = collected.recv_timeout(Duration::from_secs(10)).unwrap();
    let holds = |part: &[u8]| sent.windows(part.len()).any(|window| window == part);
    assert!(sent.starts_with(b"POST /v1/traces HTTP/1.1\r\n") && holds(b"application/x-protobuf"));
    assert!(holds(&hex::decode("4bf92f3577b34da6a3ce929d0e0e4736").unwrap()) && holds(b"/recipe/session") && holds(b"seven"));
    assert!(!holds(SECRET.as_bytes()) && !holds(b"/live"));
}

/// Whether a request has come as far as its head says.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    request.len() >= head.len() + 4 + length
}

#[test]
fn every_mistake_is_on_a_line_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hallpass.toml"), "colour = 1\nlog_level = \"loud\"\n").unwrap();
    let said = refused(folder.path(), &["serve", "--listen", "nowhere"], 1);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "hallpass: 3 things in the configuration are not right:");
    assert!(lines[1].contains("colour in hallpass.toml") && lines[2].contains("--listen") && lines[3].contains("log_level"), "{said}");
    std::fs::write(folder.path().join("hallpass.toml"), "log_level = \"loud\"\n").unwrap();
    assert_eq!(refused(folder.path(), &["serve"], 1).lines().count(), 1);
}

#[test]
fn secrets_are_no_flags_and_flags_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    for flag in ["--master-key", "--api-keys"] {
        assert!(refused(folder.path(), &["serve", flag, "x"], 2).contains("unexpected argument"));
    }
    let help = String::from_utf8(hallpass(folder.path(), &["serve", "--help"]).output().unwrap().stdout).unwrap();
    for flag in ["--config", "--listen", "--database", "--master-key-file", "--test-mode", "--access-token-validity"] {
        assert!(help.contains(flag), "{flag}: {help}");
    }
}

#[test]
fn what_keeps_the_server_from_starting_is_said_in_one_line_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = |arguments: &[&str]| {
        let said = refused(folder.path(), &[&["serve"], arguments].concat(), 1);
        let last = said.lines().last().unwrap().to_owned();
        assert!(last.starts_with("hallpass: "), "{said}");
        last
    };
    let said = error(&["--listen", &address, "--database", "sqlite://x.db"]);
    assert!(said.contains(&address) && said.contains("is taken") && said.contains("--listen"), "{said}");
    let said = error(&["--listen", "127.0.0.1:0", "--admin-listen", &address]);
    assert!(said.contains("--admin-listen"), "{said}");
    assert!(error(&["--listen", "no-such-host.invalid:1"]).contains("cannot listen on no-such-host.invalid:1"));
    assert!(error(&["--database", "sqlite:///nowhere/at/all.db"]).contains("/nowhere/at/all.db"));
    assert!(error(&["--database", "postgres://u@127.0.0.1:1/x"]).contains("hallpass keygen"));
    assert!(
        error(&["--database", &format!("postgres://u:{SECRET}@127.0.0.1:1/x"), "--dangerous-plaintext-keys"])
            .contains("cannot connect to the database 127.0.0.1:1/x")
    );
}

#[test]
fn keygen_prints_a_key_that_the_server_takes_and_says_where_to_put_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = hallpass(folder.path(), &["keygen"]).output().unwrap();
    let (key, hint) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(key.lines().count(), 1);
    MasterKey::from_text(&key).unwrap();
    assert!(hint.contains("HALLPASS_MASTER_KEY") && hint.contains("--master-key-file") && !hint.contains(key.trim()), "{hint}");
}

#[test]
fn api_keys_in_a_file_are_changed_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api-keys");
    let (old, new) = ("o".repeat(24), "n".repeat(24));
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("\n");
    let said = refused(folder.path(), &["serve", "--api-keys-file", "api-keys"], 1);
    assert!(said.contains("the file of API keys api-keys must hold keys of 20 characters or more"), "{said}");

    write(&format!("{old}\n"));
    let process = Process::start(hallpass(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--api-keys-file", "api-keys"]));
    let opens = |key: &str| {
        let request = format!("GET /apiversion HTTP/1.1\r\nhost: test\r\nconnection: close\r\napi-key: {key}\r\n\r\n");
        process.says(&request).starts_with("HTTP/1.1 200")
    };
    let becomes_true = |condition: &dyn Fn() -> bool| {
        (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            condition()
        })
    };
    assert!(opens(&old) && !opens(&new));
    write(&format!("{new}\n{old}\n"));
    assert!(becomes_true(&|| opens(&new)) && opens(&old), "both while callers change over");
    write(&new);
    assert!(becomes_true(&|| !opens(&old)) && opens(&new));
    let said = process.stop("-TERM");
    assert!(said.contains("the API keys were changed"), "{said}");
    assert!(!said.contains(&old) && !said.contains(&new), "{said}");
}
