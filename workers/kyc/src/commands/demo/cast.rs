//! Who plays in the demo: each kind once, and the sandbox's more interesting people.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kyc_domain::VerificationId;
use kyc_kinds::{KINDS, Kind, Rules};
use kyc_queue::Queue;
use serde_json::{Map, Value, json};

/// One verification of the demo.
pub(crate) struct Player {
    pub id: VerificationId,
    pub kind: &'static str,
    /// What is shown with it.
    pub part: &'static str,
}

/// The interesting ones: kind, number, whether claims are sent, attempts, and what is shown.
const GUESTS: [(&str, &str, bool, u32, &str); 9] = [
    ("bvn", "22212345001", false, 8, "no such record"),
    (
        "bvn",
        "22212345003",
        false,
        8,
        "a picture that does not decode",
    ),
    ("bvn", "22212345009", false, 8, "a PNG"),
    (
        "bvn",
        "22212345060",
        true,
        8,
        "claims that match, on the watch list",
    ),
    ("nin", "12345678061", true, 8, "claims with diacritics"),
    ("nin", "12345678062", true, 8, "names the other way round"),
    (
        "nin",
        "12345678020",
        false,
        8,
        "status 500 once, then an answer",
    ),
    (
        "nin_phone",
        "08031234010",
        false,
        8,
        "429: the kind waits 2 s",
    ),
    (
        "drivers_license",
        "ABC12345AA021",
        false,
        2,
        "status 500 always: dead after 2 attempts",
    ),
];

/// Enqueues everyone.
pub(crate) async fn enqueue(queue: &Queue, radius_url: &str) -> Result<Vec<Player>> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()?;
    let who = |kind: &'static Kind, number: String| {
        let url = format!("{radius_url}/__sandbox/identities/{}/{number}", kind.name);
        let asked = client.get(url).send();
        async move {
            let answer = asked.await.map_err(reqwest::Error::without_url)?;
            ensure!(
                answer.status().is_success(),
                "the sandbox does not say who {} is",
                kind.example
            );
            Ok(answer
                .json::<Value>()
                .await
                .map_err(reqwest::Error::without_url)?)
        }
    };
    let mut players = Vec::new();
    for kind in KINDS {
        let person = who(kind, kind.example.to_owned()).await?;
        players.push(send(queue, kind, kind.example, &person, (false, 8), kind.title).await?);
    }
    for (name, number, claims, attempts, part) in GUESTS {
        let kind = kyc_kinds::find(name).context("a guest of an unknown kind")?;
        let person = who(kind, number.to_owned()).await?;
        players.push(send(queue, kind, number, &person, (claims, attempts), part).await?);
    }
    Ok(players)
}

async fn send(
    queue: &Queue,
    kind: &'static Kind,
    number: &str,
    person: &Value,
    (claims, attempts): (bool, u32),
    part: &'static str,
) -> Result<Player> {
    let mut job = Map::new();
    job.insert("kind".to_owned(), kind.name.into());
    job.insert(kind.field.to_owned(), number.into());
    for demand in kind.demands {
        job.insert((*demand).to_owned(), person[*demand].clone());
    }
    if claims {
        let fields = ["first_name", "last_name", "date_of_birth"];
        let claims: Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), person[*field].clone()))
            .collect();
        job.insert("claims".to_owned(), claims.into());
    }
    job.insert("max_attempts".to_owned(), json!(attempts));
    job.insert("reference".to_owned(), "demo".into());
    let request = kyc_kinds::parse(Value::Object(job).to_string().as_bytes(), Rules::default())?;
    let id = queue.enqueue(&request).await?.id;
    Ok(Player {
        id,
        kind: kind.name,
        part,
    })
}
