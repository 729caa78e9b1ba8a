//! Ids of apps and tenants, as they are chosen.

use hallpass_engine::id::{AppId, InvalidName, TenantId};

use super::super::{
    path::{APP_PREFIX, RESERVED},
    reply::Problem,
};

/// The id of an app: in any case of letters, `public` if none is given.
pub(super) fn app(given: Option<&str>) -> Result<AppId, Problem> {
    let Some(given) = given else { return Ok(AppId::public()) };
    let id = plain(given).ok_or_else(|| problem("appId"))?;
    id.parse().map_err(|_: InvalidName| problem("appId"))
}

/// The id of a tenant: in any case of letters, `public` if none is given. No word that paths begin with.
pub(super) fn tenant(given: Option<&str>) -> Result<TenantId, Problem> {
    let Some(given) = given else { return Ok(TenantId::public()) };
    let id = plain(given).filter(|id| !RESERVED.contains(&id.as_str())).ok_or_else(|| problem("tenantId"))?;
    id.parse().map_err(|_: InvalidName| problem("tenantId"))
}

/// The id without white space and capitals, unless a path would take it for something else.
fn plain(given: &str) -> Option<String> {
    let id = given.trim().to_lowercase();
    (!id.starts_with(APP_PREFIX)).then_some(id)
}

fn problem(field: &str) -> Problem {
    let rule = "1 to 64 letters, digits and '-', neither a reserved word nor beginning with 'appid-'";
    Problem::BadRequest(format!("{field} must be {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_trimmed_and_in_lower_case() {
        for (given, id) in [(Some(" Customer-1\n"), "customer-1"), (Some("PUBLIC"), "public"), (None, "public")] {
            assert_eq!(app(given).unwrap().as_str(), id);
            assert_eq!(tenant(given).unwrap().as_str(), id);
        }
        assert_eq!(app(Some("users")).unwrap().as_str(), "users");
    }

    #[test]
    fn what_a_path_could_not_name_is_refused() {
        for wrong in ["", " ", "a_b", "a b", "a/b", "ä", "appid-x", "APPID-", &"x".repeat(65)] {
            assert!(app(Some(wrong)).unwrap_err().to_string().starts_with("appId must be"), "{wrong}");
            assert!(tenant(Some(wrong)).unwrap_err().to_string().starts_with("tenantId must be"), "{wrong}");
        }
        for reserved in ["recipe", "config", "Users", "hello"] {
            assert!(tenant(Some(reserved)).is_err(), "{reserved}");
        }
    }
}
