//! The URL of a database: which server, how it is reached, and that nothing is sent in the clear that was to be encrypted.

use std::{borrow::Cow, fmt, path::PathBuf, time::Duration};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use super::ConnectError;

/// How long one address may take to accept a connection.
const CONNECT_ONE: Duration = Duration::from_secs(1);

/// When a peer that vanished without a word is noticed, at the latest.
const VANISHED: Duration = Duration::from_secs(10);

/// A database, as its URL names it.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// Whether connections are encrypted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Off,
    /// Encrypted, to the server that the URL names: its certificate is checked against these roots, or the system's.
    Verified {
        roots: Option<PathBuf>,
    },
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, ConnectError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(ConnectError::Url("it does not start with postgres:// or postgresql://"));
        }
        let (rest, tls) = take_tls(url)?;
        // what the parser says may quote the password
        let mut config: Config = rest.parse().map_err(|_| ConnectError::Url(MALFORMED))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(ConnectError::Url("it names no host"));
        }
        // otherwise a part of a password may be taken for a host, and shown
        let plain = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(letter));
        if config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(name) if !plain(name))) {
            return Err(ConnectError::Url(MALFORMED));
        }
        let socket = config.get_hosts().iter().any(|host| !matches!(host, Host::Tcp(_)));
        if socket && tls != Tls::Off {
            return Err(ConnectError::Url("a connection through a Unix socket cannot be encrypted: leave out sslmode"));
        }
        config
            .ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require })
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(CONNECT_ONE)
            .tcp_user_timeout(VANISHED)
            .keepalives_idle(VANISHED);
        if config.get_application_name().is_none() {
            config.application_name("hallpass");
        }
        Ok(Self { config, tls })
    }
}

const MALFORMED: &str = "it is not of the form postgresql://user:password@host:port/database?option=value (percent-encode what is special \
                         in the password), or has an unknown option";

impl fmt::Display for Address {
    /// Hosts and database; neither user nor password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hosts, ports) = (self.config.get_hosts(), self.config.get_ports());
        let mut names: Vec<_> = hosts.iter().map(host).collect();
        if names.is_empty() {
            names.extend(self.config.get_hostaddrs().iter().map(ToString::to_string));
        }
        for (number, name) in names.iter().enumerate() {
            let port = ports.get(number).or(ports.first()).copied().unwrap_or(5432);
            write!(f, "{}{name}:{port}", if number == 0 { "" } else { "," })?;
        }
        self.config.get_dbname().map_or(Ok(()), |name| write!(f, "/{name}"))
    }
}

fn host(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

/// Takes `sslmode` and `sslrootcert` out of a URL: the driver knows neither `verify-full` nor certificates.
fn take_tls(url: &str) -> Result<(String, Tls), ConnectError> {
    let user = url.find('@').map_or(0, |at| at + 1); // a question mark in a password begins no query
    let Some(query) = url[user..].find('?').map(|at| user + at) else { return Ok((url.to_owned(), Tls::Off)) };
    let (mut mode, mut roots) = (None, None);
    let mut others = Vec::new();
    for option in url[query + 1..].split('&') {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match &*decoded(name)? {
            "sslmode" => mode = Some(decoded(value)?),
            "sslrootcert" => roots = Some(decoded(value)?),
            _ => others.push(option),
        }
    }
    let roots = roots.filter(|roots| roots != "system").map(|path| PathBuf::from(&*path));
    let tls = match mode.as_deref() {
        Some("require" | "verify-ca" | "verify-full") => Tls::Verified { roots },
        None | Some("disable") if roots.is_none() => Tls::Off,
        None | Some("disable") => return Err(ConnectError::Url("sslrootcert needs sslmode=verify-full")),
        Some("allow" | "prefer") => {
            return Err(ConnectError::Url(
                "its sslmode lets the connection go unencrypted without a word: say sslmode=verify-full, or sslmode=disable",
            ));
        }
        Some(_) => return Err(ConnectError::Url("its sslmode is none of disable, require, verify-ca and verify-full")),
    };
    let others = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    Ok((format!("{}{others}", &url[..query]), tls))
}

/// As the driver decodes it, so that nothing hides from us what the driver then finds.
fn decoded(part: &str) -> Result<Cow<'_, str>, ConnectError> {
    percent_decode_str(part).decode_utf8().map_err(|_| ConnectError::Url(MALFORMED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        Address::parse(url).err().unwrap_or_else(|| panic!("{url} was accepted")).to_string()
    }

    #[test]
    fn sslmode_is_honoured_or_refused_never_weakened() {
        let tls = |url: &str| Address::parse(url).unwrap().tls;
        let verified = |roots: Option<&str>| Tls::Verified { roots: roots.map(Into::into) };
        assert_eq!(tls("postgres://db/app"), Tls::Off);
        assert_eq!(tls("postgres://db/app?sslmode=disable"), Tls::Off);
        assert_eq!(tls("postgres://db/app?application_name=x"), Tls::Off);
        for mode in ["require", "verify-ca", "verify-full"] {
            let url = format!("postgresql://u:p?w@db/app?sslmode={mode}");
            assert_eq!(tls(&url), verified(None));
            assert_eq!(tls(&format!("{url}&sslrootcert=system")), verified(None));
            assert_eq!(tls(&url.replace("sslmode", "ssl%6dode").replace('y', "%79")), verified(None), "as the driver reads it");
            assert_eq!(tls(&format!("{url}&sslrootcert=/etc/my%20ca.pem&application_name=x")), verified(Some("/etc/my ca.pem")));
            assert_eq!(Address::parse(&url).unwrap().config.get_ssl_mode(), SslMode::Require);
        }
        for mode in ["allow", "prefer"] {
            assert!(refusal(&format!("postgres://db/app?sslmode={mode}")).contains("unencrypted without a word"));
        }
        for mode in ["", "Require", "verify-all"] {
            assert!(refusal(&format!("postgres://db/app?sslmode={mode}")).contains("its sslmode is none of"));
        }
        assert!(refusal("postgres://db/app?sslrootcert=/ca.pem").contains("sslrootcert needs sslmode=verify-full"));
        assert!(refusal("postgres://%2Frun%2Fpostgresql/app?sslmode=require").contains("Unix socket"));
    }

    #[test]
    fn what_is_said_of_a_url_shows_no_password() {
        let misread = ["postgres://u:pass@geheim@db/app", "postgres://db/app?user=u&password=pass@geheim&sslmode=require"];
        for url in misread.into_iter().chain([
            "mysql://u:geheim@db/app",
            "postgres://u:geheim@",
            "postgres://u:geheim@db:x/app",
            "postgres://u:ge?geheim=b",
            "",
        ]) {
            let said = refusal(url);
            assert!(!said.contains("geheim") && said.starts_with("the URL of the database cannot be used: it "), "{said}");
        }
        let address = Address::parse("postgres://u:geheim@one:1,two:2/app?sslmode=verify-full").unwrap();
        assert_eq!(address.to_string(), "one:1,two:2/app");
        assert_eq!(Address::parse("postgres://%2Frun%2Fpg/app").unwrap().to_string(), "/run/pg:5432/app");
        assert_eq!(Address::parse("postgres:///app?hostaddr=10.0.0.1").unwrap().to_string(), "10.0.0.1:5432/app");
    }
}
