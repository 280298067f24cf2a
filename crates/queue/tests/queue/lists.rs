//! Lists of jobs: by where they stand, page by page, and by the caller's own reference.

use std::collections::HashSet;

use kyc_domain::{Class, VerificationId};
use kyc_queue::{Filter, Place};
use serde_json::json;

use crate::support::{
    Case, KINDS, eventually, failed, found, handler, request, start, worker, worker_of,
};

/// All ids of a place, read in pages of that length; no id may come twice.
async fn in_pages(case: &Case, filter: &Filter, length: usize) -> Vec<VerificationId> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = case
            .queue
            .jobs(filter, &KINDS, cursor.as_deref(), length)
            .await
            .unwrap();
        assert!(page.jobs.len() <= length);
        ids.extend(page.jobs.iter().map(|job| job.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "a job came twice");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_in_line_come_page_by_page_in_the_order_of_their_lists() {
    let case = Case::start().await;
    let jobs: Vec<_> = (0..57)
        .map(|nth| {
            let priority = ["low", "high", "normal"][nth % 3];
            let tenant = if nth % 19 == 0 { "rare" } else { "often" };
            request(
                ["bvn", "nin"][nth % 2],
                nth,
                json!({"priority": priority, "tenant": tenant}),
            )
        })
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let all: HashSet<_> = accepted.into_iter().map(|job| job.unwrap().id).collect();
    let filter = Filter::all(Place::Waiting);
    for length in [1, 7, 10, 57, 1000] {
        let ids = in_pages(&case, &filter, length).await;
        assert_eq!(ids.iter().copied().collect::<HashSet<_>>(), all);
    }
    let first = case.queue.jobs(&filter, &KINDS, None, 5).await.unwrap();
    assert!(first.jobs.iter().all(|job| job.priority == "high"));

    let nin = Filter {
        kind: Some("nin".to_owned()),
        ..filter.clone()
    };
    assert_eq!(in_pages(&case, &nin, 4).await.len(), 28);
    let rare = Filter {
        tenant: Some("rare".to_owned()),
        ..filter
    };
    assert_eq!(in_pages(&case, &rare, 2).await.len(), 3);
    assert_eq!(case.queue.select(&rare, &KINDS).await.unwrap().len(), 3);

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    for id in &all {
        case.completed(*id).await;
    }
    worker.stop().await;
    case.done().await;
}

/// Jobs that end together end in the same millisecond: their order must hold from page to page all the same.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_ended_come_newest_first_and_are_found_by_their_code() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker_of("one", 64, &KINDS),
        handler(|job| async move {
            if job.kind() == "bvn" {
                return Ok(found(0, 0));
            }
            let mut failure = failed(Class::Hopeless);
            if job.tenant() == "rare" {
                "rare".clone_into(&mut failure.code);
            }
            Err(failure)
        }),
    );
    let jobs: Vec<_> = (0..90)
        .map(|nth| {
            let tenant = if nth % 30 == 1 { "rare" } else { "often" };
            request(["bvn", "nin"][nth % 2], nth, json!({"tenant": tenant}))
        })
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    for job in accepted {
        case.ended(job.unwrap().id).await;
    }
    for place in [Place::Completed, Place::Dead] {
        for length in [1, 6, 44, 45, 500] {
            let filter = Filter::all(place);
            assert_eq!(in_pages(&case, &filter, length).await.len(), 45, "{place}");
        }
        let page = case
            .queue
            .jobs(&Filter::all(place), &KINDS, None, 45)
            .await
            .unwrap();
        let times: Vec<_> = page.jobs.iter().map(|job| job.finished_at).collect();
        assert!(times.is_sorted_by(|newer, older| newer >= older));
        assert!(page.jobs.iter().all(|job| job.outcome.is_none()));
    }
    let rare = Filter {
        code: Some("rare".to_owned()),
        ..Filter::all(Place::Dead)
    };
    assert_eq!(in_pages(&case, &rare, 2).await.len(), 3);

    // The job at which a page ended goes: the next page leaves none of the others out.
    let all = Filter::all(Place::Dead);
    let page = case.queue.jobs(&all, &KINDS, None, 10).await.unwrap();
    let mut seen: HashSet<_> = page.jobs.iter().map(|job| job.id).collect();
    let last = page.jobs[9].id;
    assert_eq!(case.queue.discard(&[last]).await.unwrap(), 1);
    let rest = case.queue.jobs(&all, &KINDS, page.next.as_deref(), 100);
    seen.extend(rest.await.unwrap().jobs.iter().map(|job| job.id));
    assert_eq!(seen.len(), 45);
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_run_or_wait_for_their_time_say_who_has_them_and_until_when() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| std::future::pending()),
    );
    let later = jiff::Timestamp::now() + std::time::Duration::from_secs(3600);
    for nth in 0..5 {
        case.enqueue(&request("bvn", nth, json!({}))).await;
        let terms = json!({"not_before": later.to_string()});
        case.enqueue(&request("nin", nth, terms)).await;
    }
    eventually("five run", async || {
        (case.depths().await.running == 5).then_some(())
    })
    .await;
    let running = Filter::all(Place::Running);
    assert_eq!(in_pages(&case, &running, 2).await.len(), 5);
    let page = case.queue.jobs(&running, &KINDS, None, 10).await.unwrap();
    assert!(
        page.jobs
            .iter()
            .all(|job| job.worker.as_deref() == Some("one"))
    );
    let workers = case.queue.workers().await.unwrap();
    let [only] = workers.as_slice() else {
        panic!("{workers:?}");
    };
    assert_eq!(
        (only.name.as_str(), only.held, only.lost),
        ("one", 5, false)
    );

    let scheduled = Filter::all(Place::Scheduled);
    assert_eq!(in_pages(&case, &scheduled, 2).await.len(), 5);
    let page = case.queue.jobs(&scheduled, &KINDS, None, 1).await.unwrap();
    let waiting = page.jobs[0].waiting.clone().unwrap();
    assert_eq!(waiting.why, "not_before");
    assert_eq!(
        waiting.until.unwrap().as_millisecond(),
        later.as_millisecond()
    );
    for place in [Place::Running, Place::Scheduled] {
        for id in in_pages(&case, &Filter::all(place), 10).await {
            case.queue.cancel(id).await.unwrap();
        }
    }
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_without_workers_has_no_job_that_runs() {
    let case = Case::start().await;
    case.enqueue(&request("bvn", 1, json!({}))).await;
    assert!(case.queue.workers().await.unwrap().is_empty());
    let running = Filter::all(Place::Running);
    assert!(in_pages(&case, &running, 5).await.is_empty());
    for id in in_pages(&case, &Filter::all(Place::Waiting), 5).await {
        case.queue.cancel(id).await.unwrap();
    }
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_finds_all_jobs_of_its_tenant_until_they_are_forgotten() {
    let case = Case::start().await;
    let strange = "loan \"7\" \\ :* \"reference_index\":\"00ff\"";
    let mut ids = Vec::new();
    for (nth, tenant) in ["bank", "bank", "other"].into_iter().enumerate() {
        let terms = json!({"tenant": tenant, "reference": strange});
        ids.push(case.enqueue(&request("bvn", nth, terms)).await.id);
    }
    let of = async |tenant: &str, reference: &str| -> Vec<VerificationId> {
        let found = case.queue.find_by_reference(tenant, reference, 10);
        found.await.unwrap().iter().map(|job| job.id).collect()
    };
    let bank: HashSet<_> = of("bank", strange).await.into_iter().collect();
    assert_eq!(bank, ids[..2].iter().copied().collect());
    assert_eq!(of("other", strange).await, ids[2..]);
    assert!(of("bank", "loan 7").await.is_empty());
    for id in &ids {
        case.queue.cancel(*id).await.unwrap();
    }
    assert_eq!(case.queue.discard(&ids).await.unwrap(), 3);
    assert!(of("bank", strange).await.is_empty());
    let mut raw = case.raw().await;
    let left: Vec<String> = redis::cmd("KEYS")
        .arg(case.key("reference:*"))
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
}
