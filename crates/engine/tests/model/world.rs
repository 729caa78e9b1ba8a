//! Who can do what.

use stateright::{Model, Property};

use crate::{
    node::{Answer, Node},
    state::{Call, Judged, Message, Moment, Row, State, Step, Thief, Token, Who},
};

/// What this world allows, and what must hold in it.
pub(crate) struct World {
    pub(crate) node: Node,
    /// How long a request may take until a node reads its clock, and from there until the answer is stored, in ticks.
    pub(crate) delay: Moment,
    /// How many refreshes the nodes work on at once.
    pub(crate) calls: usize,
    /// Whatever the owner has under way when a token rotates is lost, unless it belongs to that rotation or a later one.
    pub(crate) settled: bool,
    /// The owner gets its child so early that no request with the parent arrives when the parent's grace is over.
    pub(crate) back_in_time: bool,
    /// A rotation may be stored although the node is told that it failed.
    pub(crate) unknown_commits: bool,
    /// The store may lose writes, once.
    pub(crate) loss: Option<Loss>,
    /// There is a thief; and after one of the two acted, the other does not act for so many ticks.
    pub(crate) thief: Option<Moment>,
    /// Somebody may revoke the session.
    pub(crate) revocation: bool,
    pub(crate) properties: Vec<Property<World>>,
}

/// A standby, at most two rotations behind, takes over.
#[derive(Clone, Copy)]
pub(crate) struct Loss {
    /// What is under way then is lost as well, and the standby has every reissue.
    pub(crate) gentle: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Time passes; messages that took too long are lost.
    Tick,
    /// A tab sends what the cookie jar holds.
    Send,
    /// A node takes up a request, for the first or another time, and reads its clock.
    Arrive(Token),
    /// The next access to the database of one of the calls.
    Step(usize),
    /// The same, but the node is told that it failed.
    StepUntold(usize),
    /// The browser stores what a response brought.
    Store(Token),
    /// An access token that came with the jar's refresh token is verified.
    Use,
    /// The thief copies the jar.
    Steal,
    /// The thief presents the copy, or the child he got.
    ThiefRefreshes(Token),
    /// An access token that came with the thief's child is verified.
    ThiefUses,
    /// Somebody revokes the session.
    Revoke,
    /// The standby of the store has everything up to here.
    Replicate,
    /// The standby takes over.
    LoseWrites,
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new()]
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.properties.clone()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let alive = state.row.is_some() || state.standby.is_some(); // what comes after the end comes to nothing
        let free = alive && state.calls.len() < self.calls;
        actions.extend((0..state.calls.len()).map(Action::Step));
        actions.extend(state.responses.iter().map(|response| Action::Store(response.token)));
        if self.unknown_commits {
            let rotating = |index: &usize| state.calls[*index].step == Step::Rotate;
            actions.extend((0..state.calls.len()).filter(rotating).map(Action::StepUntold));
        }
        if !self.must_come_back(state) {
            actions.push(Action::Tick);
        }
        if alive && state.jar.is_some() {
            actions.push(Action::Send);
        }
        if self.is_apart(state.thief_acted) {
            actions.extend(state.requests.iter().filter(|_| free).map(|request| Action::Arrive(request.token)));
            actions.push(Action::Use);
        }
        if self.thief.is_some() && alive {
            if state.thief.copy.is_none() {
                actions.push(Action::Steal);
            }
            if self.is_apart(state.owner_acted) {
                let tokens = [state.thief.copy, state.thief.child].into_iter().flatten();
                actions.extend(tokens.filter(|_| free).map(Action::ThiefRefreshes));
                actions.push(Action::ThiefUses);
            }
        }
        if (self.revocation || state.reported) && state.row.is_some() {
            actions.push(Action::Revoke);
        }
        if self.may_lose(state) {
            actions.extend([Action::Replicate, Action::LoseWrites]);
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        self.act(&mut state, action);
        self.give_up_late_writes(&mut state);
        state.forget();
        (state != *before).then_some(state)
    }
}

impl World {
    /// What an action changes, everything remembered.
    pub(crate) fn act(&self, state: &mut State, action: Action) {
        match action {
            Action::Tick => state.tick(self.delay, self.horizon()),
            Action::Send => state.requests.extend(state.jar.map(|token| Message { token, sent: 0 })),
            Action::Arrive(token) => {
                self.mark(&mut state.owner_acted);
                state.take_up(Who::Owner, token);
            }
            Action::Step(index) => self.step(state, index, true),
            Action::StepUntold(index) => self.step(state, index, false),
            Action::Store(token) => {
                state.owner_served |= state.thief.copy.is_some() && state.jar != Some(token);
                state.jar = Some(token);
            }
            Action::Use => {
                if state.jar.is_some_and(|child| self.node.confirm(&mut state.row, child)) {
                    self.mark(&mut state.owner_acted);
                }
            }
            Action::Steal => {
                state.thief = Thief { copy: state.jar, child: None };
                state.owner_served = false;
            }
            Action::ThiefRefreshes(token) => {
                self.mark(&mut state.thief_acted);
                state.take_up(Who::Thief, token);
            }
            Action::ThiefUses => {
                if state.thief.child.is_some_and(|child| self.node.confirm(&mut state.row, child)) {
                    self.mark(&mut state.thief_acted);
                }
            }
            Action::Revoke => {
                state.row = None;
                state.revoked = true;
            }
            Action::Replicate => state.standby = Some(state.row),
            Action::LoseWrites => {
                let Some(row) = state.standby.take() else { return };
                state.row = row;
                state.has_lost = true;
                if self.loss.is_some_and(|loss| loss.gentle) {
                    state.requests.clear();
                    state.calls.clear();
                    state.responses.clear();
                }
            }
        }
    }

