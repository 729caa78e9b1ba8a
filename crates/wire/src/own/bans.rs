//! Bans.

use hallpass_engine::ban::Ban;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Unreadable},
    field::request,
};

request! {
    /// `POST /hallpass/ban`
    BanUser {
        /// Who.
        user_id: String = "userId",
        /// In which tenant; everywhere by default.
        tenant_id: Option<String> = "tenantId",
        /// Until when, in milliseconds since 1970; for good by default.
        until: Option<i64> = "until",
        /// Who bans, for the events and for those who ask.
        by: Option<String> = "by",
        /// Why, in words. Never told to the user.
        reason: Option<String> = "reason",
    }
}

request! {
    /// `POST /hallpass/ban/remove`
    RemoveBan {
        /// Who.
        user_id: String = "userId",
        /// The ban in which tenant; by default the one everywhere.
        tenant_id: Option<String> = "tenantId",
        /// Who lifts it, for the events.
        actor: Option<String> = "actor",
        /// Why, in words, for the events.
        reason: Option<String> = "reason",
    }
}

/// A ban in an answer. What it does not have is null: an end, or a tenant, being everywhere.
pub fn ban(ban: &Ban) -> Value {
    json!({
        "userId": ban.user.as_str(),
        "tenantId": ban.tenant.as_ref().map(ToString::to_string),
        "time": ban.at.as_millis(),
        "until": ban.until.map(|until| until.as_millis()),
        "by": ban.by,
        "reason": ban.reason,
    })
}

/// The ban that an answer tells of.
///
/// # Errors
/// [`Unreadable`].
pub fn read_ban(answer: Answer<'_>) -> Result<Ban, Unreadable> {
    let tenant = answer.optional_text("tenantId").map(|tenant| tenant.parse().map_err(|_| Unreadable("tenantId")));
    Ok(Ban {
        user: answer.text("userId")?.into(),
        tenant: tenant.transpose()?,
        at: answer.time("time")?,
        until: answer.time("until").ok(),
        by: answer.optional_text("by").map(str::to_owned),
        reason: answer.optional_text("reason").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use hallpass_engine::time::Timestamp;

    use super::*;

    #[test]
    fn a_ban_is_read_as_it_was_written() {
        let at = Timestamp::from_millis(1_767_225_600_000);
        let least = Ban { user: "".into(), tenant: None, at, until: None, by: None, reason: None };
        let whole = Ban {
            user: "zoë".into(),
            tenant: Some("t1".parse().unwrap()),
            until: Some(at),
            by: Some("operator".to_owned()),
            reason: Some(String::new()),
            ..least.clone()
        };
        for written in [least, whole] {
            assert_eq!(read_ban(Answer::new(&ban(&written))), Ok(written));
        }
        let mut odd = json!({ "userId": "u", "time": 1, "tenantId": "T 1" });
        assert_eq!(read_ban(Answer::new(&odd)), Err(Unreadable("tenantId")), "never everywhere by mistake");
        odd["tenantId"] = Value::Null;
        assert!(read_ban(Answer::new(&odd)).is_ok());
    }
}
