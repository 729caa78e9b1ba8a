//! Bans.

use hallpass_engine::{
    ban::Ban,
    id::{AppId, TenantId, UserId},
};

use super::{Columns, Param, Stored, Why, or_null, text, time};

/// The tenant of a ban that holds everywhere.
const EVERYWHERE: &str = "";

/// The parameters that name a ban.
pub(crate) fn ban_key<'a>(app: &'a AppId, user: &'a UserId, tenant: Option<&'a TenantId>) -> [Param<'a>; 3] {
    [text(app.as_str()), text(user.as_str()), text(tenant.map_or(EVERYWHERE, TenantId::as_str))]
}

pub(crate) fn ban<'a>(app: &'a AppId, ban: &'a Ban) -> impl Iterator<Item = Param<'a>> {
    let words = [ban.by.as_deref(), ban.reason.as_deref()].map(|words| or_null(words.map(text)));
    let moments = [time(ban.at), or_null(ban.until.map(time))];
    ban_key(app, &ban.user, ban.tenant.as_ref()).into_iter().chain(moments).chain(words)
}

impl Stored for Ban {
    const TABLE: &'static str = "ban";
    const KEY: usize = 3;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        columns.skip(1);
        Ok(Self {
            user: columns.text()?.into(),
            tenant: match columns.text()? {
                EVERYWHERE => None,
                name => Some(name.parse().map_err(|_| "no name of a tenant")?),
            },
            at: columns.time()?,
            until: columns.optional_time()?,
            by: columns.optional_text()?.map(str::to_owned),
            reason: columns.optional_text()?.map(str::to_owned),
        })
    }
}
