//! The environment of the core's container image, understood so that the image can be swapped.

use std::collections::HashMap;

use super::{
    database::PostgresParts,
    mistake::{Mistake, Place},
    sources::Given,
};
use crate::core_config::{self, Effect, Key};

/// What the variables say, in our settings.
#[derive(Default)]
pub(super) struct CoreEnvironment {
    pub(super) values: Vec<(&'static str, Given)>,
    pub(super) notices: Vec<String>,
}

/// The variables that name a database; any of them means that there is one.
const DATABASE: [&str; 7] = [
    "POSTGRESQL_CONNECTION_URI",
    "POSTGRESQL_USER",
    "POSTGRESQL_PASSWORD",
    "POSTGRESQL_PASSWORD_FILE",
    "POSTGRESQL_HOST",
    "POSTGRESQL_PORT",
    "POSTGRESQL_DATABASE_NAME",
];
const POOL_SIZE: &str = "POSTGRESQL_CONNECTION_POOL_SIZE";

/// A variable of the core, its value as the core reads it.
struct Variable<'a> {
    name: &'a str,
    text: String,
}

impl Variable<'_> {
    fn given(&self, text: String) -> Given {
        Given { place: Place::Variable(self.name.to_owned()), text }
    }
}

impl CoreEnvironment {
    /// Reads the variables; `is_set` tells which of our settings are given elsewhere and beat them.
    pub(super) fn read(variables: &HashMap<String, String>, is_set: impl Fn(&str) -> bool, mistakes: &mut Vec<Mistake>) -> Self {
        let mut read = Self::default();
        let find = |name: &str| {
            let (name, text) = variables.get_key_value(name)?;
            Some(Variable { name, text: unquoted(text) })
        };
        read.values.extend(listen(&find).map(|given| ("listen", given)));
        let is_database = !is_set("database");
        if is_database && let Some(given) = database(&find, mistakes) {
            read.values.push(("database", given));
            read.notices.push(
                "the database is the one that the core's variables name; Hallpass keeps its sessions there in tables of its own, in its own \
                 schema, and imports nothing: sessions of the core end"
                    .to_owned(),
            );
        }
        if let Some(variable) = find(POOL_SIZE) {
            read.values.push(("database_pool_size", variable.given(variable.text.clone())));
        }
        let mut without_effect = Vec::new();
        let mut names: Vec<_> = variables.keys().collect();
        names.sort();
        for name in names {
            let Some(key) = key_of(name) else { continue };
            let Some(variable) = find(name) else { continue };
            match key.effect {
                Effect::App(_) => read.values.push((key.name, variable.given(variable.text.clone()))),
                Effect::Server(setting) => read.values.push((setting, variable.given(variable.text.clone()))),
                Effect::None if variable.name == POOL_SIZE || (is_database && DATABASE.contains(&variable.name)) => {}
                Effect::None => without_effect.push(variable.name),
            }
        }
        if !without_effect.is_empty() {
            read.notices.push(format!("understood, and without effect here: {}", without_effect.join(", ")));
        }
        read
    }
}

/// The key that a variable sets; `HOST` and `PORT` have names of their own.
fn key_of(variable: &str) -> Option<&'static Key> {
    let is_upper = variable.bytes().all(|byte| !byte.is_ascii_lowercase());
    let name = variable.to_ascii_lowercase();
    core_config::find(&name).filter(|key| is_upper && !matches!(key.name, "host" | "port"))
}

/// `SUPERTOKENS_HOST` and `SUPERTOKENS_PORT`, each with its default.
fn listen<'a>(find: &impl Fn(&str) -> Option<Variable<'a>>) -> Option<Given> {
    let (host, port) = (find("SUPERTOKENS_HOST"), find("SUPERTOKENS_PORT"));
    let place = [&host, &port].into_iter().flatten().map(|variable| variable.name).collect::<Vec<_>>().join(" and ");
    if place.is_empty() {
        return None;
    }
    let host = host.map_or("localhost".to_owned(), |host| host.text);
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let port = port.map_or("3567".to_owned(), |port| port.text);
    Some(Given { place: Place::Variable(place), text: format!("{host}:{port}") })
}

