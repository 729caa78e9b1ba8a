//! `hallpass bans`: who has no session and gets none.

use std::time::Duration;

use clap::Subcommand;
use hallpass_engine::{
    ban::{Ban, NewBan},
    core::Banned,
    id::{TenantId, UserId},
    time::Timestamp,
};
use hallpass_wire::own::ban as as_json;
use serde_json::json;

use super::{
    Answer, Failure, Place, Trouble,
    answer::count,
    moment::{moment, shown, span},
    operator::{Reason, user},
    table::{named, table},
};

/// So many users are read at once.
const PAGE: u32 = 1000;

/// What to do about bans.
#[derive(Subcommand)]
pub enum Bans {
    /// List the bans that are in force: all of them, or those of one user
    List {
        /// Whose
        #[arg(value_parser = user)]
        user: Option<UserId>,
    },
    /// Ban a user now and end their sessions; for good, unless an end is named. An earlier ban in the same place is replaced
    Add {
        /// Whom
        #[arg(value_parser = user)]
        user: UserId,
        /// For so long: 30m, 12h, 7d
        #[arg(long = "for", value_name = "DURATION", value_parser = span, conflicts_with = "until")]
        span: Option<Duration>,
        /// Until then: 2026-12-01T00:00:00Z, or 2026-12-01 (UTC)
        #[arg(long, value_name = "MOMENT", value_parser = moment)]
        until: Option<Timestamp>,
        /// Who, and why.
        #[command(flatten)]
        reason: Reason,
    },
    /// Lift the ban of a user; sessions that it ended stay ended
    Remove {
        /// Whose
        #[arg(value_parser = user)]
        user: UserId,
        /// Who, and why.
        #[command(flatten)]
        reason: Reason,
    },
}

impl Bans {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Trouble> {
        match self {
            Self::List { user } => list(place, user.as_ref()).await,
            Self::Add { user, span, until, reason } => {
                let now = place.now();
                let until = until.or_else(|| span.map(|span| now + span));
                if until.is_some_and(|until| until <= now) {
                    return Err(Failure::Usage("--until lies in the past: such a ban is over already".to_owned()).into());
                }
                add(place, user, until, reason).await
            }
            Self::Remove { user, reason } => remove(place, &user, reason).await,
        }
    }
}

async fn list(place: &Place, user: Option<&UserId>) -> Result<Answer, Trouble> {
    let mut bans = match user {
        Some(user) => place.core.bans_of(&place.app, user).await?,
        None => all(place).await?,
    };
    if bans.is_empty() {
        place.must_be_ours().await?;
    }
    if let Some(tenant) = &place.tenant {
        bans.retain(|ban| ban.tenant.as_ref().is_none_or(|banned_in| banned_in == tenant));
    }
    let text = if bans.is_empty() {
        let whom = user.map_or_else(|| "Nobody is".to_owned(), |user| format!("{} is not", named(user.as_str())));
        let part = place.tenant.as_ref().map(|tenant| format!(" in the tenant {tenant}"));
        format!("{whom} banned{}.", part.unwrap_or_default())
    } else {
        table(["USER", "TENANT", "SINCE (UTC)", "UNTIL (UTC)", "BY", "REASON"], &bans.iter().map(row).collect::<Vec<_>>())
    };
    Ok(Answer { json: json!({ "bans": bans.iter().map(as_json).collect::<Vec<_>>() }), text })
}

async fn all(place: &Place) -> Result<Vec<Ban>, Trouble> {
    let mut bans = Vec::<Ban>::new();
    loop {
        let after = bans.last().map(|ban| ban.user.clone());
        let page = place.core.ban_list(&place.app, after.as_ref(), PAGE).await?;
        if page.is_empty() {
            return Ok(bans);
        }
        bans.extend(page);
    }
}

async fn add(place: &Place, user: UserId, until: Option<Timestamp>, reason: Reason) -> Result<Answer, Trouble> {
    place.named_tenant_must_exist().await?;
    let new = NewBan { user, tenant: place.tenant.clone(), until, by: Some(reason.actor()), reason: reason.reason };
    let banned = place.core.ban(&place.app, new).await?;
    // the command line has asked for an id that can be kept
    let Banned { ban, revoked } = banned.ok_or_else(|| Failure::Usage("nobody can be known by this id".to_owned()))?;
    let text = format!(
        "{} is banned {} {}; {} ended.",
        named(ban.user.as_str()),
        in_words(ban.tenant.as_ref()),
        ban.until.map_or_else(|| "for good".to_owned(), |until| format!("until {} UTC", shown(until))),
        count(revoked.len(), "session"),
    );
    let revoked: Vec<_> = revoked.iter().map(ToString::to_string).collect();
    Ok(Answer { json: json!({ "ban": as_json(&ban), "sessionHandlesRevoked": revoked }), text })
}

async fn remove(place: &Place, user: &UserId, reason: Reason) -> Result<Answer, Trouble> {
    let tenant = place.tenant.as_ref();
    let was_banned = place.core.unban(&place.app, user, tenant, reason.why()).await?;
    let left = place.core.bans_of(&place.app, user).await?;
    let other = left.first().map(|ban| {
        let how = ban.tenant.as_ref().map_or_else(|| "without --tenant".to_owned(), |tenant| format!("with --tenant {tenant}"));
        format!("; there is one {}: to lift that, ask {how}", in_words(ban.tenant.as_ref()))
    });
    let (what, other) = (format!("ban of {} {}", named(user.as_str()), in_words(tenant)), other.unwrap_or_default());
    if was_banned {
        Ok(Answer { json: json!({ "wasBanned": true }), text: format!("The {what} is lifted{other}.") })
    } else {
        Err(Failure::NotThere(format!("there is no {what}{other}")).into())
    }
}

fn in_words(tenant: Option<&TenantId>) -> String {
    tenant.map_or_else(|| "in all tenants".to_owned(), |tenant| format!("in the tenant {tenant}"))
}

fn row(ban: &Ban) -> [String; 6] {
    [
        named(ban.user.as_str()),
        ban.tenant.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string),
        shown(ban.at),
        ban.until.map_or_else(|| "for good".to_owned(), shown),
        ban.by.clone().unwrap_or_default(),
        ban.reason.clone().unwrap_or_default(),
    ]
}
