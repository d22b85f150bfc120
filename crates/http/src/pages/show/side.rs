//! Beside every question: how long the order is held, what is in it, and what it costs.

use super::lines::{self, LineRow};
use super::sheet::{self, Sheet};
use crate::pages::lang::Lang;
use crate::pages::look::zone;
use crate::pages::money::Money;
use crate::pages::{offer, when};
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::{Order, Phase};
use domain::plan::{self, Ending};
use domain::ticketing;
use domain::{LineId, Time};

/// From here on the timer warns, in seconds before the end.
const WARN: i64 = 300;
/// From here on pages without a script offer more time.
const OFFER: i64 = 600;
/// Around a ring of radius 8.5.
const RING: i64 = 534;

pub struct Side {
    pub title: String,
    pub lines: Vec<LineRow>,
    pub sheet: Sheet,
    /// What the sum is called.
    pub total: String,
    /// Nothing is to pay today: when, how much, and nothing.
    pub then: Option<(&'static str, Money, Money)>,
    pub hold: Option<Hold>,
    /// The e-mail address for questions.
    pub contact: Option<String>,
    pub lang: Lang,
}

/// How long what the order has is held.
pub struct Hold {
    /// Seconds from now.
    pub left: i64,
    pub of: i64,
    pub until: String,
    /// How much of the ring is drawn: `stroke-dasharray`.
    pub dash: String,
    pub warns: bool,
    /// Minutes it can be made longer by.
    pub more: Option<u32>,
    /// Also without a script.
    pub offers: bool,
}

impl Side {
    pub fn new(order: &Order, catalog: &Catalog, now: Time, lang: Lang) -> Side {
        let zone = zone(order, catalog);
        let receipt = matches!(order.phase, Phase::Complete(_));
        let ending = plan::ending(order, catalog, now);
        let then = offer::then(order, ending, lang);
        let nothing = Money { amount: Amount::ZERO, currency: order.currency, lang };
        Side {
            title: lang.say(if receipt { "sheet.receipt" } else { "sheet.yours" }).to_owned(),
            lines: lines::rows(order, catalog, lang),
            sheet: sheet::sheet(order, catalog, zone, lang),
            total: lang.say("sheet.total").to_owned(),
            then: then.map(|(when, amount)| (when, amount, nothing)),
            hold: Hold::of(order, catalog, now, lang).filter(|_| ending == Ending::Complete),
            contact: ticketing::customization(order, catalog).and_then(|row| row.contact.clone()),
            lang,
        }
    }

    /// The same of what is left of the order, with another name for its total.
    pub fn without(self, rest: &Order, catalog: &Catalog, total: String) -> Side {
        let sheet = sheet::sheet(rest, catalog, zone(rest, catalog), self.lang);
        Side { sheet, total, then: None, ..self }
    }

    /// With these lines struck through, and a word that says why.
    pub fn struck(mut self, gone: &[LineId], why: &str) -> Side {
        for line in self.lines.iter_mut().filter(|line| gone.contains(&line.id)) {
            line.gone = true;
            why.clone_into(&mut line.about);
        }
        self
    }

    /// What a bar says instead of the whole sheet: what there is to pay.
    pub fn shown(&self) -> &Money {
        self.then.as_ref().map_or(&self.sheet.total, |(_, _, nothing)| nothing)
    }

    pub fn say(&self, key: &'static str) -> &'static str {
        self.lang.say(key)
    }
}

impl Hold {
    fn of(order: &Order, catalog: &Catalog, now: Time, lang: Lang) -> Option<Hold> {
        let open = matches!(order.phase, Phase::Cart | Phase::Checkout);
        // What only waits for places holds none: there is no clock to show.
        let holds = order.lines.iter().any(|line| !order.ticketing.waiting.contains(&line.id));
        let until = order.expires_at.filter(|until| open && holds && now < *until)?;
        let choices = ticketing::customization(order, catalog);
        let minutes = choices.map_or(15, |row| row.hold_minutes);
        let more = choices.is_some_and(|row| order.ticketing.extensions < row.max_extensions);
        let left = (until.0 - now.0) / 1000;
        let of = (i64::from(minutes) * 60).max(1);
        let drawn = RING * left.min(of) / of;
        Some(Hold {
            left,
            of,
            until: when::clock(lang, until, zone(order, catalog)),
            dash: format!("{}.{} 53.4", drawn / 10, drawn % 10),
            warns: left <= WARN,
            more: more.then_some(minutes),
            offers: left <= OFFER,
        })
    }

    pub fn dash(&self) -> &str {
        &self.dash
    }
}
