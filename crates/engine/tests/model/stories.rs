//! What happens where an assumption does not hold: each promise's limit, told as the actions that lead there.

use hallpass_engine::judge::{Confirmation, MAX_REISSUES, Rule};

use crate::{
    own_sdk,
    promises::*,
    state::{State, Token},
    without_confirmation, world,
    world::{Action, Action::*, Loss, World},
    world_with_thief,
};

const FIRST: Token = Token::FIRST;
/// The children that the first calls make.
const CHILD: Token = FIRST.child(1);
const OTHER: Token = FIRST.child(2);

/// The first token is rotated, the answer under way.
const ROTATES: [Action; 3] = [Send, Arrive(FIRST), Step(0)];

/// The same, and a second tab has sent the first token too.
const ROTATES_WHILE_ANOTHER_TAB_SENDS: [Action; 4] = [Send, Arrive(FIRST), Step(0), Send];

/// The call at hand misses, reads, and writes what the verdict asks for.
const JUDGED: [Action; 3] = [Step(0); 3];

/// Plays a story, action by action, to its end.
fn play(world: &World, story: &[&[Action]]) -> State {
    use stateright::Model;

    story.concat().into_iter().enumerate().fold(State::new(), |mut state, (number, action)| {
        let mut possible = vec![];
        world.actions(&state, &mut possible);
        assert!(possible.contains(&action), "action {number}, {action:?}, is not possible in {state:?}");
        world.act(&mut state, action);
        state
    })
}

/// Plays a story that ends with a broken promise.
fn breaks(world: &World, promise: &Promise, story: &[&[Action]]) {
    let state = play(world, story);
    assert!(!(promise.holds)(world, &state), "\"{}\" holds in {state:?}", promise.text);
}

/// Plays a story that ends well.
fn keeps(world: &World, promise: &Promise, story: &[&[Action]]) {
    let state = play(world, story);
    assert!((promise.holds)(world, &state), "\"{}\" does not hold in {state:?}", promise.text);
}

#[test]
fn a_parent_that_arrives_after_its_grace_logs_an_honest_client_out() {
    let story = |late: usize| {
        [&ROTATES_WHILE_ANOTHER_TAB_SENDS[..], &[Store(CHILD), Use], &[Tick].repeat(late), &[Arrive(FIRST)], &JUDGED].concat()
    };
    let slow = world(own_sdk(), 4, 5);
    keeps(&slow, &STAYS_LOGGED_IN, &[&story(3)]);
    breaks(&slow, &STAYS_LOGGED_IN, &[&story(4)]);
}

#[test]
fn without_a_grace_the_second_tab_logs_an_honest_client_out() {
    let hasty = Rule { confirmation: Confirmation::FirstUse { grace: std::time::Duration::ZERO }, ..own_sdk() };
    let story: [&[Action]; 3] = [&ROTATES_WHILE_ANOTHER_TAB_SENDS, &[Store(CHILD), Use, Arrive(FIRST)], &JUDGED];
    breaks(&world(hasty, 4, 1), &STAYS_LOGGED_IN, &story);
    keeps(&world(own_sdk(), 4, 1), &STAYS_LOGGED_IN, &story);
}

#[test]
fn a_request_that_outlives_the_next_rotation_logs_an_honest_client_out() {
    let story: [&[Action]; 4] =
        [&ROTATES_WHILE_ANOTHER_TAB_SENDS, &[Store(CHILD), Send, Arrive(CHILD), Step(0)], &[Arrive(FIRST)], &JUDGED];
    breaks(&World { settled: false, ..world(own_sdk(), 4, 1) }, &STAYS_LOGGED_IN, &story);
}

#[test]
fn a_response_that_outlives_the_next_rotation_logs_an_honest_client_out() {
    let next = CHILD.child(2);
    let overtaken = [Send, Arrive(FIRST), Step(0), Store(CHILD), Send, Arrive(CHILD), Step(0), Store(next), Use, Store(CHILD)];
    let story: [&[Action]; 4] = [&overtaken, &[Tick; 4], &[Send, Arrive(CHILD)], &JUDGED];
    breaks(&World { settled: false, ..world(own_sdk(), 4, 5) }, &STAYS_LOGGED_IN, &story);
}

/// The moment of a replay is written down when it is half a window after the one that was: up to there it counts from the
/// rotation. A tab that sent the parent just before the replay's answer was stored may then be too late for a replay.
#[test]
fn more_than_half_a_window_there_and_back_logs_an_honest_client_out_after_a_replay() {
    let story = |there: usize, back: usize| {
        let replayed = [&[Tick; 3][..], &[Arrive(FIRST)], &JUDGED].concat();
        let stored = [&[Tick].repeat(back)[..], &[Send, Store(CHILD), Send]].concat();
        let parent_again = [&[Tick].repeat(there)[..], &[Arrive(FIRST)], &JUDGED].concat();
        [&ROTATES[..], &replayed, &stored, &parent_again, &[Arrive(CHILD)], &JUDGED[..1]].concat()
    };
    // the window is eight ticks, the replay came after three
    keeps(&world(own_sdk(), 8, 3), &STAYS_LOGGED_IN, &[&story(2, 2)]);
    let after_reissue = [&story(3, 2)[..], &JUDGED[1..]].concat();
    breaks(&world(own_sdk(), 8, 3), &STAYS_LOGGED_IN, &[&after_reissue]);
}

