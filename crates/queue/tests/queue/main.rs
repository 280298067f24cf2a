//! The queue on a real `redis-server` of each test's own: what is promised, and what goes wrong.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod accept;
mod acl;
mod circuit;
mod clock;
mod cluster;
mod cost;
mod days;
mod deferred;
mod drain;
mod failover;
mod failures;
mod gauges;
mod ghosts;
mod images;
mod inbox;
mod inbox_failing;
mod inbox_odd;
mod late;
mod leases;
mod leases_lost;
mod limiters;
mod limiters_steered;
mod limiters_time;
mod lists;
mod load;
mod needs_decision;
mod needs_decision_lost;
mod order;
mod parking;
mod privacy;
mod retained;
mod retained_again;
mod retained_shared;
mod retention;
mod reuse;
mod reuse_ends;
mod reuse_leads;
mod stalls;
mod steer;
mod support;
mod swapped;
mod tenants;
mod times;
mod trouble;
