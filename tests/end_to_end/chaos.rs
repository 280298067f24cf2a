//! The chaos tool: a short run with every fault keeps every promise, and a broken promise is reported.

use std::{process::Stdio, time::Duration};

use kyc_tests::{
    Ran,
    chaos::{Fault, Options, run},
};
use tempfile::TempDir;
use tokio::process::Command;

const TOOL: &str = env!("CARGO_BIN_EXE_chaos");

#[tokio::test(flavor = "multi_thread")]
async fn a_short_run_with_every_fault_breaks_no_promise() {
    let options = Options {
        seconds: 15,
        workers: 3,
        seed: 3,
        rate: 30,
        ..Options::new(TOOL)
    };
    let report = run(&options, |_| ()).await;
    assert!(report.broken().is_empty(), "{report}");
    assert_eq!(report.recoveries.len(), Fault::ALL.len(), "{report}");
    assert!(report.count("accepted") > 50, "{report}");
    let ended = report.count("completed") + report.count("dead");
    assert_eq!(ended, report.count("accepted"), "{report}");
    assert!(report.count("dead") > 0, "some jobs have to die: {report}");
    for recovery in &report.recoveries {
        assert!(recovery.from_beginning_ms.is_some(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_run_whose_jobs_share_numbers_breaks_no_promise() {
    let options = Options {
        seconds: 7,
        workers: 2,
        seed: 5,
        rate: 40,
        same: 6,
        lease: Duration::from_secs(1),
        faults: "kill,stop,lose-reply".parse().unwrap(),
        ..Options::new(TOOL)
    };
    let report = run(&options, |_| ()).await;
    assert!(report.broken().is_empty(), "{report}");
    let ended = report.count("completed") + report.count("dead");
    assert_eq!(ended, report.count("accepted"), "{report}");
    assert!(report.count("saved") > 50, "{report}");
    assert!(report.count("upstream") < ended, "{report}");
}

async fn tool(args: &[&str]) -> Ran {
    // The data that a failed run leaves behind is removed with the test.
    let dir = TempDir::new().unwrap();
    let mut command = Command::new(TOOL);
    command
        .args(args)
        .env("TMPDIR", dir.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    Ran::of(&mut command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_promise_is_named_and_fails_the_run() {
    // The run ends before its jobs do.
    let args = "--seconds 5 --workers 1 --concurrency 1 --latency 1500 --faults none --quiet 0";
    let mut args: Vec<&str> = args.split(' ').collect();
    args.extend(["--rate", "10", "--lease", "30000", "--json"]);
    let ran = tool(&args).await;
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let broken = report["broken"].as_array().unwrap();
    assert_eq!(broken.len(), 1, "{report}");
    assert_eq!(broken[0]["promise"], "waiting");
    assert_eq!(broken[0]["count"], report["counts"]["waiting"]);
    assert_eq!(report["counts"]["faults"], 0);
    assert_eq!(report["counts"]["extra"], 0);
    assert!(ran.err.contains("left behind: "), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_fault_is_refused_with_a_list_of_all_faults() {
    let ran = tool(&["--faults", "kill,flood"]).await;
    assert_eq!(ran.code, 2);
    for fault in Fault::ALL {
        assert!(ran.err.contains(fault.as_str()), "{}", ran.err);
    }
    assert!(ran.err.contains("\"flood\""), "{}", ran.err);
}
