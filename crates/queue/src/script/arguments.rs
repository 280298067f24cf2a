//! The arguments of the scripts. A struct lists the arguments of one script, or of one element of a list that a script
//! takes, in their order; the script unpacks them into locals of the same names. A test compares the two.

use redis::ScriptInvocation;

macro_rules! arguments {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? of $script:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name $(<$life>)? {
                $($(#[$field_doc])* pub(crate) $field: $type,)*
            }

            impl $(<$life>)? $name $(<$life>)? {
                /// Appends the arguments to a call, in the order of the script.
                pub(crate) fn write(&self, call: &mut ScriptInvocation<'_>) {
                    $(call.arg(&self.$field);)*
                }
            }
        )*

        /// Each list of arguments: the script that takes it, and their names.
        #[cfg(test)]
        const LISTS: &[(&str, &[&str])] = &[$(($script, &[$(stringify!($field)),*])),*];
    };
}

arguments! {
    /// The jobs follow, each as an [`EnqueuedJob`].
    Enqueue<'a> of "enqueue" {
        /// The text of the caller's index keys.
        state: &'a str,
        /// The stream of the inbox that the jobs came with, or empty.
        stream: &'a str,
        is_submitted: u8,
        keep_ms: u64,
    }

    EnqueuedJob<'a> of "enqueue" {
        id: &'a str,
        kind: &'a str,
        priority: &'a str,
        tenant: &'a str,
        header: &'a str,
        /// The key record, or its name where key records have a store of their own.
        key: &'a [u8],
        sealed: &'a [u8],
        /// Milliseconds, or 0.
        not_before: i64,
        /// Milliseconds, or 0.
        deadline: i64,
        /// The index of the idempotency key, or empty.
        index: &'a str,
        digest: &'a str,
        /// The index of the reference, or empty.
        reference: &'a str,
        has_coalescing_key: u8,
        /// The entry of the inbox that it came with, or empty.
        entry: &'a str,
        /// The index of the idempotency key and the digest by each older index key, separated by blanks.
        older: &'a str,
        /// The indexes of its numbers, separated by blanks.
        persons: &'a str,
    }

    /// The kinds that the worker takes follow.
    Lease<'a> of "lease" {
        session: &'a str,
        batch: u64,
        turn: u64,
        wanted: usize,
        lease_ms: u64,
        max_stalls: u32,
        hold_ambiguous: u8,
        retention_ms: u64,
        keep_results: usize,
        horizon_us: u64,
        lead_us: u64,
        /// Ids of keys, each between blanks.
        missing_keys: &'a str,
    }

    /// Each lease that the worker knows follows, as a [`KnownLease`].
    Renew<'a> of "renew" {
        session: &'a str,
        lease_ms: u64,
        seen: u64,
        max_stalls: u32,
        hold_ambiguous: u8,
        retention_ms: u64,
        keep_results: usize,
    }

    KnownLease<'a> of "renew" {
        id: &'a str,
        batch: u64,
    }

    Release<'a> of "release" {
        session: &'a str,
        batch: u64,
        id: &'a str,
        may_be_sent: u8,
        given_ms: u64,
        slot_us: u64,
        hold_ambiguous: u8,
        is_useless: u8,
    }

    Leave<'a> of "leave" {
        session: &'a str,
        seen: u64,
    }

    /// Groups of jobs follow: a [`CompletedGroup`], then its jobs.
    Complete<'a> of "complete" {
        session: &'a str,
        retention_ms: u64,
        keep_results: usize,
        /// 1 if an earlier try may have been applied, in whole or in part.
        is_again: u8,
        /// The text of the caller's index keys, or empty if no job has indexes by them.
        state: &'a str,
    }

    CompletedGroup<'a> of "complete" {
        count: usize,
        batch: u64,
        kind: &'a str,
        counts_as: &'a str,
        calls: u32,
        pauses: u32,
        has_record: u8,
        has_images: u8,
    }

    CompletedJob<'a> of "complete" {
        id: &'a str,
        tenant: &'a str,
        result: &'a str,
        mac: &'a str,
        sealed: &'a [u8],
        progress: &'a str,
        /// The indexes of the numbers of its record, separated by blanks; `?` if there is no key for them.
        persons: &'a str,
        /// What only few jobs have, see `complete.lua`; or empty.
        more: &'a str,
    }

    /// The kinds with images follow.
    Settle<'a> of "settle" {
        session: &'a str,
        batch: u64,
        id: &'a str,
        verb: &'a str,
        progress: &'a str,
        delay_ms: &'a str,
        code: &'a str,
        class: &'a str,
        calls: u32,
        retention_ms: u64,
        keep_results: usize,
        against_provider: u8,
        pauses_seen: u32,
        given_ms: u64,
        failures: u32,
        window_ms: u64,
        first_pause_ms: u64,
        longest_pause_ms: u64,
        hold_ambiguous: u8,
        own_code: &'a str,
        is_last: u8,
        answer: &'a [u8],
        parks_as: &'a str,
        /// 1 if an earlier try may have been applied, in whole or in part.
        is_again: u8,
    }

    RewrappedRecord<'a> of "rewrap" {
        id: &'a str,
        old: &'a [u8],
        new: &'a [u8],
    }

    Index<'a> of "index" {
        known: &'a [u8],
        sealed: &'a [u8],
        state: &'a str,
    }

    ReindexedJob<'a> of "reindex" {
        id: &'a str,
        known: &'a str,
        new: &'a str,
    }

    Cancel<'a> of "cancel" {
        id: &'a str,
        retention_ms: u64,
        keep_results: usize,
        /// The name of a place, or empty.
        place: &'a str,
        /// Milliseconds, or 0.
        by: i64,
    }

    Pause<'a> of "pause" {
        scope: &'a str,
        /// Milliseconds, or 0.
        for_ms: u64,
        by: &'a str,
        note: &'a str,
    }

    Inspect<'a> of "inspect" {
        id: &'a str,
        with_outcome: u8,
    }

    /// The ids of jobs follow.
    Expire of "expire" {
        wait_ms: u64,
        retention_ms: u64,
        keep_results: usize,
    }

    Overdue<'a> of "overdue" {
        place: &'a str,
        retention_ms: u64,
        skip: usize,
        at_most: usize,
    }

    /// The ids of jobs follow.
    Trim<'a> of "trim" {
        place: &'a str,
        retention_ms: u64,
    }

    Forget of "forget" {
        retention_ms: u64,
        at_most: usize,
    }

    Take<'a> of "take" {
        stream: &'a str,
        consumer: &'a str,
        from: &'a str,
        at_most: usize,
        left_behind_ms: u64,
        bytes_at_most: usize,
        fields_at_most: usize,
        lives_on: u8,
        keep_rejected: usize,
    }

    Reject<'a> of "reject" {
        stream: &'a str,
        entry: &'a str,
        field: &'a str,
        problem: &'a str,
        remedy: &'a str,
        faults: &'a str,
        job: &'a [u8],
        keep_rejected: usize,
        bytes: usize,
        /// The id of a submitted job, or empty.
        id: &'a str,
        keep_ms: u64,
    }

    Submit<'a> of "submit" {
        stream: &'a str,
        id: &'a str,
        /// The index of the idempotency key, or empty.
        index: &'a str,
        digest: &'a str,
        remember_ms: u64,
        about: &'a str,
        public_key: &'a str,
        record: &'a [u8],
        sealed: &'a [u8],
    }

    /// The rows follow, each as a [`SubmittedRow`].
    SubmitRows<'a> of "submit_rows" {
        batch: &'a str,
        stream: &'a str,
        remember_ms: u64,
        keep_ms: u64,
        public_key: &'a str,
    }

    SubmittedRow<'a> of "submit_rows" {
        row: u64,
        line: usize,
        /// The id of its job, or empty if it is refused.
        id: &'a str,
        /// The index of its own idempotency key, or empty.
        index: &'a str,
        digest: &'a str,
        /// What is known of the job, or why the row is refused.
        about: &'a str,
        record: &'a [u8],
        sealed: &'a [u8],
    }

    Withdraw<'a> of "withdraw" {
        id: &'a str,
        keep_ms: u64,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::LISTS;

    /// The lists of names that a script unpacks its arguments into, each with the number of arguments that it unpacks.
    fn unpacked(lua: &str) -> Vec<(Vec<&str>, usize)> {
        let mut lists = Vec::new();
        for (at, call) in lua.match_indices("unpack(ARGV, ") {
            let Some(before) = lua[..at].trim_end().strip_suffix('=') else {
                continue; // the rest of a list without an end
            };
            let names = before.rsplit("local ").next().expect("a local before it");
            let bounds = lua[at + call.len()..].split(')').next().expect("an end");
            let (from, to) = bounds.split_once(", ").expect("two bounds");
            let (offset, to) = match to.rsplit_once(" + ") {
                Some((_, offset)) => (0, offset),
                None => (from.parse().expect("a number"), to),
            };
            let count = to.parse::<usize>().expect("a number") - offset + 1;
            lists.push((names.split(',').map(str::trim).collect(), count));
        }
        lists
    }

    #[test]
    fn each_script_unpacks_what_its_struct_lists() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lua");
        let mut in_lua = BTreeSet::new();
        for file in fs::read_dir(folder).expect("the scripts") {
            let path = file.expect("a script").path();
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let lua = fs::read_to_string(&path).expect("a script");
            for (names, count) in unpacked(&lua) {
                assert_eq!(
                    names.len(),
                    count,
                    "{name} unpacks {count} arguments into {names:?}"
                );
                in_lua.insert((name.clone(), names.join(", ")));
            }
        }
        let in_rust: BTreeSet<(String, String)> = LISTS
            .iter()
            .map(|(script, names)| ((*script).to_owned(), names.join(", ")))
            .collect();
        assert_eq!(in_rust, in_lua);
    }
}
