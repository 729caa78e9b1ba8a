//! `hallpass events`: why somebody was logged out.

use clap::{Args, value_parser};
use hallpass_engine::{
    event::Event,
    id::{SessionHandle, TenantId, UserId},
};
use hallpass_wire::own::event as as_json;
use serde_json::json;

use super::{
    Answer, Options, Place, Trouble,
    moment::shown,
    operator::user,
    table::{named, table},
};

/// Whose events to tell.
#[derive(Args)]
pub struct Events {
    /// Whose
    #[arg(value_parser = user)]
    user: UserId,
    /// How many at most, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Where.
    #[command(flatten)]
    pub(super) options: Options,
}

impl Events {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Trouble> {
        let mut events = place.core.event_list(&place.app, &self.user, self.limit).await?;
        if events.is_empty() {
            place.must_be_ours().await?;
        }
        if let Some(tenant) = &place.tenant {
            events.retain(|event| tenant_of(event).is_none_or(|of| of == tenant));
        }
        let text = if events.is_empty() {
            format!("Nothing is kept about {}.", named(self.user.as_str()))
        } else {
            table(["TIME (UTC)", "EVENT", "SESSION", "TENANT", "BY", "REASON"], &events.iter().map(row).collect::<Vec<_>>())
        };
        Ok(Answer { json: json!({ "events": events.iter().map(as_json).collect::<Vec<_>>() }), text })
    }
}

fn tenant_of(event: &Event) -> Option<&TenantId> {
    event.tenant.as_ref().or(event.handle.as_ref().map(SessionHandle::tenant))
}

fn row(event: &Event) -> [String; 6] {
    [
        shown(event.at),
        event.kind.as_str().to_owned(),
        event.handle.as_ref().map(ToString::to_string).unwrap_or_default(),
        tenant_of(event).map(ToString::to_string).unwrap_or_default(),
        event.actor.clone().unwrap_or_default(),
        event.reason.clone().unwrap_or_default(),
    ]
}
