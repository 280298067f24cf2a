//! What the queue knows of a verification, for whoever asks.

use jiff::Timestamp;
use kyc_domain::{Outcome, VerificationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, Queue};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In line, or waiting for its time.
    Waiting,
    /// With a worker.
    Running,
    /// There is an outcome.
    Completed,
    /// Given up; the code says why.
    Dead,
    /// Called off.
    Cancelled,
}

impl State {
    /// The name used in Redis, results and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Dead | Self::Cancelled)
    }

    fn read(text: &str) -> Option<Self> {
        [
            Self::Waiting,
            Self::Running,
            Self::Completed,
            Self::Dead,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }
}

/// Why a job waits, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// `in_line`, `not_before`, `retry`, or why its kind is parked.
    pub why: String,
    /// Until when, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// One attempt, or one worker that was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended, in milliseconds since 1970.
    pub at: i64,
    /// Its number, from 1.
    pub attempt: u32,
    /// `completed`, `stalled`, or the failure's class.
    pub class: String,
    /// The failure's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// A verification as the queue knows it. Holds no person's data but in `outcome`.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub tenant: String,
    /// The caller's own id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The number that was asked about, masked.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// Why it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What it says, once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The code of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The last failure in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// Attempts spent.
    pub attempts: u32,
    /// Workers that died or hung with it.
    pub stalls: u32,
    /// Calls sent over all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer.
    pub unanswered_calls: u32,
    /// When it was accepted.
    pub enqueued_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What happened so far.
    pub history: Vec<Attempt>,
    /// What came of it.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
}

impl Verification {
    /// All that is known as one JSON object: the outcome's fields stand beside the job's. Personal data.
    pub fn to_json(&self) -> Value {
        let mut whole = serde_json::to_value(self).unwrap_or_default();
        if let (Some(outcome), Some(object)) = (&self.outcome, whole.as_object_mut())
            && let Ok(Value::Object(fields)) = serde_json::to_value(outcome)
        {
            object.extend(fields);
        }
        whole
    }
}

const FIELDS: [&str; 18] = [
    "kind",
    "tenant",
    "reference",
    "mask",
    "state",
    "due",
    "verdict",
    "code",
    "sentence",
    "attempts",
    "stalls",
    "calls",
    "unanswered",
    "enqueued",
    "finished",
    "history",
    "outcome",
    "request",
];

impl Queue {
    /// What the queue knows of a verification, with its outcome once there is one.
    pub async fn look(&self, id: VerificationId) -> Result<Option<Verification>, Error> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.key(&format!("job:{id}"))).arg(&FIELDS);
        let values: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        let fields = Fields { id, values };
        let Some(state) = fields.text("state") else {
            return Ok(None);
        };
        let state = State::read(&state).ok_or_else(|| fields.unreadable("the state"))?;
        let outcome = self.outcome(&fields)?;
        let verification = Verification {
            id,
            kind: fields.text("kind").unwrap_or_default(),
            tenant: fields.text("tenant").unwrap_or_default(),
            reference: fields.text("reference").unwrap_or_default(),
            number: fields.text("mask").unwrap_or_default(),
            state,
            waiting: self.waiting(state, &fields).await?,
            verdict: fields.text("verdict"),
            code: fields.text("code").filter(|_| state != State::Completed),
            sentence: fields
                .text("sentence")
                .filter(|_| state != State::Completed),
            attempts: fields.number("attempts"),
            stalls: fields.number("stalls"),
            calls: fields.number("calls"),
            unanswered_calls: fields.number("unanswered"),
            enqueued_at: fields.time("enqueued").unwrap_or_default(),
            finished_at: fields.time("finished"),
            history: fields.history(),
            outcome,
        };
        Ok(Some(verification))
    }

    fn outcome(&self, fields: &Fields) -> Result<Option<Outcome>, Error> {
        let Some(sealed) = fields.bytes("outcome") else {
            return Ok(None);
        };
        let opened = self
            .vault()
            .open(&fields.id.to_string(), "outcome", sealed)?;
        serde_json::from_slice(&opened.bytes)
            .map(Some)
            .map_err(|_| fields.unreadable("the outcome"))
    }

    async fn waiting(&self, state: State, fields: &Fields) -> Result<Option<Waiting>, Error> {
        if state != State::Waiting {
            return Ok(None);
        }
        if let Some(until) = fields.time("due") {
            let why = if fields.number("attempts") == 0 {
                "not_before"
            } else {
                "retry"
            };
            return Ok(Some(Waiting {
                why: why.to_owned(),
                until: Some(until),
            }));
        }
        let kind = fields.text("kind").unwrap_or_default();
        let parked = self.parked(&[&kind]).await?.pop();
        Ok(Some(match parked {
            Some(parked) => Waiting {
                why: parked.reason,
                until: parked
                    .until_ms
                    .and_then(|until| Timestamp::from_millisecond(until).ok()),
            },
            None => Waiting {
                why: "in_line".to_owned(),
                until: None,
            },
        }))
    }
}

/// The fields of a job's hash.
struct Fields {
    id: VerificationId,
    values: Vec<Option<Vec<u8>>>,
}

impl Fields {
    fn bytes(&self, name: &str) -> Option<&[u8]> {
        let position = FIELDS.iter().position(|field| *field == name)?;
        self.values.get(position)?.as_deref()
    }

    fn text(&self, name: &str) -> Option<String> {
        self.bytes(name)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        let milliseconds = self.text(name)?.parse().ok()?;
        Timestamp::from_millisecond(milliseconds).ok()
    }

    fn history(&self) -> Vec<Attempt> {
        let lines = self.text("history").unwrap_or_default();
        lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    fn unreadable(&self, what: &'static str) -> Error {
        Error::Unreadable {
            what,
            id: self.id.to_string(),
        }
    }
}
