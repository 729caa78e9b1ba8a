//! A client that keeps its tokens in one of the two ways.

use hallpass::Transfer;

use crate::world::*;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Client(pub(crate) Transfer);

pub(crate) const CLIENTS: [Client; 2] = [Client(Transfer::Cookie), Client(Transfer::Header)];

impl Client {
    pub(crate) fn uses_cookies(self) -> bool {
        self.0 == Transfer::Cookie
    }

    pub(crate) fn login(self, user: &str) -> Call {
        login_as(user, if self.uses_cookies() { "cookie" } else { "header" })
    }

    pub(crate) async fn sign_in(self, world: &World) -> Held {
        self.held(&world.send(self.login("u")).await)
    }

    /// What it holds after a response with new tokens.
    pub(crate) fn held(self, reply: &Reply) -> Held {
        if self.uses_cookies() { reply.held_by_cookies() } else { reply.held_by_headers() }
    }

    /// Whether a response brings it new tokens, and takes none away that travel the other way.
    pub(crate) fn is_served(self, reply: &Reply) -> bool {
        if self.uses_cookies() {
            reply.sets_cookies() && reply.header("st-refresh-token").is_none()
        } else {
            reply.sets_headers() && reply.all("set-cookie").is_empty()
        }
    }

    /// The call with an access token and nothing else.
    pub(crate) fn carry(self, call: Call, access: &str) -> Call {
        if self.uses_cookies() { call.access_cookie(access) } else { call.bearer(access) }
    }

    /// A refresh with a refresh token and nothing else.
    pub(crate) fn renew(self, token: &str) -> Call {
        if self.uses_cookies() { refresh().refresh_cookie(token) } else { refresh().bearer(token) }
    }

    /// The call as the client makes it, with the proof that it has.
    pub(crate) fn call(self, call: Call, held: &Held) -> Call {
        proven(self.carry(call, &held.access), held)
    }

    /// A refresh as the client makes it.
    pub(crate) fn refresh(self, held: &Held) -> Call {
        proven(self.renew(&held.refresh), held)
    }
}

fn proven(call: Call, held: &Held) -> Call {
    held.anti_csrf.iter().fold(call, |call, token| call.header("anti-csrf", token))
}
