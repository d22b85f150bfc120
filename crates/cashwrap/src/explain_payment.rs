//! `explain-payment`: the rules of payment of a store file, tried on a buyer and a cart that are made up.
//!
//! The judgement is the one that requests get; only the facts come from the command line. Nothing is opened or asked.

use crate::shop::ShopText;
use crate::store_file;
use anyhow::{Context as _, bail};
use clap::Args;
use domain::catalog::{Catalog, CountryCode, Geography, Settings};
use domain::channel::ChannelKey;
use domain::eligibility::{Buys, Facts, Goods, Subject, table};
use domain::money::{Amount, Currency};
use domain::user::PayerFlags;
use engine::ports::Clock as _;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Debug, Clone, Args)]
#[command(
    long_about = "Show which payment methods a buyer may use, and why not the others.\n\nJudges the rules of a store file \
                  as requests are judged; the buyer and the cart are made up from the arguments. No database is opened \
                  and no platform is asked.",
    after_help = "Each method of the channel stands once, with `allowed` or its reasons, the one that counts first. \
                  Methods that no rule names are allowed.\n\nExample: cashwrap explain-payment --country ID --amount 8"
)]
pub struct ExplainPaymentArgs {
    /// The store file, or `sample` for the built-in sample store
    #[arg(long, env = "CASHWRAP_STORE", default_value = "sample", value_name = "FILE")]
    pub store: String,
    /// The channel whose methods are judged
    #[arg(long, env = "CASHWRAP_CHANNEL", default_value = "ping", value_name = "NAME")]
    pub channel: String,
    /// Where the buyer is, as two letters; nobody knows if it is not given
    #[arg(long, env = "CASHWRAP_COUNTRY", value_name = "CODE")]
    pub country: Option<String>,
    /// What is to be paid beside credit that is applied, like 8 or 12.50
    #[arg(long, env = "CASHWRAP_AMOUNT", value_name = "AMOUNT")]
    pub amount: String,
    /// The currency of the amounts [default: the store's]
    #[arg(long, env = "CASHWRAP_CURRENCY", value_name = "CODE")]
    pub currency: Option<String>,
    /// The buyer's credit, which is not taken off the amount
    #[arg(long, env = "CASHWRAP_CREDIT", default_value = "0", value_name = "AMOUNT")]
    pub credit: String,
    /// Credit is bought, not goods
    #[arg(long, env = "CASHWRAP_TOP_UP")]
    pub top_up: bool,
    /// Kind of a service in the cart; may be given more than once
    #[arg(long, env = "CASHWRAP_PRODUCT_TYPE", value_name = "KIND")]
    pub product_type: Vec<String>,
    /// Something in the cart renews
    #[arg(long, env = "CASHWRAP_RECURRING")]
    pub recurring: bool,
    /// The buyer may pay with nothing
    #[arg(long, env = "CASHWRAP_BLOCKED")]
    pub blocked: bool,
    /// The buyer's e-mail address is not verified
    #[arg(long, env = "CASHWRAP_UNVERIFIED")]
    pub unverified: bool,
    /// The buyer's risk score, 0 to 100
    #[arg(long, env = "CASHWRAP_RISK", default_value_t = 0, value_name = "SCORE")]
    pub risk: u8,
    /// How often the buyer had money charged back
    #[arg(long, env = "CASHWRAP_CHARGEBACKS", default_value_t = 0, value_name = "COUNT")]
    pub chargebacks: u32,
    /// A platform that does not answer; may be given more than once
    #[arg(long, env = "CASHWRAP_DOWN", value_name = "PLATFORM")]
    pub down: Vec<String>,
}

/// Prints the table of decisions.
pub fn run(args: &ExplainPaymentArgs) -> anyhow::Result<()> {
    print!("{}", explained(args)?);
    Ok(())
}

