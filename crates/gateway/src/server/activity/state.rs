//! The state of a connection. The time is passed in.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

/// How long a TLS handshake, the first request, and the head of a request may take.
const LONGEST_HEAD: Duration = Duration::from_secs(10);
/// How long the peer may take to read each piece of an answer.
const LONGEST_PIECE: Duration = Duration::from_secs(30);
/// How long a connection without a request stays when places are short, or the server stops.
const SHORTEST_REST: Duration = Duration::from_secs(1);

/// What happens on one connection.
pub(super) struct State {
    /// How long it may rest between two requests.
    idle: Duration,
    /// Requests whose answers have not been handed over.
    requests: usize,
    /// Whether a request has come.
    served: bool,
    /// Whether requests share the connection, so that a byte need not be the start of a request.
    multiplexed: bool,
    /// Since when no request is under way.
    resting: Instant,
    /// When the first byte came after that.
    heard: Option<Instant>,
    /// When each answer got the piece that the peer has not taken yet.
    given: BTreeMap<u64, Instant>,
    /// The number of the next request.
    next: u64,
}

impl State {
    pub(super) fn new(idle: Duration, now: Instant) -> Self {
        Self {
            idle,
            requests: 0,
            served: false,
            multiplexed: false,
            resting: now,
            heard: None,
            given: BTreeMap::new(),
            next: 0,
        }
    }

    /// No request is under way from now on.
    pub(super) fn rest(&mut self, now: Instant) {
        self.resting = now;
        self.heard = None;
    }

    pub(super) fn hear(&mut self, now: Instant) {
        if self.requests == 0 && !self.multiplexed {
            self.heard.get_or_insert(now);
        }
    }

    /// Returns the number of a request that begins.
    pub(super) fn begin(&mut self, multiplexed: bool) -> u64 {
        self.requests += 1;
        self.served = true;
        self.multiplexed = multiplexed;
        self.heard = None;
        self.next += 1;
        self.next
    }

    pub(super) fn give(&mut self, number: u64, now: Instant) {
        self.given.insert(number, now);
    }

    pub(super) fn take(&mut self, number: u64) {
        self.given.remove(&number);
    }

    pub(super) fn end_of(&mut self, number: u64, now: Instant) {
        self.take(number);
        self.requests -= 1;
        if self.requests == 0 {
            self.rest(now);
        }
    }

    /// Returns when the connection is to be closed, if nothing happens until then.
    pub(super) fn due(&self, now: Instant, is_short: bool) -> Instant {
        let longest = match (is_short, self.served) {
            (true, _) => SHORTEST_REST,
            (false, true) => self.idle,
            (false, false) => LONGEST_HEAD,
        };
        let rest = self.resting + longest;
        let due = match self.heard {
            _ if self.requests > 0 => now + longest,
            Some(heard) => rest.min(heard + LONGEST_HEAD),
            None => rest,
        };
        self.or_stalled(due)
    }

    /// Returns when the connection is to be closed, if it is to end since `begun`.
    pub(super) fn end(&self, now: Instant, begun: Instant) -> Instant {
        let from = match self.requests {
            0 => self.resting.max(begun),
            _ => now,
        };
        self.or_stalled(from + SHORTEST_REST)
    }

    /// Returns this time, or that at which the answer which the peer has not read for the longest time is given up.
    fn or_stalled(&self, due: Instant) -> Instant {
        let stalled = self.given.values().min();
        stalled.map_or(due, |given| due.min(*given + LONGEST_PIECE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: u64 = 75;

    /// A connection, the time at which it was opened, and a time so many seconds later.
    fn opened() -> (State, Instant, impl Fn(u64) -> Instant) {
        let opened = Instant::now();
        let state = State::new(Duration::from_secs(IDLE), opened);
        (state, opened, move |seconds| {
            opened + Duration::from_secs(seconds)
        })
    }

    #[test]
    fn a_connection_without_a_request_is_closed() {
        let (mut state, now, at) = opened();
        assert_eq!(state.due(now, false), at(10));
        assert_eq!(state.due(now, true), at(1));
        let request = state.begin(false);
        state.end_of(request, at(5));
        assert_eq!(state.due(at(6), false), at(5 + IDLE));
        assert_eq!(state.due(at(6), true), at(6));
    }

    #[test]
    fn the_head_of_a_request_is_bounded_from_its_first_byte() {
        let (mut state, _, at) = opened();
        let request = state.begin(false);
        state.hear(at(1));
        state.end_of(request, at(5));
        state.hear(at(40));
        state.hear(at(48));
        assert_eq!(state.due(at(48), false), at(50));
        // In HTTP/2 the bytes may be those of a ping.
        let request = state.begin(true);
        state.end_of(request, at(60));
        state.hear(at(70));
        assert_eq!(state.due(at(70), false), at(60 + IDLE));
    }

    #[test]
    fn a_request_may_take_its_time_but_its_answer_must_be_read() {
        let (mut state, _, at) = opened();
        let request = state.begin(true);
        assert!(state.due(at(500), true) > at(500));
        state.give(request, at(500));
        state.take(request);
        assert!(state.due(at(700), true) > at(700));
        let other = state.begin(true);
        state.give(other, at(700));
        assert_eq!(state.due(at(729), false), at(730));
        state.end_of(other, at(729));
        assert!(state.due(at(800), false) > at(800));
    }

    #[test]
    fn a_server_that_stops_waits_for_requests_and_for_nothing_else() {
        let (mut state, _, at) = opened();
        assert_eq!(state.end(at(50), at(50)), at(51));
        let request = state.begin(false);
        assert!(state.end(at(60), at(50)) > at(60));
        state.give(request, at(60));
        assert_eq!(state.end(at(89), at(50)), at(90));
        state.end_of(request, at(70));
        assert_eq!(state.end(at(70), at(50)), at(71));
    }
}
