//! Tenants, and whole apps.

use async_trait::async_trait;
use futures_util::FutureExt;
use hallpass_engine::{
    event::Event,
    id::{AppId, Tenant},
    session::JsonObject,
    store::{StoreError, TenantStore},
    tenancy::TenantRecord,
};

use super::{Postgres, all, failure::Failure, one, pool::Transaction};
use crate::{
    row::{
        self, Param, int,
        tenants::{NewTenant, tenant as key},
        text,
    },
    sql::tenants as sql,
};

#[async_trait]
impl TenantStore for Postgres {
    async fn tenant_find(&self, tenant: &Tenant) -> Result<Option<TenantRecord>, StoreError> {
        one(&self.read(sql::TENANT_FIND, key(tenant).into()).await?)
    }

    async fn tenant_list(&self, app: Option<&AppId>) -> Result<Vec<TenantRecord>, StoreError> {
        all(&match app {
            None => self.read(sql::TENANT_LIST, Vec::new()).await?,
            Some(app) => self.read(sql::TENANT_LIST_IN_APP, vec![text(app.as_str())]).await?,
        })
    }

    async fn tenant_insert(&self, record: &TenantRecord) -> Result<bool, StoreError> {
        let record = NewTenant::from(record);
        self.change(sql::TENANT_INSERT, record.params().collect()).await
    }

    async fn tenant_replace(&self, tenant: &Tenant, seen: u32, settings: &JsonObject) -> Result<bool, StoreError> {
        let settings = row::json(settings);
        let guard = key(tenant).into_iter().chain([int(seen)]);
        self.change(sql::TENANT_REPLACE, [text(&settings)].into_iter().chain(guard).collect()).await
    }

    async fn tenant_delete(&self, tenant: &Tenant, ended: &Event) -> Result<bool, StoreError> {
        let (tenant, ended) = (tenant.clone(), ended.clone());
        self.atomically(move |transaction| {
            let (tenant, ended) = (tenant.clone(), ended.clone());
            async move {
                let ended = row::tenants::ended(&ended).into_iter().chain(key(&tenant)).collect::<Vec<_>>();
                delete_all(transaction, &[sql::TENANT_SESSIONS_END], &ended).await?;
                delete_all(transaction, &sql::TENANT_DELETE_REST, &key(&tenant)).await?;
                delete_all(transaction, &[sql::TENANT_DELETE], &key(&tenant)).await
            }
            .boxed()
        })
        .await
    }

    async fn app_delete(&self, app: &AppId) -> Result<bool, StoreError> {
        let app = app.clone();
        self.atomically(move |transaction| {
            let app = app.clone();
            async move { delete_all(transaction, &sql::APP_DELETE, &[text(app.as_str())]).await }.boxed()
        })
        .await
    }
}

/// Does each of the statements with the same parameters. Whether any of them changed a row.
pub(super) async fn delete_all(transaction: &Transaction, statements: &[&str], params: &[Param<'_>]) -> Result<bool, Failure> {
    let mut changed = false;
    for sql in statements {
        changed |= transaction.run(sql, params).await?.affected > 0;
    }
    Ok(changed)
}
