//! `docker-compose.yml`, without Docker. The tests read the file and start its services with its commands, settings and
//! health checks, but at other addresses.

use std::{net::TcpListener, path::Path, process::Stdio};

use kyc_tests::{Program, Ran, World, eventually, kyc_program, redis_program};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::process::Command;

/// The file with its merge keys resolved.
fn compose() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker-compose.yml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn service<'a>(compose: &'a Value, name: &str) -> &'a Map<String, Value> {
    compose["services"][name]
        .as_object()
        .unwrap_or_else(|| panic!("there is no service {name}"))
}

fn words(value: &Value) -> Vec<String> {
    let words = value
        .as_array()
        .unwrap_or_else(|| panic!("{value} is no list"));
    words
        .iter()
        .map(|word| word.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn redis_keeps_accepted_jobs_and_no_port_is_open_to_the_network() {
    let compose = compose();
    let redis = words(&service(&compose, "redis")["command"]).join(" ");
    for option in [
        "--appendonly yes",
        "--appendfsync always",
        "--maxmemory-policy noeviction",
    ] {
        assert!(redis.contains(option), "{option} is missing in: {redis}");
    }
    for (name, service) in compose["services"].as_object().unwrap() {
        for port in service.get("ports").into_iter().flat_map(words) {
            assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
        assert!(
            service["healthcheck"]["test"].is_array(),
            "{name} has no health check"
        );
        assert_eq!(service["read_only"], true, "{name} may write to its image");
        assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
        let environment = service.get("environment").and_then(Value::as_object);
        for variable in environment.into_iter().flat_map(Map::keys) {
            let secret = ["KYC_KEYS", "KYC_RADIUS_TOKEN"].contains(&variable.as_str());
            assert!(!secret, "{name} has {variable} in clear");
        }
    }
    for (name, secret) in compose["secrets"].as_object().unwrap() {
        assert!(secret["file"].is_string(), "{name} is no file");
    }
    for worker in ["worker-1", "worker-2"] {
        let worker = service(&compose, worker);
        assert_eq!(words(&worker["secrets"]), ["kyc_keys", "radius_token"]);
        // Its Redis and its sandbox are other machines to it, and have no TLS.
        assert_eq!(worker["environment"]["KYC_ALLOW_PLAINTEXT"], "true");
        assert_eq!(worker["environment"]["KYC_ALLOW_SANDBOX"], "true");
        assert_eq!(
            worker["depends_on"]["redis"]["condition"],
            "service_healthy"
        );
    }
}

/// Maps the addresses and paths of the file to this machine.
struct Here {
    world: World,
    dir: TempDir,
    redis: u16,
    sandbox: u16,
    /// The addresses of the workers' probes. Each container has its own port 9090, but this machine has only one.
    probes: [(&'static str, u16); 2],
}

impl Here {
    fn new() -> Self {
        let dir = TempDir::with_prefix("kyc-test-compose-").unwrap();
        for folder in ["secrets", "redis"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (redis, sandbox, probes) = (free(), free(), [free(), free()]);
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        Self {
            world: World::without_sandbox("http://127.0.0.1:9"),
            dir,
            redis: port(&redis),
            sandbox: port(&sandbox),
            probes: [
                ("worker-1", port(&probes[0])),
                ("worker-2", port(&probes[1])),
            ],
        }
    }

    fn map(&self, name: &str, text: &str) -> String {
        let dir = self.dir.path().display();
        let sandbox = format!("127.0.0.1:{}", self.sandbox);
        let probes = self.probes.iter().find(|(worker, _)| *worker == name);
        let port = probes.map_or(0, |(_, port)| *port);
        text.replace("0.0.0.0:9090", &format!("127.0.0.1:{port}"))
            .replace("redis:6379", &format!("127.0.0.1:{}", self.redis))
            .replace("sandbox:8081", &sandbox)
            .replace("0.0.0.0:8081", &sandbox)
            .replace("127.0.0.1:8081", &sandbox)
            .replace("/run/secrets", &format!("{dir}/secrets"))
            .replace("/var/lib/kyc", &dir.to_string())
    }

    /// Returns a command of the file, with the settings of its service.
    fn command(&self, name: &str, words: &[String], service: &Map<String, Value>) -> Command {
        let (program, words) = words.split_first().unwrap();
        assert_eq!(program, "kyc");
        let mut command = Command::new(kyc_program());
        command
            .env_clear()
            .current_dir(self.dir.path())
            .kill_on_drop(true);
        command
            .stdout(Stdio::null())
            .args(words.iter().map(|word| self.map(name, word)));
        let environment = service.get("environment").and_then(Value::as_object);
        for (variable, value) in environment.into_iter().flatten() {
            command.env(variable, self.map(name, value.as_str().unwrap()));
        }
        command
    }

    /// Starts the file's command for Redis in a separate folder.
    fn redis(&self, service: &Map<String, Value>) -> Program {
        let words = words(&service["command"]);
        assert_eq!(words[0], "redis-server");
        let program = redis_program().unwrap_or_else(|| "redis-server".into());
        let mut command = Command::new(program);
        command
            .args(&words[1..])
            .args(["--bind", "127.0.0.1", "--port", &self.redis.to_string()]);
        command
            .arg("--dir")
            .arg(self.dir.path().join("redis"))
            .stdout(Stdio::null());
        self.world.start("redis", &mut command)
    }

    /// Runs a service's health check until it passes, as Docker does.
    async fn healthy(&self, name: &str, service: &Map<String, Value>) {
        let test = words(&service["healthcheck"]["test"]);
        assert_eq!(test[0], "CMD");
        eventually(&format!("{name} is healthy"), async || {
            let mut check = self.command(name, &test[1..], service);
            (Ran::of(&mut check).await.code == 0).then_some(())
        })
        .await;
    }

    async fn redis_answers(&self, service: &Map<String, Value>) {
        assert_eq!(
            words(&service["healthcheck"]["test"]),
            ["CMD", "redis-cli", "ping"]
        );
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.redis)).unwrap();
        eventually("Redis answers", async || {
            let mut redis = client.get_multiplexed_async_connection().await.ok()?;
            redis::cmd("PING").exec_async(&mut redis).await.ok()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_services_become_healthy_and_verify_a_number() {
    let (compose, here) = (compose(), Here::new());
    let secrets = here.dir.path().join("secrets");
    // Made as the comment at the top of the file describes.
    let keys = secrets.join("kyc_keys").display().to_string();
    let made = here.world.run(["keys", "generate", "--out", &keys]).await;
    made.good();
    std::fs::write(secrets.join("radius_token"), "sandbox-token").unwrap();

    let redis = service(&compose, "redis");
    let _redis = here.redis(redis);
    here.redis_answers(redis).await;
    let mut running = Vec::new();
    for name in ["sandbox", "worker-1", "worker-2"] {
        let service = service(&compose, name);
        let mut command = here.command(name, &words(&service["command"]), service);
        running.push((name, here.world.start(name, &mut command)));
        here.healthy(name, service).await;
    }
    let worker = service(&compose, "worker-1");
    let ask = ["kyc", "enqueue", "bvn", "22200000000", "--wait", "--json"].map(str::to_owned);
    let mut ask = here.command("worker-1", &ask, worker);
    let result = Ran::of(ask.stdout(Stdio::piped())).await.good();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["verdict"], "found");
    let key = result["images"][0]["key"].as_str().unwrap();
    assert!(
        here.dir.path().join("blobs").join(key).is_file(),
        "the image is kept"
    );
    for (name, program) in running.iter_mut().rev() {
        assert_eq!(program.terminate().await, 0, "{name}");
        let log = program.log();
        let json = log
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok());
        assert!(json || *name == "sandbox", "{name} logs JSON: {log}");
    }
}
