//! How many connections may come from one address?

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::access::network::{Network, same_host};

/// How many connections of one address are open at the same time.
const MOST_OF_ONE: u32 = 128;

/// The addresses that have connections.
#[derive(Clone, Debug)]
pub(super) struct PeerAddresses {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Those of proxies, behind which are many.
    proxies: Vec<Network>,
    connections: Mutex<HashMap<IpAddr, u32>>,
}

/// A connection of an address. It counts until this is dropped.
#[derive(Debug)]
pub(super) struct CountedConnection {
    addresses: PeerAddresses,
    /// `None` if it is not limited.
    host: Option<IpAddr>,
}

impl PeerAddresses {
    pub(super) fn new(proxies: Vec<Network>) -> Self {
        Self { shared: Arc::new(Shared { proxies, connections: Mutex::default() }) }
    }

    /// Counts a connection. `None` if the address has enough of them: others shall have some, too.
    pub(super) fn count(&self, address: IpAddr) -> Option<CountedConnection> {
        let is_proxy = self.shared.proxies.iter().any(|proxy| proxy.has(address));
        if is_proxy || address.to_canonical().is_loopback() {
            return Some(CountedConnection { addresses: self.clone(), host: None });
        }
        let host = same_host(address);
        let mut connections = self.connections();
        let count = connections.entry(host).or_default();
        if *count >= MOST_OF_ONE {
            return None;
        }
        *count += 1;
        Some(CountedConnection { addresses: self.clone(), host: Some(host) })
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let Some(host) = self.host else { return };
        let mut connections = self.addresses.connections();
        let left = connections.get(&host).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            connections.remove(&host);
        } else {
            connections.insert(host, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_does_not_take_all_connections() {
        let addresses = PeerAddresses::new(vec!["10.0.0.1".parse().unwrap()]);
        for one in ["192.0.2.1", "2001:db8::1"].map(address) {
            let mut open: Vec<_> = (0..MOST_OF_ONE).map(|_| addresses.count(one)).collect();
            assert!(open.iter().all(Option::is_some), "{one}");
            assert!(addresses.count(one).is_none(), "{one}");
            assert!(addresses.count(address("192.0.2.2")).is_some());
            open.pop();
            assert!(addresses.count(one).is_some(), "{one}");
        }
        assert_eq!(addresses.connections().len(), 0);
    }

    #[test]
    fn proxies_and_this_machine_are_not_limited() {
        let addresses = PeerAddresses::new(vec!["10.0.0.1".parse().unwrap()]);
        for one in ["10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1", "::1"].map(address) {
            let open: Vec<_> = (0..=MOST_OF_ONE).map(|_| addresses.count(one)).collect();
            assert!(open.iter().all(Option::is_some), "{one}");
        }
    }
}
