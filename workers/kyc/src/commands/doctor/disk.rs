//! Checks of `kyc doctor` about Redis' files: what a power cut can cost, and whether saving failed.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use kyc_queue::Queue;

use super::finding::Works;

pub(super) async fn persistence(queue: &Queue) -> Result<Works> {
    let info = queue.info("persistence").await?;
    if let Some(failed) = of_saving(&info)? {
        return Ok(failed);
    }
    let append_only = is(&info, "aof_enabled", "1");
    if !append_only {
        return Ok(Works {
            sentence:
                "the append-only file is off: jobs are lost when Redis stops; set appendonly yes"
                    .to_owned(),
            caution: true,
        });
    }
    Ok(of_fsync(
        queue.server_setting("appendfsync").await?.as_deref(),
    ))
}

fn is(info: &BTreeMap<String, String>, name: &str, value: &str) -> bool {
    info.get(name).is_some_and(|known| known == value)
}

/// Checks whether Redis could save its files lately.
fn of_saving(info: &BTreeMap<String, String>) -> Result<Option<Works>> {
    ensure!(
        !is(info, "aof_last_write_status", "err"),
        "the append-only file could not be written (aof_last_write_status): look at Redis' log and its disk"
    );
    if !is(info, "rdb_last_bgsave_status", "err") {
        return Ok(None);
    }
    const FAILED: &str = "the last snapshot could not be saved (rdb_last_bgsave_status): look at Redis' log and its disk";
    // With an append-only file, a failed snapshot loses nothing as long as Redis accepts writes.
    ensure!(is(info, "aof_enabled", "1"), FAILED);
    Ok(Some(Works {
        sentence: FAILED.to_owned(),
        caution: true,
    }))
}

/// Describes what a power cut of Redis can cost.
fn of_fsync(policy: Option<&str>) -> Works {
    let (rest, caution) = match policy {
        Some("always") => (
            "with every write: a power cut costs nothing (appendfsync always)",
            false,
        ),
        Some("everysec") => (
            "every second: a power cut can cost the last one (appendfsync everysec)",
            false,
        ),
        Some(_) => (
            "when the operating system decides: a power cut can cost half a minute; set appendfsync everysec",
            true,
        ),
        None => (
            "but how often cannot be seen: this Redis does not show its settings",
            false,
        ),
    };
    Works {
        sentence: format!("the append-only file is on, forced to disk {rest}"),
        caution,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_saved_is_bad_and_a_caution_where_another_file_has_it() {
        for (aof, rdb_status, aof_status, finding) in [
            ("1", "ok", "ok", Some(None)),
            ("0", "ok", "ok", Some(None)),
            ("1", "err", "ok", Some(Some(true))),
            ("0", "err", "ok", None),
            ("1", "ok", "err", None),
        ] {
            let pairs = [
                ("aof_enabled", aof),
                ("rdb_last_bgsave_status", rdb_status),
                ("aof_last_write_status", aof_status),
            ];
            let info = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let told = of_saving(&BTreeMap::from(info)).ok();
            let told = told.map(|told| told.map(|works| works.caution));
            assert_eq!(told, finding, "{pairs:?}");
        }
    }

    #[test]
    fn an_append_only_file_that_nobody_forces_to_disk_is_a_caution() {
        assert!(of_fsync(Some("no")).caution);
        for policy in [Some("always"), Some("everysec"), None] {
            assert!(!of_fsync(policy).caution, "{policy:?}");
        }
    }
}
