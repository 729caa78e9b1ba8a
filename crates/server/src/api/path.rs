//! The grammar of paths: `[base path] [/appid-<app>] [/<tenant>] <operation> [/]`, in any case of letters.

use hallpass_engine::id::{AppId, Tenant, TenantId};

/// Words that are no tenants: paths begin with them.
pub(crate) const RESERVED: [&str; 4] = ["recipe", "config", "users", "hello"];

/// What segments begin with that name an app.
pub(crate) const APP_PREFIX: &str = "appid-";

/// What a path is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Which app and tenant; they need not exist.
    pub(crate) tenant: Tenant,
    /// The operation's path; empty at the root.
    pub(crate) operation: String,
}

/// Takes a path apart. `None`: it is none of ours.
///
/// `is_known` says whether an operation has that path: such a path is taken as it is before anything in it may be a tenant.
pub(crate) fn parse(path: &str, base_path: &str, is_known: impl Fn(&str) -> bool) -> Option<Target> {
    let path = path.to_ascii_lowercase();
    let path = path.strip_prefix(base_path)?;
    if !(path.is_empty() || path.starts_with('/')) {
        return None;
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let target = |app: AppId, tenant: TenantId, operation: &str| {
        (operation.is_empty() || is_known(operation)).then(|| Target { tenant: Tenant { app, tenant }, operation: operation.to_owned() })
    };
    if let Some(target) = target(AppId::public(), TenantId::public(), path) {
        return Some(target);
    }
    let (app, rest) = match first_segment(path).and_then(|(segment, rest)| Some((segment.strip_prefix(APP_PREFIX)?, rest))) {
        Some(("", rest)) => (AppId::public(), rest),
        Some((app, rest)) => (app.parse().ok()?, rest),
        None => (AppId::public(), path),
    };
    if let Some(target) = target(app.clone(), TenantId::public(), rest) {
        return Some(target);
    }
    let (tenant, rest) = first_segment(rest).filter(|(tenant, _)| !RESERVED.contains(tenant) && !tenant.starts_with(APP_PREFIX))?;
    target(app, tenant.parse().ok()?, rest)
}

/// A path's first segment, and what follows it, with its slash.
fn first_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    Some(path.split_at(path.find('/').unwrap_or(path.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(path: &str) -> Option<(String, String, String)> {
        let target = parse(path, "", |operation| ["/recipe/session", "/hello", "/users/count", "/apiversion"].contains(&operation))?;
        Some((target.tenant.app.to_string(), target.tenant.tenant.to_string(), target.operation))
    }

    #[test]
    fn app_and_tenant_come_before_the_operation() {
        for (path, app, tenant, operation) in [
            ("/recipe/session", "public", "public", "/recipe/session"),
            ("/Recipe/SESSION/", "public", "public", "/recipe/session"),
            ("/public/recipe/session", "public", "public", "/recipe/session"),
            ("/t-1/recipe/session", "public", "t-1", "/recipe/session"),
            ("/appid-a1/recipe/session", "a1", "public", "/recipe/session"),
            ("/appid-a1/T1/recipe/session", "a1", "t1", "/recipe/session"),
            ("/appid-/recipe/session", "public", "public", "/recipe/session"),
            ("/appid-appid-a/recipe/session", "appid-a", "public", "/recipe/session"),
            ("/users/count", "public", "public", "/users/count"),
            ("", "public", "public", ""),
            ("/", "public", "public", ""),
            ("/t1/", "public", "t1", ""),
            ("/appid-x", "x", "public", ""),
            ("/appid-x/t1", "x", "t1", ""),
        ] {
            let expected = Some((app.to_owned(), tenant.to_owned(), operation.to_owned()));
            assert_eq!(parsed(path), expected, "{path}");
        }
    }

    #[test]
    fn anything_else_is_not_found() {
        for path in [
            "/recipe/nothing",
            "/t1/t2/recipe/session",
            "/t1/appid-a/recipe/session",
            "/recipe/recipe/session",
            "/users/recipe/session",
            "/t_1/recipe/session",
            "/t%31/recipe/session",
            "//recipe/session",
            "/recipe/session//",
            "recipe/session",
        ] {
            assert_eq!(parsed(path), None, "{path}");
        }
    }

    #[test]
    fn with_a_base_path_everything_lives_below_it() {
        let known = |operation: &str| operation == "/hello";
        assert!(parse("/core/hello", "/core", known).is_some());
        assert!(parse("/core", "/core", known).is_some());
        assert_eq!(parse("/hello", "/core", known), None);
        assert_eq!(parse("/corehello", "/core", known), None);
    }
}
