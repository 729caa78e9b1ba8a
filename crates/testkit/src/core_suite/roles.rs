//! Roles: made, given, taken, deleted.
#![allow(missing_docs)] // the names are sentences

use hallpass_engine::{
    core::CoreError,
    id::{Tenant, UserId},
    roles::{Assigned, Unassigned},
};

use super::{Subject, app};

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

fn t1() -> Tenant {
    Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() }
}

fn alice() -> UserId {
    "alice".into()
}

pub async fn a_role_is_made_once_and_its_permissions_add_up(subject: Subject) {
    let core = &*subject.core;
    assert_eq!(core.role_permissions(&app(), "editor").await.unwrap(), None);
    assert!(core.role_put(&app(), "editor", &[]).await.unwrap());
    assert_eq!(core.role_permissions(&app(), "editor").await.unwrap(), Some(vec![]));
    assert!(!core.role_put(&app(), "editor", &texts(["write", "read", "write", "Ä 👋 & = +"])).await.unwrap());
    assert_eq!(core.role_permissions(&app(), "editor").await.unwrap(), Some(texts(["read", "write", "Ä 👋 & = +"])));
    assert!(core.role_put(&app(), "Editor 👋 & more?", &texts(["read"])).await.unwrap());
    assert_eq!(core.role_permissions(&app(), "Editor 👋 & more?").await.unwrap(), Some(texts(["read"])));
    assert_eq!(core.role_list(&app()).await.unwrap(), ["Editor 👋 & more?", "editor"], "in the order of their bytes");
    assert_eq!(core.role_list_with_permission(&app(), "read").await.unwrap(), ["Editor 👋 & more?", "editor"]);
    assert_eq!(core.role_list_with_permission(&app(), "Ä 👋 & = +").await.unwrap(), ["editor"]);
    assert!(core.role_list_with_permission(&app(), "unknown").await.unwrap().is_empty());
}

pub async fn permissions_are_taken_from_a_role_some_or_all(subject: Subject) {
    let core = &*subject.core;
    core.role_put(&app(), "editor", &texts(["a", "b", "c"])).await.unwrap();
    let left = async || core.role_permissions(&app(), "editor").await.unwrap().unwrap();
    assert!(core.role_remove_permissions(&app(), "editor", Some(&texts(["b", "unknown"]))).await.unwrap());
    assert_eq!(left().await, ["a", "c"]);
    assert!(core.role_remove_permissions(&app(), "editor", Some(&[])).await.unwrap());
    assert_eq!(left().await, ["a", "c"], "an empty list takes nothing");
    assert!(core.role_remove_permissions(&app(), "editor", None).await.unwrap());
    assert!(left().await.is_empty());
    assert!(!core.role_remove_permissions(&app(), "unknown", None).await.unwrap());
}

pub async fn a_role_is_given_and_taken_in_one_tenant(subject: Subject) {
    let (core, tenant, alice) = (&*subject.core, t1(), alice());
    assert_eq!(core.role_assign(&tenant, &alice, "editor").await.unwrap(), Assigned::UnknownRole);
    assert_eq!(core.role_unassign(&tenant, &alice, "editor").await.unwrap(), Unassigned::UnknownRole);
    assert_eq!(core.role_users(&tenant, "editor").await.unwrap(), None);
    for role in ["reader", "editor"] {
        core.role_put(&app(), role, &[]).await.unwrap();
        assert_eq!(core.role_assign(&tenant, &alice, role).await.unwrap(), Assigned::Now);
    }
    assert_eq!(core.role_assign(&tenant, &alice, "editor").await.unwrap(), Assigned::Already);
    assert_eq!(core.role_assign(&tenant, &"".into(), "editor").await.unwrap(), Assigned::Now);
    assert_eq!(core.role_list_of_user(&tenant, &alice).await.unwrap(), ["editor", "reader"]);
    assert_eq!(core.role_users(&tenant, "editor").await.unwrap(), Some(vec!["".into(), alice.clone()]));
    assert!(core.role_list_of_user(&Tenant::public(), &alice).await.unwrap().is_empty(), "not in the other tenant");
    assert_eq!(core.role_users(&Tenant::public(), "editor").await.unwrap(), Some(vec![]));
    assert_eq!(core.role_unassign(&Tenant::public(), &alice, "editor").await.unwrap(), Unassigned::NotAssigned);
    assert_eq!(core.role_unassign(&tenant, &alice, "editor").await.unwrap(), Unassigned::Now);
    assert_eq!(core.role_unassign(&tenant, &alice, "editor").await.unwrap(), Unassigned::NotAssigned);
    assert_eq!(core.role_list_of_user(&tenant, &alice).await.unwrap(), ["reader"]);
}

