//! Checks of `kyc doctor` about the Redis server.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use kyc_queue::{Clock, Queue, Setup};

use super::{
    disk,
    finding::{Check, Works, check},
};

/// Runs all checks of the server, which is connected.
pub(super) async fn checks(queue: &Queue) -> Vec<Check> {
    vec![
        check("redis version", version(queue)).await,
        check("redis setup", setup(queue)).await,
        check("redis writes", writes(queue)).await,
        check("redis clock", clock(queue)).await,
        check("redis eviction", eviction(queue)).await,
        check("redis memory", memory(queue)).await,
        check("redis persistence", disk::persistence(queue)).await,
    ]
}

async fn version(queue: &Queue) -> Result<String> {
    let info = queue.info("server").await?;
    let version = info
        .get("redis_version")
        .context("INFO does not show the version")?;
    let mut numbers = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or_default());
    let (major, minor) = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    ensure!(
        (major, minor) >= (6, 2),
        "it is {version}; 6.2 or newer is required"
    );
    Ok(version.clone())
}

/// A server that answers reads may still refuse every write.
async fn writes(queue: &Queue) -> Result<String> {
    if let Some(why) = queue.refuses_writes().await? {
        bail!("Redis refuses writes, so nothing is accepted: {why}");
    }
    Ok("a key was written and deleted".to_owned())
}

/// Returns the eviction policy, unless it is `noeviction` or the server does not show it.
pub(crate) async fn evicts(queue: &Queue) -> Result<Option<String>> {
    let info = queue.info("memory").await?;
    let policy = info.get("maxmemory_policy").cloned();
    Ok(policy.filter(|policy| policy != "noeviction"))
}

async fn eviction(queue: &Queue) -> Result<Works> {
    let info = queue.info("memory").await?;
    let policy = info.get("maxmemory_policy").map(String::as_str);
    let sentence = match policy {
        Some("noeviction") => "nothing is evicted",
        None => "the server does not show maxmemory-policy: make sure that it is noeviction",
        Some(policy) => bail!(
            "maxmemory-policy is {policy}: Redis would drop accepted jobs; set it to noeviction"
        ),
    };
    Ok(Works {
        sentence: sentence.to_owned(),
        caution: policy.is_none(),
    })
}

async fn setup(queue: &Queue) -> Result<String> {
    let place = match queue.setup().await? {
        Setup::Single => "a single server",
        Setup::Cluster => "a cluster, all of the queue on one of its nodes",
        Setup::Sentinel => "the master that Sentinel names",
    };
    let info = queue.info("replication").await?;
    let replicas = match info.get("connected_slaves").map(String::as_str) {
        Some("0") => "without a replica".to_owned(),
        Some("1") => "with one replica".to_owned(),
        Some(several) => format!("with {several} replicas"),
        None => "which does not show its replicas".to_owned(),
    };
    Ok(format!("{place}, {replicas}"))
}

/// Leases and pauses follow Redis' clock, times in requests follow this machine's clock: they must not differ much.
async fn clock(queue: &Queue) -> Result<Works> {
    Ok(of_clock(queue.clock().await?))
}

/// The largest difference that affects no job.
const LARGEST_DIFFERENCE: Duration = Duration::from_millis(500);

fn of_clock(clock: Clock) -> Works {
    let difference = Duration::from_millis(clock.ahead_ms.unsigned_abs());
    let caution = difference.saturating_sub(clock.round_trip / 2) > LARGEST_DIFFERENCE;
    let sentence = if caution {
        let side = if clock.ahead_ms > 0 {
            "ahead of"
        } else {
            "behind"
        };
        format!(
            "Redis' clock is {:.1} s {side} this machine's: leases and pauses follow the first, times in requests the \
             second; set both by NTP",
            difference.as_secs_f64()
        )
    } else {
        format!(
            "Redis' clock and this machine's differ by {} ms",
            difference.as_millis()
        )
    };
    Works { sentence, caution }
}

async fn memory(queue: &Queue) -> Result<Works> {
    of_memory(&queue.info("memory").await?)
}

/// The share of memory, in percent, from which a warning is given.
const NEARLY_FULL: u64 = 80;

fn of_memory(info: &BTreeMap<String, String>) -> Result<Works> {
    let number = |name: &str| info.get(name).and_then(|text| text.parse::<u64>().ok());
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let used = number("used_memory").unwrap_or_default();
    Ok(match number("maxmemory") {
        Some(most) if most > 0 => {
            ensure!(
                used < most,
                "all {} MiB are used: new jobs are refused; raise maxmemory, or keep less (keep_completed, keep_dead)",
                mib(most)
            );
            let share = used.saturating_mul(100) / most;
            let caution = share >= NEARLY_FULL;
            let then = if caution {
                "; when it is full, new jobs are refused"
            } else {
                ""
            };
            Works {
                sentence: format!(
                    "{} of {} MiB are used ({share} %){then}",
                    mib(used),
                    mib(most)
                ),
                caution,
            }
        }
        Some(_) => format!("{} MiB are used, without a limit (maxmemory 0)", mib(used)).into(),
        None => format!(
            "{} MiB are used; the server does not show its limit",
            mib(used)
        )
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_far_apart_are_a_caution() {
        for (ahead_ms, round_trip_ms, caution, part) in [
            (0, 1, false, "differ by 0 ms"),
            (-500, 0, false, "differ by 500 ms"),
            (501, 0, true, "0.5 s ahead of"),
            (-7_300, 20, true, "7.3 s behind"),
            // The round trip took so long that the difference is within its error.
            (900, 1_000, false, "differ by 900 ms"),
        ] {
            let told = of_clock(Clock {
                ahead_ms,
                round_trip: Duration::from_millis(round_trip_ms),
            });
            assert_eq!(told.caution, caution, "{}", told.sentence);
            assert!(told.sentence.contains(part), "{}", told.sentence);
        }
    }

    #[test]
    fn a_server_that_is_nearly_full_is_a_caution() {
        for (used, most, caution, part) in [
            (
                "1048577",
                Some("0"),
                false,
                "2 MiB are used, without a limit",
            ),
            ("83886079", Some("104857600"), false, "(79 %)"),
            ("83886080", Some("104857600"), true, "(80 %)"),
            ("5", None, false, "does not show its limit"),
        ] {
            let mut info = BTreeMap::from([("used_memory".to_owned(), used.to_owned())]);
            info.extend(most.map(|most| ("maxmemory".to_owned(), most.to_owned())));
            let told = of_memory(&info).unwrap();
            assert_eq!(told.caution, caution, "{}", told.sentence);
            assert!(told.sentence.contains(part), "{}", told.sentence);
        }
    }

    #[test]
    fn a_server_that_is_full_is_bad() {
        for used in ["100", "101"] {
            let pairs = [("used_memory", used), ("maxmemory", "100")];
            let info = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let full = of_memory(&BTreeMap::from(info)).err().unwrap();
            assert!(full.to_string().contains("new jobs are refused"), "{full}");
        }
    }
}
