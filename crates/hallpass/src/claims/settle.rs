//! Judging a session: fetch what is wanting, then validate everything.

use hallpass_engine::session::JsonObject;

use super::{
    source::{Subject, put},
    validator::Validator,
};
use crate::error::{InvalidClaim, SessionError};

/// What became of a payload before its validators.
pub(super) struct Settled {
    /// The members that were fetched again. Not empty: they have to be kept, however the judgement went.
    pub(super) update: JsonObject,
    /// All that is not fulfilled, in the order of the validators.
    pub(super) invalid: Vec<InvalidClaim>,
}

/// Fetches all claims that the validators want, each once, and then asks all validators.
pub(super) async fn settle(mut subject: Subject, validators: &[Validator]) -> Result<Settled, SessionError> {
    let hallpass = subject.hallpass.clone();
    let sources = hallpass.sources();
    let (mut asked, mut update) = (Vec::new(), JsonObject::new());
    for validator in validators {
        let has_changed = |key: &str, fetched_at| sources.has_changed(key, &subject, fetched_at);
        let Some(key) = validator.wants(&subject.payload, hallpass.now(), has_changed) else { continue };
        if asked.contains(&key) {
            continue;
        }
        asked.push(key);
        if let Some(value) = sources.fetch(key, &subject).await?
            && subject.payload.get(key) != Some(&value)
        {
            put(&mut subject.payload, key, value.clone());
            update.insert(key.to_owned(), value);
        }
    }
    let now = hallpass.now();
    let invalid = validators.iter().filter_map(|validator| validator.validate(&subject.payload, now)).collect();
    Ok(Settled { update, invalid })
}
