//! The operations: what each is called, where it belongs, what it takes and what it answers.

use std::{collections::HashMap, future::Future, pin::Pin, sync::LazyLock};

use hallpass_wire::FieldDoc;

use super::{
    call::Call,
    reply::{Problem, Reply},
};

/// An answer on its way.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// What carries an operation out.
pub(crate) type Handler = fn(Call) -> Answer;

/// What an operation acts on, and so which paths it may be called at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The tenant of the path, which must exist.
    Tenant,
    /// The whole app: not below a tenant, from CDI 5.0 on.
    App,
    /// The app; the tenant of the path is not looked at.
    AnyTenantOfApp,
    /// The whole app: below no tenant in any version.
    PublicTenant,
    /// The whole server: only at app and tenant `public`.
    Global,
}

/// How an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `GET`: reads, and takes a query.
    Get,
    /// `POST`: with a body.
    Post,
    /// `PUT`: with a body.
    Put,
    /// `DELETE`: without a body.
    Delete,
}

impl Verb {
    /// As in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// An operation of the interface. One per file.
pub struct Operation {
    /// How it is called.
    pub verb: Verb,
    /// In lower case, without app and tenant.
    pub path: &'static str,
    /// Where it may be called.
    pub scope: Scope,
    /// Whether it answers without an API key and without a version.
    pub is_open: bool,
    /// The status that says that the app or tenant of the path does not exist; without one, that is a bad request.
    pub absent: Option<&'static str>,
    /// One line for the description of the interface.
    pub summary: &'static str,
    /// The body; none for `GET`.
    pub body: Option<&'static [FieldDoc]>,
    /// The query.
    pub query: &'static [FieldDoc],
    /// A call and its answer.
    pub example: Example,
    /// What carries it out.
    pub(crate) handler: Handler,
}

/// A call and its answer, for the description of the interface.
pub struct Example {
    /// The body, or the query, as a JSON object. `$name` stands for what an earlier call gave.
    pub request: &'static str,
    /// The answer; a JSON string for one that is a text.
    pub response: &'static str,
}

impl Operation {
    /// What most operations are: called with a key, in a version.
    pub(crate) const DEFAULT: Self = Self {
        verb: Verb::Get,
        path: "",
        scope: Scope::App,
        is_open: false,
        absent: None,
        summary: "",
        body: None,
        query: &[],
        example: Example { request: "{}", response: "{}" },
        handler: |_| Box::pin(async { Err(Problem::NotFound) }),
    };
}

/// The operations at a path.
pub(crate) fn at(path: &str) -> &'static [&'static Operation] {
    BY_PATH.get(path).map_or(&[], Vec::as_slice)
}

static BY_PATH: LazyLock<HashMap<&'static str, Vec<&'static Operation>>> = LazyLock::new(|| {
    let mut by_path: HashMap<_, Vec<_>> = HashMap::new();
    for operation in super::OPERATIONS {
        by_path.entry(operation.path).or_default().push(*operation);
    }
    by_path
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::OPERATIONS, *};

    #[test]
    fn no_two_operations_share_path_and_method() {
        let mut seen = HashSet::new();
        for operation in OPERATIONS {
            assert!(seen.insert((operation.path, operation.verb)), "{:?} {}", operation.verb, operation.path);
        }
    }

    #[test]
    fn every_operation_is_described() {
        for operation in OPERATIONS {
            let name = format!("{:?} {}", operation.verb, operation.path);
            assert!(operation.path.starts_with('/') && operation.path == operation.path.to_ascii_lowercase(), "{name}");
            assert!(operation.summary.ends_with('.'), "{name}");
            for json in [operation.example.request, operation.example.response] {
                assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{name}: {json}");
            }
            assert_eq!(operation.body.is_some(), matches!(operation.verb, Verb::Post | Verb::Put), "{name}");
            for field in operation.body.into_iter().flatten().chain(operation.query) {
                assert!(!field.meaning.is_empty(), "{name}: {}", field.name);
            }
        }
    }
}
