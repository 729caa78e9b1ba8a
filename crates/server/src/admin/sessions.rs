//! `hallpass sessions`: who is signed in, and the end of it.

use clap::Subcommand;
use hallpass_engine::{
    core::{SessionInfo, Why},
    id::{SessionHandle, UserId},
};
use hallpass_wire::{CdiVersion, own::details};
use serde_json::{Value, json};

use super::{
    Answer, Failure, Place, Trouble,
    answer::count,
    moment::shown,
    operator::{Reason, user},
    table::{named, plain, table},
};

/// What to do about sessions.
#[derive(Subcommand)]
pub enum Sessions {
    /// List the living sessions of a user, oldest first
    List {
        /// Whose
        #[arg(value_parser = user)]
        user: UserId,
    },
    /// Show one session, with what the app keeps in it
    Show {
        /// Which
        handle: String,
    },
    /// End sessions: some, or all of a user
    Revoke {
        /// Which
        #[arg(value_name = "HANDLE", required_unless_present = "user", conflicts_with = "user")]
        handles: Vec<String>,
        /// All of this user
        #[arg(long, value_name = "USER", value_parser = user)]
        user: Option<UserId>,
        /// Who, and why.
        #[command(flatten)]
        reason: Reason,
    },
}

impl Sessions {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Trouble> {
        match self {
            Self::List { user } => list(place, &user).await,
            Self::Show { handle } => show(place, &place.handle(&handle).await?).await,
            Self::Revoke { user: Some(user), reason, .. } => revoke_all(place, &user, reason.why()).await,
            Self::Revoke { handles, reason, .. } => {
                let mut parsed = Vec::new();
                for handle in &handles {
                    parsed.push(place.handle(handle).await?);
                }
                revoke(place, &parsed, reason.why()).await
            }
        }
    }
}

async fn list(place: &Place, user: &UserId) -> Result<Answer, Trouble> {
    place.named_tenant_must_exist().await?;
    let sessions = place.core.session_list(&place.app, place.tenant.as_ref(), user).await?;
    let row = |session: &SessionInfo| {
        let SessionInfo { handle, created_at, expires_at, .. } = session;
        [handle.to_string(), session.tenant().to_string(), shown(*created_at), refreshed(session), shown(*expires_at)]
    };
    let text = if sessions.is_empty() {
        format!("{} has no session.", named(user.as_str()))
    } else {
        table(["SESSION", "TENANT", "SINCE (UTC)", "REFRESHED (UTC)", "UNTIL (UTC)"], &sessions.iter().map(row).collect::<Vec<_>>())
    };
    Ok(Answer { json: json!({ "sessions": sessions.iter().map(as_json).collect::<Vec<_>>() }), text })
}

async fn show(place: &Place, handle: &SessionHandle) -> Result<Answer, Trouble> {
    let session = place.core.session_find(&place.app, handle).await?.ok_or_else(|| no_session(handle))?;
    let text = format!(
        "session    {handle}\nuser       {}\ntenant     {}\nsince      {} UTC\nrefreshed  {}\nuntil      {} UTC, unless it is refreshed\npayload    {}\ndata       {}",
        named(session.user.as_str()),
        session.tenant(),
        shown(session.created_at),
        refreshed(&session),
        shown(session.expires_at),
        plain(&Value::from(session.payload.clone()).to_string()),
        plain(&Value::from(session.data.clone()).to_string()),
    );
    Ok(Answer { json: as_json(&session), text })
}

async fn revoke(place: &Place, handles: &[SessionHandle], why: Why) -> Result<Answer, Trouble> {
    let revoked = place.core.session_revoke(&place.app, handles, why).await?;
    let missing: Vec<_> = handles.iter().filter(|handle| !revoked.contains(handle)).collect();
    if let ([handle], true) = (missing.as_slice(), revoked.is_empty()) {
        return Err(no_session(handle).into());
    }
    let mut answer = ended(&revoked);
    for handle in missing {
        answer.text += &format!("\n{handle} was not there.");
    }
    Ok(answer)
}

async fn revoke_all(place: &Place, user: &UserId, why: Why) -> Result<Answer, Trouble> {
    place.named_tenant_must_exist().await?;
    let revoked = place.core.session_revoke_all(&place.app, place.tenant.as_ref(), user, why).await?;
    Ok(ended(&revoked))
}

fn ended(revoked: &[SessionHandle]) -> Answer {
    let handles: Vec<_> = revoked.iter().map(ToString::to_string).collect();
    let mut text = format!("{} ended.", count(handles.len(), "session"));
    for handle in &handles {
        text += &format!("\n{handle}");
    }
    Answer { json: json!({ "sessionHandlesRevoked": handles }), text }
}

fn no_session(handle: &SessionHandle) -> Failure {
    Failure::NotThere(format!("there is no session {handle}: it has ended, or never was; `hallpass events USER` tells what happened"))
}

/// As the latest version of the server's interface tells it.
fn refreshed(session: &SessionInfo) -> String {
    session.refreshed_at.map_or_else(|| "never".to_owned(), shown)
}

fn as_json(session: &SessionInfo) -> Value {
    let mut details = details(session, CdiVersion::LATEST.dialect());
    details.as_object_mut().map(|details| details.shift_remove("status"));
    details
}
