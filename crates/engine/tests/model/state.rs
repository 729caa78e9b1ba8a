//! What there is at one moment: the row, the calls that work on it, the messages under way, and who holds which token.
//!
//! Histories that nobody can tell apart any more are one state: moments count from the present and no further back than
//! matters, and tokens that nobody can present any more are forgotten. So there are finitely many states, although neither
//! the number of refreshes nor the time between them is bounded.

use std::fmt;

use hallpass_engine::{judge::Presented, refresh_token::RefreshHash};

/// A moment, in ticks from the present.
pub(crate) type Moment = i8;

/// What tells the children of one token apart.
pub(crate) type Salt = u8;

/// A refresh token. A child is what its parent and the salt make it, nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Token {
    pub(crate) generation: u8,
    parent: Salt,
    salt: Salt,
}

impl Token {
    pub(crate) const FIRST: Self = Self { generation: 0, parent: 0, salt: 0 };

    pub(crate) const fn child(self, salt: Salt) -> Self {
        Self { generation: self.generation + 1, parent: self.salt, salt }
    }

    pub(crate) fn hash(self) -> RefreshHash {
        let mut bytes = [0; 32];
        bytes[..3].copy_from_slice(&[self.generation, self.parent, self.salt]);
        RefreshHash::from_bytes(bytes)
    }

    pub(crate) fn presented(self) -> Presented {
        Presented { hash: self.hash(), generation: self.generation.into() }
    }

    fn salts(&mut self) -> [&mut Salt; 2] {
        [&mut self.salt, &mut self.parent]
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.generation, self.parent, self.salt)
    }
}

/// The session's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) current: Token,
    pub(crate) parent: Option<Parent>,
}

/// The retired token, with what the row says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parent {
    pub(crate) token: Token,
    pub(crate) salt: Salt,
    pub(crate) at: Moment,
    pub(crate) until: Option<Moment>,
    pub(crate) reissues: u8,
}

impl Row {
    fn tokens(&mut self) -> impl Iterator<Item = &mut Token> {
        [&mut self.current].into_iter().chain(self.parent.as_mut().map(|parent| &mut parent.token))
    }

    fn salts(&mut self) -> impl Iterator<Item = &mut Salt> {
        let parent = self.parent.iter_mut().flat_map(|parent| parent.token.salts().into_iter().chain([&mut parent.salt]));
        self.current.salts().into_iter().chain(parent)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Who {
    Owner,
    Thief,
}

/// A refresh that a node works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(crate) token: Token,
    pub(crate) salt: Salt,
    /// When the node read its clock for it: once.
    pub(crate) now: Moment,
    /// Its next access to the database.
    pub(crate) step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// The guarded rotation.
    Rotate,
    /// The row is read and judged.
    Read,
    /// The guarded write that the verdict asks for.
    Write { seen: Row, verdict: Judged },
}

/// The verdicts that lead to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Judged {
    Replay { slide: bool },
    Reissue,
    Ahead,
    Reuse,
}

impl Call {
    pub(crate) fn child(&self) -> Token {
        self.token.child(self.salt)
    }

    fn seen(&mut self) -> Option<&mut Row> {
        match &mut self.step {
            Step::Write { seen, .. } => Some(seen),
            Step::Rotate | Step::Read => None,
        }
    }
}

/// A token under way between the owner's browser and a node. It may be lost at any time and may arrive more than once, so
/// of two that are alike only the younger matters, and any number of tabs may have sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Message {
    pub(crate) token: Token,
    pub(crate) sent: Moment,
}

/// What a thief holds: the copy, and the child he got with it or with its child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Thief {
    pub(crate) copy: Option<Token>,
    pub(crate) child: Option<Token>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// `None`: the session is over.
    pub(crate) row: Option<Row>,
    /// What the store has left when it loses writes.
    pub(crate) standby: Option<Option<Row>>,
    pub(crate) requests: Vec<Message>,
    pub(crate) calls: Vec<Call>,
    pub(crate) responses: Vec<Message>,
    /// The refresh token in the browser's cookie jar. `None`: logged out.
    pub(crate) jar: Option<Token>,
    pub(crate) thief: Thief,
    /// When the owner last refreshed, or used a token for the first time; remembered while the thief keeps away from it.
    pub(crate) owner_acted: Option<Moment>,
    /// The same of the thief.
    pub(crate) thief_acted: Option<Moment>,
    /// The owner got a child after the theft.
    pub(crate) owner_served: bool,
    /// A call of the owner was refused.
    pub(crate) refused: bool,
    /// Reuse was reported.
    pub(crate) reported: bool,
    /// The session was revoked, by a decision or because of reuse.
    pub(crate) revoked: bool,
    /// A write took back that a child was seen in use.
    pub(crate) use_forgotten: bool,
    /// The store has lost writes.
    pub(crate) has_lost: bool,
}

