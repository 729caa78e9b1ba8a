//! The reference page and the example file, made of the tables that the server obeys.

use std::fmt::Write;

use super::{
    names::Name,
    sources::variable,
    table::{SECTIONS, Secrecy},
};
use crate::core_config::{ALIAS, Effect, KEYS, Level};

const PREFACE: &str = "\
# Configuration

This page is made by `hallpass config reference`, and [`hallpass.example.toml`](hallpass.example.toml) by `hallpass config example`;
a test fails when they are stale.

A setting `listen` is the flag `--listen`, the variable `HALLPASS_LISTEN`, or `listen = \"…\"` in the file. Of several, the first counts:

1. flags (secrets have none: every process of a machine can read another's command line);
2. variables `HALLPASS_…`; an empty one counts as not there;
3. [variables of the core's container image](#variables-of-the-cores-container-image);
4. the file that `--config` or `HALLPASS_CONFIG` names, else `hallpass.toml` in the working directory, if it is there;
5. the default.

A name or value that is not understood keeps the server from starting, and every mistake is said at once.
Durations are numbers with a unit (`500ms`, `30s`, `1.5min`, `1h`, `7d`). The first of several master keys seals, all open.
";

const APPS: &str = "\
What holds for every app and tenant that does not override it through the API (`coreConfig`). The names are those of the core that Hallpass
stands in for, and so are the units of bare numbers; here, but not in the API, a number may have a unit of its own (`\"1h\"`).
";

const CORE: &str = "\
## Variables of the core's container image

Whoever swaps the image keeps the environment: every key of the table above, in capitals (`ACCESS_TOKEN_VALIDITY=3600`), and these. Double
quotes around a value do not count, and a backslash takes the meaning of the next character away. `HALLPASS_…` beats them.

| variable | the same as |
| --- | --- |
| `SUPERTOKENS_HOST`, `SUPERTOKENS_PORT` | `listen` |
| `BASE_PATH` | `base_path` |
| `LOG_LEVEL` | `log_level` |
| `OTEL_COLLECTOR_CONNECTION_URI` | `otlp_endpoint` |
| `POSTGRESQL_CONNECTION_URI`, or `POSTGRESQL_USER`, `_PASSWORD` or `_PASSWORD_FILE`, `_HOST`, `_PORT`, `_DATABASE_NAME` | `database` |
| `POSTGRESQL_CONNECTION_POOL_SIZE` | `database_pool_size` |

A database that is named so is used with Hallpass' own schema; nothing is imported, and the server says so once at start. All other variables
of that image are understood and have no effect; the server lists them once at start.

## What apps and tenants may override

An app's public tenant overrides with `coreConfig` what stands under *app* and *tenant*; another tenant only what stands under *tenant*. `null`
is the default. Keys *without effect* belong to what Hallpass does not do; they are accepted.

| key | who | effect |
| --- | --- | --- |
";

/// The reference page, as Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = PREFACE.to_owned();
    for (title, settings) in SECTIONS {
        let _ = write!(page, "\n## {title}\n\n{HEAD}");
        settings.iter().for_each(|setting| row(&mut page, Name::Server(setting)));
    }
    let _ = write!(page, "\n## Apps\n\n{APPS}\n{HEAD}");
    Name::all().filter(|name| matches!(name, Name::App(_))).for_each(|name| row(&mut page, name));
    let _ = write!(page, "\n{CORE}");
    for key in KEYS {
        let who = match key.level {
            Level::Base => "server only",
            Level::App => "app",
            Level::Tenant => "tenant",
        };
        let effect = match key.effect {
            Effect::App(_) => "see above".to_owned(),
            Effect::Server(setting) => format!("as `{setting}`"),
            Effect::None => "without effect".to_owned(),
        };
        let alias = if key.name == ALIAS.1 { format!(" (also `{}`)", ALIAS.0) } else { String::new() };
        let _ = writeln!(page, "| `{}`{alias} | {who} | {effect} |", key.name);
    }
    page
}

const HEAD: &str = "| setting | value | default | |\n| --- | --- | --- | --- |\n";

fn row(page: &mut String, name: Name) {
    let form = name.form().replace('|', "\\|");
    let default = if name.default().is_empty() { String::new() } else { format!("`{}`", name.default()) };
    let note = if name.secrecy() == Secrecy::Secret { " No flag." } else { "" };
    let _ = writeln!(page, "| `{}` | {form} | {default} | {}{note} |", name.text(), name.help());
}

/// An example of the file: every setting, commented out, with its default.
#[must_use]
pub fn example() -> String {
    let mut file =
        "# Settings of `hallpass serve`. What is commented out is the default; docs/configuration.md explains more.\n".to_owned();
    for (title, settings) in SECTIONS {
        let _ = write!(file, "\n#### {title}\n");
        settings.iter().for_each(|setting| entry(&mut file, Name::Server(setting)));
    }
    let _ = write!(file, "\n#### Apps: what holds for every app that does not override it\n");
    Name::all().filter(|name| matches!(name, Name::App(_))).for_each(|name| entry(&mut file, name));
    file
}

fn entry(file: &mut String, name: Name) {
    let _ = write!(file, "\n{}", comment(name.help()));
    if name.secrecy() == Secrecy::Secret {
        let _ = writeln!(file, "# Better in the environment: {}", variable(name.text()));
    }
    let is_bare = name.default().parse::<f64>().is_ok() || matches!(name.default(), "true" | "false");
    let value = if is_bare { name.default().to_owned() } else { format!("{:?}", name.default()) };
    let _ = writeln!(file, "# {} = {value}", name.text());
}

/// Words as lines of a comment.
fn comment(words: &str) -> String {
    const WIDTH: usize = 110;
    let mut lines = String::new();
    let mut line = "#".to_owned();
    for word in words.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            lines.push_str(&std::mem::replace(&mut line, "#".to_owned()));
            lines.push('\n');
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}
