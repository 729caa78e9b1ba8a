//! Where settings come from: the command line, the environment, the file. Who comes first is obeyed.

use std::{collections::HashMap, ffi::OsString, io, path::Path};

use super::{
    core_environment::CoreEnvironment,
    mistake::{Mistake, Place},
    names::Name,
};

/// The file that is read if it is there.
pub(crate) const FILE: &str = "hallpass.toml";
const PREFIX: &str = "HALLPASS_";

/// A value as it was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// What the process was started with.
#[derive(Default)]
pub struct Sources {
    /// Settings of the command line, by name.
    pub flags: Vec<(&'static str, String)>,
    /// `--config`: the file, which then has to be there.
    pub file: Option<std::path::PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
}

/// The values that count, by the names of their settings; and what should be said about them at start.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) values: HashMap<&'static str, Given>,
    pub(crate) notices: Vec<String>,
}

impl Sources {
    /// Chooses the value of each setting. Mistakes are added to `mistakes`.
    pub(crate) fn collect(self, mistakes: &mut Vec<Mistake>) -> Collected {
        let variables: HashMap<String, String> = self
            .environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().unwrap_or_else(|_| "\u{fffd}".to_owned()))))
            // an empty variable is how a container says that there is none
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let mut all = Collected::default();
        for (name, text) in self.flags {
            all.values.entry(name).or_insert(Given { place: Place::Flag(name), text });
        }
        let named = self.file.or_else(|| variables.get("HALLPASS_CONFIG").map(Into::into));
        own_variables(&variables, &mut all, mistakes);
        let core = CoreEnvironment::read(&variables, |name| all.values.contains_key(name), mistakes);
        all.notices = core.notices;
        for (name, given) in core.values {
            all.values.entry(name).or_insert(given);
        }
        let file = named.as_deref().unwrap_or(Path::new(FILE));
        match std::fs::read_to_string(file) {
            Ok(text) => from_file(&file.display().to_string(), &text, &mut all, mistakes),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => mistakes.push(Mistake::other(format_args!("{}: the configuration file cannot be read: {error}", file.display()))),
        }
        all
    }
}

fn own_variables(variables: &HashMap<String, String>, all: &mut Collected, mistakes: &mut Vec<Mistake>) {
    let known = || Name::all().map(|name| variable(name.text())).collect::<Vec<_>>();
    let mut ours: Vec<_> = variables.iter().filter(|(name, _)| name.starts_with(PREFIX) && *name != "HALLPASS_CONFIG").collect();
    ours.sort();
    for (name, text) in ours {
        let place = Place::Variable(name.clone());
        match Name::all().find(|setting| variable(setting.text()) == *name) {
            Some(setting) => {
                all.values.entry(setting.text()).or_insert(Given { place, text: text.clone() });
            }
            None => mistakes.push(Mistake::unknown(&place, &known())),
        }
    }
}

/// The name of a setting in the environment.
pub(crate) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

fn from_file(file: &str, text: &str, all: &mut Collected, mistakes: &mut Vec<Mistake>) {
    let table: toml::Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            // its own words quote the line, which may hold a secret
            let line = error.span().map_or(1, |span| text.as_bytes()[..span.start].iter().filter(|byte| **byte == b'\n').count() + 1);
            return mistakes.push(Mistake::other(format_args!("{file}: line {line} is not TOML: {}", error.message())));
        }
    };
    let known = || Name::all().map(|name| name.text().to_owned()).collect::<Vec<_>>();
    for (key, value) in table {
        let place = Place::File { file: file.to_owned(), key: key.clone() };
        match (Name::find(&key), plain(&value)) {
            (Some(setting), Some(text)) => {
                all.values.entry(setting.text()).or_insert(Given { place, text });
            }
            (Some(setting), None) => mistakes.push(Mistake::value(&place, value.type_str(), false, setting.form())),
            (None, _) => mistakes.push(Mistake::unknown(&place, &known())),
        }
    }
}

/// A value of the file as text. A list is what the environment separates by commas.
fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(list) => Some(list.iter().map(|item| item.as_str()).collect::<Option<Vec<_>>>()?.join(",")),
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}
