//! How is a message given to a mail server? RFC 5321, as far as it takes to hand one over.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    connection::{PATIENCE, ReceiverConnection},
    place::ReceiverPlace,
    secret::Secret,
};

/// How long an answer may be.
const MOST: u64 = 64 << 10;
/// How long a server may take to keep a message: RFC 5321, section 4.5.3.2.6. Who gives up before gets it twice.
const KEEPING: Duration = Duration::from_secs(600);

/// A mail server.
#[derive(Debug)]
pub(super) struct MailServer {
    pub(super) place: ReceiverPlace,
    /// A user and its password.
    pub(super) user: Option<(String, Secret)>,
}

/// A conversation with a mail server.
struct Conversation(BufReader<ReceiverConnection>);

impl MailServer {
    /// Hands a message over. Returns what was said of people who were refused, if others were not.
    ///
    /// # Errors
    ///
    /// If it was not taken.
    pub(super) fn send(&self, from: &str, to: &[String], message: &str) -> io::Result<Vec<String>> {
        let mut connection = ReceiverConnection::open(&self.place.host, self.place.port)?;
        if self.place.is_encrypted {
            connection = connection.encrypt(&self.place.host)?;
        }
        let mut talk = Conversation(BufReader::new(connection));
        talk.answer('2')?;
        let mut offers = talk.ask("EHLO localhost", '2')?;
        // A server of this machine often has a certificate that nobody has signed. Without a password, there is nothing to hide from it.
        let is_needed = self.user.is_some() || !talk.connection().is_local();
        let is_possible =
            !talk.connection().is_encrypted() && offered(&offers, "STARTTLS").is_some();
        if is_needed && is_possible {
            talk.ask("STARTTLS", '2')?;
            talk = talk.encrypted(&self.place.host)?;
            offers = talk.ask("EHLO localhost", '2')?;
        }
        if let Some((user, password)) = &self.user {
            talk.log_in(user, password, &offers)?;
        }
        talk.ask(&format!("MAIL FROM:<{from}>"), '2')?;
        let refused = talk.name(to)?;
        talk.ask("DATA", '3')?;
        talk.connection().wait_for(KEEPING)?;
        talk.ask(&format!("{}.", stuffed(message)), '2')?;
        // It has the message. Whatever it says now changes nothing.
        let _ = talk.connection().wait_for(PATIENCE).and_then(|()| talk.ask("QUIT", '2'));
        Ok(refused)
    }
}

impl Conversation {
    fn connection(&self) -> &ReceiverConnection {
        self.0.get_ref()
    }

    fn encrypted(self, host: &str) -> io::Result<Self> {
        // What came before the encryption is not of the server that is asked for: it is left behind.
        Ok(Self(BufReader::new(self.0.into_inner().encrypt(host)?)))
    }

    fn log_in(&mut self, user: &str, password: &Secret, offers: &[String]) -> io::Result<()> {
        if !self.connection().is_encrypted() && !self.connection().is_local() {
            return Err(io::Error::other(
                "the server does not offer STARTTLS, and a password is not sent unencrypted",
            ));
        }
        let ways = offered(offers, "AUTH").unwrap_or_default();
        if !ways.split(' ').any(|way| way.eq_ignore_ascii_case("PLAIN")) {
            return Err(io::Error::other("the server does not take a password by AUTH PLAIN"));
        }
        let said = STANDARD.encode(format!("\0{user}\0{}", password.expose()));
        self.ask(&format!("AUTH PLAIN {said}"), '2').map(drop)
    }

    /// Names the people. Returns what was said of those who were refused for ever, if others were not.
    fn name(&mut self, to: &[String]) -> io::Result<Vec<String>> {
        let mut refused = Vec::new();
        for one in to {
            self.tell(&format!("RCPT TO:<{one}>"))?;
            let lines = self.reply()?;
            if let Err(error) = checked(&lines, '2') {
                if !lines.iter().all(|line| line.starts_with('5')) {
                    return Err(error);
                }
                refused.push(format!("{one} was refused: {error}"));
            }
        }
        if refused.len() == to.len() {
            return Err(io::Error::other(refused.join(", ")));
        }
        Ok(refused)
    }

