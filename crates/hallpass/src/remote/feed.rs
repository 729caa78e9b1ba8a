//! The revocation feed of a core at a distance.

use async_trait::async_trait;
use hallpass_engine::{
    core::{CoreError, FeedCore},
    feed::{Cursor, Page},
    id::AppId,
};
use hallpass_wire::{answer::Answer, own::read_page};

use super::{RemoteCore, unreadable};

#[async_trait]
impl FeedCore for RemoteCore {
    /// Waits for news as long as the server does. A core that has no feed refuses the call with 404.
    async fn feed(&self, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError> {
        let query: Vec<_> = after.map(|after| ("after", after.as_str())).into_iter().collect();
        let body = self.client.get_patiently(app, "/hallpass/feed", &query).await?.body;
        read_page(Answer::new(&body)).map_err(unreadable)
    }
}
