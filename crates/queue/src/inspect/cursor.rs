//! Cursors of lists: the text form of what was shown last.

use kyc_domain::VerificationId;

use crate::{Place, inspect::depths::waiting_lists};

impl Place {
    /// Returns whether a text is a [`crate::Page::next`] of this place. Any other text would give a
    /// meaningless page.
    pub fn takes(self, cursor: &str) -> bool {
        match self {
            Self::Running => cursor.parse::<VerificationId>().is_ok(),
            Self::Waiting => split(cursor).is_some_and(|(list, _)| {
                let list = list.rsplit_once(':').map(|(_, list)| list);
                list.is_some_and(|list| waiting_lists().any(|known| known == list))
            }),
            Self::Scheduled
            | Self::NeedsDecision
            | Self::Completed
            | Self::Dead
            | Self::Cancelled => moment(cursor)
                .is_some_and(|(time, _)| time.parse::<f64>().is_ok_and(f64::is_finite)),
        }
    }
}

/// Parses a time and the last job that was shown.
pub(crate) fn moment(cursor: &str) -> Option<(&str, VerificationId)> {
    let (time, id) = cursor.rsplit_once('+')?;
    Some((time, id.parse().ok()?))
}

/// Parses a list and the number of its jobs that were shown.
pub(crate) fn split(cursor: &str) -> Option<(&str, usize)> {
    let (place, shown) = cursor.rsplit_once('+')?;
    Some((place, shown.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_takes_its_own_cursors() {
        let id = VerificationId::generate().to_string();
        let of = |cursor: &str| -> Vec<&str> {
            let taking = Place::ALL.into_iter().filter(|place| place.takes(cursor));
            taking.map(Place::as_str).collect()
        };
        assert_eq!(of(&id), ["running"]);
        assert_eq!(of("bvn:high+12"), ["waiting"]);
        let by_time = [
            "scheduled",
            "needs_decision",
            "completed",
            "dead",
            "cancelled",
        ];
        assert_eq!(of(&format!("1795312345678+{id}")), by_time);
        for none in [
            "",
            "+",
            "1795312345678+3",
            "x+1",
            "bvn:highest+1",
            "1795312345678",
            "bvn:high+-1",
        ] {
            assert!(of(none).is_empty(), "{none}");
        }
    }
}
