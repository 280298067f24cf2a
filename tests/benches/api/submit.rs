//! Submissions: how many a second, how long each takes, and what they cost, beside a bare handler in the same run.

use std::time::{Duration, Instant};

use kyc_tests::{Usage, World};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use tokio::task::JoinSet;

use crate::{
    connection::{Connection, post},
    server::{Server, key},
    times::{Times, median},
};

const PATH: &str = "/v1/verifications";
const TENANT: &str = "default";
const INBOX: &str = "{kyc}:inbox";

/// What is measured.
pub(crate) struct Plan {
    pub(crate) connections: usize,
    pub(crate) rounds: usize,
    pub(crate) seconds: usize,
    pub(crate) keyed: bool,
    /// The program of an earlier build.
    pub(crate) before: Option<String>,
}

/// A server that is measured.
struct Measured {
    name: &'static str,
    server: Server,
    rounds: Vec<Round>,
}

impl Measured {
    fn new(name: &'static str, server: Server) -> Self {
        let rounds = Vec::new();
        Self {
            name,
            server,
            rounds,
        }
    }

    fn median(&self) -> Round {
        let of =
            |figure: fn(&Round) -> f64| median(&self.rounds.iter().map(figure).collect::<Vec<_>>());
        Round {
            rate: of(|round| round.rate),
            p50: of(|round| round.p50),
            p99: of(|round| round.p99),
            server_micros: of(|round| round.server_micros),
            redis_micros: of(|round| round.redis_micros),
        }
    }

    /// Returns the ratio of its rates to those of another one, round by round.
    fn ratios(&self, other: &Self) -> Vec<f64> {
        let both = self.rounds.iter().zip(&other.rounds);
        both.map(|(own, others)| own.rate / others.rate).collect()
    }
}

/// The figures of one round.
struct Round {
    rate: f64,
    p50: f64,
    p99: f64,
    server_micros: f64,
    redis_micros: f64,
}

pub(crate) async fn measure(plan: &Plan) {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let api = Server::api(&world, None).await;
    let key = key(&world, TENANT).await;
    let mut first = Connection::open(&api.address).await;
    first.send(&request(plan.keyed, &key, 0)).await;
    assert_eq!(first.answer().await.0, 202);
    let size = entry_size(&mut world.redis().await).await;
    println!(
        "{} connections; {size} bytes are added for a job; {} rounds of {} s each; Redis appends to its file\n",
        plan.connections, plan.rounds, plan.seconds
    );
    let mut all = vec![
        Measured::new("bare handler", Server::bare(&world, size).await),
        Measured::new("API", api),
    ];
    if let Some(before) = plan.before.as_deref() {
        let before = Server::api(&world, Some(before)).await;
        all.push(Measured::new("API, earlier build", before));
    }
    println!(
        "{:<22} {:>10} {:>9} {:>9} {:>14} {:>14}",
        "", "requests/s", "p50 ms", "p99 ms", "server us CPU", "Redis us CPU"
    );
    let mut next = 1;
    for nth in 0..=plan.rounds {
        for measured in &mut all {
            let round = round(&world, &measured.server, plan, &key, &mut next).await;
            // The first one warms all up.
            if nth > 0 {
                tell(measured.name, &round);
                measured.rounds.push(round);
            }
        }
    }
    println!("\nmedians");
    for measured in &all {
        tell(measured.name, &measured.median());
    }
    println!();
    for measured in &all[1..] {
        let ratios = measured.ratios(&all[0]);
        let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        println!(
            "{} / bare handler: {:.2} (rounds: {}); goal >= 0.6",
            measured.name,
            median(&ratios),
            each.join(", ")
        );
    }
}

fn tell(name: &str, round: &Round) {
    println!(
        "{name:<22} {:>10.0} {:>9.2} {:>9.2} {:>14.1} {:>14.1}",
        round.rate, round.p50, round.p99, round.server_micros, round.redis_micros
    );
}

/// Sends requests over all connections for a while.
async fn round(world: &World, server: &Server, plan: &Plan, key: &str, next: &mut usize) -> Round {
    let mut redis = world.redis().await;
    // Both streams stay short, so that Redis does not grow.
    for stream in [INBOX, "{kyc}:bare"] {
        let _: u64 = redis.del(stream).await.expect("Redis answers");
    }
    let pids = [server.program.pid()];
    let end = Instant::now() + Duration::from_secs(plan.seconds as u64);
    let mut clients = JoinSet::new();
    let (before, redis_before) = (Usage::of(&pids), redis_cpu(&mut redis).await);
    let begun = Instant::now();
    for nth in 0..plan.connections {
        let (address, key) = (server.address.clone(), key.to_owned());
        let keyed = plan.keyed;
        let from = *next + nth * PER_CONNECTION;
        clients.spawn(async move {
            let mut connection = Connection::open(&address).await;
            let mut times = Vec::new();
            while Instant::now() < end {
                let request = request(keyed, &key, from + times.len());
                let sent = Instant::now();
                connection.send(&request).await;
                let (status, body) = connection.answer().await;
                assert_eq!(status, 202, "{body}");
                times.push(sent.elapsed().as_secs_f64() * 1e3);
            }
            times
        });
    }
    *next += plan.connections * PER_CONNECTION;
    let times = Times(clients.join_all().await.concat());
    let seconds = begun.elapsed().as_secs_f64();
    let count = times.0.len() as f64;
    Round {
        rate: count / seconds,
        p50: times.quantile(0.5),
        p99: times.quantile(0.99),
        server_micros: Usage::of(&pids).cpu_micros_since(&before, 0) / count,
        redis_micros: (redis_cpu(&mut redis).await - redis_before) / count,
    }
}

/// Numbers that each connection has to itself in a round.
const PER_CONNECTION: usize = 20_000;

fn request(keyed: bool, key: &str, nth: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"kind":"bvn","bvn":"22{nth:09}","reference":"loan-{nth}","claims":{{"last_name":"Okafor","date_of_birth":"1986-01-20"}}}}"#
    );
    let name = match keyed {
        true => format!("loan-{nth}"),
        false => String::new(),
    };
    post(PATH, key, &name, &body)
}

/// Returns the bytes of an entry of the inbox, without its id.
async fn entry_size(redis: &mut MultiplexedConnection) -> usize {
    let reply = redis.xrange_count(INBOX, "-", "+", 1).await;
    let reply: redis::streams::StreamRangeReply = reply.expect("the job is there");
    let fields = reply.ids[0].map.iter().map(|(name, value)| {
        let value: Vec<u8> = redis::from_redis_value(value.clone()).expect("bytes");
        name.len() + value.len()
    });
    fields.sum()
}

/// Returns the CPU time of Redis so far, in microseconds.
async fn redis_cpu(redis: &mut MultiplexedConnection) -> f64 {
    let text: String = redis::cmd("INFO")
        .arg("cpu")
        .query_async(redis)
        .await
        .expect("Redis answers");
    let number = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|value| value.trim().parse::<f64>().ok())
            .unwrap_or_default()
    };
    (number("used_cpu_sys:") + number("used_cpu_user:")) * 1e6
}