    /// Sends a line, and reads the answer, whose code has to begin with this digit.
    fn ask(&mut self, line: &str, wanted: char) -> io::Result<Vec<String>> {
        self.tell(line)?;
        self.answer(wanted)
    }

    fn tell(&mut self, line: &str) -> io::Result<()> {
        let connection = self.0.get_mut();
        connection.write_all(format!("{line}\r\n").as_bytes())?;
        connection.flush()
    }

    /// The lines of an answer, without their codes.
    fn answer(&mut self, wanted: char) -> io::Result<Vec<String>> {
        let lines = self.reply()?;
        checked(&lines, wanted)?;
        Ok(lines.iter().map(|line| line.get(4..).unwrap_or_default().to_owned()).collect())
    }

    /// The lines of an answer.
    fn reply(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut limited = (&mut self.0).take(MOST);
        loop {
            let mut line = String::new();
            if limited.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            lines.push(line.to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(lines);
            }
        }
    }
}

/// An error if the code of a line begins with another digit.
fn checked(lines: &[String], wanted: char) -> io::Result<()> {
    match lines.iter().find(|line| !line.starts_with(wanted)) {
        Some(line) => Err(io::Error::other(format!("it answered `{}`", line.escape_debug()))),
        None => Ok(()),
    }
}

/// What a server says of something that it offers.
fn offered<'o>(offers: &'o [String], what: &str) -> Option<&'o str> {
    offers.iter().find_map(|line| {
        let (name, more) = line.split_once(' ').unwrap_or((line, ""));
        name.eq_ignore_ascii_case(what).then_some(more)
    })
}

/// A message as it is sent: a line that begins with a dot gets another one.
fn stuffed(message: &str) -> String {
    let mut sent = String::with_capacity(message.len() + 16);
    for line in message.lines() {
        if line.starts_with('.') {
            sent.push('.');
        }
        sent.push_str(line);
        sent.push_str("\r\n");
    }
    sent
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// Sends a mail to two people, to a server of this machine that offers STARTTLS and says this of the second one.
    fn sent(of_second: &'static str) -> (io::Result<Vec<String>>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut heard = Vec::new();
            stream.write_all(b"220 here\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                let answer = match line.as_str() {
                    "EHLO localhost" => "250-here\r\n250 STARTTLS",
                    "RCPT TO:<bob@h>" => of_second,
                    "DATA" => "354 go on",
                    "text" => "",
                    _ => "250 yes",
                };
                heard.push(line);
                if !answer.is_empty() {
                    stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
                }
            }
            heard
        });
        let place = ReceiverPlace {
            is_encrypted: false,
            host: "127.0.0.1".into(),
            port,
            path: String::new(),
        };
        let sent = MailServer { place, user: None }.send(
            "ci@h",
            &["ann@h".into(), "bob@h".into()],
            "text\n",
        );
        (sent, server.join().unwrap())
    }

    #[test]
    fn a_mail_is_sent_to_those_who_are_not_refused() {
        let (sent, heard) = sent("550-no\r\n550 such user");
        assert_eq!(sent.unwrap(), ["bob@h was refused: it answered `550-no`"]);
        assert!(!heard.iter().any(|line| line == "STARTTLS"), "{heard:?}");
        assert_eq!(heard.last().unwrap(), "QUIT");
    }

    #[test]
    fn a_mail_waits_if_somebody_is_refused_for_now() {
        let (sent, heard) = sent("450 later");
        assert_eq!(sent.unwrap_err().to_string(), "it answered `450 later`");
        assert!(!heard.iter().any(|line| line == "DATA"), "{heard:?}");
    }
}
