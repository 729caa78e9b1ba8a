//! Who has signed in.
//!
//! An app has a table of its users. Hallpass keeps what is theirs (sessions, roles, bans) and finds it by user, so the demo
//! remembers whom to ask for.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use hallpass::UserId;

/// How many users are remembered; who signed in longest ago is forgotten first.
const REMEMBERED: usize = 64;

/// Users, the latest to sign in first.
#[derive(Default)]
pub(super) struct People(Mutex<VecDeque<UserId>>);

impl People {
    pub(super) fn signed_in(&self, user: &UserId) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.retain(|other| other != user);
        users.push_front(user.clone());
        users.truncate(REMEMBERED);
    }

    pub(super) fn all(&self) -> Vec<UserId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_come_first_and_the_oldest_are_forgotten() {
        let people = People::default();
        (0..=REMEMBERED).for_each(|n| people.signed_in(&n.to_string().into()));
        people.signed_in(&"2".into());
        let all = people.all();
        assert_eq!((all.len(), all[0].as_str(), all[1].as_str()), (REMEMBERED, "2", "64"));
        assert!(!all.contains(&"0".into()));
    }
}
