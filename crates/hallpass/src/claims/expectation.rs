//! What a built-in validator expects of a claim, and what the frontend is told otherwise.

use std::time::Duration;

use hallpass_engine::{session::JsonObject, time::Timestamp};
use serde_json::{Value, json};

use super::{VALUE, fetched_at};

/// What is expected of a claim's value.
#[derive(Clone, Debug)]
pub(super) enum Expectation {
    Equals(Value),
    Includes(Value),
    Excludes(Value),
    IncludesAll(Vec<Value>),
    IncludesAny(Vec<Value>),
    ExcludesAll(Vec<Value>),
}

impl Expectation {
    /// Whether a value is as expected. What should be a list and is none never is.
    fn holds(&self, actual: &Value) -> bool {
        if let Self::Equals(expected) = self {
            return actual == expected;
        }
        let Some(elements) = actual.as_array() else { return false };
        match self {
            Self::Equals(_) => false,
            Self::Includes(one) => elements.contains(one),
            Self::Excludes(one) => !elements.contains(one),
            Self::IncludesAll(all) => all.iter().all(|one| elements.contains(one)),
            Self::IncludesAny(some) => some.iter().any(|one| elements.contains(one)),
            Self::ExcludesAll(all) => !all.iter().any(|one| elements.contains(one)),
        }
    }

    /// The name under which frontends find what was expected.
    const fn detail(&self) -> &'static str {
        match self {
            Self::Equals(_) => "expectedValue",
            Self::Includes(_) | Self::IncludesAll(_) => "expectedToInclude",
            Self::IncludesAny(_) => "expectedToIncludeAtLeastOneOf",
            Self::Excludes(_) | Self::ExcludesAll(_) => "expectedToNotInclude",
        }
    }

    fn expected(&self) -> Value {
        match self {
            Self::Equals(one) | Self::Includes(one) | Self::Excludes(one) => one.clone(),
            Self::IncludesAll(list) | Self::IncludesAny(list) | Self::ExcludesAll(list) => list.clone().into(),
        }
    }
}

/// Judges a built-in claim: is it there, is it young enough, is it as expected? An error is the reason for the frontend.
pub(super) fn judge(
    payload: &JsonObject,
    key: &str,
    expectation: &Expectation,
    max_age: Option<Duration>,
    now: Timestamp,
) -> Result<(), Value> {
    let written = payload.get(key);
    let Some((written, actual)) = written.and_then(|written| Some((written, written.get(VALUE)?))) else {
        return Err(json!({ "message": "value does not exist", expectation.detail(): expectation.expected() }));
    };
    let age = now.since(fetched_at(written));
    if let Some(max_age) = max_age
        && age > max_age
    {
        return Err(json!({ "message": "expired", "ageInSeconds": seconds(age), "maxAgeInSeconds": seconds(max_age) }));
    }
    if !expectation.holds(actual) {
        return Err(json!({ "message": "wrong value", expectation.detail(): expectation.expected(), "actualValue": actual }));
    }
    Ok(())
}

/// Whether a built-in claim is not there, or too old: it should be fetched before it is judged.
pub(super) fn is_wanting(payload: &JsonObject, key: &str, max_age: Option<Duration>, now: Timestamp) -> bool {
    match payload.get(key).filter(|written| written.get(VALUE).is_some()) {
        None => true,
        Some(written) => max_age.is_some_and(|max_age| now.since(fetched_at(written)) > max_age),
    }
}

/// Seconds as JavaScript would write them: without a fraction where there is none.
fn seconds(duration: Duration) -> Value {
    if duration.subsec_nanos() == 0 { duration.as_secs().into() } else { duration.as_secs_f64().into() }
}

#[cfg(test)]
mod tests {
    use super::{Expectation::*, *};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn payload(value: &Value) -> JsonObject {
        JsonObject::from_iter([("k".to_owned(), json!({ "v": value, "t": 690_500 }))])
    }

