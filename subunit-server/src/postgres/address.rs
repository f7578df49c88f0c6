//! The address of a history: `postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE?project=NAME&files=FOLDER`.

use std::{fmt, path::Path, path::PathBuf, str::FromStr as _, time::Duration};

use postgres::config::SslMode;
use subunit_history::Error;

/// Where a history is.
#[derive(Clone)]
pub struct Address {
    config: postgres::Config,
    project: String,
    files: Option<PathBuf>,
    /// As it may be shown: without the password.
    shown: String,
}

/// The longest name of a project: with what stands before it, it is the name of a schema.
const LONGEST: usize = 55;

/// How long to wait for a host.
const PATIENCE: Duration = Duration::from_secs(10);

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// If something in it is wrong or missing.
    pub fn parse(address: &str) -> Result<Self, Error> {
        let (server, query) = address.split_once('?').unwrap_or((address, ""));
        let shown = without_password(server);
        let wrong = |what: String| Error::Address { address: shown.clone(), what };
        let (mut project, mut files, mut others) = (None, None, Vec::new());
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("project", name)) => project = Some(decoded(name)),
                Some(("files", folder)) => files = Some(PathBuf::from(decoded(folder))),
                _ => others.push(part),
            }
        }
        let project = project.ok_or_else(|| wrong("say which project: `?project=NAME`".into()))?;
        if !is_name(&project) {
            let what = format!(
                "`{}` is no name of a project: letters, digits, `-` and `_`, at most {LONGEST}",
                project.escape_debug()
            );
            return Err(wrong(what));
        }
        let server = [server, &others.join("&")].join("?");
        let mut config = postgres::Config::from_str(&server)
            .map_err(|error| wrong(super::failure::in_one_line(&error)))?;
        if config.get_dbname().is_none() {
            return Err(wrong(
                "say which database: `postgres://HOST/DATABASE?project=NAME`".into(),
            ));
        }
        if config.get_hosts().is_empty() {
            return Err(wrong("say which host: `postgres://HOST/DATABASE?project=NAME`".into()));
        }
        if config.get_ssl_mode() == SslMode::Require {
            return Err(wrong("sslmode=require is not supported: use a tunnel or a socket".into()));
        }
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("subunit");
        }
        let shown = format!("{shown}?project={project}");
        Ok(Self { config, project, files, shown })
    }

    /// How to connect.
    pub(super) fn config(&self) -> &postgres::Config {
        &self.config
    }

    /// The name of the project.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The schema of the project.
    pub(super) fn schema(&self) -> String {
        format!("project_{}", self.project)
    }

    /// The schema in which the tables of the project are made anew.
    pub(super) fn fresh_schema(&self) -> String {
        format!("remade_{}", self.project)
    }

    /// The folder of the run files.
    pub fn files(&self) -> Option<&Path> {
        self.files.as_deref()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

fn is_name(text: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(is_right)
}

/// What is before the `?`, without the password.
fn without_password(server: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else { return server.to_owned() };
    let Some((user, place)) = rest.rsplit_once('@') else { return server.to_owned() };
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    format!("{scheme}://{user}@{place}")
}

/// Text of a query in a URL: `%2F` stands for `/`. What is no such code stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        let code = code.filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(address: &str) -> String {
        Address::parse(address).unwrap_err().to_string()
    }

    #[test]
    fn an_address_names_a_project_and_a_folder() {
        let address =
            "postgres://ann:se:cret@h:6000/ci?project=my-app_2&files=/srv/a%20b&keepalives=0";
        let address = Address::parse(address).unwrap();
        assert_eq!(address.project(), "my-app_2");
        assert_eq!(address.schema(), "project_my-app_2");
        assert_eq!(address.files(), Some(Path::new("/srv/a b")));
        assert_eq!(address.config().get_dbname(), Some("ci"));
        assert_eq!(address.to_string(), "postgres://ann@h:6000/ci?project=my-app_2");
        assert!(!format!("{address:?}").contains("cret"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_without_the_password() {
        for (address, part) in [
            ("postgres://u:pw@h/d", "say which project"),
            ("postgres://u:pw@h?project=p", "say which database"),
            ("postgres://u:pw@h/d?project=a%22b", "is no name of a project"),
            ("postgres://u:pw@h/d?project=", "is no name of a project"),
            ("postgres://u:pw@h:port/d?project=p", "invalid"),
            ("postgres://u:pw@h/d?project=p&sslmode=require", "sslmode=require"),
        ] {
            let said = refusal(address);
            assert!(said.contains(part), "{said}");
            assert!(!said.contains("pw"), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert!(refusal(&format!("postgres://h/d?project={long}")).contains("at most 55"));
    }

    #[test]
    fn text_of_a_query_is_decoded() {
        for (text, is) in [("a%2Fb", "a/b"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%c3%a9", "é")]
        {
            assert_eq!(decoded(text), is);
        }
    }
}
