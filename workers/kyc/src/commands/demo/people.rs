//! The verifications of the demo: each kind once, and the more interesting people of the sandbox.

use std::time::Duration;

use anyhow::{Context, Result};
use kyc_domain::VerificationId;
use kyc_kinds::{KINDS, Rules};
use kyc_queue::Queue;
use serde_json::{Map, Value, json};

/// One verification of the demo.
pub(crate) struct Player {
    pub id: VerificationId,
    pub kind: &'static str,
    /// What it demonstrates.
    pub shows: &'static str,
    /// Whether it is expected to end dead.
    pub dies: bool,
}

/// A verification to enqueue, and what it demonstrates.
#[derive(Clone, Copy)]
struct Part {
    kind: &'static str,
    number: &'static str,
    claims: bool,
    attempts: u32,
    shows: &'static str,
    dies: bool,
}

const fn part(kind: &'static str, number: &'static str, shows: &'static str) -> Part {
    Part {
        kind,
        number,
        claims: false,
        attempts: 8,
        shows,
        dies: false,
    }
}

const fn claimed(kind: &'static str, number: &'static str, shows: &'static str) -> Part {
    Part {
        claims: true,
        ..part(kind, number, shows)
    }
}

/// The more interesting people.
const GUESTS: [Part; 9] = [
    part("bvn", "22212345001", "no such record"),
    part("bvn", "22212345003", "an image that does not decode"),
    part("bvn", "22212345009", "a PNG"),
    claimed("bvn", "22212345060", "claims that match, on the watch list"),
    claimed("nin", "12345678061", "claims with diacritics"),
    claimed("nin", "12345678062", "names the other way round"),
    part("nin", "12345678020", "status 500 once, then an answer"),
    part("nin_phone", "08031234010", "429: the kind waits 2 s"),
    Part {
        attempts: 2,
        dies: true,
        ..part(
            "drivers_license",
            "ABC12345AA021",
            "status 500 always: dead after 2 attempts",
        )
    },
];

/// Enqueues all verifications: each kind once, and the guests.
pub(crate) async fn enqueue(queue: &Queue, radius_url: &str) -> Result<Vec<Player>> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()?;
    let kinds = KINDS
        .iter()
        .map(|kind| part(kind.name, kind.example, kind.title));
    let mut players = Vec::new();
    for part in kinds.chain(GUESTS) {
        let Part { kind, number, .. } = part;
        let url = format!("{radius_url}/__sandbox/identities/{kind}/{number}");
        let person = who(&client, url)
            .await
            .with_context(|| format!("the sandbox does not return its person for {kind}"))?;
        let id = send(queue, &part, &person).await?;
        players.push(Player {
            id,
            kind,
            shows: part.shows,
            dies: part.dies,
        });
    }
    Ok(players)
}

async fn who(client: &reqwest::Client, url: String) -> reqwest::Result<Value> {
    let asked = async {
        let answer = client.get(url).send().await?.error_for_status()?;
        answer.json().await
    };
    asked.await.map_err(reqwest::Error::without_url)
}

async fn send(queue: &Queue, part: &Part, person: &Value) -> Result<VerificationId> {
    let kind = kyc_kinds::find(part.kind).context("a guest of an unknown kind")?;
    let mut job = Map::new();
    job.insert("kind".to_owned(), kind.name.into());
    job.insert(kind.field.to_owned(), part.number.into());
    for field in kind.required {
        job.insert((*field).to_owned(), person[*field].clone());
    }
    if part.claims {
        let fields = ["first_name", "last_name", "date_of_birth"];
        let claims: Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), person[*field].clone()))
            .collect();
        job.insert("claims".to_owned(), claims.into());
    }
    job.insert("max_attempts".to_owned(), json!(part.attempts));
    job.insert("reference".to_owned(), "demo".into());
    let request = kyc_kinds::parse(Value::Object(job).to_string().as_bytes(), Rules::default())?;
    Ok(queue.enqueue(&request).await?.id)
}
