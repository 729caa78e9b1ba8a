//! What a caller makes of the answers about sessions.

use hallpass_engine::{
    core::{Issued, IssuedAccess, IssuedRefresh, SessionInfo, TokenText},
    id::{SessionHandle, UserId},
    session::JsonObject,
    time::Timestamp,
};
use serde_json::Value;

/// An answer that does not say what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no {0} as it should")]
pub struct Unreadable(pub &'static str);

/// An answer, to be read member by member.
#[derive(Clone, Copy)]
pub struct Answer<'a>(&'a Value);

impl<'a> Answer<'a> {
    /// The answer with this body.
    pub const fn new(body: &'a Value) -> Self {
        Self(body)
    }

    /// Its `status`.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn status(self) -> Result<&'a str, Unreadable> {
        self.text("status")
    }

    /// A member that is a text.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn text(self, name: &'static str) -> Result<&'a str, Unreadable> {
        self.0[name].as_str().ok_or(Unreadable(name))
    }

    /// A member that is a text, if it is there.
    pub fn optional_text(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    /// A member that is an object.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn object(self, name: &'static str) -> Result<JsonObject, Unreadable> {
        self.0[name].as_object().cloned().ok_or(Unreadable(name))
    }

    /// The elements of a member that is an array.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn list(self, name: &'static str) -> Result<impl Iterator<Item = Answer<'a>>, Unreadable> {
        Ok(self.0[name].as_array().ok_or(Unreadable(name))?.iter().map(Answer))
    }

    /// A member that is an array of texts.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn texts(self, name: &'static str) -> Result<Vec<String>, Unreadable> {
        self.list(name)?.map(|element| element.0.as_str().map(str::to_owned).ok_or(Unreadable(name))).collect()
    }

    /// A member that is there or not.
    pub fn member(self, name: &str) -> Option<Answer<'a>> {
        self.0.get(name).map(Answer)
    }

    /// Whether a member is `true`.
    pub fn is(self, name: &str) -> bool {
        self.0[name] == true
    }

    /// Itself as a session handle.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn to_handle(self) -> Result<SessionHandle, Unreadable> {
        self.0.as_str().and_then(|text| text.parse().ok()).ok_or(Unreadable("session handle"))
    }

    /// A member that is a session handle.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn handle(self, name: &'static str) -> Result<SessionHandle, Unreadable> {
        self.text(name)?.parse().map_err(|_| Unreadable(name))
    }

    /// A member that is a time.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn time(self, name: &'static str) -> Result<Timestamp, Unreadable> {
        self.0[name].as_i64().map(Timestamp::from_millis).ok_or(Unreadable(name))
    }

    /// The session and its users that the answer names under `session`: whom it belongs to, and the user by the login
    /// method, which old versions do not tell (then it is the same).
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn session(self) -> Result<(SessionHandle, [UserId; 2]), Unreadable> {
        let session = self.member("session").ok_or(Unreadable("session"))?;
        Ok((session.handle("handle")?, session.users()?))
    }

    /// Whom a session belongs to, and the user by the login method.
    fn users(self) -> Result<[UserId; 2], Unreadable> {
        let user = self.text("userId")?;
        Ok([user, self.optional_text("recipeUserId").unwrap_or(user)].map(UserId::from))
    }

    /// An access token, if there is one, with the claims in it.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn access_token(self) -> Result<Option<IssuedAccess>, Unreadable> {
        let Some(access) = self.member("accessToken") else { return Ok(None) };
        let received = IssuedAccess::received(access.text("token")?, access.time("createdTime")?, access.time("expiry")?);
        received.map(Some).ok_or(Unreadable("accessToken"))
    }

    /// Everything a client needs of a session.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn issued(self) -> Result<Issued, Unreadable> {
        let (handle, [user, _]) = self.session()?;
        let refresh = self.member("refreshToken").ok_or(Unreadable("refreshToken"))?;
        Ok(Issued {
            handle,
            user,
            access: self.access_token()?.ok_or(Unreadable("accessToken"))?,
            refresh: IssuedRefresh {
                token: TokenText::from(refresh.text("token")?),
                created_at: refresh.time("createdTime")?,
                expires_at: refresh.time("expiry")?,
            },
            anti_csrf: self.member("antiCsrfToken").and_then(|token| token.0.as_str()).map(str::to_owned),
        })
    }

    /// Everything that is stored of a session.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn details(self) -> Result<SessionInfo, Unreadable> {
        let [user, recipe_user] = self.users()?;
        Ok(SessionInfo {
            handle: self.handle("sessionHandle")?,
            user,
            recipe_user,
            payload: self.object("userDataInJWT")?,
            data: self.object("userDataInDatabase")?,
            created_at: self.time("timeCreated")?,
            refreshed_at: self.time("timeRefreshed").ok(),
            expires_at: self.time("expiry")?,
        })
    }
}