impl State {
    /// A session was just created.
    pub(crate) fn new() -> Self {
        Self { row: Some(Row { current: Token::FIRST, parent: None }), jar: Some(Token::FIRST), ..Self::default() }
    }

    /// A salt that has made no token yet, as far as anybody can tell.
    pub(crate) fn fresh_salt(&mut self) -> Salt {
        1 + self.salts().into_iter().map(|salt| *salt).max().unwrap_or_default()
    }

    /// Every token that somebody can present, now or later.
    pub(crate) fn held(&self) -> Vec<Token> {
        let messages = self.requests.iter().chain(&self.responses).map(|message| message.token);
        let calls = self.calls.iter().map(|call| call.token);
        let kept = [self.jar, self.thief.copy, self.thief.child].into_iter().flatten();
        let mut held: Vec<_> = kept.chain(messages).chain(calls).collect();
        held.sort_unstable();
        held.dedup();
        held
    }

    /// A tick passes. What is under way for longer than `delay` is lost; what lies before `horizon` is all alike.
    pub(crate) fn tick(&mut self, delay: Moment, horizon: Moment) {
        let pass = |moment: &mut Moment| *moment = (*moment - 1).max(horizon);
        for parent in self.rows().filter_map(|row| row.parent.as_mut()) {
            pass(&mut parent.at);
            parent.until.iter_mut().for_each(pass);
        }
        self.calls.iter_mut().for_each(|call| pass(&mut call.now));
        self.requests.iter_mut().chain(&mut self.responses).for_each(|message| pass(&mut message.sent));
        self.owner_acted.iter_mut().chain(&mut self.thief_acted).for_each(pass);
        self.calls.retain(|call| call.now >= -delay);
        self.requests.retain(|message| message.sent >= -delay);
        self.responses.retain(|message| message.sent >= -delay);
    }

    /// Forgets what makes no difference any more.
    pub(crate) fn forget(&mut self) {
        for messages in [&mut self.requests, &mut self.responses] {
            messages.sort_unstable_by_key(|message| (message.token, -message.sent));
            messages.dedup_by_key(|message| message.token);
        }
        self.calls.sort_by_key(|call| (call.who, call.now, call.token, call.salt));
        self.rename_salts();
        // what is older than every row's retired token is just old
        let oldest = self.rows().map(|row| row.current.generation).min().unwrap_or_default().saturating_sub(2);
        self.tokens().into_iter().for_each(|token| token.generation = token.generation.saturating_sub(oldest));
        self.requests.sort_unstable();
        self.responses.sort_unstable();
    }

    /// Numbers the salts in the order in which they are met.
    fn rename_salts(&mut self) {
        let mut known: Vec<Salt> = vec![];
        for salt in self.salts() {
            let number = known.iter().position(|other| other == salt).unwrap_or_else(|| {
                known.push(*salt);
                known.len() - 1
            });
            *salt = number as Salt;
        }
    }

    fn rows(&mut self) -> impl Iterator<Item = &mut Row> {
        let seen = self.calls.iter_mut().filter_map(Call::seen);
        self.row.iter_mut().chain(self.standby.iter_mut().flatten()).chain(seen)
    }

    fn tokens(&mut self) -> Vec<&mut Token> {
        let Self { row, standby, requests, calls, responses, jar, thief, .. } = self;
        let rows = row.iter_mut().chain(standby.iter_mut().flatten());
        let kept = jar.iter_mut().chain(&mut thief.copy).chain(&mut thief.child);
        let messages = requests.iter_mut().chain(responses).map(|message| &mut message.token);
        let mut tokens: Vec<_> = rows.flat_map(Row::tokens).chain(kept).chain(messages).collect();
        for Call { token, step, .. } in calls {
            tokens.push(token);
            if let Step::Write { seen, .. } = step {
                tokens.extend(seen.tokens());
            }
        }
        tokens
    }

    fn salts(&mut self) -> Vec<&mut Salt> {
        let Self { row, standby, requests, calls, responses, jar, thief, .. } = self;
        let rows = row.iter_mut().chain(standby.iter_mut().flatten());
        let kept = jar.iter_mut().chain(&mut thief.copy).chain(&mut thief.child);
        let messages = requests.iter_mut().chain(responses).map(|message| &mut message.token);
        let mut salts: Vec<_> = rows.flat_map(Row::salts).chain(kept.chain(messages).flat_map(Token::salts)).collect();
        for Call { token, salt, step, .. } in calls {
            salts.extend(token.salts());
            salts.push(salt);
            if let Step::Write { seen, .. } = step {
                salts.extend(seen.salts());
            }
        }
        salts
    }
}
