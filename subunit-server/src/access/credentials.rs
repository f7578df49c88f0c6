//! What does somebody send to say who they are?

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What somebody sent.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Credentials {
    /// No such header.
    None,
    /// A token, from a program.
    Bearer(String),
    /// A token as the password, from a browser: it sends it again with each request, also with those that a page elsewhere
    /// makes it send.
    Basic(String),
    /// Something else.
    Unreadable,
}

impl Credentials {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let Some(said) = all.next() else { return Self::None };
        let (Ok(said), None) = (said.to_str(), all.next()) else { return Self::Unreadable };
        let Some((scheme, rest)) = said.split_once(' ') else { return Self::Unreadable };
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Bearer(rest.to_owned());
        }
        let password = || {
            let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
            pair.split_once(':').map(|(_, password)| password.to_owned())
        };
        match scheme.eq_ignore_ascii_case("basic").then(password).flatten() {
            Some(password) => Self::Basic(password),
            None => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_header_says_who_somebody_is() {
        let of = |said: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for one in said {
                headers.append(AUTHORIZATION, HeaderValue::from_static(one));
            }
            Credentials::of(&headers)
        };
        assert_eq!(of(&[]), Credentials::None);
        assert_eq!(of(&["Bearer abc"]), Credentials::Bearer("abc".into()));
        assert_eq!(of(&["bearer  abc"]), Credentials::Bearer("abc".into()));
        // `me:a:b`
        assert_eq!(of(&["Basic bWU6YTpi"]), Credentials::Basic("a:b".into()));
        for wrong in [
            &["Bearer"][..],
            &["Basic !"],
            &["Basic bWU="],
            &["Digest a"],
            &["Bearer a", "Bearer a"],
        ] {
            assert_eq!(of(wrong), Credentials::Unreadable, "{wrong:?}");
        }
    }
}
