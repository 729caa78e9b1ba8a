//! Tenants that the server does not know.

use std::sync::Arc;

use hallpass::{AppInfo, Hallpass, SessionError, TenantId, roles::RoleSettings};

use crate::between::Between;

fn is_unknown<T>(done: Result<T, SessionError>) -> bool {
    match done {
        Err(error @ SessionError::UnknownTenant(_)) => error.to_response().status() == 400,
        _ => false,
    }
}

#[tokio::test]
async fn nobody_is_put_into_a_tenant_that_was_never_made() {
    let between = Between::new().await;
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let builder = Hallpass::builder(info).core(Arc::new(between.client())).clock(between.clock());
    let app = builder.roles(RoleSettings::default()).build().await.unwrap();
    let tenant: TenantId = "t1".parse().unwrap();
    app.roles().put("editor", ["write"]).await.unwrap();
    let roles = app.roles().in_tenant(tenant.clone());
    let user = "alice".into();
    assert!(is_unknown(app.create_session("alice").tenant(tenant.clone()).await));
    assert!(is_unknown(roles.assign(&user, "editor").await));
    assert!(is_unknown(app.ban("alice").in_tenant(tenant.clone()).await));
    assert!(app.sessions_of(&user, None).await.unwrap().is_empty());

    between.server.tenant(&crate::world::Place::public(), "t1").await;
    app.create_session("alice").tenant(tenant.clone()).await.unwrap();
    let _assigned = roles.assign(&user, "editor").await.unwrap();
    app.ban("alice").in_tenant(tenant).await.unwrap();
}
