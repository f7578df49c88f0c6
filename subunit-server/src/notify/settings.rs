//! What the file of `--notify` says: who is told, by whom, and how often it is looked for what to tell.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Deserializer, de::Error as _};
use subunit_filters::cli::duration;

use super::{
    mail::Mail,
    place::{HTTP, ReceiverPlace, SMTP},
    receiver::NoticeReceiver,
    secret::SecretPlace,
    smtp::MailServer,
    webhook::{SigningKey, Webhook},
};

/// Who is told.
#[derive(Clone, Debug)]
pub(crate) struct NotifySettings {
    /// Of which project, on a server of several.
    pub(super) project: Option<String>,
    /// Where people open the pages, with a slash at the end.
    pub(super) url: Option<String>,
    /// The folder of what is not sent yet.
    pub(super) outbox: Option<PathBuf>,
    /// How often it is looked for runs, and how long to wait before something is sent again.
    pub(super) every: Duration,
    pub(super) receivers: Arc<[NoticeReceiver]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    url: Option<String>,
    outbox: Option<PathBuf>,
    #[serde(default = "ten_seconds", deserialize_with = "read_duration")]
    every: Duration,
    #[serde(default)]
    webhook: Vec<WebhookTable>,
    #[serde(default)]
    mail: Vec<MailTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookTable {
    url: String,
    key: Option<SecretPlace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailTable {
    server: String,
    from: String,
    to: Vec<String>,
    user: Option<String>,
    password: Option<SecretPlace>,
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn read_duration<'d, D: Deserializer<'d>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let every = duration::parse(&text).map_err(D::Error::custom)?;
    if every.is_zero() { Err(D::Error::custom("it has to be longer")) } else { Ok(every) }
}

impl NotifySettings {
    /// The same for one of several projects: its pages and its outbox are apart from those of others.
    pub(crate) fn of(&self, project: Option<&str>) -> Self {
        let Some(name) = project else { return self.clone() };
        let url = self.url.as_ref().map(|url| format!("{url}p/{name}/"));
        let outbox = self.outbox.as_ref().map(|outbox| outbox.join(name));
        Self { project: Some(name.to_owned()), url, outbox, ..self.clone() }
    }

    /// Reads a file. The secrets that it names are read, too.
    ///
    /// # Errors
    ///
    /// What is wrong in it, in one line.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        Self::parse(&text).map_err(|what| format!("{name}: {what}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: SettingsFile = toml::from_str(text).map_err(|error| in_one_line(text, &error))?;
        let url = file.url.map(|url| {
            ReceiverPlace::read(&url, &HTTP).map_err(|what| format!("url: {what}"))?;
            Ok::<_, String>(format!("{}/", url.trim_end_matches('/')))
        });
        let mut receivers = Vec::new();
        for table in file.webhook {
            receivers.push(table.read().map_err(|what| format!("[[webhook]]: {what}"))?);
        }
        for table in file.mail {
            receivers.push(table.read().map_err(|what| format!("[[mail]]: {what}"))?);
        }
        if receivers.is_empty() {
            return Err("it names nobody: add [[webhook]] or [[mail]]".into());
        }
        let receivers = receivers.into();
        let SettingsFile { outbox, every, .. } = file;
        Ok(Self { project: None, url: url.transpose()?, outbox, every, receivers })
    }
}

impl WebhookTable {
    fn read(self) -> Result<NoticeReceiver, String> {
        let place = ReceiverPlace::read(&self.url, &HTTP).map_err(|what| format!("url: {what}"))?;
        let key = self.key.map(|key| SigningKey::read(&key.read()?)).transpose();
        let key = key.map_err(|what| format!("key: {what}"))?;
        Ok(NoticeReceiver::Webhook(Webhook { place, key }))
    }
}

impl MailTable {
    fn read(self) -> Result<NoticeReceiver, String> {
        let place = ReceiverPlace::read(&self.server, &SMTP);
        let place = place.map_err(|what| format!("server: {what}"))?;
        if self.to.is_empty() {
            return Err("to: it names nobody".into());
        }
        for one in self.to.iter().chain([&self.from]) {
            if !is_address(one) {
                return Err(format!("`{}` is no address: say NAME@HOST", one.escape_debug()));
            }
        }
        let user = match (self.user, self.password) {
            (Some(user), Some(password)) => {
                Some((user, password.read().map_err(|what| format!("password: {what}"))?))
            }
            (None, None) => None,
            _ => return Err("user and password belong together: say both or none".into()),
        };
        let server = MailServer { place, user };
        Ok(NoticeReceiver::Mail(Mail { server, from: self.from, to: self.to }))
    }
}

/// Whether this is the address of a person, as it can stand in a command to a mail server.
fn is_address(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>(),;:\\\"[]".contains(&byte);
    let parts = text.split_once('@');
    text.bytes().all(is_plain)
        && parts
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// What is wrong in TOML, and in which line, without the line itself.
fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    format!("line {line}: {}", error.message().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_in_one_line_and_without_secrets() {
        let mail = "server='smtp://h'\nfrom='a@h'\n";
        for (text, part) in [
            ("", "it names nobody"),
            ("[[webhook]]\nurl='h/s3cret'", "[[webhook]]: url: it has no scheme"),
            ("[[webhook]]\nurl='http://h'\nkey={ file='/none' }", "key: /none: "),
            ("[[webhook]]\nurl='http://h'\nkey={ variable='NO_SUCH_KEY' }", "key: $NO_SUCH_KEY: "),
            ("[[webhook]]\nurl='http://h'\nkey='s3cret'", "line 3: "),
            ("every='0s'\n[[webhook]]\nurl='http://h'", "line 1: "),
            ("url='http://h'\nwho=1", "line 2: unknown field `who`"),
            (&format!("[[mail]]\n{mail}to=[]"), "to: it names nobody"),
            (&format!("[[mail]]\n{mail}to=['a@h>\\r\\nDATA']"), "is no address"),
            (&format!("[[mail]]\n{mail}to=['b@h']\nuser='u'"), "belong together"),
        ] {
            let said = NotifySettings::parse(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
            assert!(!said.contains("s3cret") && said.lines().count() == 1, "{said}");
        }
    }

    #[test]
    fn a_file_names_receivers() {
        let text = "url='https://tests.example'\nevery='30s'\n[[webhook]]\nurl='https://h/x'\n\
                    [[mail]]\nserver='smtp://mail:26'\nfrom='ci@h'\nto=['a@h', 'b@h']";
        let settings = NotifySettings::parse(text).unwrap();
        assert_eq!(settings.url.as_deref(), Some("https://tests.example/"));
        assert_eq!(settings.every, Duration::from_secs(30));
        let names: Vec<String> = settings.receivers.iter().map(NoticeReceiver::name).collect();
        assert_eq!(names, ["the webhook at h:443", "mail by mail:26"]);
    }
}
