//! What happens next with an order that waits: when its turn comes, and what it costs then.

use super::{Next, NextIcon, offer_hours};
use crate::pages::gone;
use crate::pages::lang::Lang;
use crate::pages::look::zone;
use crate::pages::money::Money;
use crate::pages::visit::Door;
use crate::pages::when;
use domain::catalog::Catalog;
use domain::order::{Order, Phase};

/// Nothing for an order that does not wait.
pub(super) fn next(order: &Order, catalog: &Catalog, door: &Door) -> Vec<Next> {
    let lang = door.lang;
    let hours = offer_hours(order, catalog);
    match order.phase {
        Phase::Requested => {
            let text = lang.fill("final.turn_about", &[("hours", &hours.to_string())]);
            vec![
                mail(lang.say("final.turn").to_owned(), text, order, lang),
                price(order, lang, String::new()),
            ]
        }
        Phase::Reserved => {
            let Some(from) = order.ticketing.can_checkout_at else { return Vec::new() };
            let zone = zone(order, catalog);
            let title = lang.fill("final.sale", &[("time", &when::moment(lang, from, zone))]);
            let text = lang.say("final.sale_about").to_owned();
            let link = Some((door.path(gone::SALE), lang.say("gone.calendar")));
            let until = from.plus_minutes(i64::from(hours) * 60);
            let until = lang.fill("final.pay_until", &[("time", &when::moment(lang, until, zone))]);
            let sale = Next { icon: NextIcon::Calendar, link, ..mail(title, text, order, lang) };
            vec![sale, price(order, lang, until)]
        }
        _ => Vec::new(),
    }
}

fn mail(title: String, text: String, order: &Order, lang: Lang) -> Next {
    let to = order.email.as_ref().map(|email| lang.fill("final.mail_to", &[("email", email)]));
    let text = [Some(text), to].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Next { icon: NextIcon::Clock, title, text, link: None }
}

fn price(order: &Order, lang: Lang, until: String) -> Next {
    let amount = Money { amount: order.total(), currency: order.currency, lang }.to_string();
    let free = !order.total().is_positive();
    let title = if free {
        lang.say("final.free").to_owned()
    } else {
        lang.fill("final.price", &[("amount", &amount)])
    };
    let text = format!("{} {until}", lang.say("final.price_about"));
    Next { icon: NextIcon::Price, title, text: text.trim().to_owned(), link: None }
}
