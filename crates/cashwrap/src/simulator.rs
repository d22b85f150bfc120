//! `simulator`: the stand-ins for checkout providers and payment platforms, served alone.

use crate::cli::SimulatorArgs;
use crate::serve;
use ::simulator::{DEMO_KEY, DEMO_WEBHOOK_SECRET, Options};
use anyhow::Context as _;
use tokio::net::TcpListener;

/// The command: serves until it is asked to end.
pub async fn run(args: &SimulatorArgs) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    let router = ::simulator::router(options(args, &format!("http://{address}")))?;
    println!("listening on http://{address}");
    let end = async {
        if let Err(error) = serve::asked_to_end().await {
            tracing::error!(%error, "signals cannot be heard, so this ends now");
        }
    };
    axum::serve(listener, router).with_graceful_shutdown(end).await.context("the listener failed")
}

fn options(args: &SimulatorArgs, reached_at: &str) -> Options {
    let text = |given: &Option<crate::cli::Hidden>| given.as_ref().map(|text| text.expose().to_owned());
    let far = &args.keys;
    Options {
        provider_key: text(&far.akifast_api_key).unwrap_or_else(|| DEMO_KEY.to_owned()),
        platform_key: text(&far.platform_api_key).unwrap_or_else(|| DEMO_KEY.to_owned()),
        callback_secret: text(&far.akifast_callback_secret),
        address_hash_key: text(&far.akifast_address_hash_key),
        webhook_secret: text(&far.platform_webhook_secret).unwrap_or_else(|| DEMO_WEBHOOK_SECRET.to_owned()),
        ..Options::demo(args.public_url.as_deref().unwrap_or(reached_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::FarKeys;

    #[test]
    fn keys_that_were_not_given_are_the_published_ones() {
        let mut args = SimulatorArgs {
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            keys: FarKeys::default(),
        };
        let demo = options(&args, "http://127.0.0.1:1");
        assert_eq!((demo.public_url.as_str(), demo.provider_key.as_str()), ("http://127.0.0.1:1", DEMO_KEY));
        assert_eq!(demo.callback_secret, None);
        args.public_url = Some("https://sim.example".to_owned());
        args.keys.akifast_callback_secret = Some("agreed".to_owned().into());
        args.keys.platform_api_key = Some("key".to_owned().into());
        let chosen = options(&args, "http://127.0.0.1:1");
        assert_eq!(
            (chosen.public_url.as_str(), chosen.platform_key.as_str()),
            ("https://sim.example", "key")
        );
        assert_eq!(chosen.callback_secret.as_deref(), Some("agreed"));
    }
}
