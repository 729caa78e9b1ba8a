//! `judge`: every verdict at every edge, and what holds whatever the history.

use std::time::Duration;

use hallpass_engine::{
    judge::{Confirmation, Lineage, MAX_REISSUES, OnReuse, Presented, Retired, Rule, Verdict, judge},
    refresh_token::RefreshHash,
    time::Timestamp,
};
use proptest::{collection::vec, prelude::*};

const REPLAY: Verdict = Verdict::Replay { slide: false };
const SLIDE: Verdict = Verdict::Replay { slide: true };

mod table {
    use super::*;
    use Verdict::*;

    /// The parent retired at 0; the window is 10 s long; the session ends at 1 h. All in milliseconds.
    const EXPIRES: i64 = 3_600_000;
    const MY_CHILD: RefreshHash = RefreshHash::from_bytes([9; 32]);
    const CURRENT: Presented = Presented { hash: RefreshHash::from_bytes([5; 32]), generation: 5 };
    const PARENT: Presented = Presented { hash: RefreshHash::from_bytes([4; 32]), generation: 4 };
    const GRANDPARENT: Presented = Presented { hash: RefreshHash::from_bytes([3; 32]), generation: 3 };
    /// A child of the parent that was replaced because it was never used.
    const THROWN_AWAY: Presented = Presented { hash: RefreshHash::from_bytes([55; 32]), generation: 5 };
    /// A token from a database that lost its last writes.
    const NEWER: Presented = Presented { hash: RefreshHash::from_bytes([6; 32]), generation: 6 };

    fn row(until: Option<i64>, reissues: u8) -> Lineage {
        let retired = Retired {
            hash: PARENT.hash,
            salt: [0; 32],
            root: 0,
            at: Timestamp::from_millis(0),
            until: until.map(Timestamp::from_millis),
            reissues,
        };
        Lineage {
            generation: CURRENT.generation,
            current: CURRENT.hash,
            retired: Some(retired),
            expires_at: Timestamp::from_millis(EXPIRES),
        }
    }

