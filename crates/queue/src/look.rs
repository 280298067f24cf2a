//! Reading a verification from Redis: one script, so that all of it is of one moment.

use futures::future::try_join_all;
use jiff::Timestamp;
use kyc_domain::{Outcome, VerificationId};

use crate::{
    Error, Queue, State, Verification, Waiting,
    label::{Label, Spent},
    script,
    session::Session,
};

/// The fields that are asked for beside the label and the state; the outcome only where it is wanted.
const FIELDS: [&str; 9] = [
    "due", "verdict", "code", "sentence", "spent", "enqueued", "finished", "history", "outcome",
];

/// What the script answers before them.
const FIRST: [&str; 5] = ["worker", "until", "reason", "label", "state"];

impl Queue {
    /// What the queue knows of a verification, with its outcome once there is one.
    pub async fn look(&self, id: VerificationId) -> Result<Option<Verification>, Error> {
        self.read(id, &FIELDS).await
    }

    /// Looks at several, without their outcomes; those that are gone are left out.
    pub(crate) async fn look_at(&self, ids: &[VerificationId]) -> Result<Vec<Verification>, Error> {
        let light = &FIELDS[..FIELDS.len() - 1];
        let known = try_join_all(ids.iter().map(|id| self.read(*id, light))).await?;
        Ok(known.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        id: VerificationId,
        wanted: &[&str],
    ) -> Result<Option<Verification>, Error> {
        let values = self
            .run(&script::LOOK, |call| {
                call.arg(id.to_string()).arg(wanted);
            })
            .await?;
        let fields = Fields { id, values };
        let Some(label) = fields.bytes("label") else {
            return Ok(None);
        };
        let label: Label =
            serde_json::from_slice(label).map_err(|_| fields.unreadable("the label"))?;
        let outcome = self.outcome(&fields)?;
        fields.verification(label, outcome).map(Some)
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
}

/// What the script answered.
struct Fields {
    id: VerificationId,
    values: Vec<Option<Vec<u8>>>,
}

impl Fields {
    fn verification(&self, label: Label, outcome: Option<Outcome>) -> Result<Verification, Error> {
        let state = self.state()?;
        let spent = self.bytes("spent").unwrap_or_default();
        let spent = Spent::read(spent).ok_or_else(|| self.unreadable("what it has cost"))?;
        let failed = !matches!(state, State::Completed | State::Cancelled);
        let deadline = label.deadline.map(Timestamp::from_millisecond);
        Ok(Verification {
            id: self.id,
            state,
            worker: self
                .text("worker")
                .map(|session| Session::worker(&session).to_owned()),
            waiting: (state == State::Waiting).then(|| self.waiting(spent)),
            kind: label.kind,
            tenant: label.tenant,
            reference: label.reference,
            number: label.number,
            priority: label.priority,
            verdict: self.text("verdict"),
            code: self.text("code").filter(|_| failed),
            sentence: self.text("sentence").filter(|_| failed),
            attempts: spent.attempts,
            stalls: spent.stalls,
            calls: spent.calls,
            unanswered_calls: spent.unanswered,
            enqueued_at: self.time("enqueued").unwrap_or_default(),
            deadline: deadline.and_then(Result::ok),
            finished_at: self.time("finished"),
            history: self.history(),
            outcome,
        })
    }

    fn state(&self) -> Result<State, Error> {
        match self.text("state") {
            Some(ended) => State::read(&ended).ok_or_else(|| self.unreadable("the state")),
            None if self.text("worker").is_some() => Ok(State::Running),
            None => Ok(State::Waiting),
        }
    }

    fn waiting(&self, spent: Spent) -> Waiting {
        let (why, until) = if let Some(due) = self.time("due") {
            let why = if spent.attempts == 0 {
                "not_before"
            } else {
                "retry"
            };
            (why.to_owned(), Some(due))
        } else {
            let until = self.number("until").unwrap_or_default();
            match self.text("reason") {
                Some(reason) if until == -1 => (reason, None),
                Some(reason) if until > Timestamp::now().as_millisecond() => {
                    (reason, Timestamp::from_millisecond(until).ok())
                }
                _ => ("in_line".to_owned(), None),
            }
        };
        Waiting { why, until }
    }

    /// What was answered under this name; nothing is as good as empty.
    fn bytes(&self, name: &str) -> Option<&[u8]> {
        let position = FIRST
            .iter()
            .chain(&FIELDS)
            .position(|field| *field == name)?;
        let value = self.values.get(position)?.as_deref()?;
        (!value.is_empty()).then_some(value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.bytes(name)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.number(name)?).ok()
    }

    fn history(&self) -> Vec<crate::Attempt> {
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
