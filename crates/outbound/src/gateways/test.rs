//! The test gateway: a payment platform in memory that does what its cards and tokens tell it to.
//!
//! Published test numbers and saved profiles are answered at once. Any other token is read by the words in it and
//! answered after a moment, as a real platform would. It keeps a ledger by attempt: asked twice, it acts once.
//! It never keeps a card number, and takes none that is not published for testing.

use async_trait::async_trait;
use domain::command::Outcome;
use domain::money::Money;
use domain::order::GatewayAction;
use domain::{AttemptId, card_number};
use engine::ports::{Found, Gateway, GatewayRequest, TokenError, Tokenised};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// The token of a published number that is accepted.
pub const APPROVE: &str = "test:approve";
/// The token of everything that is refused.
pub const DECLINE: &str = "test:decline";

/// The only authorisation there is; a capture of anything else is refused.
const AUTHORIZATION: &str = "12345";
/// Begins the reusable profile of a card.
const PROFILE: &str = "BGS-";
/// Published for testing, and accepted.
const ACCEPTED: [&str; 15] = [
    "1",
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5500000000000004",
    "5555555555554444",
    "5105105105105100",
    "2223000010309703",
    "378282246310005",
    "371449635398431",
    "378734493671000",
    "340000000000009",
    "6011000000000004",
    "6011111111111117",
    "6011000990139424",
];
/// Published for testing, and refused.
const REFUSED: [&str; 1] = ["4000000000000002"];

/// Delays, all in real time.
#[derive(Debug, Clone)]
pub struct Timing {
    /// Until a token is answered.
    pub token: Duration,
    /// Until a token with `slow` in it is answered.
    pub slow: Duration,
    /// Until a token with `late` in it has succeeded.
    pub late: Duration,
    /// How long a request hangs that is never answered.
    pub silence: Duration,
    /// Where a buyer is sent who has to act; the attempt's id is appended.
    pub action_url: String,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            token: Duration::from_millis(200),
            slow: Duration::from_secs(5),
            late: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            action_url: "/simulator/payments/".to_owned(),
        }
    }
}

/// What a token does when it is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Approve,
    Decline,
    Slow,
    /// The buyer has to act.
    Action,
    /// Nothing is ever heard of it, until it is given up: then it has come to nothing.
    Silent,
    /// The charge succeeds, the answer gets lost.
    TimeoutAfter,
    /// The first request gets lost; nothing was charged.
    TimeoutBefore,
    /// Nobody knows for a while, then it has succeeded.
    Late,
}

/// One line of the ledger: everything that was ever asked under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub attempt: AttemptId,
    pub action: GatewayAction,
    pub money: Money,
    pub order_number: String,
    pub outcome: Outcome,
    /// How often it was sent. It was carried out once.
    pub sent: u32,
    /// From when on `find` knows.
    known_from: Instant,
}

impl Entry {
    /// Money was taken or set aside.
    pub fn is_charge(&self) -> bool {
        matches!(self.action, GatewayAction::Authorize | GatewayAction::Purchase)
            && matches!(self.outcome, Outcome::Approved { .. })
    }
}

#[derive(Debug, Default)]
struct Ledger {
    entries: HashMap<AttemptId, Entry>,
    /// Attempts whose first request got lost.
    lost: HashMap<AttemptId, u32>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct TestGateway {
    timing: Timing,
    ledger: Mutex<Ledger>,
}

impl TestGateway {
    pub fn new(timing: Timing) -> TestGateway {
        TestGateway { timing, ledger: Mutex::default() }
    }

    /// The second witness: what this platform believes it did, by key.
    pub fn ledger(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.ledger.lock().entries.values().cloned().collect();
        entries.sort_by(|one, other| one.attempt.cmp(&other.attempt));
        entries
    }

    /// Charges of one order, also those that were undone later.
    pub fn charges(&self, order_number: &str) -> Vec<Entry> {
        self.ledger()
            .into_iter()
            .filter(|entry| entry.order_number == order_number && entry.is_charge())
            .collect()
    }

    /// The buyer acts, or refuses to; or what was never heard of is ended. `None`: this attempt does not wait for anybody.
    pub fn act(&self, attempt: &AttemptId, accepts: Accepts) -> Option<Outcome> {
        let mut ledger = self.ledger.lock();
        let entry = ledger.entries.get_mut(attempt)?;
        if !matches!(entry.outcome, Outcome::ActionRequired { .. } | Outcome::Unknown) {
            return None;
        }
        entry.outcome = match accepts {
            Accepts::Yes => approved(entry.action, &entry.attempt),
            Accepts::No => declined(entry.action),
        };
        Some(entry.outcome.clone())
    }

    fn outcome(&self, request: &GatewayRequest, behaviour: Behaviour) -> Outcome {
        match request.action {
            GatewayAction::Authorize | GatewayAction::Purchase => match behaviour {
                Behaviour::Decline => declined(request.action),
                Behaviour::Silent => Outcome::Unknown,
                Behaviour::Action => Outcome::ActionRequired {
                    url: format!("{}{}", self.timing.action_url, request.attempt.0),
                },
                _ => approved(request.action, &request.attempt),
            },
            GatewayAction::Capture if request.reference.as_deref() != Some(AUTHORIZATION) => {
                declined(request.action)
            }
            GatewayAction::Void if request.captured.is_positive() => declined(request.action),
            GatewayAction::Capture | GatewayAction::Void | GatewayAction::Refund => {
                Outcome::Approved { reference: Some(AUTHORIZATION.to_owned()), avs: None, profile: None }
            }
        }
    }

