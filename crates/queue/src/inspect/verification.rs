//! Reads verifications from Redis, each in one script, so that all its values are of the same moment.

use futures::future::try_join_all;
use jiff::Timestamp;
use kyc_domain::{Class, Outcome, VerificationId};
use kyc_vault::DataKey;
use redis::{FromRedisValue, Value};
use zeroize::Zeroizing;

use crate::{
    Error, Queue, State, Verification, Waiting,
    enqueue::header::Header,
    inspect::{
        position::Position,
        sealed::{SealedFields, SealedJob},
    },
    limits::Counts,
    script::{self, arguments},
    worker::{
        key_records::NOTE,
        progress::{Progress, RetainedAs},
        session::Session,
    },
};

impl Queue {
    /// Returns a verification, with its outcome if there is one and this process has the keys.
    pub async fn look(&self, id: VerificationId) -> Result<Option<Verification>, Error> {
        let moment = self.moment().await?;
        self.read(id, true, &moment).await
    }

    /// Returns several verifications without their outcomes. It leaves out those that do not exist any more, and those that
    /// cannot be read.
    pub async fn look_at(&self, ids: &[VerificationId]) -> Result<Vec<Verification>, Error> {
        let moment = self.moment().await?;
        let read = async |id: &VerificationId| match self.read(*id, false, &moment).await {
            Err(error @ Error::Unreadable { .. }) => {
                tracing::warn!(%error, "A job is left out of a list");
                Ok(None)
            }
            known => known,
        };
        let known = try_join_all(ids.iter().map(read)).await?;
        Ok(known.into_iter().flatten().collect())
    }

    async fn moment(&self) -> Result<Moment, Error> {
        let ask = redis::Cmd::exists(self.key(NOTE));
        let noted = async { Ok(ask.query_async(&mut self.connection()).await?) };
        let (minutes, no_key_records) = tokio::try_join!(self.lately(), noted)?;
        Ok(Moment {
            minutes,
            no_key_records,
        })
    }

