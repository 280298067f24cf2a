//! Days of a time zone, in a form from which the scripts can compute midnight: the UTC offset, and
//! when it changes.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};

use crate::limits::LimitError;

/// The number of future offset changes that are stored: twenty years with two each.
const CHANGES: usize = 40;

/// The days of a time zone, beginning with a given moment.
pub(crate) struct Days {
    /// The offset in seconds, followed by `;FROM=OFFSET` for each future change.
    pub(crate) offsets: String,
    /// When the day that contains this moment ends, in milliseconds since 1970.
    pub(crate) today_ends_ms: i64,
}

/// Returns the days of a time zone, which is named as in the time zone database or written as a
/// POSIX rule.
pub(crate) fn days(zone: &str, now: Timestamp) -> Result<Days, LimitError> {
    let unknown = || {
        let remedy = "write a name like Africa/Lagos or UTC, or a POSIX rule like <+01>-1";
        LimitError::new("zone", "is not known", remedy)
    };
    let zone = TimeZone::get(zone)
        .or_else(|_| TimeZone::posix(zone))
        .map_err(|_| unknown())?;
    let mut offsets = zone.to_offset(now).seconds().to_string();
    for change in zone.following(now).take(CHANGES) {
        let (from, offset) = (change.timestamp().as_second(), change.offset().seconds());
        // Writing to a `String` does not fail.
        let _ = write!(offsets, ";{from}={offset}");
    }
    let tomorrow = now.to_zoned(zone).tomorrow();
    let midnight = tomorrow.and_then(|tomorrow| tomorrow.start_of_day());
    Ok(Days {
        offsets,
        today_ends_ms: midnight
            .map_err(|_| unknown())?
            .timestamp()
            .as_millisecond(),
    })
}
