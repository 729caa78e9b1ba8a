//! `hallpass sessions`.

use clap::Subcommand;
use hallpass_engine::{
    core::SessionInfo,
    id::{SessionHandle, TenantId},
};
use hallpass_wire::{CdiVersion, own::details};
use serde_json::{Value, json};

use super::{
    OperationError, Reason, Told, count, moment,
    place::{Desk, user},
    table::Table,
};

#[derive(Debug, Subcommand)]
pub enum Sessions {
    /// List the living sessions of a user, oldest first
    List {
        /// The user
        user: String,
        /// Only those in this tenant
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Show a session with all that is stored of it
    Show {
        /// The session
        handle: SessionHandle,
    },
    /// End sessions now; their users may sign in again
    Revoke {
        /// The sessions
        #[arg(required_unless_present = "user", value_name = "HANDLE")]
        handles: Vec<SessionHandle>,
        /// All sessions of this user
        #[arg(long, conflicts_with = "handles")]
        user: Option<String>,
        /// Of the user's, only those in this tenant
        #[arg(long, value_name = "ID", requires = "user")]
        tenant: Option<TenantId>,
        #[command(flatten)]
        why: Reason,
    },
}

impl Sessions {
    pub(super) async fn run(self, desk: &Desk) -> Result<Told, OperationError> {
        match self {
            Self::List { user: name, tenant } => {
                let sessions = desk.core.session_list(&desk.app, tenant.as_ref(), &user(&name)?).await?;
                let mut table = Table::new(["HANDLE", "TENANT", "SIGNED IN", "REFRESHED", "ENDS UNLESS REFRESHED"]);
                for session in &sessions {
                    let (handle, tenant) = (session.handle.to_string(), session.tenant().to_string());
                    table.row([handle, tenant, moment::text(session.created_at), refreshed(session), moment::text(session.expires_at)]);
                }
                let all: Vec<_> = sessions.iter().map(whole).collect();
                Ok(Told::table(json!({ "sessions": all }), &table, &format!("{name} has no session.")))
            }
            Self::Show { handle } => {
                let session = desk.core.session_find(&desk.app, &handle).await?;
                let session = session
                    .ok_or_else(|| OperationError::Absent(format!("session {handle}: it was revoked, has expired, or never was")))?;
                Ok(Told { text: shown(&session), json: whole(&session) })
            }
            Self::Revoke { handles, user: of_user, tenant, why } => {
                let revoked = match of_user {
                    Some(name) => desk.core.session_revoke_all(&desk.app, tenant.as_ref(), &user(&name)?, why.why()).await?,
                    None => desk.core.session_revoke(&desk.app, &handles, why.why()).await?,
                };
                let revoked: Vec<_> = revoked.iter().map(ToString::to_string).collect();
                Ok(Told { text: format!("{} ended.", count(revoked.len(), "session")), json: json!({ "sessionHandlesRevoked": revoked }) })
            }
        }
    }
}

/// As the newest clients of a server are told.
fn whole(session: &SessionInfo) -> Value {
    let mut value = details(session, CdiVersion::LATEST.dialect());
    value.as_object_mut().map(|value| value.shift_remove("status"));
    value
}

fn shown(session: &SessionInfo) -> String {
    let mut table = Table::new(["SESSION", &session.handle.to_string()]);
    table.row(["user".to_owned(), session.user.to_string()]);
    table.row(["tenant".to_owned(), session.tenant().to_string()]);
    table.row(["signed in".to_owned(), moment::text(session.created_at)]);
    table.row(["refreshed".to_owned(), refreshed(session)]);
    table.row(["ends unless refreshed".to_owned(), moment::text(session.expires_at)]);
    table.row(["payload".to_owned(), json!(session.payload).to_string()]);
    table.row(["data".to_owned(), json!(session.data).to_string()]);
    table.to_string()
}

fn refreshed(session: &SessionInfo) -> String {
    session.refreshed_at.map_or("never".to_owned(), moment::text)
}
