//! Settings of this machine: where a worker listens, which `redis-server` is started.

use std::{net::SocketAddr, path::PathBuf};

use tokio::net::TcpListener;

use super::{Settings, WrongSetting};

impl Settings {
    /// Returns the address at which a worker serves probes, if it is set.
    pub(crate) fn probe_listen(&self) -> Result<Option<SocketAddr>, WrongSetting> {
        let remedy = "write an address and a port, like 127.0.0.1:9090 or 0.0.0.0:9090";
        let address = self.0.optional("probe_listen");
        let parse = |text: String| {
            text.parse()
                .map_err(|_| self.0.wrong("probe_listen", remedy))
        };
        address.map(parse).transpose()
    }

    /// Listens at the address of probes, if it is set.
    pub(crate) async fn probe_listener(&self) -> Result<Option<TcpListener>, WrongSetting> {
        let Some(address) = self.probe_listen()? else {
            return Ok(None);
        };
        let listening = TcpListener::bind(address).await;
        listening.map(Some).map_err(|error| {
            let remedy = format!("cannot listen on it: {}", error.kind());
            self.0.wrong("probe_listen", &remedy)
        })
    }

    /// Returns a sentence about each file with settings that other users can read or change.
    pub(crate) fn exposed_files(&self) -> Vec<String> {
        self.0.exposed_files()
    }

    /// Returns the `redis-server` to start, if it is not the one on the path.
    pub(crate) fn redis_server(&self) -> Option<PathBuf> {
        self.0.optional("redis_server").map(PathBuf::from)
    }

    /// Returns the settings that do not depend on the queue, as variables for a child process in another folder.
    pub(crate) fn of_this_machine(&self) -> Vec<(&'static str, String)> {
        let server = self.0.optional("redis_server").map(|server| {
            // A name without a slash is searched for on the path.
            let path = std::path::absolute(&server)
                .ok()
                .filter(|_| server.contains('/'));
            path.map_or(server, |path| path.display().to_string())
        });
        let variables = [
            ("KYC_REDIS_SERVER", server),
            ("KYC_LOG", self.0.optional("log")),
            ("KYC_LOG_FORMAT", self.0.optional("log_format")),
        ];
        let set = |(name, value): (_, Option<String>)| Some((name, value?));
        variables.into_iter().filter_map(set).collect()
    }
}
