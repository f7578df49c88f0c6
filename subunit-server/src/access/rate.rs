//! Who asks too often? A table of fixed size, however many ask.

use std::{
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use super::network::same_host;

/// How many who ask are known. Each takes 32 bytes.
const SEATS: usize = 4096;
/// In how many seats somebody may sit. Who comes to a full row gets the seat of the one who has waited longest.
const ROW: usize = 8;
/// How many seconds of requests may come at once.
const BURST: f64 = 5.0;

/// How many requests each address may send with each token.
#[derive(Debug)]
pub(crate) struct RateTable {
    /// Requests in a second, if there is a limit.
    rate: Option<NonZeroU32>,
    /// Nobody outside can choose who shares a row.
    hasher: RandomState,
    seats: Mutex<Vec<Option<Seat>>>,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    who: u64,
    /// How many requests may come now.
    left: f64,
    at: Instant,
}

impl RateTable {
    pub(crate) fn new(rate: Option<NonZeroU32>) -> Self {
        Self { rate, hasher: RandomState::new(), seats: Mutex::new(vec![None; SEATS]) }
    }

    /// Counts a request. Returns how many seconds to wait if it is one too many.
    pub(super) fn wait(&self, address: IpAddr, token: Option<&str>) -> Option<u64> {
        self.wait_at(Instant::now(), address, token)
    }

    fn wait_at(&self, now: Instant, address: IpAddr, token: Option<&str>) -> Option<u64> {
        let rate = f64::from(self.rate?.get());
        let who = self.hasher.hash_one((same_host(address), token));
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let row = usize::try_from(who % (SEATS / ROW) as u64).unwrap_or_default() * ROW;
        let row = &mut seats[row..row + ROW];
        let seat = match row.iter().position(|seat| seat.is_some_and(|seat| seat.who == who)) {
            Some(known) => &mut row[known],
            None => row.iter_mut().min_by_key(|seat| seat.map(|seat| seat.at))?,
        };
        let known = seat.filter(|seat| seat.who == who);
        let full = rate * BURST;
        let left = known.map_or(full, |seat| {
            let passed = now.saturating_duration_since(seat.at).as_secs_f64();
            (seat.left + passed * rate).min(full)
        });
        let is_too_many = left < 1.0;
        let left = if is_too_many { left } else { left - 1.0 };
        *seat = Some(Seat { who, left, at: now });
        is_too_many.then(|| (((1.0 - left) / rate).ceil() as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv6Addr, time::Duration};

    use super::*;

    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let table = RateTable::new(NonZeroU32::new(2));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let start = Instant::now();
        for _ in 0..10 {
            assert_eq!(table.wait_at(start, one, None), None);
        }
        assert_eq!(table.wait_at(start, one, None), Some(1));
        assert_eq!(table.wait_at(start, other, None), None);
        assert_eq!(table.wait_at(start, one, Some("token")), None);
        let later = start + Duration::from_millis(500);
        assert_eq!(table.wait_at(later, one, None), None);
        assert_eq!(table.wait_at(later, one, None), Some(1));
        assert_eq!(table.wait_at(start + Duration::from_secs(60), one, None), None);
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let table = RateTable::new(NonZeroU32::new(1));
        let now = Instant::now();
        let waits = (0..20_u128).map(|last| {
            let address = Ipv6Addr::from(0x2001_0db8 << 96 | last);
            table.wait_at(now, address.into(), None)
        });
        assert_eq!(waits.filter(Option::is_none).count(), 5);
    }

    #[test]
    fn however_many_ask_the_table_stays_as_it_is() {
        let table = RateTable::new(NonZeroU32::new(1));
        for last in 0..100_000_u32 {
            assert_eq!(table.wait_at(Instant::now(), IpAddr::V4(last.into()), None), None);
        }
        assert_eq!(table.seats.lock().unwrap().len(), SEATS);
    }
}