    /// Returns the request as it was accepted: JSON, personal data. `None` if there is no such verification.
    pub async fn request(&self, id: VerificationId) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(sealed) = self.sealed(id).await? else {
            return Ok(None);
        };
        let id = id.to_string();
        Ok(Some(sealed.open(self.vault(), &id)?.1))
    }

    /// Returns the data key of a verification, which opens its images. `None` if there is no such verification.
    pub async fn data_key(&self, id: VerificationId) -> Result<Option<DataKey>, Error> {
        let Some(sealed) = self.sealed(id).await? else {
            return Ok(None);
        };
        let id = id.to_string();
        Ok(Some(sealed.open(self.vault(), &id)?.0))
    }

    /// Returns the retained answer of a job, opened: personal data. `None` if there is none.
    pub async fn retained_answer(
        &self,
        id: VerificationId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(sealed) = self.sealed(id).await? else {
            return Ok(None);
        };
        let Some(answer) = &sealed.answer else {
            return Ok(None);
        };
        let (key, _) = sealed.open(self.vault(), &id.to_string())?;
        let opened = key.open("answer", answer).map_err(Error::Sealed)?;
        Ok(Some(opened.bytes))
    }

    async fn sealed(&self, id: VerificationId) -> Result<Option<SealedJob>, Error> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.key(&format!("job:{id}")))
            .arg(&SealedJob::FIELDS);
        let fields: SealedFields = ask.query_async(&mut self.connection()).await?;
        match SealedJob::of(fields) {
            Some(sealed) => Ok(Some(self.with_record(id, sealed).await?)),
            None => Ok(None),
        }
    }

    async fn with_record(
        &self,
        id: VerificationId,
        mut sealed: SealedJob,
    ) -> Result<SealedJob, Error> {
        let field = sealed.take_record();
        let record = self.key_records(vec![(id, field)]).await?.pop().flatten();
        sealed.set_record(record);
        Ok(sealed)
    }

    async fn read(
        &self,
        id: VerificationId,
        with_outcome: bool,
        moment: &Moment,
    ) -> Result<Option<Verification>, Error> {
        let mut known: Vec<Value> = self
            .run(&script::INSPECT, |call| {
                let (id, with_outcome) = (&id.to_string(), u8::from(with_outcome));
                arguments::Inspect { id, with_outcome }.write(call);
            })
            .await?;
        let unreadable = |what| Error::Unreadable {
            what,
            id: id.to_string(),
        };
        let mut place = known.split_off(known.len().min(6)).into_iter();
        let position = Option::from_redis_value(place.next().unwrap_or(Value::Nil))
            .map_err(|_| unreadable("the place"))?;
        let leader = Option::<String>::from_redis_value(place.next().unwrap_or(Value::Nil))
            .map_err(|_| unreadable("the leader"))?;
        known.resize(6, Value::Nil);
        let sealed = std::mem::replace(&mut known[2], Value::Nil);
        let sealed =
            Option::<(Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>)>::from_redis_value(sealed)
                .map_err(|_| unreadable("what is sealed"))?;
        let known: Result<Vec<Option<Vec<u8>>>, _> = known
            .into_iter()
            .map(FromRedisValue::from_redis_value)
            .collect();
        let known: [Option<Vec<u8>>; 6] = known
            .ok()
            .and_then(|known| known.try_into().ok())
            .ok_or_else(|| unreadable("the answer"))?;
        let [Some(header), progress, _, at, worker, held_since] = known else {
            return Ok(None);
        };
        let number = |text: Option<Vec<u8>>| {
            text.and_then(|text| String::from_utf8(text).ok()?.parse().ok())
        };
        let progress = Progress::read(&progress.unwrap_or_default())
            .ok_or_else(|| unreadable("the progress"))?;
        // Without keys the outcome cannot be opened.
        let sealed = sealed.filter(|_| self.vault().can_open());
        let sealed = sealed.and_then(|(request, record, outcome)| {
            SealedJob::of((Some(header.clone()), request, record, outcome, None))
        });
        let (mut outcome, mut erased) = (None, false);
        if let Some(sealed) = sealed {
            let has_outcome = sealed.has_outcome();
            match self.with_record(id, sealed).await {
                Ok(sealed) if sealed.is_erased() => erased = true,
                Ok(sealed) => outcome = self.outcome(id, &sealed, &progress)?,
                // It is to be seen why a job waits, also if it waits for the store of key records.
                Err(Error::KeyRecords(_)) if !has_outcome => {}
                Err(error) => return Err(error),
            }
        }
        Known {
            header: serde_json::from_slice(&header).map_err(|_| unreadable("the header"))?,
            progress,
            at: number(at),
            worker: worker.as_deref().map(text),
            needs_decision: held_since.is_some(),
            position,
            leader,
            erased,
            no_key_records: moment.no_key_records,
        }
        .verification(id, outcome, &moment.minutes)
        .ok_or_else(|| unreadable("the state"))
        .map(Some)
    }

    /// Returns the outcome of a job. The header must be the one that the job was accepted with, and the verdict in the progress the
    /// sealed one.
    fn outcome(
        &self,
        id: VerificationId,
        sealed: &SealedJob,
        progress: &Progress,
    ) -> Result<Option<Outcome>, Error> {
        let id = id.to_string();
        let (key, _) = sealed.open(self.vault(), &id)?;
        let Some(outcome) = sealed.outcome(&key)? else {
            return Ok(None);
        };
        let outcome: Outcome = serde_json::from_slice(&outcome).map_err(|_| Error::Unreadable {
            what: "the outcome",
            id: id.clone(),
        })?;
        if progress.verdict.as_deref() == Some(outcome.verdict.as_str()) {
            Ok(Some(outcome))
        } else {
            Err(Error::Changed {
                id,
                what: "the verdict in its progress is not the sealed one",
            })
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn time(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}

/// What is known of the whole queue when jobs are read.
struct Moment {
    minutes: Vec<Counts>,
    /// Whether a worker cannot reach the store of key records.
    no_key_records: bool,
}

/// The answer of the script.
struct Known {
    header: Header,
    progress: Progress,
    /// When the job ended, or is due.
    at: Option<i64>,
    worker: Option<String>,
    /// Whether it is held for a decision.
    needs_decision: bool,
    position: Option<Position>,
    /// For a follower, the id of its leader, or an empty text if there is a cached answer.
    leader: Option<String>,
    /// Whether its key record is gone.
    erased: bool,
    no_key_records: bool,
}

impl Known {
    /// Returns `None` if this version does not know the state.
    fn verification(
        self,
        id: VerificationId,
        outcome: Option<Outcome>,
        minutes: &[Counts],
    ) -> Option<Verification> {
        let state = match &self.progress.state {
            Some(ended) => State::read(ended)?,
            None if self.worker.is_some() => State::Running,
            None => State::Waiting,
        };
        let waiting = (state == State::Waiting).then(|| {
            let waiting = self.waiting(minutes);
            if self.no_key_records {
                waiting.for_key_records()
            } else {
                waiting
            }
        });
        let Self {
            header,
            progress,
            worker,
            at,
            erased,
            ..
        } = self;
        Some(Verification {
            id,
            state,
            worker: worker.map(|session| Session::worker(&session).to_owned()),
            waiting,
            kind: header.kind,
            tenant: header.tenant,
            reference: header.reference,
            number: header.number,
            priority: header.priority,
            // Nothing confirms it without the sealed outcome.
            verdict: progress.verdict.filter(|_| !erased),
            code: progress.code,
            sentence: progress.sentence,
            attempts: progress.attempts,
            stalls: progress.stalls,
            calls: progress.calls,
            unanswered_calls: progress.unanswered,
            enqueued_at: time(header.enqueued).unwrap_or_default(),
            deadline: header.deadline.and_then(time),
            finished_at: at.filter(|_| state.is_final()).and_then(time),
            answer_retained: progress.answer.is_some(),
            history: progress.history,
            erased,
            outcome,
        })
    }

    fn waiting(&self, minutes: &[Counts]) -> Waiting {
        if self.needs_decision {
            return Waiting::for_a_person();
        }
        if let Some(due) = self.at {
            // Attempts that do not count are in the history too.
            let why = match &self.progress {
                progress if progress.history.is_empty() => "not_before",
                progress if progress.answer == Some(RetainedAs::Ready) => self.kept(),
                progress if progress.isolated > 0 => "isolated",
                _ => "retry",
            };
            return Waiting::new(why, time(due));
        }
        if self.progress.answer == Some(RetainedAs::Ready) {
            return Waiting::new(self.kept(), None);
        }
        if let Some(leader) = &self.leader {
            let leader = leader.parse().ok();
            let why = if leader.is_some() {
                "coalesced"
            } else {
                "cached"
            };
            return Waiting {
                leader,
                ..Waiting::new(why, None)
            };
        }
        match &self.position {
            Some(position) => position.waiting(&self.header.kind, minutes),
            None => Waiting::new("ready", None),
        }
    }

    /// Returns why a job with a retained answer waits.
    fn kept(&self) -> &'static str {
        match self.progress.history.last() {
            Some(last) if last.class == Class::Store.as_str() => "blob_store",
            _ => "reread",
        }
    }
}