    fn list(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| json!(text)).collect()
    }

    #[test]
    fn each_expectation_is_met_or_says_what_was_expected() {
        let ab = json!(["a", "b"]);
        for (expectation, actual, detail) in [
            (Equals(json!("a")), json!("a"), None),
            (Equals(json!("a")), json!("b"), Some(json!({ "expectedValue": "a" }))),
            (Equals(json!(1)), json!("1"), Some(json!({ "expectedValue": 1 }))),
            (Equals(json!(true)), json!(1), Some(json!({ "expectedValue": true }))),
            (Includes(json!("a")), ab.clone(), None),
            (Includes(json!("c")), ab.clone(), Some(json!({ "expectedToInclude": "c" }))),
            (Excludes(json!("c")), ab.clone(), None),
            (Excludes(json!("a")), ab.clone(), Some(json!({ "expectedToNotInclude": "a" }))),
            (IncludesAll(list(&["b", "a"])), ab.clone(), None),
            (IncludesAll(list(&[])), json!([]), None),
            (IncludesAll(list(&["a", "c"])), ab.clone(), Some(json!({ "expectedToInclude": ["a", "c"] }))),
            (IncludesAny(list(&["c", "a"])), ab.clone(), None),
            (IncludesAny(list(&[])), ab.clone(), Some(json!({ "expectedToIncludeAtLeastOneOf": [] }))),
            (IncludesAny(list(&["c"])), ab.clone(), Some(json!({ "expectedToIncludeAtLeastOneOf": ["c"] }))),
            (ExcludesAll(list(&["c"])), ab.clone(), None),
            (ExcludesAll(list(&["c", "a"])), ab, Some(json!({ "expectedToNotInclude": ["c", "a"] }))),
            // what is no list has nothing, and lacks nothing either
            (Includes(json!("a")), json!("a"), Some(json!({ "expectedToInclude": "a" }))),
            (Excludes(json!("b")), json!("a"), Some(json!({ "expectedToNotInclude": "b" }))),
            (ExcludesAll(list(&["b"])), json!({ "a": 1 }), Some(json!({ "expectedToNotInclude": ["b"] }))),
        ] {
            let reason = judge(&payload(&actual), "k", &expectation, None, NOW).err();
            let expected = detail.map(|detail| {
                let mut reason = json!({ "message": "wrong value", "actualValue": actual });
                reason.as_object_mut().unwrap().extend(detail.as_object().unwrap().clone());
                reason
            });
            assert_eq!(reason, expected, "{expectation:?} of {actual}");
        }
    }

    #[test]
    fn absence_comes_before_age_and_age_before_the_value() {
        let (old, none) = (payload(&json!(false)), JsonObject::new());
        let judge = |payload, max_age: u64| judge(payload, "k", &Equals(json!(true)), Some(Duration::from_secs(max_age)), NOW);
        assert_eq!(judge(&none, 1), Err(json!({ "message": "value does not exist", "expectedValue": true })));
        assert_eq!(judge(&old, 300), Err(json!({ "message": "expired", "ageInSeconds": 309.5, "maxAgeInSeconds": 300 })));
        assert_eq!(judge(&old, 310), Err(json!({ "message": "wrong value", "expectedValue": true, "actualValue": false })));
    }

    #[test]
    fn gotcha_35_an_absent_value_is_not_a_null_one() {
        let reason = judge(&JsonObject::new(), "k", &Includes(json!("a")), None, NOW).unwrap_err();
        assert_eq!(reason.to_string(), r#"{"message":"value does not exist","expectedToInclude":"a"}"#);
    }

    #[test]
    fn a_claim_is_wanting_when_it_is_absent_or_too_old() {
        let there = payload(&json!(1));
        let wanting = |payload: &JsonObject, max_age: Option<u64>| is_wanting(payload, "k", max_age.map(Duration::from_millis), NOW);
        assert!(wanting(&JsonObject::new(), None));
        assert!(!wanting(&there, None));
        assert!(!wanting(&there, Some(309_500)));
        assert!(wanting(&there, Some(309_499)));
        assert!(wanting(&there, Some(0)));
    }

    #[test]
    fn a_claim_in_another_form_is_absent_and_one_without_a_time_is_old() {
        for odd in [json!(null), json!("x"), json!([1]), json!({ "t": 1_000_000 }), json!(7)] {
            let payload = JsonObject::from_iter([("k".to_owned(), odd)]);
            let reason = judge(&payload, "k", &Equals(json!(1)), None, NOW).unwrap_err();
            assert_eq!(reason["message"], "value does not exist");
            assert!(is_wanting(&payload, "k", None, NOW));
        }
        let timeless = JsonObject::from_iter([("k".to_owned(), json!({ "v": 1 }))]);
        assert!(judge(&timeless, "k", &Equals(json!(1)), None, NOW).is_ok());
        assert!(is_wanting(&timeless, "k", Some(Duration::from_secs(999)), NOW));
    }
}
