//! What must hold; and what must be reached, so that the rest says something.

use hallpass_engine::judge::{MAX_REISSUES, Verdict};
use stateright::Property;

use crate::{
    state::{Judged, State, Step, Token},
    world::World,
};

/// A promise that must hold in every state.
pub(crate) struct Promise {
    pub(crate) text: &'static str,
    pub(crate) holds: fn(&World, &State) -> bool,
}

impl Promise {
    pub(crate) fn property(&self) -> Property<World> {
        Property::always(self.text, self.holds)
    }
}

pub(crate) const STAYS_LOGGED_IN: Promise = Promise { text: "an honest client is never refused", holds: |_, state| !state.refused };

/// "Late" is a return that makes the engine throw an unused child away.
pub(crate) const REFUSED_AFTER_SIXTEEN_LATE_RETURNS: Promise = Promise {
    text: "an honest client is refused only after sixteen late returns with the same token",
    holds: |world, state| {
        let (Some(row), Some(token)) = (state.row, state.jar) else { return true };
        let late = row.parent.map_or(0, |parent| parent.reissues);
        late == MAX_REISSUES || world.node.verdict_on(&row, token) != Verdict::Reuse
    },
};

pub(crate) const ONE_ROTATES: Promise = Promise {
    text: "at most one token rotates",
    holds: |world, state| {
        let Some(row) = state.row else { return true };
        let rotates = |token: &Token| matches!(world.node.verdict_on(&row, *token), Verdict::Rotate | Verdict::Ahead);
        state.held().into_iter().filter(rotates).count() <= 1
    },
};

pub(crate) const SAME_CHILD: Promise = Promise {
    text: "a replay gives the current token",
    holds: |_, state| {
        let child = state.row.and_then(|row| Some((row, row.parent?)));
        child.is_none_or(|(row, parent)| row.current == parent.token.child(parent.salt))
    },
};

/// That is the parent of a child that was seen in use, once its grace is over, and whatever is older.
pub(crate) const USED_UP: Promise = Promise {
    text: "a used-up token never yields a child again",
    holds: |world, state| {
        let Some(row) = state.row else { return true };
        let used_up = |token: &Token| match row.parent {
            _ if row.current == *token => false,
            Some(parent) if parent.token == *token => parent.until.is_some_and(|until| until <= 0),
            _ => token.generation <= row.current.generation,
        };
        state.held().into_iter().filter(used_up).all(|token| world.node.verdict_on(&row, token) == Verdict::Reuse)
    },
};

/// Neither by throwing the child away nor by giving it once more.
pub(crate) const USE_COUNTS: Promise = Promise { text: "a child that was seen in use stays used", holds: |_, state| !state.use_forgotten };

/// Once both got a child after the theft.
pub(crate) const LOSER_REPORTS: Promise = Promise {
    text: "the loser's next refresh reports the theft",
    holds: |world, state| {
        let (Some(row), Some(owner), Some(thief)) = (state.row, state.jar, state.thief.child) else { return true };
        let reports = |token| world.node.verdict_on(&row, token) == Verdict::Reuse;
        !state.owner_served || state.reported || reports(owner) || reports(thief)
    },
};

pub(crate) const STAYS_REVOKED: Promise =
    Promise { text: "no token of a revoked session rotates", holds: |_, state| !state.revoked || state.row.is_none() };

/// Something that happens in this world.
pub(crate) type Sight = fn() -> Property<World>;

pub(crate) fn a_replay() -> Property<World> {
    Property::sometimes("a replay", |_, state| writes(state, |verdict| matches!(verdict, Judged::Replay { .. })))
}

pub(crate) fn a_slide() -> Property<World> {
    Property::sometimes("a replay that is written down", |_, state| writes(state, |verdict| verdict == Judged::Replay { slide: true }))
}

pub(crate) fn a_reissue() -> Property<World> {
    Property::sometimes("a reissue", |_, state| writes(state, |verdict| verdict == Judged::Reissue))
}

pub(crate) fn an_adoption() -> Property<World> {
    Property::sometimes("a token ahead of its row", |_, state| writes(state, |verdict| verdict == Judged::Ahead))
}

pub(crate) fn a_reuse() -> Property<World> {
    Property::sometimes("a reuse", |_, state| writes(state, |verdict| verdict == Judged::Reuse))
}

pub(crate) fn an_unknown_commit() -> Property<World> {
    Property::sometimes("an unknown commit", |world: &World, state: &State| {
        let Some(row) = state.row else { return false };
        state.calls.iter().any(|call| call.step == Step::Read && world.node.verdict(&row, call) == Verdict::Rotated)
    })
}

pub(crate) fn a_write_after_the_end() -> Property<World> {
    Property::sometimes("a call that is under way when the session is revoked", |_, state: &State| {
        state.revoked && state.calls.iter().any(|call| call.step == Step::Rotate)
    })
}

fn writes(state: &State, what: fn(Judged) -> bool) -> bool {
    state.calls.iter().any(|call| matches!(call.step, Step::Write { verdict, .. } if what(verdict)))
}
