//! The address of a history: `postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE?project=NAME&files=FOLDER&sslmode=MODE`.

use std::{fmt, path::Path, path::PathBuf, str::FromStr as _, time::Duration};

use postgres::{Client, NoTls, config::Host};
use subunit_history::{
    Error,
    sql::{SqlError, SqlErrorKind, SqlResult},
};

use super::{failure::failure, tls::TlsMode};

/// Where a history is.
#[derive(Clone)]
pub struct Address {
    config: postgres::Config,
    tls: TlsMode,
    project: String,
    files: Option<PathBuf>,
    /// As it may be shown: without the password.
    shown: String,
}

/// The longest name of a project: with what stands before it, it is the name of a schema.
const LONGEST: usize = 55;

/// How long to wait for a host.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a host may be silent before it is asked whether it is there, and how long it may not acknowledge what was sent.
const SILENCE: Duration = Duration::from_secs(30);

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
        let (mut mode, mut roots) = (None, None);
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("project", name)) => project = Some(decoded(name)),
                Some(("files", folder)) => files = Some(PathBuf::from(decoded(folder))),
                Some(("sslmode", said)) => mode = Some(decoded(said)),
                Some(("sslrootcert", file)) => roots = Some(PathBuf::from(decoded(file))),
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
        let roots = roots.or_else(|| std::env::var_os("PGSSLROOTCERT").map(PathBuf::from));
        let mode = mode.or_else(|| std::env::var("PGSSLMODE").ok());
        let tls = if is_of_sockets(&config) {
            TlsMode::Disable
        } else {
            TlsMode::read(mode.as_deref(), roots).map_err(&wrong)?
        };
        config.ssl_mode(tls.of_driver());
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        let says = |name: &str| others.iter().any(|part| part.split('=').next() == Some(name));
        if !says("keepalives_idle") {
            config.keepalives_idle(SILENCE);
        }
        if !says("tcp_user_timeout") {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("subunit");
        }
        let shown = format!("{shown}?project={project}");
        Ok(Self { config, tls, project, files, shown })
    }

    /// Connects.
    pub(super) fn connect(&self) -> SqlResult<Client> {
        if self.tls == TlsMode::Disable {
            return self.config.connect(NoTls).map_err(failure);
        }
        let tls = self.tls.maker().map_err(|what| SqlError::new(SqlErrorKind::Other, what))?;
        self.config.connect(tls).map_err(failure)
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

/// Whether all hosts are sockets of this machine: nothing is encrypted there, whatever `sslmode` says.
fn is_of_sockets(config: &postgres::Config) -> bool {
    let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
    config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(is_socket)
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
        assert_eq!(address.config.get_dbname(), Some("ci"));
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
            ("postgres://u:pw@h/d?project=p&sslmode=verify-ca", "verify-full"),
            (
                "postgres://u:pw@h/d?project=p&sslmode=require&sslrootcert=/a",
                "sslrootcert needs sslmode=verify-full",
            ),
            (
                "postgres://u:pw@h/d?project=p&sslrootcert=/a",
                "sslrootcert needs sslmode=verify-full",
            ),
        ] {
            let said = refusal(address);
            assert!(said.contains(part), "{said}");
            assert!(!said.contains("pw"), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert!(refusal(&format!("postgres://h/d?project={long}")).contains("at most 55"));
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_not_encrypted_whatever_the_mode_says() {
        for (host, is) in [
            ("%2Frun", TlsMode::Disable),
            ("h", TlsMode::VerifyFull { roots: Some("/a".into()) }),
            ("%2Frun,h", TlsMode::VerifyFull { roots: Some("/a".into()) }),
        ] {
            let address =
                format!("postgres://{host}/d?project=p&sslmode=verify-full&sslrootcert=/a");
            assert_eq!(Address::parse(&address).unwrap().tls, is, "{host}");
        }
    }

    #[test]
    fn a_host_that_is_silent_is_given_up_unless_the_address_says_otherwise() {
        let times = |more: &str| {
            let address = format!("postgres://h/d?project=p{more}");
            let config = Address::parse(&address).unwrap().config;
            (config.get_keepalives_idle(), config.get_tcp_user_timeout().copied())
        };
        assert_eq!(times(""), (SILENCE, Some(SILENCE)));
        let hour = Duration::from_secs(3600);
        assert_eq!(times("&keepalives_idle=3600&tcp_user_timeout=0"), (hour, None));
    }

    #[test]
    fn text_of_a_query_is_decoded() {
        for (text, is) in [("a%2Fb", "a/b"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%c3%a9", "é")]
        {
            assert_eq!(decoded(text), is);
        }
    }
}
