//! How this API says no: problem details (RFC 9457), one constructor for each thing that can be wrong.
//!
//! Status codes live here and in `refusal` only. A detail never repeats what the caller sent but the names of
//! fields, so no secret comes back in an error.

use crate::kit::ParseError;
use crate::server::{Snag, Unreadable};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Trouble;
use engine::outbox::TemplateFault;
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal, ready to be sent or shown inside a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:cashwrap:problem:` and the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this kind.
    pub title: String,
    pub status: u16,
    /// What is wrong this time, as a sentence.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// A field and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Dotted path: `commands.0.add_line.quantity`.
    pub field: String,
    /// `unknown`, `invalid`, `blank`, `at_least` …
    pub rule: String,
    pub detail: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, rule: impl Into<String>, detail: impl Into<String>) -> FieldProblem {
        FieldProblem { field: field.into(), rule: rule.into(), detail: detail.into() }
    }
}

impl Problem {
    pub fn new(
        status: StatusCode,
        kind: &str,
        title: impl Into<String>,
        detail: impl Into<String>,
    ) -> Problem {
        Problem {
            kind: format!("urn:cashwrap:problem:{kind}"),
            title: title.into(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, errors: Vec<FieldProblem>) -> Problem {
        self.errors = errors;
        self
    }

    pub fn no_credentials() -> Problem {
        let detail =
            "Send an API key as `Authorization: Bearer …`, or an order's token as `X-Spree-Order-Token`.";
        Problem::new(StatusCode::UNAUTHORIZED, "no-credentials", "Credentials are needed", detail)
    }

    pub fn unknown_key() -> Problem {
        let detail = "The API key is not known here.";
        Problem::new(StatusCode::UNAUTHORIZED, "unknown-key", "The key is not known", detail)
    }

    /// Also for what exists and is somebody else's: the two are not told apart.
    pub fn no_order() -> Problem {
        let detail = "There is no order of this number that these credentials open.";
        Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    pub fn no_mail() -> Problem {
        let detail = "There is no mail of this kind; `GET /mails` lists them.";
        Problem::new(StatusCode::NOT_FOUND, "no-such-mail", "Not found", detail)
    }

    /// The operator's own template, which its author has to mend.
    pub fn template(fault: &TemplateFault) -> Problem {
        let at = fault.line.map_or_else(|| fault.file.clone(), |line| format!("{}:{line}", fault.file));
        let problem = FieldProblem::new(at, "template", fault.problem.clone());
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "broken-template",
            "A mail template is wrong",
            fault.to_string(),
        )
        .with(vec![problem])
    }

    pub fn no_path() -> Problem {
        let detail = "This API has no such path, or not with this method.";
        Problem::new(StatusCode::NOT_FOUND, "no-such-path", "Not found", detail)
    }

    pub fn staff_only(commands: Vec<FieldProblem>) -> Problem {
        let detail = "Only staff may send this.";
        Problem::new(StatusCode::FORBIDDEN, "staff-only", "For staff only", detail).with(commands)
    }

    /// Fields that are unknown, missing or of the wrong kind.
    pub fn invalid(errors: Vec<FieldProblem>) -> Problem {
        let detail = errors.first().map_or("The request is not valid.", |first| &first.detail).to_owned();
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", "The request is not valid", detail)
            .with(errors)
    }

    pub fn card_data(path: &str) -> Problem {
        let detail = "A card number or security code is never taken here; nothing of the request was kept.";
        Problem::invalid(vec![FieldProblem::new(path, "card_data", detail)])
    }

    pub fn unreadable(error: &Unreadable) -> Problem {
        let title = "The request could not be read";
        match error {
            Unreadable::TooLarge(bytes) => {
                let detail = format!("The body is too large: at most {bytes} bytes are read.");
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title, detail)
            }
            Unreadable::Broken => {
                let detail = "The request broke off or is not text.";
                Problem::new(StatusCode::BAD_REQUEST, "unreadable", title, detail)
            }
            Unreadable::Packed => {
                let detail = "Packed bodies are not read here.";
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-type", title, detail)
            }
        }
    }

    pub fn unparsable(error: &ParseError) -> Problem {
        let status = StatusCode::from_u16(error.usual_status()).unwrap_or(StatusCode::BAD_REQUEST);
        Problem::new(status, "unreadable", "The request could not be read", error.to_string())
    }

    pub fn not_json() -> Problem {
        let detail = "Send the commands as application/json.";
        let title = "The request could not be read";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-type", title, detail)
    }

    pub fn trouble(trouble: &Trouble) -> Problem {
        match trouble {
            Trouble::NotFound => Problem::no_order(),
            Trouble::Unavailable(reason) => {
                tracing::warn!(reason, "the store is unavailable");
                Problem::unavailable()
            }
            Trouble::Internal(reason) => {
                tracing::error!(reason, "a request failed inside");
                Problem::broken()
            }
            // A read waits for nobody, so none of these is ever made by it.
            Trouble::Busy { .. }
            | Trouble::Overdue { .. }
            | Trouble::VersionMismatch { .. }
            | Trouble::OnceMismatch
            | Trouble::OnceInProgress => Problem::unavailable(),
        }
    }

    pub fn unavailable() -> Problem {
        let detail = "The shop cannot answer right now; please try again.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available", detail)
    }

    pub fn broken() -> Problem {
        let detail = "Something went wrong here.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "An error of ours", detail)
    }

    fn too_slow() -> Problem {
        let detail = "The request took too long. Nothing was changed.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-slow", "Not available", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Texts only: this cannot fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(axum::body::Body::from(body));
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

/// What no handler answers.
pub fn snag(snag: Snag) -> Response {
    match snag {
        Snag::NoSuchPath => Problem::no_path(),
        Snag::Broken => Problem::broken(),
        Snag::TooSlow => Problem::too_slow(),
    }
    .into_response()
}
