//! Sessions in the wild: a browser with any number of tabs, a network that loses, duplicates, delays and reorders, nodes
//! that race, a store that loses writes or leaves open whether it wrote, and a thief.
//!
//! Every interleaving is explored, with the engine's own `judge` as the judge. The worlds have no last act: neither the
//! number of refreshes nor the time between them is bounded. What is bounded is how many refreshes the nodes work on at
//! once. `HALLPASS_MODEL=big` adds worlds with more at once and finer ticks, which take minutes.
//!
//! Where a promise needs a condition, the condition is an assumption of the world in which it is checked, and beside it
//! stands a story of what happens without. `--nocapture` shows the numbers of states.

#![allow(clippy::unwrap_used, reason = "all of this is test code")]

#[path = "model/bytes.rs"]
mod bytes;
#[path = "model/node.rs"]
mod node;
#[path = "model/promises.rs"]
mod promises;
#[path = "model/state.rs"]
mod state;
#[path = "model/stories.rs"]
mod stories;
#[path = "model/world.rs"]
mod world;

use std::time::Duration;

use hallpass_engine::judge::{Confirmation, OnReuse, Rule};
use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    node::Node,
    promises::*,
    state::Moment,
    world::{Loss, World},
};

fn own_sdk() -> Rule {
    Rule::new()
}

fn reported_to_the_sdk() -> Rule {
    Rule { on_reuse: OnReuse::Report, ..Rule::new() }
}

fn without_confirmation() -> Rule {
    Rule { confirmation: Confirmation::Rotation { grace: Duration::from_secs(30) }, ..Rule::new() }
}

/// A world with an honest client, a window of so many ticks, and messages that take at most `delay` ticks one way.
fn world(rule: Rule, window: u32, delay: Moment) -> World {
    World {
        node: Node { rule, tick: rule.window / window, counts_reissues: false, blind_to_replays: false },
        delay,
        calls: 2,
        settled: true,
        back_in_time: false,
        unknown_commits: true,
        loss: None,
        thief: None,
        revocation: false,
        properties: vec![],
    }
}

/// A world with a thief, who keeps away from the owner's acts for `apart` ticks.
fn world_with_thief(rule: Rule, window: u32, delay: Moment, apart: Moment) -> World {
    World { thief: Some(apart), ..world(rule, window, delay) }
}

/// Explores a world, and prints how big it is.
fn explore(name: &str, mut world: World, promises: &[Promise], sights: &[Sight]) {
    world.properties = promises.iter().map(Promise::property).chain(sights.iter().map(|sight| sight())).collect();
    let checker = world.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    checker.assert_properties();
    println!("{name}: {} states, {} transitions, all explored", checker.unique_state_count(), checker.state_count());
}

fn is_big() -> bool {
    std::env::var("HALLPASS_MODEL").is_ok_and(|size| size == "big")
}

const HONEST: [Promise; 6] = [STAYS_LOGGED_IN, ONE_ROTATES, SAME_CHILD, USED_UP, USE_COUNTS, STAYS_REVOKED];
const WITH_THIEF: [Promise; 5] = [ONE_ROTATES, SAME_CHILD, USED_UP, USE_COUNTS, STAYS_REVOKED];
const APART: [Promise; 6] = [LOSER_REPORTS, ONE_ROTATES, SAME_CHILD, USED_UP, USE_COUNTS, STAYS_REVOKED];

// The assumptions: a request reaches a node within a quarter of the window, its answer is stored within another, and nothing
// is under way past the next rotation. An access token is used only after the refresh token that came with it was stored.

#[test]
fn an_honest_client_stays_logged_in() {
    let sights: [Sight; 4] = [a_replay, a_slide, a_reissue, an_unknown_commit];
    explore("honest, own SDK", World { calls: 3, ..world(own_sdk(), 4, 1) }, &HONEST, &sights);
    if is_big() {
        explore("honest, own SDK, 4 at once", World { calls: 4, ..world(own_sdk(), 4, 1) }, &HONEST, &sights);
        explore("honest, own SDK, finer ticks", World { calls: 3, ..world(own_sdk(), 8, 2) }, &HONEST, &sights);
    }
}

