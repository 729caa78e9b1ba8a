//! What can be asked beside the interface of the existing core.

pub(super) mod ban;
pub(super) mod bans;
pub(super) mod confirm;
pub(super) mod events;
pub(super) mod feed;
pub(super) mod sessions;
pub(super) mod unban;

use super::{call::Call, reply::Problem};

/// How many are asked for: 1 to 1000, 100 by default.
fn limit(call: &Call) -> Result<u32, Problem> {
    let Some(text) = call.parameter("limit") else { return Ok(100) };
    let limit = text.parse().ok().filter(|limit| (1..=1000).contains(limit));
    limit.ok_or(Problem::InvalidParameter("limit", "an int from 1 to 1000"))
}
