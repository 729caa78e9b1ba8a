//! Claims in the form that frontend SDKs know.

use std::{fmt, marker::PhantomData, time::Duration};

use hallpass_engine::time::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Claim, FETCHED_AT, VALUE, expectation::Expectation, validator::Validator};

/// What a claim of a built-in type may hold, or hold a list of: texts, numbers, booleans, and what can be turned into JSON and back.
pub trait Primitive: Into<Value> + DeserializeOwned + Send + 'static {}

impl<T: Into<Value> + DeserializeOwned + Send + 'static> Primitive for T {}

macro_rules! builtin {
    ($(#[$doc:meta])* $name:ident, $value:ty) => {
        $(#[$doc])*
        pub struct $name<T> {
            key: &'static str,
            max_age: Option<Duration>,
            value: PhantomData<fn() -> T>,
        }

        impl<T> $name<T> {
            /// A claim of this name: no other claim of the app, and none of the engine's, may have it.
            pub const fn new(key: &'static str) -> Self {
                Self { key, max_age: None, value: PhantomData }
            }

            /// How old a value may be when it is judged: an older one is fetched again. By default, as old as it likes.
            #[must_use]
            pub const fn max_age(self, age: Duration) -> Self {
                Self { max_age: Some(age), ..self }
            }

            fn expects(&self, expectation: Expectation) -> Validator {
                Validator::of_claim(self.key, self.max_age, expectation)
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("key", &self.key).field("max_age", &self.max_age).finish()
            }
        }

        impl<T: Primitive> Claim for $name<T> {
            type Value = $value;

            fn key(&self) -> &str {
                self.key
            }

            fn write(&self, value: $value, fetched_at: Timestamp) -> Value {
                json!({ VALUE: Into::<Value>::into(value), FETCHED_AT: fetched_at.as_millis() })
            }

            fn read(&self, written: &Value) -> Option<$value> {
                Deserialize::deserialize(written.get(VALUE)?).ok()
            }
        }
    };
}

builtin!(
    /// A claim that holds one text, number or boolean.
    PrimitiveClaim,
    T
);
builtin!(
    /// A claim that holds a list of texts, numbers or booleans.
    ArrayClaim,
    Vec<T>
);

/// A claim that is true or false.
pub type BooleanClaim = PrimitiveClaim<bool>;

impl<T: Primitive> PrimitiveClaim<T> {
    /// The value is this one.
    pub fn has_value(&self, value: impl Into<T>) -> Validator {
        self.expects(Expectation::Equals(value.into().into()))
    }
}

impl BooleanClaim {
    /// The value is true.
    pub fn is_true(&self) -> Validator {
        self.has_value(true)
    }

    /// The value is false. A claim that is not there is neither.
    pub fn is_false(&self) -> Validator {
        self.has_value(false)
    }
}

impl<T: Primitive> ArrayClaim<T> {
    /// The list has this element.
    pub fn includes(&self, element: impl Into<T>) -> Validator {
        self.expects(Expectation::Includes(element.into().into()))
    }

    /// The list is there and lacks this element.
    pub fn excludes(&self, element: impl Into<T>) -> Validator {
        self.expects(Expectation::Excludes(element.into().into()))
    }

    /// The list has all of these elements. Every list has all of none.
    pub fn includes_all(&self, elements: impl IntoIterator<Item: Into<T>>) -> Validator {
        self.expects(Expectation::IncludesAll(values(elements)))
    }

    /// The list has one of these elements, or more. No list has one of none.
    pub fn includes_any(&self, elements: impl IntoIterator<Item: Into<T>>) -> Validator {
        self.expects(Expectation::IncludesAny(values(elements)))
    }

    /// The list is there and lacks all of these elements.
    pub fn excludes_all(&self, elements: impl IntoIterator<Item: Into<T>>) -> Validator {
        self.expects(Expectation::ExcludesAll(values(elements)))
    }
}

fn values<T: Primitive>(elements: impl IntoIterator<Item: Into<T>>) -> Vec<Value> {
    elements.into_iter().map(|element| element.into().into()).collect()
}
