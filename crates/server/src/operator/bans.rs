//! `hallpass bans`.

use std::time::Duration;

use clap::Subcommand;
use hallpass_engine::{
    ban::{Ban, NewBan},
    id::{TenantId, UserId},
    time::Timestamp,
};
use hallpass_wire::own;
use serde_json::json;

use super::{
    OperationError, Reason, Told, count, moment,
    place::{Desk, user},
    table::Table,
};

/// So many users are asked for at a time.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub enum Bans {
    /// List the bans that are in force
    List {
        /// Only those of this user
        #[arg(long)]
        user: Option<String>,
    },
    /// Ban a user: their sessions end now, and there will be no others
    Add {
        /// Whom
        user: String,
        /// In one tenant only; everywhere by default
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
        /// Until then, as in 2027-01-31T12:00:00Z; for good by default
        #[arg(long, value_name = "TIME", value_parser = moment::parse, conflicts_with = "for")]
        until: Option<Timestamp>,
        /// For so long, as in 30min, 12h or 7d
        #[arg(long, value_name = "DURATION", value_parser = moment::span)]
        r#for: Option<Duration>,
        #[command(flatten)]
        why: Reason,
    },
    /// Lift a ban; the sessions that it ended stay ended
    Remove {
        /// Of whom
        user: String,
        /// The ban in this tenant; by default the one everywhere
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
        #[command(flatten)]
        why: Reason,
    },
}

impl Bans {
    pub(super) async fn run(self, desk: &Desk) -> Result<Told, OperationError> {
        match self {
            Self::List { user } => list(desk, user.as_deref()).await,
            Self::Add { user: name, tenant, until, r#for, why } => {
                let until = until.or_else(|| Some(desk.now() + r#for?));
                let new = NewBan { user: user(&name)?, tenant, until, by: why.by, reason: why.reason };
                let banned = desk.core.ban(&desk.app, new).await?.ok_or(OperationError::User)?;
                let handles: Vec<_> = banned.revoked.iter().map(ToString::to_string).collect();
                let (place, end) =
                    (of(&banned.ban), banned.ban.until.map_or("for good".to_owned(), |end| format!("until {}", moment::text(end))));
                Ok(Told {
                    text: format!("{name} is banned {place}, {end}. {} ended.", count(handles.len(), "session")),
                    json: json!({ "ban": own::ban(&banned.ban), "sessionHandlesRevoked": handles }),
                })
            }
            Self::Remove { user: name, tenant, why } => {
                let was_banned = desk.core.unban(&desk.app, &user(&name)?, tenant.as_ref(), why.why()).await?;
                let said = if was_banned { "is no longer banned" } else { "was not banned" };
                Ok(Told { text: format!("{name} {said} {}.", place(tenant.as_ref())), json: json!({ "wasBanned": was_banned }) })
            }
        }
    }
}

async fn list(desk: &Desk, of_user: Option<&str>) -> Result<Told, OperationError> {
    let bans = match of_user {
        Some(name) => desk.core.bans_of(&desk.app, &user(name)?).await?,
        None => all(desk).await?,
    };
    let mut table = Table::new(["USER", "WHERE", "SINCE", "UNTIL", "BY", "REASON"]);
    for ban in &bans {
        let end = ban.until.map_or("for good".to_owned(), moment::text);
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([ban.user.to_string(), of(ban), moment::text(ban.at), end, said(&ban.by), said(&ban.reason)]);
    }
    Ok(Told::table(json!({ "bans": bans.iter().map(own::ban).collect::<Vec<_>>() }), &table, "Nobody is banned."))
}

async fn all(desk: &Desk) -> Result<Vec<Ban>, OperationError> {
    let (mut bans, mut after): (Vec<Ban>, Option<UserId>) = (Vec::new(), None);
    loop {
        let page = desk.core.ban_list(&desk.app, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(bans) };
        after = Some(last.user.clone());
        bans.extend(page);
    }
}

fn of(ban: &Ban) -> String {
    place(ban.tenant.as_ref())
}

fn place(tenant: Option<&TenantId>) -> String {
    tenant.map_or("everywhere".to_owned(), |tenant| format!("in {tenant}"))
}
