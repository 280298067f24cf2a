//! Tenants take turns, whoever has how many jobs, and whatever becomes of them.

use kyc_domain::VerificationId;
use kyc_queue::Leased;
use serde_json::json;

use crate::{
    order::{in_order, share},
    support::{Case, request},
};

async fn of_tenant(case: &Case, tenant: &str, from: usize, count: usize) -> Vec<VerificationId> {
    let jobs: Vec<_> = (from..from + count)
        .map(|nth| request("bvn", nth, json!({"tenant": tenant})))
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    accepted.into_iter().map(|job| job.unwrap().id).collect()
}

fn tenant(job: &Leased) -> String {
    job.tenant().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_does_not_wait_for_the_thousand_of_another() {
    let case = Case::start().await;
    of_tenant(&case, "big", 0, 1000).await;
    let [single] = of_tenant(&case, "small", 2000, 1).await[..] else {
        panic!("one was accepted")
    };
    let waiting = case.look(single).await.waiting.unwrap();
    assert!(waiting.ahead.unwrap() <= 1, "{waiting:?}");
    of_tenant(&case, "middle", 3000, 20).await;
    let order = in_order(&case, 1021, &["bvn"], tenant).await;
    assert_eq!(share(&order[..3], "small"), 1, "{:?}", &order[..6]);
    assert_eq!(share(&order[..41], "middle"), 20, "{:?}", &order[..50]);
}

/// Turns that a tenant took and nobody needs any more are not compared with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_calls_its_jobs_off_gets_its_turns_again() {
    let case = Case::start().await;
    of_tenant(&case, "steady", 0, 60).await;
    let hasty = of_tenant(&case, "hasty", 1000, 40).await;
    for id in &hasty {
        case.queue.cancel(*id).await.unwrap();
    }
    case.queue.discard(&hasty).await.unwrap();
    let again = of_tenant(&case, "hasty", 2000, 10).await;
    let waiting = case.look(again[9]).await.waiting.unwrap();
    assert!(waiting.ahead.unwrap() <= 20, "{waiting:?}");
    let order = in_order(&case, 70, &["bvn"], tenant).await;
    assert_eq!(share(&order[..21], "hasty"), 10, "{order:?}");
}
