//! `kyc sandbox`: runs a local Radius, and a private Redis on request.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result, ensure};
use kyc_sandbox::{
    Compression, Config, Sandbox,
    redis::{Options, PrivateRedis},
};
use serde_json::json;

use super::{Signals, stdin_ended};
use crate::{cli, output, settings::Settings};

/// Serves until a signal to stop.
pub(crate) async fn run(args: &cli::Sandbox, settings: &Settings, json: bool) -> Result<ExitCode> {
    if let Some(url) = &args.check {
        return check(url).await;
    }
    // Signals are handled before the sandbox is announced, so that a signal always stops its Redis too.
    let mut signals = Signals::hear();
    let redis = args.with_redis.as_ref().map(|dir| {
        PrivateRedis::start(Options {
            binary: settings.redis_server(),
            dir: Some(dir.clone()),
            append_only: true,
            ..Options::default()
        })
    });
    let redis = redis.transpose()?;
    let config = Config {
        latency: Duration::from_millis(args.latency),
        rate_per_second: args.rate,
        compression: if args.no_compression {
            Compression::Off
        } else {
            Compression::Auto
        },
        image_bytes: args.image_bytes,
        escaped_slashes: args.escaped_slashes,
        ..Config::default()
    };
    let sandbox = Sandbox::start(args.listen, config).await.with_context(|| {
        format!(
            "cannot listen on {}; choose another address with --listen",
            args.listen
        )
    })?;
    announce(&sandbox, redis.as_ref(), json)?;
    tokio::select! {
        () = sandbox.stopped() => {}
        () = signals.any() => {}
        () = stdin_ended(), if args.until_stdin_ends => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn announce(sandbox: &Sandbox, redis: Option<&PrivateRedis>, json: bool) -> Result<()> {
    let redis = redis.map(PrivateRedis::url);
    if json {
        return output::line(json!({ "radius_url": sandbox.url(), "redis_url": redis }));
    }
    output::line(format_args!(
        "A sandbox of Radius, with made-up people, listens at {}",
        sandbox.url()
    ))?;
    if let Some(url) = redis {
        output::line(format_args!("A private Redis listens at {url}"))?;
    }
    output::line(format_args!(
        "To see the person of a number: {}/__sandbox/identities/bvn/22200000000",
        sandbox.url()
    ))
}

async fn check(url: &str) -> Result<ExitCode> {
    let url = format!("{}/__sandbox/health", url.trim_end_matches('/'));
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()?;
    let answer = client
        .get(url)
        .send()
        .await
        .map_err(reqwest::Error::without_url)?;
    ensure!(
        answer.status().is_success(),
        "the sandbox answers {}",
        answer.status()
    );
    Ok(ExitCode::SUCCESS)
}