/// One line for each method: its key, and `allowed` or the reasons, the one that counts first.
fn explained(args: &ExplainPaymentArgs) -> anyhow::Result<String> {
    let text = ShopText::find(&args.store)?;
    let geography = Geography::world();
    let any_secret = |_: &str| Some("any key will do to judge".to_owned());
    let now = engine::SystemClock.now();
    if !store_file::CHANNELS.contains(&args.channel.as_str()) {
        bail!("no channel {}; there are {}", args.channel, store_file::CHANNELS.join(", "));
    }
    let file = text.reading(&geography, &any_secret, now, |reading| reading.alone())?;
    let currency = match &args.currency {
        Some(code) => {
            Currency::from_code(&code.to_uppercase()).with_context(|| format!("no currency {code}"))?
        }
        None => file.shop.currency,
    };
    let country = match &args.country {
        Some(code) => {
            let known = CountryCode::parse(code).filter(|code| geography.by_code(code.as_str()).is_some());
            Some(known.with_context(|| format!("no country {code}"))?)
        }
        None => None,
    };
    let amount = |text: &str| match Amount::parse(text, currency) {
        Some(amount) if amount >= Amount::ZERO => Ok(amount),
        _ => bail!("{text} is no amount in {}", currency.code()),
    };
    let payable = amount(&args.amount)?;
    let settings = Settings {
        currency,
        default_country: file.shop.default_country.clone(),
        channels: Vec::new(),
        geography,
    };
    let mut catalog = Catalog::empty(Arc::new(settings));
    file.entities.into_iter().for_each(|entity| catalog.put(entity));
    let goods = Goods { kinds: args.product_type.iter().cloned().collect(), renews: args.recurring };
    let down: BTreeSet<String> = args.down.iter().cloned().collect();
    let facts = Facts {
        rules: &catalog.payment_rules,
        flags: PayerFlags {
            blocked: args.blocked,
            email_verified: !args.unverified,
            risk: args.risk,
            chargebacks: args.chargebacks,
        },
        country,
        currency,
        payable,
        total: payable,
        credit: amount(&args.credit)?,
        buys: if args.top_up { Buys::Credit } else { Buys::Goods },
        goods: &goods,
        down: &down,
        now,
    };
    Ok(lines(&catalog, &ChannelKey::new(&args.channel), &facts))
}

fn lines(catalog: &Catalog, channel: &ChannelKey, facts: &Facts<'_>) -> String {
    let geography = &catalog.settings.geography;
    let verdicts = table(catalog, channel, &[], facts);
    let key = |subject: &Subject<'_>| match subject {
        Subject::Method(method) | Subject::Card(_, method) => method.key.clone(),
    };
    let widest = verdicts.iter().map(|verdict| key(&verdict.subject).len()).max().unwrap_or(0);
    let mut text = format!("rules version {}\n", catalog.payment_rules.version);
    for verdict in &verdicts {
        let name = key(&verdict.subject);
        if verdict.is_allowed() {
            text.push_str(&format!("{name:widest$}  allowed\n"));
        }
        for (position, reason) in verdict.reasons.iter().enumerate() {
            let name = if position == 0 { name.as_str() } else { "" };
            text.push_str(&format!("{name:widest$}  {}: {}\n", reason.code(), reason.sentence(geography)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: ExplainPaymentArgs,
    }

    fn check(arguments: &str, expected: &[&str]) {
        let words = std::iter::once("explain-payment").chain(arguments.split_whitespace());
        let text = explained(&Line::parse_from(words).args).unwrap();
        for line in expected {
            assert!(text.lines().any(|found| found.trim_end() == *line), "{line:?} in\n{text}");
        }
    }

    #[test]
    fn eight_dollars_in_indonesia() {
        check(
            "--country ID --amount 8",
            &[
                "stripe:card              allowed",
                "bitpay:btc               region_not_supported: Bitpay is not available in Indonesia.",
                "coinpayments:eth         below_minimum: The minimum order for ETH is $10.00.",
                "coinpayments:btc         allowed",
                "paypal:paypal            platform_unavailable: PayPal is not available at the moment.",
                "credit                   insufficient_credit: Your credit of $0.00 does not cover $8.00.",
            ],
        );
    }

    #[test]
    fn a_misspelt_channel_is_no_empty_table() {
        let args = Line::parse_from(["explain-payment", "--amount", "8", "--channel", "pings"]).args;
        assert!(explained(&args).unwrap_err().to_string().contains("no channel pings"));
        check("--channel solidus --amount 8", &["credit-card   allowed", "check         allowed"]);
    }

    #[test]
    fn what_is_made_up_is_judged_like_anybody() {
        check(
            "--country IR --amount 8",
            &["stripe:card              region_sanctioned: Payments from Iran are not accepted."],
        );
        check(
            "--amount 10 --credit 10 --unverified",
            &[
                "credit                   allowed",
                "bitpay:btc               customer_unverified: Verify your e-mail address to pay with Bitpay.",
            ],
        );
        check(
            "--amount 10 --top-up --credit 10",
            &["credit                   not_available_for_top_up: Credit cannot be used to buy credit."],
        );
    }
}
