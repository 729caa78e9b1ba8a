//! Roles, their permissions, and who has them.

use std::sync::Arc;

use hallpass_engine::{
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
    store::Store,
};

use super::{at_once, tenant};

/// Texts that a careless statement would break, in the order of their bytes.
const AWKWARD: [&str; 6] = ["", "' OR '1'='1", "B", "a\\\"%_", "a\u{301}", "\u{1f44b}"];

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

fn app() -> AppId {
    tenant("a1", "public").app
}

fn t1() -> Tenant {
    tenant("a1", "t1")
}

async fn assign(store: &dyn Store, tenant: &Tenant, user: &str, role: &str) -> Assigned {
    store.role_assign(tenant, &user.into(), role).await.unwrap()
}

async fn unassign(store: &dyn Store, tenant: &Tenant, user: &str, role: &str) -> Unassigned {
    store.role_unassign(tenant, &user.into(), role).await.unwrap()
}

/// Made once; later calls add permissions and take none away.
pub async fn permissions_are_added_to_a_role(store: Arc<dyn Store>) {
    let (store, app) = (&*store, app());
    assert_eq!(store.role_permissions(&app, "editor").await.unwrap(), None);
    assert!(store.role_put(&app, "editor", &[]).await.unwrap());
    assert_eq!(store.role_permissions(&app, "editor").await.unwrap(), Some(vec![]), "a role without permissions is one");
    assert!(!store.role_put(&app, "editor", &texts(["write", "read", "write"])).await.unwrap());
    assert!(!store.role_put(&app, "editor", &texts(["Write", "read"])).await.unwrap());
    assert!(!store.role_put(&app, "editor", &[]).await.unwrap());
    assert_eq!(store.role_permissions(&app, "editor").await.unwrap(), Some(texts(["Write", "read", "write"])));
    assert_eq!(store.role_permissions(&app, "Editor").await.unwrap(), None);
}

/// The listed ones, or all; what a role does not have is passed over.
pub async fn permissions_are_taken_from_a_role(store: Arc<dyn Store>) {
    let (store, app) = (&*store, app());
    for role in ["editor", "other"] {
        assert!(store.role_put(&app, role, &texts(["a", "b", "c"])).await.unwrap());
    }
    let left = async || store.role_permissions(&app, "editor").await.unwrap().unwrap();
    assert!(store.role_remove_permissions(&app, "editor", Some(&texts(["b", "unknown", "C"]))).await.unwrap());
    assert_eq!(left().await, ["a", "c"]);
    assert!(store.role_remove_permissions(&app, "editor", Some(&[])).await.unwrap());
    assert_eq!(left().await, ["a", "c"], "an empty list takes nothing");
    assert!(store.role_remove_permissions(&app, "editor", None).await.unwrap());
    assert_eq!(left().await, [""; 0]);
    assert!(store.role_remove_permissions(&app, "editor", None).await.unwrap(), "the role is still there");
    assert_eq!(store.role_permissions(&app, "other").await.unwrap(), Some(texts(["a", "b", "c"])));
    for permissions in [None, Some(&texts(["a"])[..])] {
        assert!(!store.role_remove_permissions(&app, "unknown", permissions).await.unwrap());
    }
    assert_eq!(store.role_list(&app).await.unwrap(), ["editor", "other"]);
}

/// Whatever characters they are made of, and in the order of their bytes.
pub async fn roles_permissions_and_users_come_back_as_they_are(store: Arc<dyn Store>) {
    let (store, app) = (&*store, app());
    let mut shuffled = AWKWARD;
    shuffled.reverse();
    shuffled.swap(1, 4);
    for role in shuffled {
        assert!(store.role_put(&app, role, &texts(shuffled)).await.unwrap(), "{role:?}");
        for user in shuffled {
            assert_eq!(assign(store, &t1(), user, role).await, Assigned::Now, "{user:?} {role:?}");
        }
    }
    assert_eq!(store.role_list(&app).await.unwrap(), AWKWARD);
    for one in AWKWARD {
        assert_eq!(store.role_permissions(&app, one).await.unwrap(), Some(texts(AWKWARD)));
        assert_eq!(store.role_list_with_permission(&app, one).await.unwrap(), AWKWARD);
        assert_eq!(store.role_list_of_user(&t1(), &one.into()).await.unwrap(), AWKWARD);
        assert_eq!(store.role_users(&t1(), one).await.unwrap(), Some(AWKWARD.map(UserId::from).to_vec()));
    }
    for one in AWKWARD {
        assert!(store.role_remove_permissions(&app, one, Some(&texts([one]))).await.unwrap());
        assert_eq!(store.role_permissions(&app, one).await.unwrap().unwrap().len(), AWKWARD.len() - 1, "{one:?}");
        assert_eq!(unassign(store, &t1(), one, one).await, Unassigned::Now);
        assert!(store.role_delete(&app, one).await.unwrap());
    }
    assert_eq!(store.role_list(&app).await.unwrap(), [""; 0]);
}