    /// What it is about, who presents, `until`, reissues, now, and what is expected.
    type Line = (&'static str, Presented, Option<i64>, u8, i64, Verdict);

    #[track_caller]
    fn check(lines: &[Line]) {
        for (what, presented, until, reissues, now, expected) in lines {
            let verdict = judge(&row(*until, *reissues), presented, &MY_CHILD, Timestamp::from_millis(*now), Rule::new().window);
            assert_eq!(verdict, *expected, "{what}, now = {now}, until = {until:?}, reissues = {reissues}");
        }
    }

    #[test]
    #[rustfmt::skip]
    fn a_parent_whose_child_is_unused() {
        check(&[
            // what                             presented    until         reissues      now      verdict
            ("another node's clock is ahead",   PARENT,      None,         0,              -1,    REPLAY),
            ("at once",                         PARENT,      None,         0,               0,    REPLAY),
            ("just before half the window",     PARENT,      None,         0,           4_999,    REPLAY),
            ("half the window",                 PARENT,      None,         0,           5_000,    SLIDE),
            ("just after half the window",      PARENT,      None,         0,           5_001,    SLIDE),
            ("just before the window's end",    PARENT,      None,         0,           9_999,    SLIDE),
            ("the window's end",                PARENT,      None,         0,          10_000,    Reissue),
            ("just after the window's end",     PARENT,      None,         0,          10_001,    Reissue),
            ("much later",                      PARENT,      None,         0,     EXPIRES - 1,    Reissue),
            ("the session's end",               PARENT,      None,         0,     EXPIRES,        Expired),
            ("after the session's end",         PARENT,      None,         0,     EXPIRES + 1,    Expired),
            ("the last reissue",                PARENT,      None,        15,          10_000,    Reissue),
            ("one reissue too many",            PARENT,      None,        16,          10_000,    Reuse),
            ("reissued often, but recently",    PARENT,      None,        16,           9_999,    SLIDE),
            ("a row from who knows where",      PARENT,      None,   u8::MAX,          10_000,    Reuse),
        ]);
    }

    #[test]
    #[rustfmt::skip]
    fn a_parent_whose_child_was_used() {
        check(&[
            // what                             presented    until         reissues      now      verdict
            ("just before its grace is over",   PARENT,      Some(25_000), 0,          24_999,    REPLAY),
            ("its grace is over",               PARENT,      Some(25_000), 0,          25_000,    Reuse),
            ("just after its grace",            PARENT,      Some(25_000), 0,          25_001,    Reuse),
            ("the window does not matter",      PARENT,      Some(3_000),  0,           2_999,    REPLAY),
            ("even while it is open",           PARENT,      Some(3_000),  0,           3_000,    Reuse),
            ("nor is the moment written down",  PARENT,      Some(8_000),  0,           7_999,    REPLAY),
            ("no grace at all",                 PARENT,      Some(0),      0,               0,    Reuse),
            ("no grace, clock ahead",           PARENT,      Some(0),      0,              -1,    REPLAY),
            ("reissues do not matter",          PARENT,      Some(25_000), 16,         24_999,    REPLAY),
            ("grace past the session's end",    PARENT,      Some(EXPIRES + 9), 0, EXPIRES,       Expired),
        ]);
    }

    #[test]
    #[rustfmt::skip]
    fn any_other_token() {
        check(&[
            // what                             presented    until         reissues      now      verdict
            ("it became current in between",    CURRENT,     None,         0,               0,    Rotate),
            ("its parent is long dead",         CURRENT,     Some(0),      0,     EXPIRES - 1,    Rotate),
            ("the session's end",               CURRENT,     None,         0,     EXPIRES,        Expired),
            ("the store lost writes",           NEWER,       None,         0,               0,    Ahead),
            ("… long ago",                      NEWER,       Some(0),      0,     EXPIRES - 1,    Ahead),
            ("… and the session is over",       NEWER,       None,         0,     EXPIRES,        Expired),
            ("a thrown-away child",             THROWN_AWAY, None,         1,               0,    Reuse),
            ("an older token",                  GRANDPARENT, None,         0,               0,    Reuse),
            ("an older token, later",           GRANDPARENT, Some(25_000), 0,          24_999,    Reuse),
            ("an older token, session over",    GRANDPARENT, None,         0,     EXPIRES,        Expired),
        ]);
    }

    #[test]
    fn the_child_of_this_very_call_is_taken_whatever_else_holds() {
        let (child, now) = (CURRENT.hash, Timestamp::from_millis(EXPIRES));
        for presented in [PARENT, GRANDPARENT, NEWER] {
            assert_eq!(judge(&row(Some(0), 16), &presented, &child, now, Rule::new().window), Rotated);
        }
    }

    #[test]
    fn before_the_first_rotation_only_the_first_token_counts() {
        let row = Lineage { generation: 0, retired: None, ..row(None, 0) };
        let verdict = |presented| judge(&row, &presented, &MY_CHILD, Timestamp::from_millis(0), Rule::new().window);
        assert_eq!(verdict(Presented { generation: 0, ..CURRENT }), Rotate);
        assert_eq!(verdict(Presented { generation: 0, ..PARENT }), Reuse);
        assert_eq!(verdict(PARENT), Ahead);
    }

    #[test]
    fn without_a_window_an_unused_child_is_replaced_at_once() {
        assert_eq!(judge(&row(None, 0), &PARENT, &MY_CHILD, Timestamp::from_millis(0), Duration::ZERO), Reissue);
    }
}

/// A session over a row in memory, where the engine's writes happen at once.
struct Sitting {
    rule: Rule,
    now: Timestamp,
    row: Option<Lineage>,
    issued: Vec<Token>,
}

/// A child follows from its parent and the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    generation: u32,
    secret: u64,
}

impl Token {
    fn child(self, salt: u64) -> Self {
        Self { generation: self.generation + 1, secret: (self.secret ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) }
    }

    fn presented(self) -> Presented {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.secret.to_be_bytes());
        Presented { hash: RefreshHash::from_bytes(hash), generation: self.generation }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Child(Token),
    Reuse,
    NoSession,
}

impl Sitting {
    fn new(rule: Rule) -> Self {
        let (first, now) = (Token { generation: 0, secret: 1 }, Timestamp::from_millis(1_800_000_000_000));
        let expires_at = now + Duration::from_secs(1 << 30);
        let row = Lineage { generation: 0, current: first.presented().hash, retired: None, expires_at };
        Self { rule, now, row: Some(row), issued: vec![first] }
    }

    /// The token that was issued so many tokens before the newest, or the first.
    fn back(&self, back: usize) -> Token {
        self.issued[self.issued.len().saturating_sub(back + 1)]
    }

