//! `hallpass events`.

use hallpass_wire::own;
use serde_json::json;

use super::{
    OperationError, Told, moment,
    place::{Desk, user},
    table::Table,
};

pub(super) async fn list(desk: &Desk, name: &str, limit: u32) -> Result<Told, OperationError> {
    let events = desk.core.event_list(&desk.app, &user(name)?, limit).await?;
    let mut table = Table::new(["TIME", "EVENT", "SESSION OR TENANT", "BY", "REASON"]);
    for event in &events {
        let handle = event.handle.as_ref().map(ToString::to_string);
        let subject = handle.or_else(|| event.tenant.as_ref().map(ToString::to_string)).unwrap_or_default();
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([moment::text(event.at), event.kind.as_str().to_owned(), subject, said(&event.actor), said(&event.reason)]);
    }
    let all: Vec<_> = events.iter().map(own::event).collect();
    Ok(Told::table(json!({ "events": all }), &table, &format!("Nothing is known of {name}.")))
}
