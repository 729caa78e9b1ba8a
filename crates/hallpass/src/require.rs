//! A session together with what it was checked for.

use std::{marker::PhantomData, ops::Deref};

use crate::session::Session;

/// The session of a request, which meets a requirement: otherwise the answer is 403 with all that it does not fulfil.
#[derive(Clone, Debug)]
pub struct Require<R> {
    session: Session,
    requirement: PhantomData<fn() -> R>,
}

impl<R> Require<R> {
    /// Of a session that was checked for it.
    pub(crate) fn new(session: Session) -> Self {
        Self { session, requirement: PhantomData }
    }

    /// The session itself.
    pub fn into_session(self) -> Session {
        self.session
    }
}

impl<R> Deref for Require<R> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
