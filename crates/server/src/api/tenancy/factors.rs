//! With what users of a tenant may sign in: three flags, and lists of factors, which came later. SDKs use all of it and
//! each generation sees it differently; here it only has to be kept so that all see the same.

use std::collections::HashSet;

use hallpass_wire::{field::Nullable, tenancy::LoginFlags};

/// How a call sees login methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As flags: paths without `v2`, before 5.0.
    Flags,
    /// As flags and factors: paths without `v2`, from 5.0 on.
    Both,
    /// As factors: paths with `v2`.
    Factors,
}

/// A login method that has a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    EmailPassword,
    ThirdParty,
    Passwordless,
}

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::EmailPassword, Self::ThirdParty, Self::Passwordless];

    /// The factors that it provides. Every other factor belongs to no flag.
    const fn factors(self) -> &'static [&'static str] {
        match self {
            Self::EmailPassword => &["emailpassword"],
            Self::ThirdParty => &["thirdparty"],
            Self::Passwordless => &["otp-email", "otp-phone", "link-email", "link-phone"],
        }
    }

    fn provides(self, factor: &str) -> bool {
        self.factors().contains(&factor)
    }

    /// The factors of these methods, in the order of [`Method::ALL`].
    fn factors_of(is_meant: impl Fn(Self) -> bool) -> Vec<String> {
        let methods = Self::ALL.into_iter().filter(|method| is_meant(*method));
        methods.flat_map(|method| method.factors().iter().copied().map(str::to_owned)).collect()
    }
}

/// A value for each login method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerMethod<T> {
    pub(crate) email_password: T,
    pub(crate) third_party: T,
    pub(crate) passwordless: T,
}

impl<T: Copy> PerMethod<T> {
    pub(crate) const fn same(value: T) -> Self {
        Self { email_password: value, third_party: value, passwordless: value }
    }

    pub(crate) const fn get(&self, method: Method) -> T {
        match method {
            Method::EmailPassword => self.email_password,
            Method::ThirdParty => self.third_party,
            Method::Passwordless => self.passwordless,
        }
    }

    const fn set(&mut self, method: Method, value: T) {
        match method {
            Method::EmailPassword => self.email_password = value,
            Method::ThirdParty => self.third_party = value,
            Method::Passwordless => self.passwordless = value,
        }
    }
}

/// With what users of a tenant may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) flags: PerMethod<bool>,
    /// `None`: those of the methods that are switched on.
    pub(crate) first_factors: Option<Vec<String>>,
    /// Never empty.
    pub(crate) required_secondary_factors: Option<Vec<String>>,
}

/// What a request says about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoginChange {
    pub(crate) flags: PerMethod<Option<bool>>,
    pub(crate) first_factors: Nullable<Vec<String>>,
    pub(crate) required_secondary_factors: Nullable<Vec<String>>,
}

impl Default for PerMethod<Option<bool>> {
    fn default() -> Self {
        Self::same(None)
    }
}

impl From<LoginFlags> for PerMethod<Option<bool>> {
    fn from(flags: LoginFlags) -> Self {
        let LoginFlags { email_password, third_party, passwordless } = flags;
        Self { email_password, third_party, passwordless }
    }
}

