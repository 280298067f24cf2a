//! Handles a call of the provider's API from its arrival to its answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::{extract::State, http::HeaderMap, response::Response};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use tracing::debug;

use crate::{
    case::{Behaviour, Case, Delivery, Twist},
    config::Config,
    fault::{self, Refusal, Retry},
    images::Images,
    kind::Kind,
    ledger::Ledger,
    record::{self, Subject},
    trouble::{Act, Troubles},
};

const UNAUTHENTICATED: Refusal = Refusal::new(401, "Unauthenticated", Retry::Unsaid);
const TOO_MANY: Refusal = Refusal::new(429, "Too many requests", Retry::Seconds(1));
const INCOMPLETE: Refusal = Refusal::new(422, "The given data was invalid", Retry::Unsaid);
const NO_RECORD: Refusal = Refusal::new(404, "Record not found", Retry::Unsaid);

/// The state that all calls of a sandbox share.
pub(crate) struct Provider {
    config: Config,
    limiter: Option<DefaultDirectRateLimiter>,
    ledger: Mutex<Ledger>,
    troubles: Mutex<Troubles>,
    images: Images,
}

/// Extracts the provider in a handler.
pub(crate) type SharedProvider = State<Arc<Provider>>;

/// The parts of a call except its kind.
pub(crate) struct Call<'a> {
    pub(crate) number: &'a str,
    pub(crate) query: &'a HashMap<String, String>,
    pub(crate) headers: &'a HeaderMap,
}

impl Provider {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            limiter: config
                .rate_per_second
                .map(|rate| RateLimiter::direct(Quota::per_second(rate))),
            images: Images::new(config.image_bytes, config.escaped_slashes),
            ledger: Mutex::new(Ledger::new(Instant::now())),
            troubles: Mutex::default(),
            config,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Locks the counts. No code panics while it holds the lock, so poisoning is ignored.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the counts.
    pub(crate) fn forget(&self) {
        *self.ledger() = Ledger::new(Instant::now());
    }

    /// Locks the current troubles. Poisoning is ignored, as in [`Provider::ledger`].
    pub(crate) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a call after the configured latency.
    pub(crate) async fn answer(&self, kind: Kind, call: &Call<'_>) -> Response {
        self.arrive(kind, call.number);
        // Determined before the delay, so that troubles affect calls in the order of their arrival.
        let trouble = match self.admit(call.headers) {
            Err(refusal) => Some(Act::Refuse(refusal)),
            Ok(()) => self.troubles().strike(kind),
        };
        let is_odd = trouble == Some(Act::Odd);
        if !self.config.latency.is_zero() {
            tokio::time::sleep(self.config.latency).await;
        }
        let case = Case::of(call.number);
        let response = match trouble.filter(|_| !is_odd) {
            Some(act) => act.response(Timestamp::now()),
            None if kind
                .required()
                .iter()
                .any(|name| call.asked(name).is_empty()) =>
            {
                refuse(INCOMPLETE)
            }
            None => self.behave(case.behaviour, kind, call, is_odd).await,
        };
        debug!(
            kind = kind.name(),
            case = case.code,
            status = response.status().as_u16(),
            "Answered a call"
        );
        response
    }

    fn arrive(&self, kind: Kind, number: &str) {
        // Taken before the lock, so that waiting for the lock does not shift the arrival.
        let at = Instant::now();
        self.ledger().arrive(kind, number, at);
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = headers
            .get("Api-Token")
            .map_or(&b""[..], |value| value.as_bytes());
        let known = match &self.config.api_token {
            Some(expected) => token == expected.as_bytes(),
            None => !token.is_empty(),
        };
        match &self.limiter {
            _ if !known => Err(UNAUTHENTICATED),
            Some(limiter) if limiter.check().is_err() => Err(TOO_MANY),
            _ => Ok(()),
        }
    }

    async fn behave(
        &self,
        behaviour: Behaviour,
        kind: Kind,
        call: &Call<'_>,
        is_odd: bool,
    ) -> Response {
        let record = async |twist, delivery| self.record(kind, call, twist, delivery, is_odd).await;
        match behaviour {
            Behaviour::Always(refusal) => refuse(refusal),
            Behaviour::Once(refusal) if self.ledger().misbehaves(kind, call.number) => {
                refuse(refusal)
            }
            Behaviour::Fixed(body) => body.response(),
            Behaviour::Silence => {
                tokio::time::sleep(self.config.never).await;
                fault::hang_up()
            }
            Behaviour::Record(twist) => record(twist, None).await,
            Behaviour::Sent(delivery) => record(Twist::None, Some(delivery)).await,
            Behaviour::Once(_) => record(Twist::None, None).await,
        }
    }

    /// Returns the record if the required fields of the call match it.
    async fn record(
        &self,
        kind: Kind,
        call: &Call<'_>,
        twist: Twist,
        delivery: Option<Delivery>,
        is_odd: bool,
    ) -> Response {
        let subject = Subject::of(kind, call.number);
        if !call.is_about(kind, &subject) {
            return refuse(NO_RECORD);
        }
        let payload = record::write(kind, call.number, &subject, twist, &self.images).await;
        let payload = if is_odd { payload.odd() } else { payload };
        match delivery {
            None => payload.response(),
            Some(Delivery::Slow) => fault::slow(payload, self.config.slow_body),
            Some(Delivery::Cut) => fault::cut(payload),
            Some(Delivery::Truncated) => fault::truncated(payload),
        }
    }
}

impl Call<'_> {
    fn asked(&self, name: &str) -> &str {
        self.query.get(name).map_or("", |value| value.trim())
    }

    fn is_about(&self, kind: Kind, subject: &Subject) -> bool {
        match (kind, subject) {
            (_, Subject::Company(company)) => company.is_called(self.asked("company_name")),
            (Kind::Passport, Subject::Person(person)) => person.is(
                self.asked("first_name"),
                self.asked("last_name"),
                self.asked("dob"),
            ),
            (_, Subject::Person(_)) => true,
        }
    }
}

fn refuse(refusal: Refusal) -> Response {
    refusal.response(Timestamp::now())
}
