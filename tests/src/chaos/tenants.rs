//! The results of tenants: each is published for the tenant of its inbox, alike in the stream of all results and in that of the
//! tenant, and with a MAC.

use std::collections::{BTreeMap, HashMap};

use kyc_queue::Published;

use super::{jobs::Accepted, report::Row};

/// Results by id and state, with their number.
type Counts<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// Compares results with accepted jobs. `own` has the results in the stream of each tenant that has one.
pub(super) fn rows(
    accepted: &[Accepted],
    results: &[Published],
    own: &[(&str, Vec<Published>)],
) -> Vec<Row> {
    let whose: HashMap<&str, &str> = accepted
        .iter()
        .map(|job| (&*job.reference, &*job.tenant))
        .collect();
    let is_own = |tenant: &str| own.iter().any(|(known, _)| *known == tenant);
    let through = accepted.iter().filter(|job| is_own(&job.tenant)).count();
    let in_own = own
        .iter()
        .flat_map(|(tenant, own)| own.iter().map(move |one| (*tenant, one)));
    let wrong: Vec<String> = results
        .iter()
        .map(|one| (&*one.tenant, one))
        .chain(in_own.clone())
        .filter(|(tenant, one)| {
            let job = whose.get(&*one.reference);
            one.tenant != *tenant || job.is_some_and(|job| job != tenant)
        })
        .map(|(_, one)| one.reference.clone())
        .collect();
    let apart = own.iter().flat_map(|(tenant, own)| {
        let of_all = counts(results.iter().filter(|one| one.tenant == *tenant));
        different(&of_all, &counts(own))
    });
    let all = results.iter().chain(in_own.map(|(_, one)| one));
    let unproven = all.filter(|one| !one.verdict.is_empty() && one.authentic != Some(true));
    vec![
        Row::count(
            "of_tenants",
            "of these, through inboxes of tenants",
            through as u64,
        ),
        Row::zero(
            "wrong_tenant",
            "published for another tenant than the job's",
            &wrong,
        ),
        Row::zero(
            "own_differs",
            "results that the tenant's own stream has more or less often",
            &apart.collect::<Vec<_>>(),
        ),
        Row::zero(
            "unproven",
            "published with a verdict and without a right MAC",
            &unproven
                .map(|one| one.reference.clone())
                .collect::<Vec<_>>(),
        ),
    ]
}

fn counts<'a>(results: impl IntoIterator<Item = &'a Published>) -> Counts<'a> {
    let mut counts = Counts::new();
    for one in results {
        *counts.entry((&*one.id, &*one.state)).or_default() += 1;
    }
    counts
}

/// Returns the ids of results that the two streams do not have equally often.
fn different(one: &Counts<'_>, other: &Counts<'_>) -> Vec<String> {
    let keys: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    let differ = keys
        .into_iter()
        .filter(|key| one.get(*key) != other.get(*key));
    differ.map(|(id, state)| format!("{id} {state}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(reference: &str, tenant: &str, authentic: Option<bool>) -> Published {
        Published {
            id: format!("id of {reference}"),
            tenant: tenant.to_owned(),
            reference: reference.to_owned(),
            state: "completed".to_owned(),
            verdict: "found".to_owned(),
            authentic,
            ..Published::default()
        }
    }

    fn broken(results: &[Published], own: Vec<Published>) -> Vec<(&'static str, u64)> {
        let job = |reference: &str, tenant: &str| Accepted {
            reference: reference.to_owned(),
            tenant: tenant.to_owned(),
            ..Accepted::default()
        };
        let accepted = [job("one", "default"), job("two", "acme")];
        let rows = rows(&accepted, results, &[("acme", own)]);
        assert_eq!(rows[0].count, 1);
        let broken = rows.iter().filter(|row| !row.is_retained());
        broken.map(|row| (row.key, row.count)).collect()
    }

    #[test]
    fn results_in_a_wrong_stream_for_a_wrong_tenant_or_without_proof_are_found() {
        let one = || published("one", "default", Some(true));
        let two = || published("two", "acme", Some(true));
        let dead = || Published {
            verdict: String::new(),
            authentic: None,
            ..two()
        };
        assert!(broken(&[one(), two()], vec![two()]).is_empty());
        assert!(broken(&[one(), dead()], vec![dead()]).is_empty());
        assert_eq!(broken(&[one(), two()], vec![]), [("own_differs", 1)]);
        assert_eq!(
            broken(&[one(), two()], vec![two(), two()]),
            [("own_differs", 1)]
        );
        let strange = broken(&[one(), two()], vec![two(), one()]);
        assert_eq!(strange, [("wrong_tenant", 1), ("own_differs", 1)]);
        let taken = published("two", "default", Some(true));
        assert_eq!(broken(&[one(), taken], vec![]), [("wrong_tenant", 1)]);
        for authentic in [None, Some(false)] {
            let two = || published("two", "acme", authentic);
            assert_eq!(broken(&[one(), two()], vec![two()]), [("unproven", 2)]);
        }
    }
}
