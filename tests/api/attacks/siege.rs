//! A server under attack, with a caller who asks all the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kyc_tests::World;
use tokio::task::JoinHandle;

use crate::support::{Answer, Api, key};

/// More than the memory of a server grows by itself in a test, and less than what an attack without a bound would take.
const MOST_GROWTH: u64 = 64 << 20;

pub(super) struct Siege {
    pub(super) api: Arc<Api>,
    pub(super) app: String,
    pub(super) world: World,
    asking: JoinHandle<u64>,
    over: Arc<AtomicBool>,
    memory: u64,
}

impl Siege {
    /// Starts a server, and a caller.
    pub(super) async fn of(settings: &[(&str, &str)]) -> Self {
        let world = World::new().await;
        let api = Arc::new(Api::start(&world, settings).await);
        let app = key(
            &world,
            &[
                "--tenant",
                "acme",
                "--role",
                "submit,read",
                "--rate",
                "100000",
            ],
        )
        .await;
        for _ in 0..50 {
            ask(&api, &app).await;
        }
        let over = Arc::new(AtomicBool::new(false));
        let asking = tokio::spawn({
            let (api, app, over) = (Arc::clone(&api), app.clone(), Arc::clone(&over));
            async move {
                let mut answers = 0;
                while !over.load(Ordering::Relaxed) {
                    ask(&api, &app).await;
                    answers += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                answers
            }
        });
        let memory = memory(&api);
        Self {
            api,
            app,
            world,
            asking,
            over,
            memory,
        }
    }

    /// Asserts that the other caller had no error, and that the memory is as before.
    pub(super) async fn assert_withstood(self) {
        let grown = memory(&self.api).saturating_sub(self.memory);
        self.over.store(true, Ordering::Relaxed);
        let answers = self.asking.await;
        let answers = answers.expect("the other caller had no error");
        assert!(answers > 0, "the other caller was not served");
        assert!(grown < MOST_GROWTH, "the memory grew by {grown} bytes");
    }
}

/// Asks as others do.
async fn ask(api: &Api, app: &str) {
    let answer: Answer = api.get("/v1/verifications?limit=1", app).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Returns the resident memory of the server in bytes.
fn memory(api: &Api) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", api.server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap() << 10
}
