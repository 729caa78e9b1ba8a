//! The settings by name: the server's own, and those of apps that the server sets for all of them.

use super::{
    Settings,
    table::{SECTIONS, Secrecy, Setting},
    value::Allowed,
};
use crate::core_config::{self, Effect, KEYS, Key};

/// What a name stands for.
#[derive(Clone, Copy)]
pub(crate) enum Name {
    Server(&'static Setting),
    App(&'static Key),
}

impl Name {
    /// Every setting, in the order in which they are explained.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of_apps = KEYS.iter().filter(|key| matches!(key.effect, Effect::App(_)));
        SECTIONS.iter().flat_map(|(_, settings)| *settings).map(Self::Server).chain(of_apps.map(Self::App))
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::all().find(|setting| setting.text() == name)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Server(setting) => setting.name,
            Self::App(key) => key.name,
        }
    }

    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Server(setting) => setting.help,
            Self::App(key) => key.help,
        }
    }

    pub(crate) fn default(self) -> &'static str {
        match self {
            Self::Server(setting) => setting.default,
            Self::App(key) => key.default,
        }
    }

    /// How a value is written.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self::Server(setting) => setting.form,
            Self::App(key) => key.json.form(),
        }
    }

    pub(crate) fn secrecy(self) -> Secrecy {
        match self {
            Self::Server(setting) => setting.secrecy,
            Self::App(key) if matches!(key.name, "api_keys" | "supertokens_saas_secret") => Secrecy::Secret,
            Self::App(_) => Secrecy::Open,
        }
    }

    /// Reads a value into the settings.
    pub(crate) fn set(self, settings: &mut Settings, text: &str) -> Result<(), Allowed> {
        match self {
            Self::Server(setting) => (setting.set)(settings, text),
            Self::App(key) => core_config::apply(key, &mut settings.app, text),
        }
    }
}
