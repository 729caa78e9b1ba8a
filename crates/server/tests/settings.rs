//! What an operator configures, from all sources.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::{fs, path::Path, time::Duration};

use hallpass_engine::{keys::Algorithm, random::SystemRandom, vault::MasterKey};
use hallpass_server::settings::{Database, LogFormat, Mistakes, Settings, Sources, reference};
use hallpass_wire::CdiVersion;

const SECRET: &str = "hunter2";

fn sources(variables: &[(&str, &str)]) -> Sources {
    let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Sources { environment, ..Sources::default() }
}

fn read(variables: &[(&str, &str)]) -> Settings {
    Settings::read(sources(variables)).unwrap()
}

/// The lines of the refusal, the first one being a title.
fn refusal(sources: Sources) -> Vec<String> {
    let said = Settings::read(sources).map(|_| ()).unwrap_err().to_string();
    said.lines().map(|line| line.trim().to_owned()).collect()
}

fn file(folder: &Path, text: &str) -> std::path::PathBuf {
    let file = folder.join("settings.toml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn every_mistake_of_every_source_is_said_at_once_and_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(
        folder.path(),
        &format!("listne = \"x\"\nmax_body_bytes = 1\nlog_format = \"xml\"\napi_keys = [\"{SECRET}\"]\nbase_path = {{ a = 1 }}\n"),
    );
    let mut sources = sources(&[
        ("HALLPASS_LOG_LEVEL", "loud"),
        ("HALLPASS_NONSENSE", "1"),
        ("HALLPASS_DATABASE", &format!("mysql://root:{SECRET}@db/x")),
        ("HALLPASS_MASTER_KEY", SECRET),
        ("ACCESS_TOKEN_VALIDITY", "0"),
        ("SUPERTOKENS_PORT", "high"),
    ]);
    sources.file = Some(file.clone());
    sources.flags = vec![("request_timeout", "soon".to_owned())];
    let said = refusal(sources);
    let file = file.display();
    let expected = [
        "12 things in the configuration are not right:".to_owned(),
        "HALLPASS_NONSENSE: there is no such setting; `hallpass config reference` lists all".to_owned(),
        format!("base_path in {file} must be PATH; it is \"table\""),
        format!("listne in {file}: there is no such setting; is listen meant?"),
        "SUPERTOKENS_PORT must be ADDRESS:PORT, such as 127.0.0.1:3567 or [::1]:3567; it is \"localhost:high\"".to_owned(),
        "HALLPASS_DATABASE must be one of sqlite::memory:, sqlite://FILE and postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned(),
        "HALLPASS_MASTER_KEY must be a master key as `hallpass keygen` makes it, or several separated by commas".to_owned(),
        format!("max_body_bytes in {file} must be a whole number from 1024 to 1073741824; it is \"1\""),
        "--request-timeout must be a duration from 1ms to 1h; it is \"soon\"".to_owned(),
        format!("log_format in {file} must be one of text, json; it is \"xml\""),
        "HALLPASS_LOG_LEVEL must be one of off, error, warn, info, debug, none; it is \"loud\"".to_owned(),
        "ACCESS_TOKEN_VALIDITY must be a duration from 1s to 1000d; it is \"0\"".to_owned(),
        format!("api_keys in {file} must be keys of 20 characters or more from A-Z, a-z, 0-9, '=' and '-', separated by commas"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn flags_beat_our_variables_beat_the_cores_beat_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "listen = \"127.0.0.1:4\"\nlog_level = \"debug\"\naccess_token_validity = \"4s\"\nmax_requests = 4\n");
    let listen = |flag: Option<&str>, variables: &[(&str, &str)]| {
        let mut sources = sources(variables);
        sources.file = Some(file.clone());
        sources.flags = flag.map(|text| ("listen", text.to_owned())).into_iter().collect();
        Settings::read(sources).unwrap().listen.to_string()
    };
    let both = [("SUPERTOKENS_HOST", "127.0.0.1"), ("SUPERTOKENS_PORT", "3"), ("HALLPASS_LISTEN", "127.0.0.1:2")];
    assert_eq!(listen(Some("127.0.0.1:1"), &both), "127.0.0.1:1");
    assert_eq!(listen(None, &both), "127.0.0.1:2");
    assert_eq!(listen(None, &both[..2]), "127.0.0.1:3");
    assert_eq!(listen(None, &[]), "127.0.0.1:4");
    assert_eq!(read(&[]).listen.to_string(), "127.0.0.1:3567");

    let named = [("HALLPASS_CONFIG", file.to_str().unwrap()), ("HALLPASS_ACCESS_TOKEN_VALIDITY", "2s"), ("ACCESS_TOKEN_VALIDITY", "3")];
    let settings = read(&named);
    assert_eq!((settings.app.access_token_validity, settings.limits.requests), (Duration::from_secs(2), 4));
}

#[test]
fn the_variables_of_the_cores_image_are_understood() {
    let settings = read(&[
        ("SUPERTOKENS_HOST", "0.0.0.0"),
        ("SUPERTOKENS_PORT", "4567"),
        ("API_KEYS", "\"aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb\""),
        ("ACCESS_TOKEN_VALIDITY", "60"),
        ("REFRESH_TOKEN_VALIDITY", "1440"),
        ("ACCESS_TOKEN_DYNAMIC_SIGNING_KEY_UPDATE_INTERVAL", "24.5"),
        ("SUPERTOKENS_MAX_CDI_VERSION", "5.0"),
        ("IP_DENY_REGEX", r#""10\\.0\\..*""#),
        ("BASE_PATH", "/auth/"),
        ("LOG_LEVEL", "NONE"),
        ("OTEL_COLLECTOR_CONNECTION_URI", "http://collector:4318"),
        ("PASSWORD_RESET_TOKEN_LIFETIME", "3600000"),
        ("DISABLE_TELEMETRY", "true"),
        ("ARGON2_ITERATIONS", "1"),
        ("HOST", "not ours"),
        ("PORT", "not ours"),
        ("api_keys", "not ours"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(settings.listen.to_string(), "0.0.0.0:4567");
    assert!(settings.app.api_keys.accepts("bbbbbbbbbbbbbbbbbbbb"));
    assert_eq!(settings.app.access_token_validity, Duration::from_secs(60));
    assert_eq!(settings.app.refresh_token_validity, Duration::from_secs(24 * 3600));
    assert_eq!(settings.app.key_interval, Duration::from_secs(88_200));
    assert_eq!(settings.app.max_cdi, Some(CdiVersion::new(5, 0)));
    assert!(!settings.app.ip.accepts("10.0.0.1".parse().unwrap()) && settings.app.ip.accepts("11.0.0.1".parse().unwrap()));
    assert_eq!((settings.base_path.as_str(), settings.otlp_endpoint.as_deref()), ("/auth", Some("http://collector:4318")));
    let said: Vec<_> = settings.notices.iter().filter(|line| line.contains("without effect")).collect();
    assert_eq!(said, ["understood, and without effect here: ARGON2_ITERATIONS, DISABLE_TELEMETRY, PASSWORD_RESET_TOKEN_LIFETIME"]);
    assert_eq!(read(&[("SUPERTOKENS_PORT", "1")]).listen.to_string(), "localhost:1");
}

#[test]
fn a_database_of_the_core_is_used_with_our_own_schema_and_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, format!("{SECRET}@/\n")).unwrap();
    let key = MasterKey::generate(&SystemRandom).to_text();
    let variables = [
        ("POSTGRESQL_USER", "shop"),
        ("POSTGRESQL_PASSWORD_FILE", password.to_str().unwrap()),
        ("POSTGRESQL_HOST", "db"),
        ("POSTGRESQL_TABLE_SCHEMA", "auth"),
        ("POSTGRESQL_CONNECTION_POOL_SIZE", "7"),
        ("HALLPASS_MASTER_KEY", &key),
    ];
    let settings = read(&variables);
    let Database::Postgres(url) = &settings.database else { panic!("{:?}", settings.database) };
    assert_eq!(url.expose(), format!("postgres://shop:{SECRET}%40%2F@db:5432/supertokens"));
    assert_eq!((settings.database_schema.as_str(), settings.database_pool_size.get()), ("hallpass", 7));
    assert_eq!(settings.notices.len(), 2, "{:?}", settings.notices);
    assert!(settings.notices[0].contains("imports nothing"), "{:?}", settings.notices);
    assert_eq!(settings.notices[1], "understood, and without effect here: POSTGRESQL_TABLE_SCHEMA");

    let ours = read(&[&variables[..], &[("HALLPASS_DATABASE", "sqlite://x.db")]].concat());
    assert_eq!(ours.database, Database::Sqlite("x.db".into()));
    assert!(ours.notices.iter().all(|line| !line.contains("imports nothing")), "{:?}", ours.notices);
    let uri = read(&[("POSTGRESQL_CONNECTION_URI", "postgresql://u:p@db/x"), ("HALLPASS_MASTER_KEY", &key)]);
    assert_eq!(uri.database.to_string(), "postgres://db/x");
    assert!(
        refusal(sources(&[("POSTGRESQL_HOST", "db"), ("POSTGRESQL_PORT", "x")]))
            .iter()
            .any(|line| line.starts_with("POSTGRESQL_USER is missing"))
    );
}

#[test]
fn without_a_database_sessions_are_kept_in_memory_with_a_warning() {
    let settings = read(&[("HALLPASS_DATABASE", "")]);
    assert_eq!(settings.database, Database::Memory);
    assert!(settings.notices[0].contains("in memory"), "{:?}", settings.notices);
    assert!(read(&[("HALLPASS_DATABASE", "sqlite://x.db")]).notices.is_empty());
}

#[test]
fn postgres_needs_a_master_key_and_says_how_to_get_one() {
    let database = ("HALLPASS_DATABASE", "postgres://u@db/x");
    let said = refusal(sources(&[database]));
    assert!(said[0].contains("hallpass keygen") && said[0].contains("HALLPASS_MASTER_KEY"), "{said:?}");
    read(&[database, ("HALLPASS_DANGEROUS_PLAINTEXT_KEYS", "true")]);
    read(&[database, ("HALLPASS_TEST_MODE", "true")]);
}

#[test]
fn master_keys_come_from_a_variable_or_a_file_and_not_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [(); 2].map(|()| MasterKey::generate(&SystemRandom).to_text().to_string());
    let list = keys.join(",");
    assert_eq!(read(&[("HALLPASS_MASTER_KEY", &list)]).master_keys.len(), 2);
    let file = folder.path().join("master.key");
    fs::write(&file, keys.join("\n") + "\n").unwrap();
    let file = ("HALLPASS_MASTER_KEY_FILE", file.to_str().unwrap());
    let settings = read(&[file]);
    assert_eq!(settings.master_keys.iter().map(|key| key.to_text().to_string()).collect::<Vec<_>>(), keys);
    assert!(refusal(sources(&[file, ("HALLPASS_MASTER_KEY", &keys[0])]))[0].contains("one of them is enough"));
    fs::write(file.1, SECRET).unwrap();
    let said = refusal(sources(&[file]));
    assert!(said[0].contains("does not hold a master key") && !said[0].contains(SECRET), "{said:?}");
    assert!(refusal(sources(&[("HALLPASS_MASTER_KEY_FILE", "/nowhere")]))[0].contains("/nowhere cannot be read"));
}

#[test]
fn what_belongs_together_is_checked_together() {
    let alone = |name: &str, value: &str| refusal(sources(&[(name, value)]));
    assert!(alone("HALLPASS_TLS_KEY_FILE", "key.pem")[0].contains("belong together"));
    assert!(alone("HALLPASS_SUPERTOKENS_SAAS_SECRET", &"s".repeat(40))[0].contains("needs api_keys"));
    assert!(alone("HALLPASS_REFRESH_TOKEN_VALIDITY", "1h")[0].contains("not longer than"));
    read(&[("HALLPASS_REFRESH_TOKEN_VALIDITY", "1h"), ("HALLPASS_TEST_MODE", "true")]);
}

#[test]
fn test_mode_lets_suites_do_what_production_must_not() {
    let settings = read(&[("HALLPASS_TEST_MODE", "true"), ("HALLPASS_ACCESS_TOKEN_DYNAMIC_SIGNING_KEY_UPDATE_INTERVAL", "0.0004")]);
    assert_eq!((settings.app.access_token_jitter, settings.confirm_grace()), (0.0, Duration::ZERO));
    assert!(settings.dangerous_plaintext_keys && settings.notices.iter().any(|line| line.starts_with("test mode")));
    let strict = read(&[]);
    assert_eq!((strict.app.access_token_jitter, strict.confirm_grace()), (0.05, Duration::from_secs(10)));
    assert_eq!((strict.app.algorithm, strict.log_format), (Algorithm::Rs256, LogFormat::Text));
}

#[test]
fn a_file_that_is_no_toml_is_refused_without_quoting_it() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &str| refusal(Sources { file: Some(file(folder.path(), text)), ..Sources::default() });
    let said = refused(&format!("listen = \"127.0.0.1:1\"\napi_keys = \"{SECRET}"));
    assert!(said[0].contains("line 2 is not TOML") && said.len() == 1 && !said[0].contains(SECRET), "{said:?}");
    let missing = Sources { file: Some(folder.path().join("none.toml")), ..Sources::default() };
    assert!(refusal(missing)[0].contains("cannot be read"));
}

#[test]
fn debug_shows_no_secret() {
    let key = MasterKey::generate(&SystemRandom).to_text();
    let settings = read(&[
        ("HALLPASS_DATABASE", &format!("postgres://u:{SECRET}@db/x?password={SECRET}")),
        ("HALLPASS_API_KEYS", &format!("{SECRET}{SECRET}{SECRET}")),
        ("HALLPASS_SUPERTOKENS_SAAS_SECRET", &SECRET.repeat(6)),
        ("HALLPASS_MASTER_KEY", &key),
    ]);
    let shown = format!("{settings:?} {:#?} {}", settings, settings.database);
    assert!(!shown.contains(SECRET) && !shown.contains(&key[5..]), "{shown}");
    assert!(shown.contains("db/x"));
}

#[test]
fn the_reference_page_and_the_example_file_are_not_stale() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let page = fs::read_to_string(docs.join("configuration.md")).unwrap();
    assert!(page == reference::page(), "run: cargo run -p hallpass-server -- config reference > docs/configuration.md");
    let example = fs::read_to_string(docs.join("hallpass.example.toml")).unwrap();
    assert!(example == reference::example(), "run: cargo run -p hallpass-server -- config example > docs/hallpass.example.toml");
}

#[test]
fn the_example_file_changes_nothing_and_its_lines_are_settings() -> Result<(), Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    let with = |text: &str| Settings::read(Sources { file: Some(file(folder.path(), text)), ..Sources::default() });
    let nothing = format!("{:?}", Settings::read(Sources::default())?);
    assert_eq!(format!("{:?}", with(&reference::example())?), nothing);
    let is_setting = |line: &&str| line.starts_with("# ") && line.contains(" = ") && !line.ends_with("\"\"");
    let all: Vec<_> = reference::example().lines().filter(is_setting).map(|line| line[2..].to_owned()).collect();
    assert!(all.len() > 20);
    assert_eq!(format!("{:?}", with(&all.join("\n"))?), nothing, "each line says the default");
    Ok(())
}