    fn wait(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    fn verdict(&self, token: Token) -> Option<Verdict> {
        let never_stored = RefreshHash::from_bytes([0xff; 32]);
        self.row.as_ref().map(|row| judge(row, &token.presented(), &never_stored, self.now, self.rule.window))
    }

    fn refresh(&mut self, token: Token) -> Answer {
        let Some(verdict) = self.verdict(token) else { return Answer::NoSession };
        let row = self.row.as_mut().expect("there is a verdict on it");
        let retired = row.retired.as_mut();
        match verdict {
            Verdict::Rotate | Verdict::Ahead => self.rotate(token, self.rule.until(self.now), 0),
            Verdict::Reissue => {
                let reissues = retired.map_or(0, |retired| retired.reissues);
                self.rotate(token, None, reissues + 1)
            }
            Verdict::Replay { slide } => {
                let retired = retired.expect("only a parent is replayed");
                if slide {
                    retired.at = self.now;
                }
                Answer::Child(token.child(u64::from(retired.salt[0])))
            }
            Verdict::Reuse => {
                if self.rule.on_reuse == OnReuse::Revoke {
                    self.row = None;
                }
                Answer::Reuse
            }
            Verdict::Rotated | Verdict::Expired => unreachable!("nobody stores that child, and the session lives long"),
        }
    }

    fn rotate(&mut self, token: Token, until: Option<Timestamp>, reissues: u8) -> Answer {
        let salt = u8::try_from(self.issued.len()).expect("histories are short");
        let child = token.child(salt.into());
        let retired = Retired { hash: token.presented().hash, salt: [salt; 32], root: 0, at: self.now, until, reissues };
        let row = self.row.as_mut().expect("only living sessions rotate");
        *row =
            Lineage { generation: child.generation, current: child.presented().hash, retired: Some(retired), expires_at: row.expires_at };
        self.issued.push(child);
        Answer::Child(child)
    }

    fn confirm(&mut self, token: Token) {
        let Confirmation::FirstUse { grace } = self.rule.confirmation else { return };
        let row = self.row.as_mut().filter(|row| row.current == token.presented().hash);
        if let Some(retired) = row.and_then(|row| row.retired.as_mut()) {
            retired.until.get_or_insert(self.now + grace);
        }
    }

    /// Those of all tokens ever issued that would rotate now.
    fn rotating(&self) -> usize {
        let rotates = |token: &&Token| matches!(self.verdict(**token), Some(Verdict::Rotate | Verdict::Ahead));
        self.issued.iter().filter(rotates).count()
    }

    /// Those that would be reported now.
    fn dead(&self) -> Vec<Token> {
        self.issued.iter().copied().filter(|token| self.verdict(*token) == Some(Verdict::Reuse)).collect()
    }

    fn retired(&self) -> Option<&Retired> {
        self.row.as_ref()?.retired.as_ref()
    }
}

/// Anybody does anything with any token that was ever issued, counted back from the newest.
#[derive(Clone, Debug)]
enum Deed {
    Wait(u64),
    Refresh(usize),
    Use(usize),
}

/// In milliseconds.
fn wait() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001, 29_999, 30_000, 30_001];
    prop_oneof![proptest::sample::select(edges), 0..40_000_u64]
}

fn deed() -> impl Strategy<Value = Deed> {
    let back = || prop_oneof![4 => Just(0), 4 => Just(1), 1 => 2..6_usize];
    prop_oneof![wait().prop_map(Deed::Wait), back().prop_map(Deed::Refresh), back().prop_map(Deed::Use)]
}

fn rule() -> impl Strategy<Value = Rule> {
    let unconfirmed = Confirmation::Rotation { grace: Duration::from_secs(30) };
    let no_grace = Confirmation::FirstUse { grace: Duration::ZERO };
    prop_oneof![
        Just(Rule::new()),
        Just(Rule { on_reuse: OnReuse::Report, ..Rule::new() }),
        Just(Rule { confirmation: unconfirmed, ..Rule::new() }),
        Just(Rule { confirmation: no_grace, ..Rule::new() }),
    ]
}

