//! A webhook: JSON by POST, signed as <https://www.standardwebhooks.com> says, so that receivers have libraries for it.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;

use super::{connection::ReceiverConnection, place::ReceiverPlace, secret::Secret};

/// How long the first line of an answer may be.
const MOST: u64 = 8 << 10;

/// Who is told by POST.
#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) place: ReceiverPlace,
    pub(super) key: Option<SigningKey>,
}

/// What signs.
#[derive(Debug)]
pub(super) struct SigningKey(hmac::Key);

impl Webhook {
    /// Sends a body. `id` stays the same if it is sent again.
    ///
    /// # Errors
    ///
    /// If it was not taken.
    pub(super) fn send(&self, id: &str, body: &[u8]) -> io::Result<()> {
        let mut connection = ReceiverConnection::open(&self.place.host, self.place.port)?;
        if self.place.is_encrypted {
            connection = connection.encrypt(&self.place.host)?;
        }
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        connection.write_all(self.head(id, seconds, body).as_bytes())?;
        connection.write_all(body)?;
        connection.flush()?;
        let mut line = String::new();
        BufReader::new(connection.take(MOST)).read_line(&mut line)?;
        let status = line.strip_prefix("HTTP/1.").and_then(|line| line.split_whitespace().nth(1));
        match status {
            Some(status) if status.len() == 3 && status.starts_with('2') => Ok(()),
            Some(status) => Err(io::Error::other(format!("it answered {}", status.escape_debug()))),
            None if line.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            None => Err(io::Error::other("its answer is not HTTP")),
        }
    }

    fn head(&self, id: &str, seconds: u64, body: &[u8]) -> String {
        let (path, host) = (&self.place.path, self.place.authority());
        let (version, length) = (env!("CARGO_PKG_VERSION"), body.len());
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: subunit-server/{version}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {seconds}\r\n"
        );
        if let Some(key) = &self.key {
            head.push_str(&format!("webhook-signature: {}\r\n", signature(key, id, seconds, body)));
        }
        head + "\r\n"
    }
}

impl SigningKey {
    /// Reads a key: one that begins with `whsec_` is written in Base64, any other one as it is.
    ///
    /// # Errors
    ///
    /// If it is not Base64.
    pub(super) fn read(secret: &Secret) -> Result<Self, String> {
        let text = secret.expose();
        let key = match text.strip_prefix("whsec_") {
            Some(text) => {
                STANDARD.decode(text).map_err(|_| "what follows `whsec_` is not Base64")?
            }
            None => text.as_bytes().to_vec(),
        };
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }
}

/// The signature of an id, a time and a body: HMAC-SHA256 of them with dots between.
fn signature(SigningKey(key): &SigningKey, id: &str, seconds: u64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{id}.{seconds}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the specification's own libraries.
        let key = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let key = SigningKey::read(&key).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
