//! End-to-end tests of the whole system, with real programs, a real Redis, real sockets and real faults.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod assess;
mod assess_stored;
mod chaos;
mod classes;
mod cli;
mod cli_doctor;
mod cli_doctor_provider;
mod cli_doctor_writes;
mod cli_queue;
mod cli_settings;
mod cli_streams;
mod cloud_store;
mod compose;
mod crash;
mod crash_redis;
mod demo;
mod enqueue_file;
mod enqueue_sealed;
mod explain;
mod exposed;
mod faults;
mod identities;
mod identities_claims;
mod identities_kinds;
mod identities_parking;
mod inbox;
mod jobs;
mod jobs_acts;
mod key_records;
mod keys;
mod limits_cli;
mod limits_key;
mod limits_shown;
mod manual;
mod needs_decision;
mod orphans;
mod over_http;
mod page;
mod persons;
mod places;
mod poison;
mod privacy;
mod probes;
mod probes_metrics;
mod producers;
mod producers_rust;
mod raw;
mod readme;
mod redis_refuses;
mod redis_tls;
mod results_missing;
mod retained;
mod reuse;
mod reuse_rules;
mod sandbox_answers;
mod secrets;
mod stop;
mod tenants;
mod terminals;
mod torn;
