//! `kyc acl`: the rights of a Redis user, by role.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::tenants::named;
use crate::{
    cli::{Acl, Role},
    output,
    settings::Settings,
};

/// The commands by which the queue's library finds its server and loads its scripts. Some are among the dangerous ones, so they
/// follow the removal of those.
const LIBRARY: &str = "-@dangerous +evalsha +script|load +time +info +cluster|info +cluster|keyslot +cluster|myid +cluster|slots";

/// The commands of a server: those of the scripts that it runs, and those by which it reads. None of them lists keys.
const SERVER: &str = "-@all +@connection -@dangerous +evalsha +script|load +time +info +cluster|info +cluster|keyslot +cluster|myid \
                      +cluster|slots +multi +exec +subscribe +unsubscribe +publish +get +mget +set +del +unlink +exists +expire \
                      +pexpire +persist +hget +hmget +hgetall +hset +hsetnx +hdel +hincrby +hexists +hlen +hkeys +zadd +zrem \
                      +zremrangebyrank +zremrangebyscore +zscore +zrank +zrevrank +zrange +zrevrange +zcard +zcount +zunionstore +sadd +srem \
                      +smembers +sismember +xadd +xdel +xack +xrange +xrevrange +xread +xlen \
                      +xinfo|stream";
/// What a server reads and writes of the queue: jobs, the places where they are, and what ends them.
const SERVED: [&str; 36] = [
    "job:*",
    "submission:*",
    "submitted:*",
    "submitted-batch:*",
    "submitted-batch-key:*",
    "submitted-batches:*",
    "submitted-jobs:*",
    "submitted-rows:*",
    "inbox",
    "inbox:*",
    "results",
    "results:*",
    "ready:*",
    "start-tags:*",
    "quarantined",
    "cached",
    "leader:*",
    "followers:*",
    "followers-of:*",
    "answer:*",
    "failed",
    "scheduled",
    "needs_decision",
    "deadlines",
    "retained",
    "completed",
    "dead",
    "cancelled",
    "idempotency:*",
    "reference:*",
    "persons",
    "limiter:*",
    "workers",
    "leases:*",
    "minute:*",
    "",
];
/// What a server only reads: API keys, tenants, and the keys of the blind indexes.
const READ: [&str; 5] = [
    "api-keys",
    "tenants",
    "index-key",
    "index-id",
    "key-records-trouble",
];
/// What it writes if it serves `/v1/admin`.
const OPERATED: [&str; 7] = [
    "api-keys",
    "tenants",
    "removed-tenants",
    "acceptance:*",
    "bulk:*",
    "bulk-ids:*",
    "bulk-step:*",
];

/// The rules of a server. Indexes of persons it only deletes, and cannot read.
fn server(queue: &str, operates: bool) -> String {
    let mut rules = vec![format!("&{queue}:done &{queue}:wake %W~{queue}:person:*")];
    let key = |name: &str| match name {
        "" => queue.to_owned(),
        name => format!("{queue}:{name}"),
    };
    rules.extend(SERVED.map(|name| format!("~{}", key(name))));
    rules.extend(READ.map(|name| format!("%R~{}", key(name))));
    let mut commands = SERVER.to_owned();
    if operates {
        rules.extend(OPERATED.map(|name| format!("~{}", key(name))));
        rules.extend(["worker:*", "stalls"].map(|name| format!("%R~{}", key(name))));
        commands += " +rpush +lrange +pttl +xgroup|create";
    }
    format!("{} {commands}", rules.join(" "))
}

/// Prints the command that sets up a user. The password stays to be filled in.
pub(crate) fn run(args: &Acl, settings: &Settings) -> Result<ExitCode> {
    let namespace = settings.queue()?.namespace;
    let queue = format!("{{{namespace}}}");
    let (user, rules) = match (args.role, args.tenant.as_deref()) {
        (Role::Producer, Some(tenant)) => {
            let tenant = named(tenant)?;
            let tenant = tenant.as_str();
            let own = if tenant == "default" {
                String::new()
            } else {
                format!(":{tenant}")
            };
            let rules = format!(
                "%W~{queue}:inbox{own} %R~{queue}:results:{tenant} -@all +@connection -@dangerous +xadd \
                 +xread +xrange +xrevrange +xlen +xinfo|stream"
            );
            (format!("producer-{tenant}"), rules)
        }
        (Role::Producer, None) => {
            bail!("--tenant is missing: a producer has the rights of one tenant")
        }
        (_, Some(_)) => bail!("--tenant is for producers alone: other roles see all tenants"),
        (Role::Worker | Role::Operator, None) => {
            let name = if args.role == Role::Worker {
                "worker"
            } else {
                "operator"
            };
            let rules = format!(
                "~{queue}* &{queue}:* -@all +@read +@write +@pubsub +@transaction +@connection {LIBRARY}"
            );
            (name.to_owned(), rules)
        }
        (Role::Server, None) => ("server".to_owned(), server(&queue, args.operate)),
        (Role::Reader, None) => {
            // Not the indexes of persons (`persons` and `person:*`), by their first letter, which no other key has. Names of keys
            // cannot be withheld one by one.
            let rules = format!(
                "~{queue} %R~{queue}:[^p]* &{queue}:done -@all +@read +@pubsub +@connection -scan -randomkey {LIBRARY}"
            );
            ("reader".to_owned(), rules)
        }
    };
    if args.operate && args.role != Role::Server {
        bail!("--operate is for servers alone");
    }
    let user = args.user.as_deref().unwrap_or(&user);
    output::line(format_args!(
        "ACL SETUSER {user} reset on >PASSWORD {rules}"
    ))?;
    Ok(ExitCode::SUCCESS)
}