/// The longest names that are let through: 255 characters of four bytes each for a role or permission.
pub async fn the_longest_names_fit(store: Arc<dyn Store>) {
    let long = "\u{1f44b}".repeat(255);
    let (world, user) = (tenant(&"a".repeat(64), &"t".repeat(64)), UserId::from("u".repeat(512)));
    assert!(store.role_put(&world.app, &long, std::slice::from_ref(&long)).await.unwrap());
    assert_eq!(store.role_assign(&world, &user, &long).await.unwrap(), Assigned::Now);
    assert_eq!(store.role_list_with_permission(&world.app, &long).await.unwrap(), std::slice::from_ref(&long));
    assert_eq!(store.role_users(&world, &long).await.unwrap(), Some(vec![user]));
}

/// Given once, taken once; and a role that does not exist is told from one that the user lacks.
pub async fn a_role_is_given_and_taken_once(store: Arc<dyn Store>) {
    let (store, app) = (&*store, app());
    assert_eq!(assign(store, &t1(), "zoe", "admin").await, Assigned::UnknownRole);
    assert_eq!(unassign(store, &t1(), "zoe", "admin").await, Unassigned::UnknownRole);
    assert_eq!(store.role_users(&t1(), "admin").await.unwrap(), None);
    store.role_put(&app, "admin", &[]).await.unwrap();
    store.role_put(&app, "guest", &[]).await.unwrap();
    assert_eq!(store.role_users(&t1(), "admin").await.unwrap(), Some(vec![]), "a role that nobody has is one");
    assert_eq!(unassign(store, &t1(), "zoe", "admin").await, Unassigned::NotAssigned);

    for (user, role) in [("zoe", "admin"), ("adam", "admin"), ("zoe", "guest")] {
        assert_eq!(assign(store, &t1(), user, role).await, Assigned::Now);
        assert_eq!(assign(store, &t1(), user, role).await, Assigned::Already);
    }
    assert_eq!(store.role_list_of_user(&t1(), &"zoe".into()).await.unwrap(), ["admin", "guest"]);
    assert_eq!(store.role_users(&t1(), "admin").await.unwrap(), Some(vec!["adam".into(), "zoe".into()]));

    assert_eq!(unassign(store, &t1(), "zoe", "admin").await, Unassigned::Now);
    assert_eq!(unassign(store, &t1(), "zoe", "admin").await, Unassigned::NotAssigned);
    assert_eq!(store.role_list_of_user(&t1(), &"zoe".into()).await.unwrap(), ["guest"]);
    assert_eq!(store.role_users(&t1(), "admin").await.unwrap(), Some(vec!["adam".into()]));
    assert_eq!(store.role_list_of_user(&t1(), &"nobody".into()).await.unwrap(), [""; 0]);
    assert_eq!(store.role_list_with_permission(&app, "nothing").await.unwrap(), [""; 0]);
}

/// With its permissions, and from all users in all tenants: a role of that name that is made again has neither.
pub async fn a_deleted_role_is_taken_from_everybody(store: Arc<dyn Store>) {
    let (store, app) = (&*store, app());
    let tenants = [t1(), tenant("a1", "t2"), tenant("a1", "public")];
    for role in ["admin", "guest"] {
        store.role_put(&app, role, &texts(["read"])).await.unwrap();
        for tenant in &tenants {
            assert_eq!(assign(store, tenant, "zoe", role).await, Assigned::Now);
        }
    }
    assert!(store.role_delete(&app, "admin").await.unwrap());
    assert!(!store.role_delete(&app, "admin").await.unwrap());
    let expected = async |made_again: bool| {
        for tenant in &tenants {
            assert_eq!(store.role_list_of_user(tenant, &"zoe".into()).await.unwrap(), ["guest"]);
            assert_eq!(store.role_users(tenant, "admin").await.unwrap(), made_again.then(Vec::new));
            assert_eq!(store.role_users(tenant, "guest").await.unwrap(), Some(vec!["zoe".into()]));
        }
        assert_eq!(store.role_permissions(&app, "admin").await.unwrap(), made_again.then(Vec::new));
        assert_eq!(store.role_list_with_permission(&app, "read").await.unwrap(), ["guest"]);
    };
    expected(false).await;
    assert!(store.role_put(&app, "admin", &[]).await.unwrap());
    expected(true).await;
}

