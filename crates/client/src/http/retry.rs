//! Whether a request is sent again, and when.

use std::time::Duration;

use backoff::{ExponentialBackoff, backoff::Backoff as _};

use super::{Error, error::Fault};

/// Whether it does harm to carry a request out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It does none.
    Safe,
    /// It could: the request is sent again only if it was not carried out.
    Unsafe,
}

/// The pauses between the tries of one request.
pub(super) struct Pauses {
    repeat: Repeat,
    backoff: ExponentialBackoff,
}

impl Pauses {
    /// Pauses until `patience` is over, counted from now.
    pub(super) fn new(repeat: Repeat, patience: Duration) -> Self {
        let backoff = ExponentialBackoff {
            initial_interval: Duration::from_millis(200),
            current_interval: Duration::from_millis(200),
            randomization_factor: 0.5,
            multiplier: 2.0,
            max_interval: Duration::from_secs(10),
            max_elapsed_time: Some(patience),
            ..ExponentialBackoff::default()
        };
        Self { repeat, backoff }
    }

    /// Returns the pause before the request is sent again, or `None` if it is not. The server's own time is never shortened.
    pub(super) fn next(&mut self, error: &Error) -> Option<Duration> {
        if !may_send_again(error, self.repeat) {
            return None;
        }
        let patience = self.backoff.max_elapsed_time;
        let pause = self.backoff.next_backoff()?;
        let Some(asked) = error.retry_after() else {
            return Some(pause);
        };
        // Many who were told the same time do not come back at once.
        let pause = asked + pause.min(asked / 4);
        let is_over =
            patience.is_some_and(|patience| self.backoff.get_elapsed_time() + pause > patience);
        (!is_over).then_some(pause)
    }
}

fn may_send_again(error: &Error, repeat: Repeat) -> bool {
    match error {
        Error::Connection(Fault::Connect) => true,
        Error::Connection(_) => repeat == Repeat::Safe,
        Error::Config(_) | Error::Answer(_) => false,
        Error::Problem(_) | Error::Status(_) => match error.status() {
            // Refused before anything was done.
            Some(429) => true,
            Some(502..=504) => repeat == Repeat::Safe,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Problem, *};

    fn problem(status: u16, retry_after: Option<u32>) -> Error {
        let json = serde_json::json!({ "type": "t", "status": status, "retry_after": retry_after });
        let problem: Problem = serde_json::from_value(json).unwrap();
        Error::Problem(Box::new(problem))
    }

    #[test]
    fn only_what_does_no_harm_is_sent_again() {
        let cases = [
            (Error::Connection(Fault::Connect), true, true),
            (Error::Connection(Fault::Timeout), true, false),
            (Error::Connection(Fault::Broken), true, false),
            (problem(429, Some(1)), true, true),
            (problem(503, Some(2)), true, false),
            (Error::Status(502), true, false),
            (problem(500, None), false, false),
            (problem(409, None), false, false),
            (problem(422, None), false, false),
            (Error::Status(404), false, false),
            (Error::Answer("x"), false, false),
            (Error::Config("x"), false, false),
        ];
        for (error, safe, harmful) in cases {
            assert_eq!(may_send_again(&error, Repeat::Safe), safe, "{error:?}");
            assert_eq!(may_send_again(&error, Repeat::Unsafe), harmful, "{error:?}");
        }
    }

    #[test]
    fn the_servers_time_is_kept_and_patience_ends() {
        let mut pauses = Pauses::new(Repeat::Safe, Duration::from_secs(60));
        let pause = pauses.next(&problem(503, Some(7))).unwrap();
        assert!((7.0..9.0).contains(&pause.as_secs_f64()), "{pause:?}");
        assert_eq!(pauses.next(&problem(503, Some(100))), None);
        let first = Pauses::new(Repeat::Safe, Duration::from_secs(60)).next(&Error::Status(503));
        assert!(first.unwrap() <= Duration::from_millis(300), "{first:?}");
        let mut none = Pauses::new(Repeat::Safe, Duration::ZERO);
        assert_eq!(none.next(&Error::Status(503)), None);
    }
}
