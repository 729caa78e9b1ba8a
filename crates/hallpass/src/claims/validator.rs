//! What is demanded of a session's claims.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use hallpass_engine::{
    id::{TenantId, UserId},
    session::JsonObject,
    time::Timestamp,
};
use serde_json::Value;

use super::{
    Claim,
    expectation::{self, Expectation},
    fetched_at,
};
use crate::{Hallpass, error::InvalidClaim, session::Session};

type Check = Arc<dyn Fn(&JsonObject, Timestamp) -> Result<(), Option<Value>> + Send + Sync>;
type IsWanting = Arc<dyn Fn(&JsonObject, Timestamp) -> bool + Send + Sync>;

/// Something that a session's claims must fulfil. A value: claims make them ([`PrimitiveClaim::has_value`] and others), and
/// [`Validator::new`] makes one of any function.
///
/// It judges the payload of the access token and nothing else; what needs a database is a claim, which is fetched first
/// when it is absent or too old.
///
/// [`PrimitiveClaim::has_value`]: super::PrimitiveClaim::has_value
#[derive(Clone)]
pub struct Validator {
    id: Cow<'static, str>,
    rule: Rule,
}

#[derive(Clone)]
enum Rule {
    Claim { key: &'static str, max_age: Option<Duration>, expectation: Expectation },
    Custom { check: Check, refetch: Option<(Arc<str>, IsWanting)> },
}

impl Validator {
    /// A validator of the app's own. The function is given the payload and the time; its error is the reason for the
    /// frontend, if there is more to say than the id.
    ///
    /// ```
    /// use hallpass::claims::Validator;
    /// use serde_json::json;
    ///
    /// Validator::new("staff", |payload, _now| match payload.get("staff") {
    ///     Some(staff) if staff == true => Ok(()),
    ///     _ => Err(Some(json!({ "message": "for staff only" }))),
    /// });
    /// ```
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        check: impl Fn(&JsonObject, Timestamp) -> Result<(), Option<Value>> + Send + Sync + 'static,
    ) -> Self {
        Self { id: id.into(), rule: Rule::Custom { check: Arc::new(check), refetch: None } }
    }

    pub(super) fn of_claim(key: &'static str, max_age: Option<Duration>, expectation: Expectation) -> Self {
        Self { id: key.into(), rule: Rule::Claim { key, max_age, expectation } }
    }

    /// For validators of the app's own: a claim that is fetched before the judgement, when the function says so. Those of
    /// built-in claims know by themselves, and stay as they are.
    #[must_use]
    pub fn refetching(mut self, claim: &impl Claim, is_wanting: impl Fn(&JsonObject, Timestamp) -> bool + Send + Sync + 'static) -> Self {
        if let Rule::Custom { refetch, .. } = &mut self.rule {
            *refetch = Some((claim.key().into(), Arc::new(is_wanting)));
        }
        self
    }

    /// The name under which frontends learn that it is not fulfilled; by default the claim's key.
    #[must_use]
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = id.into();
        self
    }

    /// How old the value of a built-in claim may be, instead of what the claim says. Validators of the app's own have no
    /// age, and stay as they are.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.with_max_age(Some(age))
    }

    /// The value of a built-in claim may be of any age, whatever the claim says.
    #[must_use]
    pub fn any_age(self) -> Self {
        self.with_max_age(None)
    }

    fn with_max_age(mut self, age: Option<Duration>) -> Self {
        if let Rule::Claim { max_age, .. } = &mut self.rule {
            *max_age = age;
        }
        self
    }

    /// The claim to be fetched before the judgement, if any. `has_changed` tells whether a value of this age is known to
    /// be out of date.
    pub(super) fn wants(&self, payload: &JsonObject, now: Timestamp, has_changed: impl Fn(&str, Timestamp) -> bool) -> Option<&str> {
        let (key, is_wanting): (&str, bool) = match &self.rule {
            Rule::Claim { key, max_age, .. } => (key, expectation::is_wanting(payload, key, *max_age, now)),
            Rule::Custom { refetch, .. } => {
                let (key, is_wanting) = refetch.as_ref()?;
                (key, is_wanting(payload, now))
            }
        };
        let is_outdated = || payload.get(key).is_some_and(|written| has_changed(key, fetched_at(written)));
        (is_wanting || is_outdated()).then_some(key)
    }

    /// What is wrong with a payload, if anything.
    pub(super) fn validate(&self, payload: &JsonObject, now: Timestamp) -> Option<InvalidClaim> {
        let judged = match &self.rule {
            Rule::Claim { key, max_age, expectation } => expectation::judge(payload, key, expectation, *max_age, now).map_err(Some),
            Rule::Custom { check, .. } => check(payload, now),
        };
        judged.err().map(|reason| InvalidClaim { id: self.id.clone().into_owned(), reason })
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Validator");
        debug.field("id", &self.id);
        if let Rule::Claim { key, max_age, expectation } = &self.rule {
            debug.field("claim", key).field("max_age", max_age).field("expectation", expectation);
        }
        debug.finish_non_exhaustive()
    }
}

/// What the app demands of every session.
#[derive(Clone, Default)]
pub(crate) struct Demanded {
    pub(crate) always: Vec<Validator>,
    pub(crate) of: Vec<DemandedOf>,
}

pub(crate) type DemandedOf = Arc<dyn Fn(&UserId, &TenantId) -> Vec<Validator> + Send + Sync>;

impl Hallpass {
    /// What the app demands of every session of a user in a tenant.
    pub(crate) fn global_validators(&self, user: &UserId, tenant: &TenantId) -> Vec<Validator> {
        let Demanded { always, of } = &self.config().validators;
        always.iter().cloned().chain(of.iter().flat_map(|validators| validators(user, tenant))).collect()
    }
}

/// What becomes, for one call, of the validators that the app demands of every session.
///
/// ```
/// use hallpass::{VerifyOptions, claims::GlobalValidators};
///
/// // a page that whoever is signed in may see, whatever else is demanded
/// let options = VerifyOptions { validators: GlobalValidators::ignored(), ..VerifyOptions::default() };
/// ```
#[derive(Clone, Default)]
pub struct GlobalValidators(Option<Adapt>);

type Adapt = Arc<dyn Fn(Vec<Validator>, &Session) -> Vec<Validator> + Send + Sync>;

impl GlobalValidators {
    /// They are demanded: the default.
    pub const fn kept() -> Self {
        Self(None)
    }

    /// None of them is demanded.
    pub fn ignored() -> Self {
        Self::adapted(|_, _| Vec::new())
    }

    /// What the function makes of them is demanded instead.
    pub fn adapted(adapt: impl Fn(Vec<Validator>, &Session) -> Vec<Validator> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(adapt)))
    }

    pub(crate) fn of(&self, session: &Session, global: Vec<Validator>) -> Vec<Validator> {
        match &self.0 {
            None => global,
            Some(adapt) => adapt(global, session),
        }
    }
}

impl fmt::Debug for GlobalValidators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "GlobalValidators::adapted(…)" } else { "GlobalValidators::kept()" })
    }
}