pub async fn a_deleted_role_is_nobodys(subject: Subject) {
    let core = &*subject.core;
    core.role_put(&app(), "editor", &texts(["a"])).await.unwrap();
    for tenant in [t1(), Tenant::public()] {
        assert_eq!(core.role_assign(&tenant, &alice(), "editor").await.unwrap(), Assigned::Now);
    }
    assert!(core.role_delete(&app(), "editor").await.unwrap());
    assert!(!core.role_delete(&app(), "editor").await.unwrap());
    assert!(core.role_list_of_user(&t1(), &alice()).await.unwrap().is_empty());
    assert!(core.role_put(&app(), "editor", &[]).await.unwrap());
    assert_eq!(core.role_permissions(&app(), "editor").await.unwrap(), Some(vec![]), "it starts anew");
    assert!(core.role_list_of_user(&Tenant::public(), &alice()).await.unwrap().is_empty());
}

pub async fn white_space_around_the_name_of_a_role_does_not_count(subject: Subject) {
    let core = &*subject.core;
    assert!(core.role_put(&app(), " editor\n", &texts(["\ta b "])).await.unwrap());
    assert!(!core.role_put(&app(), "editor", &[]).await.unwrap());
    assert_eq!(core.role_assign(&t1(), &alice(), "editor ").await.unwrap(), Assigned::Now);
    assert_eq!(core.role_list_of_user(&t1(), &alice()).await.unwrap(), ["editor"]);
    assert_eq!(core.role_permissions(&app(), " editor").await.unwrap(), Some(texts(["a b"])));
    assert_eq!(core.role_list_with_permission(&app(), " a b").await.unwrap(), ["editor"]);
    assert!(core.role_remove_permissions(&app(), "editor", Some(&texts(["a b "]))).await.unwrap());
    assert_eq!(core.role_permissions(&app(), "editor").await.unwrap(), Some(vec![]));
    assert_eq!(core.role_users(&t1(), "\teditor").await.unwrap(), Some(vec![alice()]));
    assert_eq!(core.role_unassign(&t1(), &alice(), " editor ").await.unwrap(), Unassigned::Now);
    assert!(core.role_delete(&app(), " editor ").await.unwrap());
}

pub async fn a_role_whose_name_cannot_be_kept_is_refused(subject: Subject) {
    let core = &*subject.core;
    let is_refused = |error: CoreError| matches!(error, CoreError::InvalidRole);
    let longest = "ä".repeat(255);
    core.role_put(&app(), &longest, std::slice::from_ref(&longest)).await.unwrap();
    for wrong in ["", " \n", "a\0b", &"ä".repeat(256)] {
        let list = texts(["fine", wrong]);
        assert!(is_refused(core.role_put(&app(), wrong, &[]).await.unwrap_err()));
        assert!(is_refused(core.role_put(&app(), "fine", &list).await.unwrap_err()));
        assert!(is_refused(core.role_permissions(&app(), wrong).await.unwrap_err()));
        assert!(is_refused(core.role_remove_permissions(&app(), wrong, None).await.unwrap_err()));
        assert!(is_refused(core.role_remove_permissions(&app(), &longest, Some(&list)).await.unwrap_err()));
        assert!(is_refused(core.role_list_with_permission(&app(), wrong).await.unwrap_err()));
        assert!(is_refused(core.role_delete(&app(), wrong).await.unwrap_err()));
        assert!(is_refused(core.role_assign(&t1(), &alice(), wrong).await.unwrap_err()));
        assert!(is_refused(core.role_unassign(&t1(), &alice(), wrong).await.unwrap_err()));
        assert!(is_refused(core.role_users(&t1(), wrong).await.unwrap_err()));
    }
    assert_eq!(core.role_list(&app()).await.unwrap(), [longest], "nothing was made");
}

pub async fn a_user_id_that_not_every_database_can_hold_gets_no_role(subject: Subject) {
    let core = &*subject.core;
    core.role_put(&app(), "editor", &[]).await.unwrap();
    for wrong in ["a\0b".to_owned(), "x".repeat(513)] {
        let user = UserId::from(wrong);
        assert!(matches!(core.role_assign(&t1(), &user, "editor").await, Err(CoreError::InvalidUser)));
        assert_eq!(core.role_unassign(&t1(), &user, "editor").await.unwrap(), Unassigned::NotAssigned);
        assert_eq!(core.role_unassign(&t1(), &user, "unknown").await.unwrap(), Unassigned::UnknownRole);
        assert!(core.role_list_of_user(&t1(), &user).await.unwrap().is_empty());
    }
}