    /// Writes the request into the ledger, or finds it there. `None`: it got lost.
    fn enter(&self, request: &GatewayRequest, behaviour: Behaviour) -> Option<Entry> {
        let mut ledger = self.ledger.lock();
        if behaviour == Behaviour::TimeoutBefore {
            let lost = ledger.lost.entry(request.attempt.clone()).or_default();
            *lost += 1;
            if *lost == 1 {
                return None;
            }
        }
        let late = if behaviour == Behaviour::Late { self.timing.late } else { Duration::ZERO };
        let entry = ledger.entries.entry(request.attempt.clone()).or_insert_with(|| Entry {
            attempt: request.attempt.clone(),
            action: request.action,
            money: request.money,
            order_number: request.order_number.clone(),
            outcome: self.outcome(request, behaviour),
            sent: 0,
            known_from: Instant::now() + late,
        });
        entry.sent += 1;
        Some(entry.clone())
    }
}

/// Whether a buyer who was asked to act says yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    Yes,
    No,
}

#[async_trait]
impl Gateway for TestGateway {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        let behaviour = behaviour(&request);
        let Some(entry) = self.enter(&request, behaviour) else {
            tokio::time::sleep(self.timing.silence).await;
            return Outcome::Unknown;
        };
        match behaviour {
            Behaviour::Silent | Behaviour::TimeoutAfter => {
                tokio::time::sleep(self.timing.silence).await;
                return Outcome::Unknown;
            }
            Behaviour::Late if entry.known_from > Instant::now() => {
                tokio::time::sleep(self.timing.token).await;
                return Outcome::Unknown;
            }
            Behaviour::Slow => tokio::time::sleep(self.timing.slow).await,
            _ if is_token_text(&request) => tokio::time::sleep(self.timing.token).await,
            _ => {}
        }
        entry.outcome
    }

    async fn find(&self, attempt: &AttemptId) -> Found {
        match self.ledger.lock().entries.get(attempt) {
            None => Found::Never,
            Some(entry) if entry.known_from > Instant::now() => Found::Unclear,
            Some(entry) => Found::Known(entry.outcome.clone()),
        }
    }

    async fn give_up(&self, attempt: &AttemptId) -> Found {
        self.act(attempt, Accepts::No);
        self.find(attempt).await
    }

    fn tokenise(&self, number: &str) -> Result<Tokenised, TokenError> {
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let accepted = ACCEPTED.contains(&digits.as_str());
        if is_number
            && !accepted
            && !REFUSED.contains(&digits.as_str())
            && card_number::looks_like_card_number(&digits)
        {
            return Err(TokenError::RealCard);
        }
        let skipped = digits.chars().count().saturating_sub(4);
        Ok(Tokenised {
            token: if accepted { APPROVE } else { DECLINE }.to_owned(),
            brand: if is_number { card_number::brand(&digits) } else { "" }.to_owned(),
            last4: digits.chars().skip(skipped).collect(),
        })
    }

    fn saves_cards(&self) -> bool {
        true
    }
}

/// Only charges follow the token; what comes after (capture, void, refund) is always answered at once.
fn behaviour(request: &GatewayRequest) -> Behaviour {
    let is_charge = matches!(request.action, GatewayAction::Authorize | GatewayAction::Purchase);
    if !is_charge || request.profile.as_deref().is_some_and(|profile| profile.starts_with(PROFILE)) {
        return Behaviour::Approve;
    }
    let token = request.token.to_ascii_lowercase();
    let words: [(&str, Behaviour); 9] = [
        ("timeout-before", Behaviour::TimeoutBefore),
        ("timeout-after", Behaviour::TimeoutAfter),
        ("timeout", Behaviour::Silent),
        ("decline", Behaviour::Decline),
        ("fail", Behaviour::Decline),
        ("slow", Behaviour::Slow),
        ("action", Behaviour::Action),
        ("late", Behaviour::Late),
        ("", Behaviour::Approve),
    ];
    if token.is_empty() {
        return Behaviour::Decline;
    }
    words
        .into_iter()
        .find(|(word, _)| token.contains(word))
        .map_or(Behaviour::Approve, |(_, behaviour)| behaviour)
}

/// Whether the buyer's page brought a token of its own, and not a number that we looked up.
fn is_token_text(request: &GatewayRequest) -> bool {
    let is_charge = matches!(request.action, GatewayAction::Authorize | GatewayAction::Purchase);
    is_charge && request.profile.is_none() && ![APPROVE, DECLINE, ""].contains(&request.token.as_str())
}

fn approved(action: GatewayAction, attempt: &AttemptId) -> Outcome {
    let avs = if action == GatewayAction::Authorize { "D" } else { "M" };
    Outcome::Approved {
        reference: Some(AUTHORIZATION.to_owned()),
        avs: Some(avs.to_owned()),
        profile: Some(profile(attempt)),
    }
}

fn declined(action: GatewayAction) -> Outcome {
    let what = match action {
        GatewayAction::Authorize => "authorize",
        GatewayAction::Purchase => "purchase",
        GatewayAction::Capture => "capture",
        GatewayAction::Void => "void",
        GatewayAction::Refund => "refund",
    };
    Outcome::Declined { message: format!("Bogus Gateway: Forced failure - {what}") }
}

/// Ten digits made of the attempt's id: too few to be taken for a card number.
fn profile(attempt: &AttemptId) -> String {
    // FNV-1a: the same digits on every machine.
    let hash = attempt.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{PROFILE}{:010}", hash % 10_000_000_000)
}

#[cfg(test)]
#[path = "test_tests.rs"]
mod tests;
