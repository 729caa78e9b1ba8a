//! An app with its database in a file, a server over the same file, and an operator beside both.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use hallpass::{AppId, Core, JsonObject, KeyFamily, NewSession, TokenText, embedded};
use hallpass_engine::{
    core::{Created, Issued, Refresh, Refreshed},
    engine::{Config, Engine},
    id::Tenant,
    store::TenantStore,
    tenancy::TenantRecord,
    time::{SystemClock, Timestamp},
};
use hallpass_store::Sqlite;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What the server wants to see from its callers.
pub(crate) const API_KEY: &str = "the-key-of-this-server-0123456789";

/// An app: public, with the tenant `t1`; and another app, `blog`.
pub(crate) struct Shop {
    folder: TempDir,
    pub(crate) engine: Arc<Engine>,
    server: Server,
}

struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// What it answered.
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.out
    }

    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// Why it did nothing: one line.
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str(), self.err.lines().count()), (code, "", 1), "{self:?}");
        self.err.strip_prefix("hallpass: ").unwrap().trim_end().to_owned()
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(Config::default()).await
    }

    pub(crate) async fn open_with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let store = Sqlite::open(&file).unwrap();
        for (app, tenant) in [("public", "t1"), ("blog", "public")] {
            let tenant = Tenant { app: app.parse().unwrap(), tenant: tenant.parse().unwrap() };
            let record = TenantRecord { tenant, settings: JsonObject::new(), revision: 0, created_at: Timestamp::from_millis(0) };
            assert!(store.tenant_insert(&record).await.unwrap());
        }
        let location = embedded::Location::File(file);
        let engine = embedded::open(&location, config, Arc::new(SystemClock::default())).await.unwrap();
        let server = serve(folder.path());
        Self { folder, engine, server }
    }

    /// A new session of a user in a tenant of the public app.
    pub(crate) async fn sign_in(&self, user: &str, tenant: &str) -> Issued {
        let new = NewSession {
            tenant: Tenant { tenant: tenant.parse().unwrap(), ..Tenant::public() },
            user: user.into(),
            payload: object(json!({ "plan": "pro" })),
            data: object(json!({ "cart": [1, 2] })),
            family: KeyFamily::Dynamic,
            anti_csrf: false,
            access_token_validity: None,
            actor: Some("Firefox".to_owned()),
        };
        let Created::Issued(issued) = self.engine.session_create(new).await.unwrap() else { panic!("{user} gets no session") };
        *issued
    }

    /// What the app that has the file open says to a refresh.
    pub(crate) async fn refresh(&self, token: &TokenText) -> Refreshed {
        let app = AppId::public();
        let refresh = Refresh {
            app,
            token: token.clone(),
            anti_csrf: None,
            use_anti_csrf: false,
            family: None,
            access_token_validity: None,
            actor: None,
        };
        self.engine.session_refresh(refresh).await.unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn address(&self) -> &str {
        &self.server.address
    }

    /// A command in the folder of the database, of an operator named olga.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        command.args(arguments).env_clear().env("USER", "olga").current_dir(self.folder.path());
        command
    }

    /// Runs it, and makes sure that it tells no secret.
    pub(crate) fn run(&self, mut command: Command) -> Said {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let said = Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
        let master_key = fs::read_to_string(self.file("app.db.key")).unwrap_or_default();
        for secret in [API_KEY, master_key.trim()].into_iter().filter(|secret| !secret.is_empty()) {
            assert!(!said.out.contains(secret) && !said.err.contains(secret), "{said:?}");
        }
        said
    }

    /// On the file.
    pub(crate) fn in_file(&self, arguments: &[&str]) -> Said {
        self.run(self.command(&[arguments, &["--database", "sqlite://app.db"]].concat()))
    }

    /// Through the server, which is the only one to know of the file.
    pub(crate) fn through_server(&self, arguments: &[&str]) -> Said {
        let elsewhere = tempfile::tempdir().unwrap();
        let mut command = self.command(&[arguments, &["--core", self.address()]].concat());
        command.env("HALLPASS_API_KEY", API_KEY).current_dir(elsewhere.path());
        self.run(command)
    }

    /// What is said either way, which is the same: to people, and to scripts.
    pub(crate) fn told(&self, arguments: &[&str]) -> (String, Value) {
        let as_json = [arguments, &["--json"]].concat();
        let text = self.in_file(arguments).done();
        assert_eq!(self.through_server(arguments).done(), text);
        let json = self.in_file(&as_json).json();
        assert_eq!(self.through_server(&as_json).json(), json);
        (text, json)
    }

    /// Why nothing is done either way, which is the same.
    pub(crate) fn refused(&self, arguments: &[&str], code: i32) -> String {
        let why = self.in_file(arguments).refused(code);
        assert_eq!(self.through_server(arguments).refused(code), why);
        why
    }
}

/// A server over the file in this folder.
fn serve(folder: &Path) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", "sqlite://app.db", "--signing-algorithm", "ES256"]);
    command.env_clear().env("HALLPASS_API_KEYS", API_KEY).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("Hallpass listens at ").unwrap_or_else(|| panic!("{line}")).to_owned();
    Server { process, address }
}

pub(crate) fn object(value: Value) -> JsonObject {
    value.as_object().unwrap().clone()
}

/// A table's cells, without its head.
pub(crate) fn rows(table: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    table.lines().skip(1).map(cells).collect()
}
