//! Who a server speaks to: checkout providers, payment platforms, and a file that knows where addresses are.
//!
//! On this machine the sample store brings its own far side, at `/simulator`, so that everything can be tried without
//! anything else running. Everywhere else a far side that nobody named is not there, and what needs it is refused.

use crate::cli::{FarSideArgs, Hidden};
use crate::shop::SAMPLE;
use ::simulator::{DEMO_KEY, DEMO_WEBHOOK_SECRET, Options};
use anyhow::Context as _;
use axum::Router;
use domain::channel::ChannelKey;
use engine::Parts;
use engine::ports::Clock;
use outbound::gateways::platform::{PlatformConfig, PlatformGateway};
use outbound::geo::{self, GeoFile};
use outbound::providers::akifast::{Akifast, AkifastConfig};
use std::net::SocketAddr;
use std::sync::Arc;

/// Where the stand-ins are, on a server that carries them.
const SIMULATOR: &str = "/simulator";
/// How long a buyer has at a platform: as long as the goods are held.
const WAITS_SECONDS: i64 = 60 * 60;
/// The platforms, by the names that payment methods have for them.
const PLATFORMS: [&str; 4] = ["stripe", "bitpay", "coinpayments", "paypal"];

/// The server that is put together.
#[allow(missing_debug_implementations)] // a clock is no data
pub struct Place<'a> {
    pub store: &'a str,
    pub address: SocketAddr,
    /// Empty if nobody said.
    pub public_url: &'a str,
    pub clock: Arc<dyn Clock>,
}

impl Place<'_> {
    /// How this machine reaches the server.
    fn here(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How the far side and browsers reach it.
    fn public(&self) -> String {
        match self.public_url.trim_end_matches('/') {
            "" => self.here(),
            url => url.to_owned(),
        }
    }

    fn is_sample_here(&self) -> bool {
        self.store == SAMPLE && self.address.ip().is_loopback()
    }
}

/// The parts with everybody the server speaks to, and the stand-ins if it carries them.
pub fn with_far_side(
    mut parts: Parts,
    args: &FarSideArgs,
    place: &Place<'_>,
) -> anyhow::Result<(Parts, Option<Router>)> {
    let bring = |url: &Option<String>| url.is_none() && place.is_sample_here();
    let inside = format!("{}{SIMULATOR}", place.here());
    let is_inside = bring(&args.akifast_base_url) || bring(&args.platform_base_url);
    let base = |url: &Option<String>| url.clone().or_else(|| bring(url).then(|| inside.clone()));
    if let Some(base_url) = base(&args.akifast_base_url) {
        parts = parts.provider("akifast", Arc::new(akifast(args, place, base_url)?));
    }
    if let Some(base_url) = base(&args.platform_base_url) {
        for platform in PLATFORMS {
            let gateway = PlatformGateway::new(platform_config(args, place, platform, &base_url)?)?;
            parts = parts.gateway(platform, Arc::new(gateway));
        }
    }
    if place.public_url.is_empty() && !place.address.ip().is_loopback() && !is_inside {
        tracing::warn!("providers and platforms are told addresses of this machine: --public-url is not set");
    }
    let stand_ins = if is_inside { Some(stand_ins(args, place)?) } else { None };
    Ok((with_geo(parts, args, place), stand_ins))
}

/// The server's router with the stand-ins beside it.
pub fn beside(stand_ins: Option<Router>, router: Router) -> Router {
    match stand_ins {
        Some(stand_ins) => Router::new().nest(SIMULATOR, stand_ins).fallback_service(router),
        None => router,
    }
}

fn with_geo(parts: Parts, args: &FarSideArgs, place: &Place<'_>) -> Parts {
    match &args.geoip {
        Some(path) => {
            let file = Arc::new(GeoFile::open(path));
            file.watch(geo::LOOK);
            parts.geo(file)
        }
        None if place.store == SAMPLE => parts.geo(Arc::new(GeoFile::sample())),
        None => parts,
    }
}

fn text(hidden: &Option<Hidden>) -> Option<String> {
    hidden.as_ref().map(|hidden| hidden.expose().to_owned())
}

/// A key: the one given; of the sample store on its own machine, whose far side is a stand-in here or beside it, the
/// published one.
fn key(given: &Option<Hidden>, is_named: bool, demo: &str, flag: &str) -> anyhow::Result<String> {
    match text(given) {
        Some(key) => Ok(key),
        None if is_named => anyhow::bail!("{flag} is needed to speak to what is not a stand-in"),
        None => Ok(demo.to_owned()),
    }
}

fn akifast(args: &FarSideArgs, place: &Place<'_>, base_url: String) -> anyhow::Result<Akifast> {
    let is_named = args.akifast_base_url.is_some() && !place.is_sample_here();
    Akifast::new(AkifastConfig {
        base_url,
        api_key: key(&args.keys.akifast_api_key, is_named, DEMO_KEY, "AKIFAST_API_KEY")?,
        public_url: place.public(),
        callback_secret: text(&args.keys.akifast_callback_secret),
        address_hash_key: text(&args.keys.akifast_address_hash_key),
    })
    .context("for the checkout provider")
}

fn platform_config(
    args: &FarSideArgs,
    place: &Place<'_>,
    platform: &str,
    base_url: &str,
) -> anyhow::Result<PlatformConfig> {
    let is_named = args.platform_base_url.is_some() && !place.is_sample_here();
    let public = place.public();
    Ok(PlatformConfig {
        platform: platform.to_owned(),
        base_url: base_url.to_owned(),
        api_key: key(&args.keys.platform_api_key, is_named, DEMO_KEY, "PLATFORM_API_KEY")?,
        webhook_secret: key(
            &args.keys.platform_webhook_secret,
            is_named,
            DEMO_WEBHOOK_SECRET,
            "PLATFORM_WEBHOOK_SECRET",
        )?,
        // Wherever an order began, its page shows what became of it; Ping's orders have an address of their own.
        return_url: format!("{public}/cart/checkout/{{order}}/return?guest_token={{token}}"),
        own_return_urls: vec![(
            ChannelKey::new(http_api::apis::ping::API.name),
            format!("{public}/ping/1.0/checkout/return/{{order}}?token={{token}}"),
        )],
        webhook_url: format!("{public}/ping/1.0/webhook/{platform}"),
        waits_seconds: WAITS_SECONDS,
    })
}

fn stand_ins(args: &FarSideArgs, place: &Place<'_>) -> anyhow::Result<Router> {
    let clock = Arc::clone(&place.clock);
    let keys = &args.keys;
    let options = Options {
        provider_key: text(&keys.akifast_api_key).unwrap_or_else(|| DEMO_KEY.to_owned()),
        platform_key: text(&keys.platform_api_key).unwrap_or_else(|| DEMO_KEY.to_owned()),
        callback_secret: text(&keys.akifast_callback_secret),
        address_hash_key: text(&keys.akifast_address_hash_key),
        webhook_secret: text(&keys.platform_webhook_secret).unwrap_or_else(|| DEMO_WEBHOOK_SECRET.to_owned()),
        // A pushed clock pushes theirs: what they sign is not old, and what they wait for ends.
        clock: ::simulator::Clock::new(move || clock.now().0),
        ..Options::demo(&format!("{}{SIMULATOR}", place.public()))
    };
    Ok(::simulator::router(options)?)
}

#[cfg(test)]
mod tests;
