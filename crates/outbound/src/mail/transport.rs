//! How letters leave: by SMTP, or into a folder for tests and trying things out.

use engine::outbox::{Letter, NotMailed};
use lettre::message::header::ContentType;
use lettre::message::{Attachment as Attached, Mailbox, MultiPart};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Longest wait for one answer of the mail server.
const WAIT: Duration = Duration::from_secs(10);

/// Where letters go.
#[derive(Clone, PartialEq, Eq)]
pub enum MailTo {
    /// `smtp://user:password@host:587?tls=required`, `smtps://…`
    Smtp(String),
    /// A file for each letter.
    Folder(PathBuf),
}

impl std::fmt::Debug for MailTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // It may hold a password.
            MailTo::Smtp(_) => f.write_str("Smtp(…)"),
            MailTo::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
        }
    }
}

impl FromStr for MailTo {
    type Err = String;

    /// # Errors
    /// A sentence that does not repeat the text, which may hold a password.
    fn from_str(text: &str) -> Result<MailTo, String> {
        if let Some(folder) = text.strip_prefix("file:").filter(|folder| !folder.is_empty()) {
            return Ok(MailTo::Folder(PathBuf::from(folder)));
        }
        let is_smtp = ["smtp://", "smtps://"].iter().any(|scheme| text.starts_with(scheme));
        if is_smtp && AsyncSmtpTransport::<Tokio1Executor>::from_url(text).is_ok() {
            return Ok(MailTo::Smtp(text.to_owned()));
        }
        Err("expected smtp://user:password@host:port?tls=required, smtps://… or file:FOLDER".to_owned())
    }
}

/// There is no way for letters to leave.
#[derive(Debug, thiserror::Error)]
pub enum NoPost {
    #[error("the mail server's address is not understood")]
    Smtp,
    #[error("cannot use the folder {path} for mail: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Sends letters.
#[allow(missing_debug_implementations)] // holds a password
pub struct Post {
    way: Way,
}

impl Post {
    /// # Errors
    /// The folder cannot be made, or the server's address cannot be read. Nobody is connected to yet.
    pub fn new(to: &MailTo) -> Result<Post, NoPost> {
        let way = match to {
            MailTo::Smtp(url) => {
                let builder =
                    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| NoPost::Smtp)?;
                Way::Smtp(builder.timeout(Some(WAIT)).build())
            }
            MailTo::Folder(path) => {
                let failed = |source| NoPost::Folder { path: path.clone(), source };
                std::fs::create_dir_all(path).map_err(failed)?;
                Way::Folder(path.clone())
            }
        };
        Ok(Post { way })
    }

    /// Sends one letter.
    ///
    /// # Errors
    /// [`NotMailed`]; it may have arrived all the same if it is `Later`.
    pub async fn send(&self, letter: Letter) -> Result<(), NotMailed> {
        let id = letter.id.clone();
        let message = message(letter)?;
        match &self.way {
            Way::Smtp(server) => server.send(message).await.map(drop).map_err(|error| not_sent(&error)),
            Way::Folder(folder) => {
                let (path, part) = (folder.join(format!("{id}.eml")), folder.join(format!("{id}.part")));
                let written = async {
                    tokio::fs::write(&part, message.formatted()).await?;
                    tokio::fs::rename(&part, &path).await
                };
                written.await.map_err(|error| NotMailed::Later(format!("the file was not written: {error}")))
            }
        }
    }
}

fn message(letter: Letter) -> Result<Message, NotMailed> {
    if letter.from.is_empty() {
        return Err(NotMailed::Later("the store has no mail_from".to_owned()));
    }
    let mailbox = |text: &str, whose: &str| {
        text.parse::<Mailbox>().map_err(|_| NotMailed::Never(format!("{whose} is no mail address")))
    };
    let from = mailbox(&letter.from, "the shop's mail_from")?;
    let to = mailbox(&letter.to, "the receiver's")?;
    let id = format!("<{}@{}>", letter.id, from.email.domain());
    let words = MultiPart::alternative_plain_html(letter.text, letter.html);
    let mut body = MultiPart::mixed().multipart(words);
    for attachment in letter.attachments {
        let kind = ContentType::parse(attachment.media_type)
            .map_err(|_| NotMailed::Never("an attachment has no type".to_owned()))?;
        body = body.singlepart(Attached::new(attachment.name).body(attachment.bytes, kind));
    }
    Message::builder()
        .from(from)
        .to(to)
        .subject(letter.subject)
        .message_id(Some(id))
        .date_now()
        .multipart(body)
        .map_err(|error| NotMailed::Never(format!("the letter could not be put together: {error}")))
}

/// The server's own words may repeat the address, so only its code is told. A refused address stays refused; all else,
/// a refused password too, may be mended.
fn not_sent(error: &lettre::transport::smtp::Error) -> NotMailed {
    let Some(code) = error.status() else {
        return NotMailed::Later(match error.is_timeout() {
            true => "the mail server did not answer in time".to_owned(),
            false => "the mail server could not be talked to".to_owned(),
        });
    };
    let refused =
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem;
    let said = format!("the mail server answered {code}");
    if refused { NotMailed::Never(said) } else { NotMailed::Later(said) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::outbox::Attachment;

    #[test]
    fn ways_are_read_and_never_show_a_password() {
        let smtp: MailTo = "smtps://user:pass-word@mail.example:465".parse().expect("a server");
        assert!(!format!("{smtp:?}").contains("pass-word"));
        assert_eq!("file:/var/mail".parse(), Ok(MailTo::Folder("/var/mail".into())));
        for wrong in ["", "file:", "http://x", "mail.example", "smtp://"] {
            assert!(wrong.parse::<MailTo>().is_err(), "{wrong}");
        }
    }

    fn letter(to: &str) -> Letter {
        Letter {
            id: "1.2.0".into(),
            from: "Shop <shop@example.com>".into(),
            to: to.into(),
            subject: "Your order R1".into(),
            text: "Thank you.".into(),
            html: "<p>Thank you.</p>".into(),
            attachments: vec![Attachment {
                name: "tickets.pdf".into(),
                media_type: "application/pdf",
                bytes: b"%PDF-1.7".to_vec(),
            }],
        }
    }

    #[tokio::test]
    async fn a_letter_is_one_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = MailTo::Folder(folder.path().join("out"));
        let post = Post::new(&to).expect("a post");
        for _ in 0..2 {
            post.send(letter("buyer@example.com")).await.expect("sent");
        }
        let files: Vec<_> = std::fs::read_dir(folder.path().join("out")).expect("there").collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(folder.path().join("out/1.2.0.eml")).expect("read");
        for part in
            ["Message-ID: <1.2.0@example.com>", "To: buyer@example.com", "application/pdf", "tickets.pdf"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let refused = post.send(letter("no address")).await;
        assert!(
            matches!(&refused, Err(NotMailed::Never(reason)) if !reason.contains("no address")),
            "{refused:?}"
        );
    }
}
