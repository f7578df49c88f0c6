//! What is a token, and what is kept of it?

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::scope::AccessScope;

/// What tokens begin with, so that programs that look for secrets in files find them.
const PREFIX: &str = "subunit_";

/// What is kept of a token. SHA-256 without salt or rounds is enough: a token is 256 random bits, which nobody can guess
/// from its sum, and no two are alike. Salt and slow sums are for passwords that people choose.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptToken {
    pub(crate) name: String,
    pub(crate) scope: AccessScope,
    sha256: String,
    /// Seconds since 1970.
    pub(crate) made: u64,
    /// It is worth nothing from this second on.
    pub(crate) expires: Option<u64>,
}

impl KeptToken {
    /// A new token, and what to keep of it. An error means that the system has no random bits.
    pub(crate) fn make(
        name: String,
        scope: AccessScope,
        life: Option<Duration>,
    ) -> Result<(String, Self), ring::error::Unspecified> {
        let mut bits = [0; 32];
        SystemRandom::new().fill(&mut bits)?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits));
        let made = now();
        let expires = life.map(|life| made.saturating_add(life.as_secs()));
        let sha256 = sum(&secret);
        Ok((secret, Self { name, scope, sha256, made, expires }))
    }

    /// Whether this is kept of a secret, in a time that does not tell how much of it is right.
    pub(crate) fn is_of(&self, secret_sum: &str) -> bool {
        self.sha256.as_bytes().ct_eq(secret_sum.as_bytes()).into()
    }

    /// Whether its time is over.
    pub(crate) fn has_expired(&self) -> bool {
        self.expires.is_some_and(|end| now() >= end)
    }
}

/// The sum of a secret, as it is kept.
pub(crate) fn sum(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