/// Every operation, with the same names everywhere, touches the app or tenant that it names and no other.
pub async fn roles_of_one_app_or_tenant_are_none_of_anothers(store: Arc<dyn Store>) {
    let store = &*store;
    let (here, next_door) = (t1(), tenant("a1", "t2"));
    let elsewhere = [tenant("a2", "t1"), tenant("a", "t1"), tenant("public", "t1")];
    let permissions = texts(["read", "write"]);
    for app in [&here].into_iter().chain(&elsewhere).map(|tenant| &tenant.app) {
        assert!(store.role_put(app, "admin", &permissions).await.unwrap());
    }
    for tenant in [&here, &next_door].into_iter().chain(&elsewhere) {
        assert_eq!(assign(store, tenant, "zoe", "admin").await, Assigned::Now);
    }
    let whole = async |tenants: &[Tenant]| {
        for tenant in tenants {
            assert_eq!(store.role_list(&tenant.app).await.unwrap(), ["admin"]);
            assert_eq!(store.role_permissions(&tenant.app, "admin").await.unwrap().as_ref(), Some(&permissions));
            assert_eq!(store.role_list_with_permission(&tenant.app, "write").await.unwrap(), ["admin"]);
            assert_eq!(store.role_list_of_user(tenant, &"zoe".into()).await.unwrap(), ["admin"]);
            assert_eq!(store.role_users(tenant, "admin").await.unwrap(), Some(vec!["zoe".into()]));
        }
    };
    assert!(store.role_put(&here.app, "editor", &permissions).await.unwrap());
    assert_eq!(assign(store, &here, "adam", "editor").await, Assigned::Now);
    whole(&elsewhere).await;
    assert_eq!(store.role_users(&next_door, "editor").await.unwrap(), Some(vec![]), "a role of the app that nobody has there");
    assert_eq!(assign(store, &elsewhere[0], "adam", "editor").await, Assigned::UnknownRole);
    assert_eq!(unassign(store, &elsewhere[0], "adam", "editor").await, Unassigned::UnknownRole);
    assert!(store.role_delete(&here.app, "editor").await.unwrap());

    assert_eq!(unassign(store, &here, "zoe", "admin").await, Unassigned::Now);
    assert_eq!(store.role_list_of_user(&here, &"zoe".into()).await.unwrap(), [""; 0]);
    whole(std::slice::from_ref(&next_door)).await;
    whole(&elsewhere).await;
    assert!(store.role_remove_permissions(&here.app, "admin", Some(&permissions)).await.unwrap());
    whole(&elsewhere).await;
    assert!(!store.role_put(&here.app, "admin", &permissions).await.unwrap());
    assert!(store.role_remove_permissions(&here.app, "admin", None).await.unwrap());
    whole(&elsewhere).await;
    assert!(store.role_delete(&here.app, "admin").await.unwrap());
    assert_eq!(store.role_list_of_user(&next_door, &"zoe".into()).await.unwrap(), [""; 0]);
    whole(&elsewhere).await;
}

/// One caller makes a role, all add to it; one gives it, all others find that the user has it.
pub async fn of_fifty_who_make_and_give_a_role_one_does(store: Arc<dyn Store>) {
    let outcomes = at_once(50, |number| {
        let store = store.clone();
        async move {
            let created = store.role_put(&app(), "admin", &[format!("{number:02}"), "read".into()]).await.unwrap();
            (created, assign(&*store, &t1(), "zoe", "admin").await)
        }
    });
    let outcomes = outcomes.await;
    assert_eq!(outcomes.iter().filter(|(created, _)| *created).count(), 1);
    assert_eq!(outcomes.iter().filter(|(_, assigned)| *assigned == Assigned::Now).count(), 1);
    assert_eq!(outcomes.iter().filter(|(_, assigned)| *assigned == Assigned::Already).count(), 49);
    let permissions = (0..50).map(|number| format!("{number:02}")).chain(["read".into()]).collect();
    assert_eq!(store.role_permissions(&app(), "admin").await.unwrap(), Some(permissions));
}

/// Whatever happens at once: nobody is left with a role that does not exist.
pub async fn a_role_that_is_deleted_meanwhile_is_given_to_nobody(store: Arc<dyn Store>) {
    for round in 0..20 {
        let role = format!("role {round}");
        let outcomes = at_once(30, |number| {
            let (store, role) = (store.clone(), role.clone());
            async move {
                match number % 3 {
                    0 => drop(store.role_put(&app(), &role, &["read".into()]).await.unwrap()),
                    1 => drop(store.role_delete(&app(), &role).await.unwrap()),
                    _ => drop(assign(&*store, &t1(), &number.to_string(), &role).await),
                }
            }
        });
        outcomes.await;
        let (known, holders) = (store.role_list(&app()).await.unwrap(), store.role_users(&t1(), &role).await.unwrap());
        assert_eq!(known.contains(&role), holders.is_some());
        for number in 0..30 {
            let held = store.role_list_of_user(&t1(), &number.to_string().into()).await.unwrap();
            assert!(held.iter().all(|held| known.contains(held)), "{held:?} of {known:?}");
        }
        if holders.is_none() {
            assert!(!store.role_delete(&app(), &role).await.unwrap(), "nothing was left over");
        }
    }
}
