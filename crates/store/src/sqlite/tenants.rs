//! Tenants, and whole apps.

use async_trait::async_trait;
use hallpass_engine::{
    event::Event,
    id::{AppId, Tenant},
    session::JsonObject,
    store::{StoreError, TenantStore},
    tenancy::TenantRecord,
};

use super::{Sqlite, change, change_all, find, list, worker::atomically};
use crate::{
    row::{
        self, RawRow, int,
        tenants::{NewTenant, tenant as key},
        text,
    },
    sql::tenants as sql,
};

#[async_trait]
impl TenantStore for Sqlite {
    async fn tenant_find(&self, tenant: &Tenant) -> Result<Option<TenantRecord>, StoreError> {
        let tenant = tenant.clone();
        let row = self.read(move |db| find(db, sql::TENANT_FIND, key(&tenant))).await?;
        row.as_ref().map(RawRow::value).transpose()
    }

    async fn tenant_list(&self, app: Option<&AppId>) -> Result<Vec<TenantRecord>, StoreError> {
        let app = app.cloned();
        let rows = self.read(move |db| match &app {
            None => list(db, sql::TENANT_LIST, []),
            Some(app) => list(db, sql::TENANT_LIST_IN_APP, [text(app.as_str())]),
        });
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn tenant_insert(&self, record: &TenantRecord) -> Result<bool, StoreError> {
        let record = NewTenant::from(record);
        self.write(move |db| change(db, sql::TENANT_INSERT, record.params())).await
    }

    async fn tenant_replace(&self, tenant: &Tenant, seen: u32, settings: &JsonObject) -> Result<bool, StoreError> {
        let (tenant, settings) = (tenant.clone(), row::json(settings));
        self.write(move |db| {
            let guard = key(&tenant).into_iter().chain([int(seen)]);
            change(db, sql::TENANT_REPLACE, [text(&settings)].into_iter().chain(guard))
        })
        .await
    }

    async fn tenant_delete(&self, tenant: &Tenant, ended: &Event) -> Result<bool, StoreError> {
        let (tenant, ended) = (tenant.clone(), ended.clone());
        self.write(move |db| {
            atomically(db, || {
                change(db, sql::TENANT_SESSIONS_ENDED, row::tenants::ended(&ended).into_iter().chain(key(&tenant)))?;
                change_all(db, &sql::TENANT_DELETE_REST, &key(&tenant))?;
                change(db, sql::TENANT_DELETE, key(&tenant))
            })
        })
        .await
    }

    async fn app_delete(&self, app: &AppId) -> Result<bool, StoreError> {
        let app = app.clone();
        self.write(move |db| atomically(db, || change_all(db, &sql::APP_DELETE, &[text(app.as_str())]))).await
    }
}