proptest! {
    #[test]
    fn no_order_of_refreshes_and_uses_leaves_two_tokens_that_rotate(rule in rule(), deeds in vec(deed(), 1..80)) {
        let mut sitting = Sitting::new(rule);
        for deed in deeds {
            let dead = sitting.dead();
            match deed {
                Deed::Wait(ms) => sitting.wait(ms),
                Deed::Use(back) => sitting.confirm(sitting.back(back)),
                Deed::Refresh(back) => {
                    let token = sitting.back(back);
                    let used_up = sitting.retired().is_some_and(|retired| {
                        retired.hash == token.presented().hash && retired.until.is_some_and(|until| until <= sitting.now)
                    });
                    let answer = sitting.refresh(token);
                    let current = sitting.row.as_ref().map(|row| row.current);
                    match answer {
                        Answer::Child(child) => {
                            prop_assert_eq!(current, Some(child.presented().hash), "a child that is not current");
                            prop_assert!(!used_up, "a used-up parent got a child");
                            prop_assert!(!dead.contains(&token), "a dead token got a child");
                        }
                        Answer::Reuse => prop_assert_eq!(current.is_none(), rule.on_reuse == OnReuse::Revoke),
                        Answer::NoSession => prop_assert!(current.is_none()),
                    }
                }
            }
            prop_assert!(sitting.rotating() <= 1);
            prop_assert!(sitting.row.is_none() || sitting.rotating() == 1, "a living session that nobody can refresh");
            prop_assert!(sitting.row.is_none() || dead.iter().all(|token| sitting.dead().contains(token)), "a dead token came back to life");
            prop_assert!(sitting.retired().is_none_or(|retired| retired.reissues <= MAX_REISSUES));
        }
    }

    /// One client, one request at a time; any response may be lost, and it comes back whenever it likes.
    #[test]
    fn a_client_that_loses_responses_stays_logged_in(
        report in any::<bool>(),
        rounds in vec((vec(wait(), 0..=usize::from(MAX_REISSUES)), wait(), any::<bool>()), 1..6),
    ) {
        let on_reuse = if report { OnReuse::Report } else { OnReuse::Revoke };
        let mut sitting = Sitting::new(Rule { on_reuse, ..Rule::new() });
        let mut token = sitting.back(0);
        for (lost, pause, uses) in rounds {
            for absence in lost {
                prop_assert!(matches!(sitting.refresh(token), Answer::Child(_)));
                sitting.wait(absence);
            }
            let Answer::Child(child) = sitting.refresh(token) else { return Err(TestCaseError::fail("logged out")) };
            token = child;
            if uses {
                sitting.confirm(token);
            }
            sitting.wait(pause);
        }
    }

    /// Owner and thief take turns of any number of refreshes and uses, a window apart, in any order.
    #[test]
    fn the_loser_of_a_theft_is_reported_at_its_next_refresh(
        turns in vec((any::<bool>(), 1..4_usize, any::<bool>(), 10_000..60_000_u64), 2..8),
    ) {
        let mut sitting = Sitting::new(Rule::new());
        let mut hands = [sitting.back(0); 2];
        let mut served = [false; 2];
        for (is_thief, refreshes, uses, pause) in turns {
            let who = usize::from(is_thief);
            let is_loser = served == [true; 2] && sitting.verdict(hands[who]) != Some(Verdict::Rotate);
            for _ in 0..refreshes {
                match sitting.refresh(hands[who]) {
                    Answer::Child(child) => hands[who] = child,
                    Answer::Reuse => return Ok(()),
                    Answer::NoSession => unreachable!("the session lives until reuse is reported"),
                }
                prop_assert!(!is_loser, "the loser was served");
                served[who] = true;
            }
            prop_assert_ne!(hands[0], hands[1], "both hold the same token");
            if uses {
                sitting.confirm(hands[who]);
            }
            sitting.wait(pause);
        }
        // somebody is reported when both come again
        let both_come_again = hands.map(|token| sitting.verdict(token));
        prop_assert!(served != [true; 2] || both_come_again.contains(&Some(Verdict::Reuse)));
    }

    /// Whatever the row says, be it from a damaged database: no panic, and the same verdict again.
    #[test]
    fn a_verdict_depends_on_nothing_but_its_inputs(
        (generation, current, expires) in (any::<u32>(), 0..4_u8, any::<i64>()),
        retired in proptest::option::of((0..4_u8, any::<i64>(), proptest::option::of(any::<i64>()), any::<u8>())),
        (presented, presented_generation, mine, now, window) in (0..4_u8, any::<u32>(), 0..4_u8, any::<i64>(), any::<u64>()),
    ) {
        let hash = |name: u8| RefreshHash::from_bytes([name; 32]);
        let retired = retired.map(|(name, at, until, reissues)| Retired {
            hash: hash(name),
            salt: [name; 32],
            root: 0,
            at: Timestamp::from_millis(at),
            until: until.map(Timestamp::from_millis),
            reissues,
        });
        let row = Lineage { generation, current: hash(current), retired, expires_at: Timestamp::from_millis(expires) };
        let presented = Presented { hash: hash(presented), generation: presented_generation };
        let judged = || judge(&row, &presented, &hash(mine), Timestamp::from_millis(now), Duration::from_millis(window));
        prop_assert_eq!(judged(), judged());
        let alive = now < expires;
        match judged() {
            Verdict::Rotated => prop_assert_eq!(mine, current),
            Verdict::Expired => prop_assert!(!alive),
            Verdict::Rotate => prop_assert!(alive && presented.hash == row.current),
            Verdict::Ahead => prop_assert!(alive && presented.generation > row.generation),
            Verdict::Replay { .. } | Verdict::Reissue => {
                let parent = row.retired.as_ref().filter(|retired| retired.hash == presented.hash);
                prop_assert!(alive && parent.is_some() && presented.generation <= row.generation);
            }
            Verdict::Reuse => prop_assert!(alive && presented.hash != row.current && presented.generation <= row.generation),
        }
    }
}
