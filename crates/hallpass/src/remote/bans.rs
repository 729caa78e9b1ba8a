//! Bans of a core at a distance. A core that knows none says so when it is asked for one, and has none to tell of.

use async_trait::async_trait;
use hallpass_engine::{
    ban::{Ban, NewBan},
    core::{BanCore, Banned, CoreError, Why},
    id::{AppId, TenantId, UserId},
};
use hallpass_wire::{
    answer::{Answer, Unreadable},
    own::{BanUser, RemoveBan, read_ban},
};

use super::{PAGE, RemoteCore, unreadable};

impl RemoteCore {
    async fn list_bans(&self, app: &AppId, query: &[(&str, &str)]) -> Result<Vec<Ban>, CoreError> {
        let Some(answer) = self.extras.ask(self.client.get(app, "/hallpass/ban/list", query)).await? else { return Ok(Vec::new()) };
        let bans = Answer::new(&answer.body).list("bans").map_err(unreadable)?;
        bans.map(read_ban).collect::<Result<_, _>>().map_err(unreadable)
    }
}

#[async_trait]
impl BanCore for RemoteCore {
    async fn ban(&self, app: &AppId, new: NewBan) -> Result<Option<Banned>, CoreError> {
        if !new.user.is_storable() {
            return Ok(None);
        }
        let request = BanUser {
            user_id: new.user.to_string(),
            tenant_id: new.tenant.as_ref().map(ToString::to_string),
            until: new.until.map(|until| until.as_millis()),
            by: new.by,
            reason: new.reason,
        };
        let body = match self.extras.ask(self.post(app, "/hallpass/ban", &request)).await {
            Err(CoreError::Refused { status: 400, text, .. }) if text == CoreError::BanIsOver.to_string() => {
                return Err(CoreError::BanIsOver);
            }
            body => body?.ok_or(CoreError::NoBans)?,
        };
        let answer = Answer::new(&body);
        let read = || -> Result<Banned, Unreadable> {
            let ban = read_ban(answer.member("ban").ok_or(Unreadable("ban"))?)?;
            let revoked = answer.list("sessionHandlesRevoked")?.map(Answer::to_handle).collect::<Result<_, _>>()?;
            Ok(Banned { ban, revoked })
        };
        read().map(Some).map_err(unreadable)
    }

    async fn unban(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<bool, CoreError> {
        if !user.is_storable() {
            return Ok(false);
        }
        let request =
            RemoveBan { user_id: user.to_string(), tenant_id: tenant.map(ToString::to_string), actor: why.actor, reason: why.reason };
        let body = self.extras.ask(self.post(app, "/hallpass/ban/remove", &request)).await?.ok_or(CoreError::NoBans)?;
        Ok(Answer::new(&body).is("wasBanned"))
    }

    async fn bans_of(&self, app: &AppId, user: &UserId) -> Result<Vec<Ban>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        self.list_bans(app, &[("userId", user.as_str())]).await
    }

    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32) -> Result<Vec<Ban>, CoreError> {
        if after.is_some_and(|after| !after.is_storable()) {
            return Ok(Vec::new());
        }
        let (mut bans, mut after, mut missing) = (Vec::new(), after.cloned(), limit);
        while missing > 0 {
            let asked = missing.min(PAGE);
            let limit = asked.to_string();
            let mut query = vec![("limit", limit.as_str())];
            query.extend(after.as_ref().map(|after| ("after", after.as_str())));
            let page = self.list_bans(app, &query).await?;
            let users = page.chunk_by(|one, next| one.user == next.user).count();
            after = page.last().map(|ban| ban.user.clone());
            bans.extend(page);
            if users < asked as usize {
                break;
            }
            missing -= asked;
        }
        Ok(bans)
    }
}
