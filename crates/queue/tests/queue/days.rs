//! Days of a time zone as the scripts reckon them, against the time zone library: the same midnight, also when the clocks
//! change.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use kyc_queue::{Daily, Limits};
use redis::{AsyncCommands as _, Script};

use crate::support::Case;

/// What `limiter.lua` has to offer, and then this.
const ASK: &str = "local ends = {}
for i = 2, #ARGV do ends[i - 1] = string.format('%.0f', end_of_day(ARGV[1], tonumber(ARGV[i]))) end
return ends";

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_midnight_is_the_zone_s_own() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let limiter = concat!(
        include_str!("../../src/lua/prelude.lua"),
        include_str!("../../src/lua/limiter.lua"),
    );
    let script = Script::new(&format!("{limiter}{ASK}"));
    for name in [
        "Africa/Lagos",
        "UTC",
        "America/New_York",
        "Asia/Kathmandu",
        // The clocks change by half an hour, and at midnight itself.
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Beirut",
        "Africa/Casablanca",
        "<T00>-03:45:10",
    ] {
        let limits = Limits {
            daily: Some(Daily {
                calls: 1,
                zone: name.to_owned(),
            }),
            ..Limits::default()
        };
        case.queue.set_limits("bvn", &limits).await.unwrap();
        let offsets: String = raw.hget(case.key("limiter:bvn"), "offsets").await.unwrap();
        let zone = TimeZone::get(name)
            .or_else(|_| TimeZone::posix(name))
            .unwrap();
        // Every seven hours for three years: no day is left out, at ever other hours.
        let now = Timestamp::now();
        let moments: Vec<Timestamp> = (0..3 * 365 * 24 / 7)
            .map(|nth| now + SignedDuration::from_hours(nth * 7))
            .collect();
        let mut call = script.prepare_invoke();
        call.key("{kyc}").arg(&offsets);
        for moment in &moments {
            call.arg(moment.as_second());
        }
        let ends: Vec<i64> = call.invoke_async(&mut raw).await.unwrap();
        for (moment, end) in moments.iter().zip(ends) {
            let here = moment.to_zoned(zone.clone());
            let midnight = here.tomorrow().unwrap().start_of_day().unwrap();
            assert_eq!(end, midnight.timestamp().as_second(), "{name} at {here}");
        }
    }
}
