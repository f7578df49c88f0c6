//! Who sends a request?

use std::net::IpAddr;

use super::scope::AccessScope;

/// Who sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What was granted, or why nothing was.
    pub(crate) granted: Result<AccessScope, Ungranted>,
    /// The name of the token.
    pub(crate) token: Option<String>,
    /// Where the request comes from; said by a proxy, if that one is known.
    pub(crate) address: IpAddr,
}

/// Why nothing was granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ungranted {
    /// None was sent.
    NoToken,
    /// There is no such token, or it has expired.
    WrongToken,
    /// The tokens cannot be read.
    NoTokens,
    /// It comes unencrypted, and from no proxy.
    NoProxy,
}
