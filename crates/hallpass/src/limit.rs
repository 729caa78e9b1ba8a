//! How often an address may ask: a leaky bucket for each, told by the one moment at which it is empty again.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hallpass_engine::time::Timestamp;

/// How many addresses are remembered. Beyond, new ones are let through until others have been quiet for a minute: a limit per
/// address is of no use against so many.
const ADDRESSES: usize = 65_536;
/// How often room is made, in microseconds.
const SWEEP_EVERY: i64 = 1_000_000;
const MINUTE: i64 = 60_000_000;

/// Counts in microseconds of the handed-in time.
pub(crate) struct Limiter {
    /// What one request adds.
    cost: i64,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    empty_at: HashMap<IpAddr, i64>,
    swept_at: i64,
}

impl Limiter {
    pub(crate) fn per_minute(limit: NonZeroU32) -> Self {
        Self { cost: MINUTE / i64::from(limit.get()), buckets: Mutex::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait. A refused request does not count.
    pub(crate) fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let (address, now) = (network(address), now.as_millis().saturating_mul(1000));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = buckets.empty_at.get(&address).copied();
        let empty_at = pour(known.unwrap_or(now), now, self.cost)?;
        if known.is_some() || buckets.has_room(now) {
            buckets.empty_at.insert(address, empty_at);
        }
        Ok(())
    }
}

/// When the bucket is empty again after one more request, unless it would hold more than a minute's worth.
fn pour(empty_at: i64, now: i64, cost: i64) -> Result<i64, Duration> {
    let empty_at = empty_at.max(now).saturating_add(cost);
    let over = empty_at.saturating_sub(now).saturating_sub(MINUTE);
    if over > 0 { Err(Duration::from_micros(over.unsigned_abs())) } else { Ok(empty_at) }
}

impl Buckets {
    fn has_room(&mut self, now: i64) -> bool {
        if self.empty_at.len() >= ADDRESSES && now.saturating_sub(self.swept_at) >= SWEEP_EVERY {
            self.empty_at.retain(|_, empty_at| *empty_at > now);
            self.swept_at = now;
        }
        self.empty_at.len() < ADDRESSES
    }
}

/// Who has one address of version 6 has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_minute: u32) -> Limiter {
        Limiter::per_minute(NonZeroU32::new(per_minute).unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_minute_s_worth_may_come_at_once_and_then_one_at_a_time() {
        let limiter = limiter(3);
        let client = address("203.0.113.7");
        for _ in 0..3 {
            assert_eq!(limiter.admit(client, at(0)), Ok(()));
        }
        assert_eq!(limiter.admit(client, at(0)), Err(Duration::from_secs(20)));
        assert_eq!(limiter.admit(client, at(19)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.admit(client, at(20)), Ok(()), "what was refused did not count");
        assert_eq!(limiter.admit(client, at(20)), Err(Duration::from_secs(20)));
        assert_eq!(limiter.admit(address("203.0.113.8"), at(20)), Ok(()), "others are others");
        for _ in 0..3 {
            assert_eq!(limiter.admit(client, at(200)), Ok(()), "and quiet is rewarded, but not hoarded");
        }
        assert!(limiter.admit(client, at(200)).is_err());
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let limiter = limiter(1);
        assert!(limiter.admit(address("2001:db8:1:2::1"), at(0)).is_ok());
        assert!(limiter.admit(address("2001:db8:1:2:ffff::2"), at(0)).is_err());
        assert!(limiter.admit(address("2001:db8:1:3::1"), at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_those_who_are_known_stay_limited() {
        let limiter = limiter(1);
        let known = address("203.0.113.7");
        let others = |from: u32| (0..70_000).map(move |n| IpAddr::from((from + n).to_be_bytes()));
        assert!(limiter.admit(known, at(0)).is_ok());
        assert!(others(1 << 24).all(|other| limiter.admit(other, at(1)).is_ok()));
        let remembered = || limiter.buckets.lock().unwrap().empty_at.len();
        assert_eq!(remembered(), ADDRESSES);
        assert!(limiter.admit(known, at(1)).is_err());
        assert!(others(2 << 24).all(|other| limiter.admit(other, at(61)).is_ok()));
        assert_eq!(remembered(), ADDRESSES, "the ones that were quiet made room");
        assert!(limiter.admit(address("2.0.0.0"), at(61)).is_err());
    }

    #[test]
    fn huge_limits_and_absurd_times_are_no_reason_to_panic() {
        let limiter = limiter(u32::MAX);
        for now in [i64::MIN, 0, i64::MAX] {
            assert!(limiter.admit(address("::1"), Timestamp::from_millis(now)).is_ok());
        }
    }
}
