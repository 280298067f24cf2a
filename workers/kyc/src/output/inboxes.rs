//! Formats the inboxes of tenants as a table.

use kyc_queue::TenantInbox;

use super::table::table;

/// Formats how many entries wait in each inbox, how fast they are accepted, and why they wait.
pub(crate) fn inboxes(inboxes: &[TenantInbox]) -> String {
    let mut table = table(&["tenant", "waiting", "accepts", "why they wait"]);
    for inbox in inboxes {
        let accepts = inbox
            .accept
            .map_or_else(|| "unlimited".to_owned(), |rate| rate.to_string());
        let why = match (inbox.waiting, inbox.limited_until) {
            (0, _) => "",
            (_, Some(_)) => "the rate of acceptance",
            (_, None) => "a worker",
        };
        table.add_row([
            inbox.tenant.clone(),
            inbox.waiting.to_string(),
            accepts,
            why.to_owned(),
        ]);
    }
    table.to_string()
}
