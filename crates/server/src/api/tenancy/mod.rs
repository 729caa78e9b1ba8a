//! Apps and their tenants.

pub(super) mod app;
pub(super) mod app_list;
pub(super) mod app_remove;
pub(super) mod change;
mod factors;
mod ids;
mod put;
pub(super) mod settings;
mod shown;
pub(super) mod tenant;
pub(super) mod tenant_list;
pub(super) mod tenant_remove;
pub(super) mod tenant_user;
pub(super) mod third_party;

use self::factors::Style;
use super::call::Call;

/// How the paths without `v2` see login methods.
fn older_style(call: &Call) -> Style {
    if call.dialect().has_factors { Style::Both } else { Style::Flags }
}
