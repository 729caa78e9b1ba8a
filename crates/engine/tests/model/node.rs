//! The refresh operation as the engine does it, one access to the database at a time. What to do is the engine's own
//! decision: its rule, its `judge`, and its idea of what a guarded write names.

use std::time::Duration;

use hallpass_engine::{
    id::{AppId, SessionHandle, SessionKey, TenantId, UserId},
    judge::{Confirmation, Lineage, OnReuse, Retired, Rule, Verdict, judge},
    session::{JsonObject, KeyFamily, Session},
    time::Timestamp,
};

use crate::state::{Call, Judged, Moment, Parent, Row, Step, Token, Who};

const PRESENT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// What a call answers in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Child(Token),
    Reuse,
    NoSession,
}

/// The nodes, all with one rule.
pub(crate) struct Node {
    pub(crate) rule: Rule,
    /// How long one tick lasts.
    pub(crate) tick: Duration,
    /// Whether reissues are counted. If not, no client comes near the limit.
    pub(crate) counts_reissues: bool,
    /// What would happen if guarded writes did not name when the parent was last presented.
    pub(crate) blind_to_replays: bool,
}

impl Node {
    /// The guarded rotation. Whether it applied.
    pub(crate) fn rotate(&self, row: &mut Option<Row>, call: &Call) -> bool {
        let applies = row.is_some_and(|row| row.current == call.token);
        if applies {
            *row = Some(self.rotated(call, self.until(call.now), 0));
        }
        applies
    }

    /// Judges what was read: the answer, or the next step towards one.
    pub(crate) fn judge(&self, row: Option<Row>, call: &Call) -> Result<Answer, Step> {
        let Some(seen) = row else { return Ok(Answer::NoSession) };
        let write = |verdict| Err(Step::Write { seen, verdict });
        match self.verdict(&seen, call) {
            Verdict::Rotated => Ok(Answer::Child(call.child())),
            Verdict::Expired => Ok(Answer::NoSession),
            Verdict::Rotate => Err(Step::Rotate),
            Verdict::Replay { slide } => write(Judged::Replay { slide }),
            Verdict::Reissue => write(Judged::Reissue),
            Verdict::Ahead => write(Judged::Ahead),
            Verdict::Reuse => write(Judged::Reuse),
        }
    }

    pub(crate) fn verdict(&self, row: &Row, call: &Call) -> Verdict {
        judge(&self.lineage(row), &call.token.presented(), &call.child().hash(), self.time(call.now), self.rule.window)
    }

    /// The verdict on somebody who presents `token` now.
    pub(crate) fn verdict_on(&self, row: &Row, token: Token) -> Verdict {
        self.verdict(row, &Call { who: Who::Owner, token, salt: u8::MAX, now: 0, step: Step::Read })
    }

    /// The guarded write that a verdict asks for. `None`: the row changed in between, and nothing was written.
    pub(crate) fn write(&self, row: &mut Option<Row>, call: &Call, seen: &Row, verdict: Judged) -> Option<Answer> {
        if !self.is_still(row.as_ref(), seen) {
            return None;
        }
        let (next, answer) = match verdict {
            Judged::Replay { slide } => {
                let mut parent = seen.parent?;
                if slide {
                    parent.at = call.now;
                }
                (Some(Row { parent: Some(parent), ..*seen }), Answer::Child(call.token.child(parent.salt)))
            }
            Judged::Reissue => {
                let reissues = seen.parent?.reissues + u8::from(self.counts_reissues);
                (Some(self.rotated(call, None, reissues)), Answer::Child(call.child()))
            }
            Judged::Ahead => (Some(self.rotated(call, self.until(call.now), 0)), Answer::Child(call.child())),
            Judged::Reuse => (Some(*seen).filter(|_| self.rule.on_reuse == OnReuse::Report), Answer::Reuse),
        };
        *row = next;
        Some(answer)
    }

    /// Whether a write that is guarded by what was seen still applies.
    pub(crate) fn is_still(&self, row: Option<&Row>, seen: &Row) -> bool {
        row.is_some_and(|row| self.session(row).as_seen() == self.session(seen).as_seen())
    }

    /// The child was seen in use. Whether that changed anything.
    pub(crate) fn confirm(&self, row: &mut Option<Row>, child: Token) -> bool {
        let Confirmation::FirstUse { grace } = self.rule.confirmation else { return false };
        let parent = row.as_mut().filter(|row| row.current == child).and_then(|row| row.parent.as_mut());
        let Some(parent) = parent.filter(|parent| parent.until.is_none()) else { return false };
        parent.until = Some(self.ticks(grace));
        true
    }

    /// A duration in ticks.
    pub(crate) fn ticks(&self, duration: Duration) -> Moment {
        (duration.as_millis() / self.tick.as_millis()) as Moment
    }

    fn rotated(&self, call: &Call, until: Option<Moment>, reissues: u8) -> Row {
        let parent = Parent { token: call.token, salt: call.salt, at: call.now, until, reissues };
        Row { current: call.child(), parent: Some(parent) }
    }

    fn until(&self, now: Moment) -> Option<Moment> {
        self.rule.until(PRESENT).map(|until| now + self.ticks(until.since(PRESENT)))
    }

    fn time(&self, moment: Moment) -> Timestamp {
        let distance = self.tick * u32::from(moment.unsigned_abs());
        if moment < 0 { PRESENT - distance } else { PRESENT + distance }
    }

    fn lineage(&self, row: &Row) -> Lineage {
        let retired = row.parent.map(|parent| Retired {
            hash: parent.token.hash(),
            salt: [parent.salt; 32],
            root: 0,
            at: self.time(parent.at),
            until: parent.until.map(|until| self.time(until)),
            reissues: parent.reissues,
        });
        let expires_at = PRESENT + Duration::from_secs(86_400);
        Lineage { generation: row.current.generation.into(), current: row.current.hash(), retired, expires_at }
    }

    fn session(&self, row: &Row) -> Session {
        let mut lineage = self.lineage(row);
        if let Some(retired) = lineage.retired.as_mut().filter(|_| self.blind_to_replays) {
            retired.at = PRESENT;
        }
        Session {
            key: SessionKey { app: AppId::public(), handle: SessionHandle::from_parts([0; 16], TenantId::public()) },
            user: UserId::from("u"),
            payload: JsonObject::new(),
            data: JsonObject::new(),
            family: KeyFamily::Dynamic,
            created_at: PRESENT,
            lineage,
        }
    }
}
