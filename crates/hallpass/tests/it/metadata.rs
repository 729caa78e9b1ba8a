//! What an app keeps about its users.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn metadata_is_merged_read_and_forgotten_beside_all_sessions() {
    let world = World::new().await;
    let (metadata, user) = (world.hallpass.metadata(), "u".into());
    assert!(metadata.get(&user).await.unwrap().is_empty());
    let kept = metadata.update(&user, json!({ "theme": "dark", "deep": { "a": 1, "b": 2 }, "trial": true })).await.unwrap();
    assert_eq!(json!(kept), json!({ "theme": "dark", "deep": { "a": 1, "b": 2 }, "trial": true }));
    let kept = metadata.update(&user, json!({ "deep": { "c": null }, "trial": null, "never": null })).await.unwrap();
    assert_eq!(json!(kept), json!({ "theme": "dark", "deep": { "c": null } }));
    let held = world.tokens("u").await;
    world.hallpass.revoke(&[held.handle], Default::default()).await.unwrap();
    assert_eq!(metadata.get(&user).await.unwrap(), kept);
    assert!(metadata.get(&"other".into()).await.unwrap().is_empty());
    metadata.clear(&user).await.unwrap();
    metadata.clear(&user).await.unwrap();
    assert!(metadata.get(&user).await.unwrap().is_empty());
    assert!(metadata.update(&user, json!([1])).await.is_err());
}
