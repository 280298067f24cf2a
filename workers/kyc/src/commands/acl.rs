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
        (Role::Reader, None) => {
            // Not the indexes of persons (`persons` and `person:*`), by their first letter, which no other key has. Names of keys
            // cannot be withheld one by one.
            let rules = format!(
                "~{queue} %R~{queue}:[^p]* &{queue}:done -@all +@read +@pubsub +@connection -scan -randomkey {LIBRARY}"
            );
            ("reader".to_owned(), rules)
        }
    };
    let user = args.user.as_deref().unwrap_or(&user);
    output::line(format_args!(
        "ACL SETUSER {user} reset on >PASSWORD {rules}"
    ))?;
    Ok(ExitCode::SUCCESS)
}