/// The database that the variables name, if they name one.
fn database<'a>(find: &impl Fn(&str) -> Option<Variable<'a>>, mistakes: &mut Vec<Mistake>) -> Option<Given> {
    let first = DATABASE.iter().find_map(|name| find(name))?;
    if let Some(uri) = find("POSTGRESQL_CONNECTION_URI") {
        return Some(uri.given(without_attributes(&uri.text)));
    }
    let text = |name: &str| find(name).map(|variable| variable.text);
    let password = match find("POSTGRESQL_PASSWORD_FILE") {
        Some(file) if find("POSTGRESQL_PASSWORD").is_none() => match std::fs::read_to_string(&file.text) {
            Ok(password) => Some(password.trim_end_matches(['\n', '\r']).to_owned()),
            Err(error) => {
                mistakes.push(Mistake::other(format_args!("{}: the file {:?} cannot be read: {error}", file.name, file.text)));
                None
            }
        },
        _ => text("POSTGRESQL_PASSWORD"),
    };
    let user = text("POSTGRESQL_USER").unwrap_or_else(|| {
        mistakes.push(Mistake::other("POSTGRESQL_USER is missing: other variables name a database"));
        String::new()
    });
    let port = text("POSTGRESQL_PORT").map_or(Some(5432), |port| port.parse().ok()).unwrap_or_else(|| {
        mistakes.push(Mistake::other("POSTGRESQL_PORT is not a port number"));
        5432
    });
    let host = text("POSTGRESQL_HOST").unwrap_or_else(|| "localhost".to_owned());
    let name = text("POSTGRESQL_DATABASE_NAME").unwrap_or_else(|| "supertokens".to_owned());
    let parts = PostgresParts { user: &user, password: password.as_deref(), host: &host, port, database: &name };
    Some(first.given(parts.url()))
}

/// The address without the attributes that are for the core's driver only. None that asks for encryption is lost.
fn without_attributes(uri: &str) -> String {
    let user = uri.find('@').map_or(0, |at| at + 1); // a question mark in a password begins no attributes
    let Some(query) = uri[user..].find('?').map(|at| user + at) else { return uri.to_owned() };
    let (address, attributes) = (&uri[..query], &uri[query + 1..]);
    let is_kept = |attribute: &&str| attribute.starts_with("sslmode=") || attribute.starts_with("sslrootcert=");
    let mut kept: Vec<_> = attributes.split('&').filter(is_kept).collect();
    let has_mode = kept.iter().any(|attribute| attribute.starts_with("sslmode="));
    if !has_mode && attributes.split('&').any(|attribute| matches!(attribute, "ssl" | "ssl=true")) {
        kept.push("sslmode=verify-full"); // what the core's driver takes that to mean
    }
    if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
}

/// A value as the core reads it: without the double quotes around it, and with escapes resolved.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => plain.push(match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            (c, false) => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_another_driver_go_and_encryption_stays() {
        let plain = "postgresql://u:p?@db/x";
        assert_eq!(without_attributes(plain), plain);
        assert_eq!(without_attributes(&format!("{plain}?allowPublicKeyRetrieval=true&useSSL=x")), plain);
        let verified = format!("{plain}?sslmode=verify-full");
        assert_eq!(without_attributes(&format!("{plain}?a=b&ssl=true")), verified);
        assert_eq!(without_attributes(&format!("{plain}?ssl=true&sslmode=disable&a")), format!("{plain}?sslmode=disable"));
        assert_eq!(without_attributes(&format!("{verified}&sslrootcert=/ca.pem")), format!("{verified}&sslrootcert=/ca.pem"));
    }

    #[test]
    fn quotes_go_and_escapes_are_resolved() {
        for (text, plain) in [("a", "a"), ("\"a b\"", "a b"), ("\"", "\""), (r#""a\"b""#, "a\"b"), (r"a\\b", r"a\b"), (r"a\", r"a\")] {
            assert_eq!(unquoted(text), plain, "{text}");
        }
    }
}
