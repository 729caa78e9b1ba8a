//! What a backend asks of the server, again and again.

use std::{borrow::Cow, io, net::SocketAddr};

use serde::Deserialize;

use crate::{client::Client, load::Visitor};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Refresh,
    Verify,
}

impl Operation {
    pub(crate) const ALL: [Self; 3] = [Self::Create, Self::Refresh, Self::Verify];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Refresh => "refresh",
            Self::Verify => "verify",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Create => "/public/recipe/session",
            Self::Refresh => "/recipe/session/refresh",
            Self::Verify => "/recipe/session/verify",
        }
    }
}

/// Who calls: a client with a session of its own.
pub(crate) struct Caller {
    client: Client,
    access_token: String,
    refresh_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    access_token: Option<Token<'a>>,
    refresh_token: Option<Token<'a>>,
}

#[derive(Deserialize)]
struct Token<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
}

impl Visitor for Caller {
    type Operation = Operation;

    /// Connects, and creates a session.
    async fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut caller = Self { client: Client::connect(address).await?, access_token: String::new(), refresh_token: String::new() };
        caller.call(Operation::Create).await?;
        Ok(caller)
    }

    async fn visit(&mut self, operation: Operation) -> io::Result<()> {
        self.call(operation).await.map(drop)
    }
}

impl Caller {
    /// Asks once. The answer.
    pub(crate) async fn call(&mut self, operation: Operation) -> io::Result<&str> {
        let body = self.body(operation);
        let text = self.client.send("POST", operation.path(), &body).await?;
        let answer: Answer<'_> = serde_json::from_str(text)?;
        if answer.status != "OK" {
            return Err(io::Error::other(text));
        }
        // the first session is for verifying, the latest refresh token for refreshing
        if let Some(token) = answer.access_token.filter(|_| self.access_token.is_empty()) {
            self.access_token = token.token.into_owned();
        }
        if let Some(token) = answer.refresh_token {
            self.refresh_token = token.token.into_owned();
        }
        Ok(text)
    }

    fn body(&self, operation: Operation) -> String {
        match operation {
            Operation::Create => r#"{"userId":"0f8fad5b-d9cb-469f-a165-70867728950e","userDataInJWT":{"iss":"http://localhost:3000/auth"},"userDataInDatabase":{},"enableAntiCsrf":false,"useDynamicSigningKey":true}"#.to_owned(),
            Operation::Refresh => {
                format!(r#"{{"refreshToken":"{}","enableAntiCsrf":false,"useDynamicSigningKey":true}}"#, self.refresh_token)
            }
            Operation::Verify => format!(
                r#"{{"accessToken":"{}","doAntiCsrfCheck":false,"enableAntiCsrf":false,"checkDatabase":true}}"#,
                self.access_token
            ),
        }
    }
}
