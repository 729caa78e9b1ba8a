//! Metadata, and JSON in general: what is taken can be read back.
#![allow(missing_docs)] // the names are sentences

use hallpass_engine::{
    core::{CoreError, NewSession},
    id::UserId,
    session::{JsonObject, MAX_DEPTH},
};
use serde_json::json;

use super::{Subject, app, blank, object};

/// The text of what is kept: it shows the order of members as well.
fn text(object: &JsonObject) -> String {
    serde_json::to_string(object).unwrap()
}

pub async fn metadata_is_merged_and_kept_as_it_was_given(subject: Subject) {
    let (core, zoe) = (&*subject.core, UserId::from("Zoë 👋 & = +"));
    assert!(core.metadata_find(&app(), &zoe).await.unwrap().is_empty());
    let update = object(json!({ "z": { "x": null, "y": 1_700_000_000_123_i64 }, "a": 1, "größe": [null, "👋"] }));
    assert_eq!(text(&core.metadata_merge(&app(), &zoe, &update).await.unwrap()), text(&update));
    let update = object(json!({ "a": null, "unknown": null, "new": true }));
    let merged = core.metadata_merge(&app(), &zoe, &update).await.unwrap();
    assert_eq!(text(&merged), r#"{"z":{"x":null,"y":1700000000123},"größe":[null,"👋"],"new":true}"#);
    assert_eq!(text(&core.metadata_find(&app(), &zoe).await.unwrap()), text(&merged));
    assert!(core.metadata_find(&app(), &"zoe".into()).await.unwrap().is_empty());
}

pub async fn deleted_metadata_is_empty(subject: Subject) {
    let (core, alice) = (&*subject.core, UserId::from("alice"));
    core.metadata_delete(&app(), &alice).await.unwrap();
    core.metadata_merge(&app(), &alice, &object(json!({ "a": 1 }))).await.unwrap();
    core.metadata_delete(&app(), &alice).await.unwrap();
    assert!(core.metadata_find(&app(), &alice).await.unwrap().is_empty());
}

pub async fn a_user_id_that_not_every_database_can_hold_has_no_metadata(subject: Subject) {
    for wrong in ["a\0b".to_owned(), "x".repeat(513)] {
        let (core, user) = (&*subject.core, UserId::from(wrong));
        let merged = core.metadata_merge(&app(), &user, &object(json!({ "a": 1 }))).await;
        assert!(matches!(merged, Err(CoreError::InvalidUser)));
        assert!(core.metadata_find(&app(), &user).await.unwrap().is_empty());
        core.metadata_delete(&app(), &user).await.unwrap();
    }
}

/// So many objects and arrays inside one another.
fn nested(levels: usize) -> JsonObject {
    let inner = (2..levels).fold(json!([]), |value, level| if level % 2 == 0 { json!([value]) } else { json!({ "a": value }) });
    object(json!({ "deep": inner }))
}

pub async fn json_that_lies_too_deep_to_be_read_back_is_refused(subject: Subject) {
    let (core, alice) = (&*subject.core, UserId::from("alice"));
    let (deepest, deeper) = (nested(MAX_DEPTH), nested(MAX_DEPTH + 1));
    let issued = subject.create(NewSession { payload: deepest.clone(), data: deepest.clone(), ..blank() }).await;
    let token = subject.verify(&issued.access.token).await;
    assert_eq!(token.custom_claims(), deepest);
    assert!(core.session_set_payload(&app(), &issued.handle, deepest.clone()).await.unwrap());
    assert!(core.session_set_data(&app(), &issued.handle, deepest.clone()).await.unwrap());
    let _ = core.session_regenerate(&app(), &token, Some(deepest.clone())).await.unwrap();
    core.metadata_merge(&app(), &alice, &deepest).await.unwrap();

    for new in [NewSession { payload: deeper.clone(), ..blank() }, NewSession { data: deeper.clone(), ..blank() }] {
        assert!(matches!(core.session_create(new).await, Err(CoreError::TooDeep)));
    }
    assert!(matches!(core.session_set_payload(&app(), &issued.handle, deeper.clone()).await, Err(CoreError::TooDeep)));
    assert!(matches!(core.session_set_data(&app(), &issued.handle, deeper.clone()).await, Err(CoreError::TooDeep)));
    assert!(matches!(core.session_regenerate(&app(), &token, Some(deeper.clone())).await, Err(CoreError::TooDeep)));
    assert!(matches!(core.metadata_merge(&app(), &alice, &deeper).await, Err(CoreError::TooDeep)));

    let sessions = core.session_list(&app(), None, &alice).await.unwrap();
    assert_eq!(sessions.len(), 1, "nothing was made");
    assert_eq!((&sessions[0].payload, &sessions[0].data), (&deepest, &deepest));
    assert_eq!(core.metadata_find(&app(), &alice).await.unwrap(), deepest);
}
