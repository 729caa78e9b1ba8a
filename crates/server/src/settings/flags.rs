//! The settings as flags of `hallpass serve`.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use super::{names::Name, sources::Sources, table::Secrecy};

/// What was given on the command line.
#[derive(Default)]
pub struct Flags {
    given: Vec<(&'static str, String)>,
    file: Option<PathBuf>,
}

impl Flags {
    /// Together with the environment of this process.
    #[must_use]
    pub fn with_environment(self) -> Sources {
        Sources { flags: self.given, file: self.file, environment: std::env::vars_os().collect() }
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config =
            Arg::new("config").long("config").value_name("FILE").help("The configuration file; hallpass.toml by default, if it is there");
        Name::all().filter(|name| name.secrecy() != Secrecy::Secret).fold(command.arg(config), |command, name| {
            let flag =
                Arg::new(name.text()).long(name.text().replace('_', "-")).help(help(name)).hide_short_help(matches!(name, Name::App(_)));
            command.arg(match name.form() {
                "true|false" => flag.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("true|false"),
                form => flag.value_name(form),
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn help(name: Name) -> String {
    let help = name.help().trim_end_matches('.');
    match name.default() {
        "" | "false" => help.to_owned(),
        default => format!("{help} [default: {default}]"),
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.file = matches.get_one::<String>("config").map(PathBuf::from);
        let open = Name::all().filter(|name| name.secrecy() != Secrecy::Secret);
        self.given = open.filter_map(|name| Some((name.text(), matches.get_one::<String>(name.text())?.clone()))).collect();
        Ok(())
    }
}
