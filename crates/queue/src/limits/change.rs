//! Changes of limits: what is not named stays. Pure.

use std::time::Duration;

use crate::limits::{Daily, LimitError, Limits, Rate};

/// The time zone of a daily quota, unless another one is given.
const ZONE: &str = "Africa/Lagos";

/// A change of one limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Stays,
    /// It is removed.
    Goes,
    /// It gets this value.
    Is(T),
}

/// Changes of the limits of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitChanges {
    /// Calls in a period. Burst and margin stay, reduced to what the new rate allows.
    pub rate: Change<Rate>,
    /// How many calls may be sent at once after a quiet time.
    pub burst: Option<u32>,
    /// How much longer than the period its calls are spread over.
    pub margin: Option<Duration>,
    /// Calls in a day.
    pub daily: Change<u64>,
    /// The time zone of the day.
    pub zone: Option<String>,
    /// Calls under way at once.
    pub in_flight: Change<u32>,
}

impl LimitChanges {
    /// Returns `known` with these changes.
    ///
    /// # Errors
    ///
    /// [`LimitError`], if a change needs a limit that there is not.
    pub fn over(&self, known: &Limits) -> Result<Limits, LimitError> {
        Ok(Limits {
            rate: self.rate_over(known.rate)?,
            daily: self.daily_over(known.daily.as_ref())?,
            in_flight: self.in_flight.over(known.in_flight),
        })
    }

    fn rate_over(&self, known: Option<Rate>) -> Result<Option<Rate>, LimitError> {
        let mut rate = self.rate.over(known);
        if let (Some(rate), Some(known)) = (&mut rate, known) {
            rate.burst = known.burst.min(rate.calls);
            rate.margin = known.margin.min(rate.period);
        }
        let no_rate = |what| LimitError::new(what, "needs a rate", "give a rate too, like 5/s");
        if let Some(burst) = self.burst {
            rate.as_mut().ok_or_else(|| no_rate("burst"))?.burst = burst;
        }
        if let Some(margin) = self.margin {
            rate.as_mut().ok_or_else(|| no_rate("margin"))?.margin = margin;
        }
        Ok(rate)
    }

    fn daily_over(&self, known: Option<&Daily>) -> Result<Option<Daily>, LimitError> {
        let Some(calls) = self.daily.over(known.map(|daily| daily.calls)) else {
            if self.zone.is_none() {
                return Ok(None);
            }
            let remedy = "give a daily quota too, like 10000";
            return Err(LimitError::new("zone", "needs a daily quota", remedy));
        };
        let known = known.map(|daily| &daily.zone);
        let zone = self.zone.as_ref().or(known);
        let zone = zone.map_or_else(|| ZONE.to_owned(), Clone::clone);
        Ok(Some(Daily { calls, zone }))
    }
}

impl<T: Copy> Change<T> {
    fn over(&self, known: Option<T>) -> Option<T> {
        match self {
            Self::Stays => known,
            Self::Goes => None,
            Self::Is(value) => Some(*value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_replaces_that_limit_and_the_others_stay() {
        let all = LimitChanges {
            rate: Change::Is("10/s".parse().unwrap()),
            burst: Some(4),
            margin: Some(Duration::from_millis(40)),
            daily: Change::Is(9),
            zone: None,
            in_flight: Change::Is(3),
        };
        let known = all.over(&Limits::default()).unwrap();
        let rate = known.rate.unwrap();
        assert_eq!((rate.calls, rate.burst), (10, 4));
        assert_eq!(known.daily.as_ref().unwrap().zone, ZONE);
        let slower = LimitChanges {
            rate: Change::Is("2/s".parse().unwrap()),
            ..LimitChanges::default()
        };
        let slower = slower.over(&known).unwrap();
        let rate = slower.rate.unwrap();
        assert_eq!(
            (rate.calls, rate.burst, rate.margin),
            (2, 2, Duration::from_millis(40)),
            "the burst is cut to what the rate allows"
        );
        assert_eq!((&slower.daily, slower.in_flight), (&known.daily, Some(3)));
        let none = LimitChanges {
            rate: Change::Goes,
            daily: Change::Goes,
            in_flight: Change::Goes,
            ..LimitChanges::default()
        };
        assert!(none.over(&known).unwrap().is_empty());
    }

    #[test]
    fn a_zone_stays_with_its_quota_and_needs_one() {
        let zone = LimitChanges {
            zone: Some("UTC".to_owned()),
            ..LimitChanges::default()
        };
        let error = zone.over(&Limits::default()).unwrap_err();
        assert_eq!(error.what, "zone");
        let daily = |calls| LimitChanges {
            daily: Change::Is(calls),
            ..LimitChanges::default()
        };
        let nine = daily(9).over(&Limits::default()).unwrap();
        let utc = zone.over(&nine).unwrap();
        let more = daily(20).over(&utc).unwrap().daily.unwrap();
        assert_eq!((more.calls, more.zone.as_str()), (20, "UTC"));
        let burst = LimitChanges {
            burst: Some(2),
            ..LimitChanges::default()
        };
        assert_eq!(burst.over(&nine).unwrap_err().what, "burst");
    }
}