/// What is wrong with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidLogin {
    #[error("emailPasswordEnabled, thirdPartyEnabled and passwordlessEnabled are not accepted here: use firstFactors")]
    Flag,
    #[error("{0} must not name a factor twice")]
    Duplicate(&'static str),
    #[error("{0} must name factors of letters, digits and '_', '.', '-', '(', ')'")]
    Characters(&'static str),
    #[error("{0} must not be empty: null clears it")]
    Empty(&'static str),
    #[error("{0} must not name a factor of a login method that is switched off")]
    SwitchedOff(&'static str),
}

impl Login {
    /// Everything is switched on.
    pub(crate) const fn everything() -> Self {
        Self { flags: PerMethod::same(true), first_factors: None, required_secondary_factors: None }
    }

    /// What a new tenant starts with; the public one of a new app with everything.
    pub(crate) fn of_new_tenant(is_public: bool, style: Style) -> Self {
        let nothing = Some(Vec::new());
        match style {
            _ if is_public => Self::everything(),
            Style::Factors => Self { first_factors: nothing, ..Self::everything() },
            Style::Flags => Self { flags: PerMethod::same(false), first_factors: nothing, ..Self::everything() },
            Style::Both => Self { flags: PerMethod::same(false), ..Self::everything() },
        }
    }

    /// What holds after a change.
    pub(crate) fn changed(&self, change: &LoginChange, style: Style) -> Result<Self, InvalidLogin> {
        change.check(style)?;
        Ok(match style {
            Style::Factors if change.names_factors() => Self {
                flags: PerMethod::same(true),
                first_factors: replaced(self.factors_in_effect(), &change.first_factors),
                required_secondary_factors: replaced(self.required_secondary_factors.clone(), &change.required_secondary_factors),
            },
            Style::Factors => self.clone(),
            Style::Both => self.with_flags_and_factors(change),
            Style::Flags => self.with_flags(change.flags),
        }
        .without_empty_requirement())
    }

    fn with_flags_and_factors(&self, change: &LoginChange) -> Self {
        let mut flags = self.flags;
        for method in Method::ALL {
            let is_listed = change.factors().any(|factor| method.provides(factor));
            flags.set(method, is_listed || change.flags.get(method).unwrap_or(flags.get(method)));
        }
        let is_kept = |factor: &String| !Method::ALL.iter().any(|method| change.switches_off(*method) && method.provides(factor));
        let kept = |factors: &Option<Vec<String>>| factors.as_ref().map(|factors| only(factors, is_kept));
        Self {
            flags,
            first_factors: replaced(kept(&self.first_factors), &change.first_factors),
            required_secondary_factors: replaced(kept(&self.required_secondary_factors), &change.required_secondary_factors),
        }
    }

    /// Flags only go up, because whoever sees factors ignores them; what is switched off disappears from the factors.
    fn with_flags(&self, given: PerMethod<Option<bool>>) -> Self {
        let mut login = self.clone();
        for method in Method::ALL {
            if given.get(method) == Some(true) && !self.is_enabled(method, Style::Flags) {
                login.flags.set(method, true);
                if let Some(factors) = &mut login.first_factors {
                    factors.retain(|factor| !method.provides(factor));
                    factors.extend(method.factors().iter().copied().map(str::to_owned));
                }
            }
        }
        let is_off = |method: Method| !login.flags.get(method) || given.get(method) == Some(false);
        let is_any_off = Method::ALL.into_iter().any(is_off);
        let factors = login.first_factors.or_else(|| is_any_off.then(|| Method::factors_of(|_| true)));
        let is_kept = |factor: &String| !Method::ALL.into_iter().any(|method| is_off(method) && method.provides(factor));
        Self { first_factors: factors.map(|factors| only(&factors, is_kept)), ..login }
    }

    /// The first factors; `None` for those of all methods.
    pub(crate) fn factors_in_effect(&self) -> Option<Vec<String>> {
        let is_on = |method| self.flags.get(method);
        let follow_from_flags = || (!Method::ALL.into_iter().all(is_on)).then(|| Method::factors_of(is_on));
        self.first_factors.clone().or_else(follow_from_flags)
    }

    /// Whether users may sign in that way, as whoever sees flags is told.
    pub(crate) fn is_enabled(&self, method: Method, style: Style) -> bool {
        let is_among = |factors: &Vec<String>| match style {
            Style::Flags => factors.iter().any(|factor| method.provides(factor)),
            Style::Both | Style::Factors => !factors.is_empty(),
        };
        self.flags.get(method) && self.first_factors.as_ref().is_none_or(is_among)
    }

    fn without_empty_requirement(mut self) -> Self {
        self.required_secondary_factors = self.required_secondary_factors.filter(|factors| !factors.is_empty());
        self
    }
}

impl LoginChange {
    fn check(&self, style: Style) -> Result<(), InvalidLogin> {
        if style == Style::Factors && self.flags != PerMethod::same(None) {
            return Err(InvalidLogin::Flag);
        }
        if style == Style::Flags {
            return Ok(()); // versions that know no factors
        }
        for (field, factors) in [("firstFactors", &self.first_factors), ("requiredSecondaryFactors", &self.required_secondary_factors)] {
            let Nullable::Value(factors) = factors else { continue };
            let is_any_named_twice = factors.iter().collect::<HashSet<_>>().len() < factors.len();
            match style {
                _ if !factors.iter().all(|factor| is_well_formed(factor)) => return Err(InvalidLogin::Characters(field)),
                _ if is_any_named_twice => return Err(InvalidLogin::Duplicate(field)),
                Style::Both if factors.is_empty() => return Err(InvalidLogin::Empty(field)),
                Style::Both if factors.iter().any(|factor| self.switches_off_factor(factor)) => {
                    return Err(InvalidLogin::SwitchedOff(field));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn switches_off(&self, method: Method) -> bool {
        self.flags.get(method) == Some(false)
    }

    fn switches_off_factor(&self, factor: &str) -> bool {
        Method::ALL.into_iter().any(|method| self.switches_off(method) && method.provides(factor))
    }

    fn names_factors(&self) -> bool {
        self.first_factors != Nullable::Absent || self.required_secondary_factors != Nullable::Absent
    }

    /// All factors that are listed.
    fn factors(&self) -> impl Iterator<Item = &String> {
        listed(&self.first_factors).iter().chain(listed(&self.required_secondary_factors))
    }
}

fn listed(factors: &Nullable<Vec<String>>) -> &[String] {
    if let Nullable::Value(factors) = factors { factors } else { &[] }
}

fn replaced(before: Option<Vec<String>>, given: &Nullable<Vec<String>>) -> Option<Vec<String>> {
    match given {
        Nullable::Absent => before,
        Nullable::Null => None,
        Nullable::Value(factors) => Some(factors.clone()),
    }
}

fn only(factors: &[String], is_kept: impl Fn(&String) -> bool) -> Vec<String> {
    factors.iter().filter(|factor| is_kept(factor)).cloned().collect()
}

fn is_well_formed(factor: &str) -> bool {
    !factor.is_empty() && factor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-()".contains(&byte))
}

#[cfg(test)]
mod tests {
    use hallpass_wire::{Request, tenancy::PutTenant};
    use serde_json::{Value, json};

    use super::*;

    /// `E`, `T` and `P` for flags that are on, then both lists.
    fn login(flags: &str, first: Value, required: Value) -> Login {
        let is_on = |letter| flags.contains(letter);
        let list = |list| serde_json::from_value(list).unwrap();
        Login {
            flags: PerMethod { email_password: is_on('E'), third_party: is_on('T'), passwordless: is_on('P') },
            first_factors: list(first),
            required_secondary_factors: list(required),
        }
    }

    fn change(body: &Value) -> LoginChange {
        let body = body.as_object().unwrap();
        let PutTenant { first_factors, required_secondary_factors, .. } = PutTenant::read(body).unwrap();
        LoginChange { flags: LoginFlags::read(body).unwrap().into(), first_factors, required_secondary_factors }
    }

    fn check_table(style: Style, table: &[(Login, Value, Login)]) {
        for (before, body, after) in table {
            assert_eq!(before.changed(&change(body), style).as_ref(), Ok(after), "{before:?} {body}");
        }
    }

    const SIX: [&str; 6] = ["emailpassword", "thirdparty", "otp-email", "otp-phone", "link-email", "link-phone"];

    #[test]
    fn a_new_tenant_starts_as_the_caller_sees_tenants() {
        let null = Value::Null;
        for (is_public, style, expected) in [
            (true, Style::Flags, login("ETP", null.clone(), null.clone())),
            (true, Style::Both, login("ETP", null.clone(), null.clone())),
            (true, Style::Factors, login("ETP", null.clone(), null.clone())),
            (false, Style::Flags, login("", json!([]), null.clone())),
            (false, Style::Both, login("", null.clone(), null.clone())),
            (false, Style::Factors, login("ETP", json!([]), null.clone())),
        ] {
            assert_eq!(Login::of_new_tenant(is_public, style), expected, "{is_public} {style:?}");
        }
    }

    #[test]
    fn naming_factors_replaces_flags() {
        let null = Value::Null;
        check_table(
            Style::Factors,
            &[
                (login("E", null.clone(), null.clone()), json!({}), login("E", null.clone(), null.clone())),
                (login("ETP", null.clone(), null.clone()), json!({"firstFactors": ["x"]}), login("ETP", json!(["x"]), null.clone())),
                (login("ETP", json!(["x"]), json!(["y"])), json!({"firstFactors": []}), login("ETP", json!([]), json!(["y"]))),
                (login("ETP", json!(["x"]), json!(["y"])), json!({"firstFactors": null}), login("ETP", null.clone(), json!(["y"]))),
                (
                    login("ETP", json!(["x"]), json!(["y"])),
                    json!({"requiredSecondaryFactors": []}),
                    login("ETP", json!(["x"]), null.clone()),
                ),
                // what the flags said is written down before they lose their meaning
                (
                    login("ET", null.clone(), null.clone()),
                    json!({"requiredSecondaryFactors": ["totp"]}),
                    login("ETP", json!(["emailpassword", "thirdparty"]), json!(["totp"])),
                ),
                (
                    login("P", null.clone(), null.clone()),
                    json!({"requiredSecondaryFactors": null}),
                    login("ETP", json!(SIX[2..]), null.clone()),
                ),
                // a list was there already
                (
                    login("", json!(["totp"]), null.clone()),
                    json!({"requiredSecondaryFactors": ["y"]}),
                    login("ETP", json!(["totp"]), json!(["y"])),
                ),
            ],
        );
    }

    #[test]
    fn flags_before_5_0_only_go_up_and_take_factors_along() {
        let null = Value::Null;
        check_table(
            Style::Flags,
            &[
                // a new tenant
                (login("", json!([]), null.clone()), json!({}), login("", json!([]), null.clone())),
                (
                    login("", json!([]), null.clone()),
                    json!({"emailPasswordEnabled": true, "thirdPartyEnabled": false}),
                    login("E", json!(["emailpassword"]), null.clone()),
                ),
                (login("E", json!(["emailpassword"]), null.clone()), json!({"passwordlessEnabled": true}), {
                    login("EP", json!(["emailpassword", "otp-email", "otp-phone", "link-email", "link-phone"]), null.clone())
                }),
                // switched off: out of the factors, while the flag stays
                (login("EP", json!(SIX), null.clone()), json!({"emailPasswordEnabled": false}), login("EP", json!(SIX[2..]), null.clone())),
                (login("ETP", null.clone(), null.clone()), json!({"passwordlessEnabled": false}), {
                    login("ETP", json!(["emailpassword", "thirdparty"]), null.clone())
                }),
                // and on again
                (login("ETP", json!(["totp"]), null.clone()), json!({"thirdPartyEnabled": true}), {
                    login("ETP", json!(["totp", "thirdparty"]), null.clone())
                }),
                // on already
                (login("ETP", json!(["otp-email"]), null.clone()), json!({"passwordlessEnabled": true}), {
                    login("ETP", json!(["otp-email"]), null.clone())
                }),
                (login("ETP", null.clone(), null.clone()), json!({"emailPasswordEnabled": true}), login("ETP", null.clone(), null.clone())),
                // a flag that is off is written down
                (login("ET", null.clone(), null.clone()), json!({}), login("ET", json!(["emailpassword", "thirdparty"]), null.clone())),
                // factors are not known there
                (login("ETP", null.clone(), json!(["y"])), json!({"firstFactors": ["?"], "requiredSecondaryFactors": null}), {
                    login("ETP", null.clone(), json!(["y"]))
                }),
            ],
        );
    }

    #[test]
    fn from_5_0_on_flags_and_factors_follow_each_other() {
        let null = Value::Null;
        check_table(
            Style::Both,
            &[
                (login("", null.clone(), null.clone()), json!({}), login("", null.clone(), null.clone())),
                (login("", null.clone(), null.clone()), json!({"thirdPartyEnabled": true}), login("T", null.clone(), null.clone())),
                (login("ETP", null.clone(), null.clone()), json!({"thirdPartyEnabled": false}), login("EP", null.clone(), null.clone())),
                // listing a factor switches its method on
                (login("", null.clone(), null.clone()), json!({"firstFactors": ["thirdparty", "totp"]}), {
                    login("T", json!(["thirdparty", "totp"]), null.clone())
                }),
                (login("E", null.clone(), null.clone()), json!({"requiredSecondaryFactors": ["otp-email"]}), {
                    login("EP", null.clone(), json!(["otp-email"]))
                }),
                // switching a method off removes its factors from what was stored
                (
                    login("EP", json!(["emailpassword", "otp-email", "totp"]), json!(["link-phone"])),
                    json!({"passwordlessEnabled": false}),
                    login("E", json!(["emailpassword", "totp"]), null.clone()),
                ),
                (login("E", json!(["emailpassword"]), json!(["totp"])), json!({"firstFactors": null}), {
                    login("E", null.clone(), json!(["totp"]))
                }),
            ],
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_where_it_is_understood() {
        let before = Login::everything();
        for (body, factors, both) in [
            (json!({"thirdPartyEnabled": true}), Some(InvalidLogin::Flag), None),
            (
                json!({"firstFactors": ["a", "a"]}),
                Some(InvalidLogin::Duplicate("firstFactors")),
                Some(InvalidLogin::Duplicate("firstFactors")),
            ),
            (
                json!({"requiredSecondaryFactors": ["a b"]}),
                Some(InvalidLogin::Characters("requiredSecondaryFactors")),
                Some(InvalidLogin::Characters("requiredSecondaryFactors")),
            ),
            (json!({"firstFactors": [""]}), Some(InvalidLogin::Characters("firstFactors")), Some(InvalidLogin::Characters("firstFactors"))),
            (json!({"firstFactors": ["A.b_c-(1)"]}), None, None),
            (json!({"firstFactors": []}), None, Some(InvalidLogin::Empty("firstFactors"))),
            (
                json!({"requiredSecondaryFactors": ["otp-email"], "passwordlessEnabled": false}),
                Some(InvalidLogin::Flag),
                Some(InvalidLogin::SwitchedOff("requiredSecondaryFactors")),
            ),
        ] {
            let change = change(&body);
            assert_eq!(before.changed(&change, Style::Factors).err(), factors, "{body}");
            assert_eq!(before.changed(&change, Style::Both).err(), both, "{body}");
            assert_eq!(before.changed(&change, Style::Flags).err(), None, "{body}");
        }
    }

    #[test]
    fn each_style_is_shown_what_it_understands() {
        let null = Value::Null;
        let enabled = |login: &Login, style| {
            let is_enabled = |method: &Method| login.is_enabled(*method, style);
            "ETP".chars().zip(&Method::ALL).filter(|(_, method)| is_enabled(method)).map(|(letter, _)| letter).collect::<String>()
        };
        for (login, before_5_0, from_5_0, factors) in [
            (login("ETP", null.clone(), null.clone()), "ETP", "ETP", null.clone()),
            (login("ET", null.clone(), null.clone()), "ET", "ET", json!(["emailpassword", "thirdparty"])),
            (login("", null.clone(), null.clone()), "", "", json!([])),
            (login("ETP", json!([]), null.clone()), "", "", json!([])),
            (login("ETP", json!(["otp-phone", "totp"]), null.clone()), "P", "ETP", json!(["otp-phone", "totp"])),
            (login("E", json!(["thirdparty"]), null.clone()), "", "E", json!(["thirdparty"])),
        ] {
            assert_eq!(enabled(&login, Style::Flags), before_5_0, "{login:?}");
            assert_eq!(enabled(&login, Style::Both), from_5_0, "{login:?}");
            assert_eq!(json!(login.factors_in_effect()), factors, "{login:?}");
        }
    }
}