    /// Lets a call do its next access to the database; `told`: it learns what became of it.
    fn step(&self, state: &mut State, index: usize, told: bool) {
        let call = state.calls.remove(index);
        let parent = |state: &State| state.row.and_then(|row| row.parent);
        let used = parent(state).filter(|parent| parent.until.is_some());
        let outcome = match call.step {
            Step::Rotate => {
                let hit = self.node.rotate(&mut state.row, &call);
                if hit && self.settled {
                    state.settle(call.token);
                }
                if hit && told { Ok(Answer::Child(call.child())) } else { Err(Step::Read) }
            }
            Step::Read => self.node.judge(state.row, &call),
            Step::Write { seen, verdict } => self.node.write(&mut state.row, &call, &seen, verdict).ok_or(Step::Rotate),
        };
        state.use_forgotten |= used.zip(parent(state)).is_some_and(|(used, now)| used.token == now.token && now.until.is_none());
        self.replicate(state, call.step);
        match outcome {
            Ok(answer) => state.answer(&call, answer),
            Err(step) => state.calls.push(Call { step, ..call }),
        }
    }

    /// The standby gets what it must not lose, and what it lags behind too far.
    fn replicate(&self, state: &mut State, step: Step) {
        let reissued = matches!(step, Step::Write { verdict: Judged::Reissue, .. });
        let lag = |row: Row, standby: Row| row.current.generation.saturating_sub(standby.current.generation);
        let too_far = matches!((state.row, state.standby), (Some(row), Some(Some(standby))) if lag(row, standby) > 2);
        if too_far || (reissued && self.loss.is_some_and(|loss| loss.gentle)) {
            state.standby = None;
        }
    }

    /// A guarded write whose row has changed comes to nothing, whenever it happens, unless the store goes back to that row.
    fn give_up_late_writes(&self, state: &mut State) {
        if self.may_lose(state) {
            return;
        }
        for call in &mut state.calls {
            if matches!(call.step, Step::Write { seen, .. } if !self.node.is_still(state.row.as_ref(), &seen)) {
                call.step = Step::Rotate;
            }
        }
    }

    /// Moments before this one are all alike.
    fn horizon(&self) -> Moment {
        let window = self.node.ticks(self.node.rule.window);
        -(window + self.delay).max(self.thief.unwrap_or_default())
    }

    fn may_lose(&self, state: &State) -> bool {
        self.loss.is_some() && !state.has_lost
    }

    fn mark(&self, acted: &mut Option<Moment>) {
        *acted = self.thief.filter(|apart| *apart > 0).map(|_| 0);
    }

    fn is_apart(&self, other_acted: Option<Moment>) -> bool {
        other_acted.is_none_or(|acted| acted <= -self.thief.unwrap_or_default())
    }

    fn must_come_back(&self, state: &State) -> bool {
        let parent = state.row.and_then(|row| row.parent).filter(|parent| self.back_in_time && state.jar == Some(parent.token));
        parent.and_then(|parent| parent.until).is_some_and(|until| until <= self.delay + 1)
    }
}

impl State {
    fn take_up(&mut self, who: Who, token: Token) {
        let salt = self.fresh_salt();
        self.calls.push(Call { who, token, salt, now: 0, step: Step::Rotate });
    }

    /// After a rotation: what the owner has under way from before is lost.
    fn settle(&mut self, rotated: Token) {
        self.requests.retain(|request| request.token.generation >= rotated.generation);
        self.responses.retain(|response| response.token.generation > rotated.generation);
        self.calls.retain(|call| call.who == Who::Thief || call.token.generation >= rotated.generation);
    }

    fn answer(&mut self, call: &Call, answer: Answer) {
        self.reported |= answer == Answer::Reuse;
        self.revoked |= self.row.is_none();
        match (answer, call.who) {
            (Answer::Child(token), Who::Owner) => self.responses.push(Message { token, sent: call.now }),
            (Answer::Child(token), Who::Thief) => self.thief.child = Some(token),
            (Answer::Reuse | Answer::NoSession, Who::Owner) => {
                self.refused = true;
                self.jar = None;
            }
            (Answer::Reuse | Answer::NoSession, Who::Thief) => {
                self.thief.copy = self.thief.copy.filter(|copy| *copy != call.token);
                self.thief.child = self.thief.child.filter(|child| *child != call.token);
            }
        }
    }
}
