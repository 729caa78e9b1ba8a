//! Tenants.

use hallpass_engine::{event::Event, id::Tenant, session::JsonObject, tenancy::TenantRecord, time::Timestamp};

use super::{Columns, Param, Stored, Why, int, json, or_null, text, time};

pub(crate) fn tenant(tenant: &Tenant) -> [Param<'_>; 2] {
    [text(tenant.app.as_str()), text(tenant.tenant.as_str())]
}

/// When, why and until when felt: what an event says of each session that ends with its tenant.
pub(crate) fn ended(event: &Event) -> [Param<'_>; 5] {
    [
        time(event.at),
        text(event.kind.as_str()),
        or_null(event.actor.as_deref().map(text)),
        or_null(event.reason.as_deref().map(text)),
        or_null(event.felt_until.map(time)),
    ]
}

/// A tenant's row, copied out of the record: the write outlives the caller.
pub(crate) struct NewTenant {
    tenant: Tenant,
    settings: String,
    revision: u32,
    created_at: Timestamp,
}

impl From<&TenantRecord> for NewTenant {
    fn from(record: &TenantRecord) -> Self {
        let TenantRecord { tenant, settings, revision, created_at } = record;
        Self { tenant: tenant.clone(), settings: json(settings), revision: *revision, created_at: *created_at }
    }
}

impl NewTenant {
    pub(crate) fn params(&self) -> impl Iterator<Item = Param<'_>> {
        tenant(&self.tenant).into_iter().chain([text(&self.settings), int(self.revision), time(self.created_at)])
    }
}

impl Stored for TenantRecord {
    const TABLE: &'static str = "tenant";
    const KEY: usize = 2;

    fn parse(columns: &mut Columns<'_>) -> Result<Self, Why> {
        Ok(Self {
            tenant: Tenant { app: columns.app()?, tenant: columns.text()?.parse().map_err(|_| "no name of a tenant")? },
            settings: settings(columns)?,
            revision: columns.number()?,
            created_at: columns.time()?,
        })
    }
}

fn settings(columns: &mut Columns<'_>) -> Result<JsonObject, Why> {
    serde_json::from_slice(columns.bytes()?).map_err(|_| "its settings are no JSON object")
}
