//! Requests that no client library would send: any bytes, any headers.

use crate::front::{Api, Basket, Front, OFFICE_KEY};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Status and whole text of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Front {
    /// Sends these bytes on a connection of their own.
    pub async fn bytes(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses a large body may answer and close before all of it was written.
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or_else(|| panic!("no answer: {text:?}")), text }
    }

    /// A change of the order with this body, on proof of its token.
    pub async fn body(&self, api: Api, order: &Basket, content_type: &str, body: &[u8]) -> Answer {
        let path = order.path(&match api {
            Api::GuestManager => format!("?guest_token={}", order.token),
            _ => String::new(),
        });
        let proof = match api {
            Api::GuestManager => format!("Authorization: Token {OFFICE_KEY}"),
            _ => format!("X-Spree-Order-Token: {}", order.token),
        };
        let mut request = format!(
            "PATCH {}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{proof}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            api.root(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.bytes(&request).await
    }
}
