//! Which machines are meant by `ADDRESS/BITS`?

use std::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// An address, or all addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address is one of these. IPv4 in IPv6 is IPv4.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let unlike = u32::from(ours) ^ u32::from(other);
                unlike.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let unlike = u128::from(ours) ^ u128::from(other);
                unlike.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

/// Who has an address of IPv6 has all that begin with the same 64 bits: one of them stands for all.
pub(crate) fn same_host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 => v4,
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr =
            address.parse().map_err(|_| "it is no address, such as 10.0.0.5 or 10.0.0.0/24")?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).ok().filter(|bits| *bits <= most);
        let bits: u8 = bits.ok_or("after the `/` is a number of bits, such as 24")?;
        match address.to_canonical() {
            // IPv4 in IPv6: the 96 bits before it are the same in all of them.
            v4 @ IpAddr::V4(_) if address.is_ipv6() && bits >= 96 => {
                Ok(Self { address: v4, bits: bits - 96 })
            }
            _ => Ok(Self { address, bits }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_that_begin_alike() {
        for (network, address, is_in) in [
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.4", false),
            ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "10.0.1.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("10.0.0.5", "::ffff:10.0.0.5", true),
            ("::ffff:10.0.0.0/120", "10.0.0.5", true),
            ("::ffff:10.0.0.0/120", "10.0.1.5", false),
            ("::ffff:10.0.0.5", "::ffff:10.0.0.5", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.has(address.parse().unwrap()), is_in, "{network:?} {address}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.5:80"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