#[test]
fn an_honest_client_stays_logged_in_where_the_sdk_revokes() {
    let sights: [Sight; 4] = [a_replay, a_slide, a_reissue, an_unknown_commit];
    explore("honest, CDI up to 5.5", World { calls: 3, ..world(reported_to_the_sdk(), 4, 1) }, &HONEST, &sights);
}

/// It comes back early enough for its requests to arrive within the grace.
#[test]
fn an_honest_client_stays_logged_in_without_confirmation() {
    let world = World { calls: 3, back_in_time: true, ..world(without_confirmation(), 4, 1) };
    explore("honest, CDI 5.6", world, &HONEST, &[a_replay, an_unknown_commit]);
}

/// Longer than one way takes.
#[test]
fn the_grace_of_a_used_parent_may_be_shorter_than_the_window() {
    let grace = own_sdk().window / 2;
    let rule = Rule { confirmation: Confirmation::FirstUse { grace }, ..own_sdk() };
    explore("honest, short grace", world(rule, 4, 1), &HONEST, &[a_replay, a_slide, a_reissue]);
}

#[test]
fn an_honest_client_is_logged_out_only_after_sixteen_late_returns() {
    let mut world = World { calls: 1, ..world(own_sdk(), 4, 1) };
    world.node.counts_reissues = true;
    explore("honest, reissues counted", world, &[REFUSED_AFTER_SIXTEEN_LATE_RETURNS, ONE_ROTATES], &[a_reissue, a_reuse]);
}

/// Nothing is under way when the standby takes over, and no reissue is among the lost writes.
#[test]
fn an_honest_client_stays_logged_in_when_the_store_loses_rotations() {
    let promises = [STAYS_LOGGED_IN, SAME_CHILD, USED_UP, STAYS_REVOKED];
    let sights: [Sight; 4] = [a_replay, a_slide, a_reissue, an_adoption];
    let loss = Some(Loss { gentle: true });
    explore("honest, lost writes", World { calls: 1, loss, ..world(own_sdk(), 4, 1) }, &promises, &sights);
    if is_big() {
        explore("honest, lost writes, 2 at once", World { loss, ..world(own_sdk(), 4, 1) }, &promises, &sights);
    }
}

#[test]
fn whatever_a_thief_does_one_token_rotates_and_used_up_or_revoked_ones_do_not() {
    let sights: [Sight; 5] = [a_replay, a_slide, a_reissue, a_reuse, a_write_after_the_end];
    let wild = |rule| World { revocation: true, ..world_with_thief(rule, 2, 0, 0) };
    explore("thief, own SDK", wild(own_sdk()), &WITH_THIEF, &sights);
    explore("thief, CDI up to 5.5", World { calls: 1, ..wild(reported_to_the_sdk()) }, &WITH_THIEF, &sights);
    explore("thief, CDI 5.6", wild(without_confirmation()), &WITH_THIEF, &[a_replay, a_reuse, a_write_after_the_end]);
    if is_big() {
        explore("thief, slow network", World { revocation: true, ..world_with_thief(own_sdk(), 4, 1, 0) }, &WITH_THIEF, &sights);
    }
}

/// An act is a refresh that reaches a node, or the first use of a token.
#[test]
fn a_thief_a_window_away_from_the_owner_s_acts_is_reported() {
    let sights: [Sight; 4] = [a_replay, a_slide, a_reissue, a_reuse];
    explore("apart, own SDK", World { calls: 1, ..world_with_thief(own_sdk(), 4, 1, 4) }, &APART, &sights);
    explore("apart, own SDK, 2 at once", world_with_thief(own_sdk(), 2, 0, 2), &APART, &sights);
    explore("apart, CDI up to 5.5", world_with_thief(reported_to_the_sdk(), 2, 0, 2), &APART, &sights);
    if is_big() {
        explore("apart, own SDK, slow network, 2 at once", world_with_thief(own_sdk(), 4, 1, 4), &APART, &sights);
    }
}

#[test]
fn without_confirmation_a_thief_a_grace_away_from_the_owner_s_acts_is_reported() {
    explore("apart, CDI 5.6", world_with_thief(without_confirmation(), 2, 0, 6), &APART, &[a_replay, a_reuse]);
}