/// Without any replay before it, half a window each way is just too long.
#[test]
fn half_a_window_there_and_back_each_logs_an_honest_client_out() {
    let story: [&[Action]; 4] = [&ROTATES, &[Tick, Tick, Send, Store(CHILD), Send, Tick, Tick, Arrive(FIRST)], &JUDGED, &[Arrive(CHILD)]];
    let slow = world(own_sdk(), 4, 2);
    breaks(&slow, &STAYS_LOGGED_IN, &[&story.concat(), &JUDGED]);
}

/// A replay at the window's end and a reissue just after it: the replay is written down, and the reissue must not apply.
#[test]
fn a_reissue_that_overlooks_a_replay_logs_an_honest_client_out() {
    let story = [
        &ROTATES[..],
        &[Tick, Tick, Tick, Send, Arrive(FIRST), Step(0), Step(0)], // judged: a replay, to be written down
        &[Tick, Send, Arrive(FIRST), Step(1), Step(1)],             // judged: a reissue
    ]
    .concat();
    let blind = || {
        let mut world = world(own_sdk(), 4, 1);
        world.node.blind_to_replays = true;
        world
    };
    let both_write: [&[Action]; 2] = [&story, &[Step(0), Step(0), Store(FIRST.child(3)), Store(CHILD), Send, Arrive(CHILD)]];
    breaks(&blind(), &STAYS_LOGGED_IN, &[&both_write.concat(), &JUDGED]);
    let judged_again: [&[Action]; 2] = [&story, &[Step(0), Step(0), Step(0), Step(0), Step(0), Store(CHILD), Send, Arrive(CHILD), Step(0)]];
    keeps(&world(own_sdk(), 4, 1), &STAYS_LOGGED_IN, &judged_again);
}

#[test]
fn a_lost_response_that_is_made_good_after_the_grace_logs_out_without_confirmation() {
    let story = |late: usize| [&ROTATES[..], &[Tick].repeat(late), &[Send, Arrive(FIRST)], &JUDGED].concat();
    let unconfirmed = world(without_confirmation(), 4, 1);
    keeps(&unconfirmed, &STAYS_LOGGED_IN, &[&story(11)]);
    breaks(&unconfirmed, &STAYS_LOGGED_IN, &[&story(12)]);
    // where tokens are confirmed it is never too late
    keeps(&world(own_sdk(), 4, 1), &STAYS_LOGGED_IN, &[&story(100)]);
}

#[test]
fn the_seventeenth_late_return_in_a_row_logs_an_honest_client_out() {
    let mut world = world(own_sdk(), 4, 1);
    world.node.counts_reissues = true;
    let late = [&[Tick; 4][..], &[Send, Arrive(FIRST)], &JUDGED].concat();
    keeps(&world, &STAYS_LOGGED_IN, &[&ROTATES, &late.repeat(MAX_REISSUES.into())]);
    breaks(&world, &STAYS_LOGGED_IN, &[&ROTATES, &late.repeat(usize::from(MAX_REISSUES) + 1)]);
}

/// So a token that was minted in the same request confirms nothing.
#[test]
fn a_child_confirmed_before_it_reached_the_client_logs_it_out_when_the_response_is_lost() {
    let world = world(own_sdk(), 4, 1);
    let mut state = play(&world, &[&ROTATES]);
    assert!(world.node.confirm(&mut state.row, CHILD));
    for action in [&[Tick; 4][..], &[Send, Arrive(FIRST)], &JUDGED].concat() {
        world.act(&mut state, action);
    }
    assert!(state.refused);
}

#[test]
fn a_store_that_loses_a_reissue_logs_an_honest_client_out() {
    let reissued = [&[Tick; 4][..], &[Send, Arrive(FIRST)], &JUDGED, &[Store(OTHER)]].concat();
    let story: [&[Action]; 4] = [&ROTATES, &[Replicate], &reissued, &[LoseWrites, Send, Arrive(OTHER)]];
    let harsh = World { loss: Some(Loss { gentle: false }), ..world(own_sdk(), 4, 1) };
    breaks(&harsh, &STAYS_LOGGED_IN, &[&story.concat(), &JUDGED]);
}

#[test]
fn a_parent_under_way_while_the_store_loses_its_rotation_logs_an_honest_client_out() {
    let before = [Replicate, Send, Arrive(FIRST), Step(0), Send, Store(CHILD), LoseWrites];
    let parent_rotates_again = [Arrive(FIRST), Step(0)];
    let harsh = World { loss: Some(Loss { gentle: false }), ..world(own_sdk(), 4, 1) };
    breaks(&harsh, &STAYS_LOGGED_IN, &[&before, &parent_rotates_again, &[Send, Arrive(CHILD)], &JUDGED]);
}

