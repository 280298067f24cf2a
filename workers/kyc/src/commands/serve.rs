//! `kyc serve`: serves the HTTP API, until a signal to stop.

use std::process::ExitCode;

use anyhow::Result;
use kyc_gateway::{Gateway, Server, router};
use serde_json::json;
use tokio::task::JoinSet;

use super::{reload::reload_keys, stop::Stop};
use crate::{cli::Serve, output, process::open_many_files, settings::Settings};

/// Open files of a server that are no connections of callers.
const FILES_BESIDE: usize = 128;

/// Serves until a signal to stop, then ends waiting requests early and answers those under way.
pub(crate) async fn run(args: &Serve, settings: &Settings, json: bool) -> Result<ExitCode> {
    settings.sealing_keys()?;
    let config = settings.serve()?;
    let blobs = settings.blobs()?;
    let tls = settings.serve_tls()?;
    let has_tls = tls.is_some();
    let listener = settings.serve_listener().await?;
    let listen = listener.local_addr()?;
    let limits = settings.serve_limits()?;
    // Beside its connections the server needs some for Redis and the blob store.
    let files =
        open_many_files().map_or(usize::MAX, |files| files.try_into().unwrap_or(usize::MAX));
    if files < limits.connections.saturating_add(FILES_BESIDE) {
        tracing::warn!(
            files,
            connections = limits.connections,
            "The system permits too few open files for serve_connections: raise the limit (ulimit -n, LimitNOFILE), or lower serve_connections"
        );
    }
    let server = Server::new(listener, tls, limits).map_err(|why| settings.wrong_tls(&why))?;
    let queue = settings.connect().await?;

    let mut beside = JoinSet::new();
    if let Some(path) = settings.keys_file() {
        beside.spawn(reload_keys(path, queue.vault().clone()));
    }
    let stop = Stop::hear(args.until_stdin_ends, &mut beside);
    for exposed in settings.exposed_files() {
        tracing::warn!("{exposed}");
    }
    if !has_tls && !listen.ip().is_loopback() {
        tracing::warn!(
            "The HTTP API is served without TLS to other machines: put a proxy with TLS in front, or set serve_tls_cert"
        );
    }
    let reveals = queue.vault().can_open();
    let gateway = Gateway::new(queue, blobs, config);
    let waking = gateway.clone();
    beside.spawn(async move { waking.listen().await });
    let scheme = if has_tls { "https" } else { "http" };
    let address = format!("{scheme}://{listen}");
    tracing::info!(address, reveals, "Serving the HTTP API");
    if json {
        output::line(json!({ "address": address }))?;
    } else {
        output::line(format_args!("The HTTP API is served at {address}"))?;
    }
    let signal = async {
        stop.drain().await;
        gateway.stop();
        tracing::info!("Signal to stop: answering the requests under way");
    };
    tokio::select! {
        () = server.serve(router(&gateway), signal) => {}
        () = stop.clone().now() => {}
    }
    tracing::info!("Server stopped");
    Ok(stop.code().map_or(ExitCode::SUCCESS, ExitCode::from))
}
