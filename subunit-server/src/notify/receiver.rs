//! Who is told: a webhook, or people by mail.

use std::io;

use ring::digest;

use super::{mail::Mail, notice::ChangeNotice, webhook::Webhook};

/// Who is told.
#[derive(Debug)]
pub(super) enum NoticeReceiver {
    Webhook(Webhook),
    Mail(Mail),
}

impl NoticeReceiver {
    /// What tells receivers apart, and stays the same when the server begins again. It says nothing of the address, which may
    /// hold a secret.
    pub(super) fn key(&self) -> String {
        let text = match self {
            Self::Webhook(hook) => {
                format!("webhook {} {}", hook.place.authority(), hook.place.path)
            }
            Self::Mail(mail) => format!("mail {} {:?}", mail.server.place.authority(), mail.to),
        };
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// What it is called in messages: without the path, which may be a secret.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Webhook(hook) => format!("the webhook at {}", hook.place.authority()),
            Self::Mail(mail) => format!("mail by {}", mail.server.place.authority()),
        }
    }

    /// Tells it. `id` is the same if it is told again. Returns what was said of people who were refused, if others were not.
    ///
    /// # Errors
    ///
    /// If it was not taken.
    pub(super) fn send(&self, id: &str, notice: &ChangeNotice) -> io::Result<Vec<String>> {
        match self {
            Self::Webhook(hook) => hook.send(id, &notice.to_json(id)?).map(|()| Vec::new()),
            Self::Mail(mail) => mail.send(id, notice),
        }
    }
}