/// The one that the row names, and those that it does not know yet.
#[test]
fn two_tokens_rotate_after_the_store_lost_writes() {
    let thief_is_ahead = [Steal, Replicate, ThiefRefreshes(FIRST), Step(0), LoseWrites];
    let lossy = World { loss: Some(Loss { gentle: true }), ..world_with_thief(own_sdk(), 4, 1, 0) };
    breaks(&lossy, &ONE_ROTATES, &[&thief_is_ahead]);
    // whichever comes first, the other one is reported then
    let owner_adopted_away = [ThiefRefreshes(CHILD), Step(0), Step(0), Step(0), Send, Arrive(FIRST), Step(0), Step(0)];
    keeps(&lossy, &ONE_ROTATES, &[&thief_is_ahead, &owner_adopted_away[..4]]);
}

/// He got two tokens, the store forgot both, and his second is adopted instead of reported. Then the owner's is reported.
#[test]
fn a_thief_is_reported_one_refresh_later_after_the_store_lost_writes() {
    let ahead_by_two =
        [Steal, ThiefRefreshes(FIRST), Replicate, Step(0), ThiefRefreshes(CHILD), Step(0), Tick, Tick, Tick, Tick, LoseWrites];
    let lossy = World { loss: Some(Loss { gentle: false }), ..world_with_thief(own_sdk(), 4, 1, 4) };
    let owner_served = [Send, Arrive(FIRST), Step(0), Store(FIRST.child(3))];
    breaks(&lossy, &LOSER_REPORTS, &[&ahead_by_two, &owner_served]);
    let adopted = [&[Tick; 4][..], &[ThiefRefreshes(CHILD.child(2))], &JUDGED].concat();
    keeps(&lossy, &LOSER_REPORTS, &[&ahead_by_two, &owner_served, &adopted]);
    let reported = [&[Tick; 4][..], &[Send, Arrive(FIRST.child(3))], &JUDGED].concat();
    assert!(play(&lossy, &[&ahead_by_two, &owner_served, &adopted, &reported]).reported);
}

#[test]
fn a_thief_within_the_window_gets_the_owner_s_child_and_is_not_reported() {
    let story = |apart: usize| [&[Steal][..], &ROTATES, &[Store(CHILD)], &[Tick].repeat(apart), &[ThiefRefreshes(FIRST)], &JUDGED].concat();
    breaks(&world_with_thief(own_sdk(), 4, 1, 3), &LOSER_REPORTS, &[&story(3)]);
    keeps(&world_with_thief(own_sdk(), 4, 1, 4), &LOSER_REPORTS, &[&story(4)]);
}

/// The window counts from the first use, not only from the rotation.
#[test]
fn an_owner_who_refreshes_soon_after_the_thief_s_first_use_gets_the_thief_s_child() {
    let story =
        [&[Steal, ThiefRefreshes(FIRST), Step(0), Tick, Tick, Tick, ThiefUses, Tick, Send, Arrive(FIRST)][..], &JUDGED, &[Store(CHILD)]];
    breaks(&world_with_thief(own_sdk(), 4, 1, 0), &LOSER_REPORTS, &story);
}

/// As long as the owner does not use its child, each of his replays opens the window again.
#[test]
fn a_thief_who_replays_in_every_window_keeps_getting_the_owner_s_unused_child() {
    let again = [&[Tick; 3][..], &[ThiefRefreshes(FIRST)], &JUDGED].concat();
    let wild = world_with_thief(own_sdk(), 4, 1, 0);
    let state = play(&wild, &[&[Steal], &ROTATES, &[Store(CHILD)], &again.repeat(50)]);
    assert_eq!((state.thief.child, state.jar, state.reported), (Some(CHILD), Some(CHILD), false));
    // the first use ends it
    let late = [&[Use, Tick][..], &again].concat();
    assert!(play(&wild, &[&[Steal], &ROTATES, &[Store(CHILD)], &again, &late]).reported);
}

#[test]
fn without_confirmation_a_thief_has_the_whole_grace_to_get_the_owner_s_child() {
    let story = |apart: usize| [&[Steal][..], &ROTATES, &[Store(CHILD)], &[Tick].repeat(apart), &[ThiefRefreshes(FIRST)], &JUDGED].concat();
    breaks(&world_with_thief(without_confirmation(), 4, 1, 11), &LOSER_REPORTS, &[&story(11)]);
    keeps(&world_with_thief(without_confirmation(), 4, 1, 12), &LOSER_REPORTS, &[&story(12)]);
}

#[test]
fn a_store_that_loses_the_revocation_revives_the_session() {
    let lossy = World { loss: Some(Loss { gentle: true }), revocation: true, ..world(own_sdk(), 4, 1) };
    breaks(&lossy, &STAYS_REVOKED, &[&[Replicate, Revoke, LoseWrites]]);
}
