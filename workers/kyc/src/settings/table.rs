//! The one table of settings. A test compares the table in this crate's README with it.

/// One setting: `redis_url` in `kyc.toml`, `KYC_REDIS_URL` as a variable, `--set redis_url=…` as a flag.
pub(crate) struct Setting {
    /// Its name.
    pub key: &'static str,
    /// Its default; empty if there is none.
    pub default: &'static str,
    /// Its description, with the unit.
    pub what: &'static str,
}

const fn row(key: &'static str, default: &'static str, what: &'static str) -> Setting {
    Setting { key, default, what }
}

/// All settings, in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    row(
        "redis_url",
        "redis://127.0.0.1:6379",
        "address of Redis: `redis://` or `rediss://`, several cluster nodes separated by commas, or `redis+sentinel://host:26379/master`; with user and password where Redis requires them",
    ),
    row("redis_url_file", "", "file that contains `redis_url`"),
    row(
        "redis_ca_file",
        "",
        "root certificates (PEM) for TLS to Redis, instead of the system's",
    ),
    row(
        "redis_cert_file",
        "",
        "client certificate (PEM) for TLS to Redis, where Redis requires one; needs `redis_key_file`",
    ),
    row(
        "redis_key_file",
        "",
        "private key (PEM) of `redis_cert_file`",
    ),
    row(
        "namespace",
        "kyc",
        "name of the queue; all its keys begin with `{name}:`",
    ),
    row(
        "keys",
        "",
        "keys that seal and open everything at rest: `id:base64,…`, the first is active; `kyc keys generate` makes one. Workers need them, and commands that show a person",
    ),
    row(
        "keys_file",
        "",
        "file that contains `keys`; a worker reads it again when it changes",
    ),
    row(
        "public_key",
        "",
        "key that seals and opens nothing, where `keys` is not set: `public:id:base64`, as `kyc keys public` prints it",
    ),
    row(
        "radius_url",
        "",
        "base address of the provider, such as `https://api.example.com/services/v1`; a local `kyc sandbox` is `http://127.0.0.1:8081`",
    ),
    row("radius_token", "", "API token of the provider"),
    row("radius_token_file", "", "file that contains `radius_token`"),
    row(
        "radius_ca_file",
        "",
        "additional root certificates (PEM) for TLS to the provider",
    ),
    row(
        "allow_plaintext",
        "false",
        "accept `http://` and `redis://` to another machine, and cloud stores without TLS: token, numbers and jobs then travel in clear",
    ),
    row(
        "allow_sandbox",
        "false",
        "accept answers that are marked as a sandbox's, in which every person is made up; otherwise they park the kind",
    ),
    row(
        "connect_timeout",
        "5s",
        "timeout of connecting to the provider",
    ),
    row("call_timeout", "30s", "timeout of a whole call"),
    row(
        "radius_idle_timeout",
        "4s",
        "how long an idle connection to the provider is kept; choose less than the provider's own idle timeout",
    ),
    row(
        "max_body",
        "8MiB",
        "largest answer that is read, after decompression",
    ),
    row(
        "check_provider",
        "true",
        "refuse to start a worker when the provider cannot be reached",
    ),
    row(
        "blob_url",
        "file:kyc-data/blobs",
        "where images are stored: `file:` with a path, `memory://`, `s3://`, `gs://`, `az://`",
    ),
    row(
        "key_records",
        "queue",
        "where the key record of each verification is stored: `queue` for beside its job in Redis, or a store that backups of that Redis do not hold: an address of another Redis like `redis_url`, or of a blob store like `blob_url`; see [erasing](../README.md#erasing)",
    ),
    row("key_records_file", "", "file that contains `key_records`"),
    row(
        "key_records_before",
        "",
        "the store that `key_records` named before: records are still read and deleted there, until `kyc keys rewrap` has moved them",
    ),
    row(
        "key_records_before_file",
        "",
        "file that contains `key_records_before`",
    ),
    row(
        "max_image_bytes",
        "5MiB",
        "largest image that is kept, after decoding",
    ),
    row(
        "fsync",
        "true",
        "sync images on local disk, so that they survive a power cut",
    ),
    row(
        "inbox",
        "all",
        "which jobs workers take from the inbox: `all`, or `sealed-only`",
    ),
    row(
        "validation",
        "strict",
        "`strict` or `lenient`; `lenient` accepts licence and passport numbers of any form",
    ),
    row(
        "require_consent",
        "false",
        "refuse jobs without the subject's consent; a worker makes no call for a job that was accepted without it",
    ),
    row(
        "reuse",
        "",
        "how long an answer of the provider serves later jobs of the same tenant, purpose and number without a call: `bvn=24h,bvn:loan=1h,nin:card=off`; set it alike wherever jobs are accepted",
    ),
    row(
        "match_fields",
        "all",
        "fields that a verdict depends on: `all` claimed fields, or a list for each kind, such as `bvn=last_name+date_of_birth,cac=company_name`; kinds not named keep `all`",
    ),
    row(
        "match_required",
        "compare",
        "`compare` or `ignore`: whether the fields that a kind requires beside the number (a passport's names and date of birth, a company's name) are compared with the record like claims",
    ),
    row(
        "match_close_spelling",
        "0.92",
        "Jaro-Winkler similarity, 0.8 to 1, from which one typing error is a close spelling, and so a partial match; 1 for never",
    ),
    row(
        "match_name_share",
        "2/3",
        "share of the claimed words of a name that makes a partial match, such as `2/3` or `0.6`",
    ),
    row(
        "watch_list",
        "tell",
        "effect of the watch list on a verdict: `tell` only adds the reason, `partial_match` lowers a match, `no_match` replaces any verdict",
    ),
    row(
        "kinds",
        "all",
        "kinds that a worker takes, separated by commas",
    ),
    row("concurrency", "256", "jobs that a worker runs at once"),
    row(
        "lease",
        "15s",
        "how long a worker holds a job without a heartbeat",
    ),
    row(
        "max_stalls",
        "3",
        "how often a job's worker may die or hang before the job is dead",
    ),
    row(
        "grace",
        "25s",
        "how long running jobs may take once a worker is told to stop",
    ),
    row(
        "probe_listen",
        "",
        "address at which a worker serves `/healthz`, `/readyz` and `/metrics`, such as `0.0.0.0:9090`; unset, it serves none",
    ),
    row(
        "serve_listen",
        "127.0.0.1:8080",
        "address at which `kyc serve` serves the HTTP API",
    ),
    row(
        "serve_tls_cert",
        "",
        "certificate (PEM) of the HTTP API, with those between it and its root; read again when it changes; without it, put a proxy with TLS in front",
    ),
    row("serve_tls_key", "", "private key (PEM) of `serve_tls_cert`"),
    row(
        "serve_rate",
        "200",
        "requests in a second of an API key without a rate of its own, for each server",
    ),
    row(
        "serve_connections",
        "4096",
        "connections at once of the HTTP API; more wait, and meanwhile those without a request are closed after a second",
    ),
    row(
        "serve_idle",
        "75s",
        "how long a connection of the HTTP API may rest between two requests; choose more than the idle timeout of a load balancer in front",
    ),
    row(
        "serve_trusted_proxies",
        "",
        "addresses and networks of the proxies in front of the HTTP API, such as `10.0.0.0/8,192.0.2.7`: only they are believed which client a request comes from",
    ),
    row(
        "serve_cors_origins",
        "",
        "origins whose pages may call the HTTP API from a browser, such as `https://app.example.com`; none without it",
    ),
    row(
        "max_attempts",
        "8",
        "attempts of a job that does not set its own number",
    ),
    row(
        "retry_first",
        "1s",
        "first pause between attempts; each further pause doubles, with full jitter",
    ),
    row("retry_longest", "5m", "longest pause between attempts"),
    row(
        "ambiguous_calls",
        "retry",
        "`retry` or `hold`: a call that had no answer may have been billed; `retry` makes it again, `hold` waits for a person's decision",
    ),
    row(
        "slot_tolerance",
        "10ms",
        "how late after its slot a call of a limited kind may be sent; a later call takes a new slot",
    ),
    row(
        "circuit_failures",
        "5",
        "failures of the provider that pause a kind, if they are no fewer than its successes within `circuit_window`; 0 for never",
    ),
    row(
        "circuit_window",
        "5s",
        "how long failures and successes are compared, from the first failure; it does not end while nothing succeeds",
    ),
    row(
        "pause_first",
        "1s",
        "first pause of a kind whose provider fails, or asks to wait without a time; each further pause doubles",
    ),
    row("pause_longest", "5m", "longest such pause"),
    row(
        "longest_retry_after",
        "24h",
        "upper bound of the provider's `Retry-After`",
    ),
    row(
        "success_words",
        "success,successful,succeeded,ok,true,200,00",
        "values of `status` that mean success",
    ),
    row(
        "wallet_messages",
        "insufficient balance,insufficient wallet,insufficient fund,insufficient credit,low balance,low wallet,wallet balance is too low,wallet balance is low,wallet balance is insufficient,balance is insufficient,wallet is empty",
        "phrases that mean an empty wallet: the kind is parked until resumed; empty for none",
    ),
    row(
        "throttle_messages",
        "too many requests,too many attempts,rate limit,request limit,limit exceeded,limit reached,quota exceeded",
        "phrases that mean too many calls: the kind is parked with growing pauses; empty for none",
    ),
    row(
        "key_messages",
        "api key,api token,access token,invalid token,valid token,expired token,token expired,token has expired,unauthorized,unauthorised,unauthenticated,subscription expired,subscription has expired,not whitelisted",
        "phrases that mean a refused key: the kind is parked until resumed; empty for none",
    ),
    row(
        "unavailable_messages",
        "unavailable,try again,retry later,kindly retry,temporarily,completed at this time,maintenance,downtime,timed out,time out,timeout,third party,third-party,did not respond,not responding,no response,service is down,the route,no route,page not found,endpoint not found,no handler,cannot get,on this server,identity bvn,identity nin,identity cac,identity drivers,identity passport",
        "phrases that mean that the provider, or a service behind it, cannot answer now: waited out like an outage; empty for none",
    ),
    row(
        "rejected_messages",
        "invalid bvn,invalid nin,invalid number,invalid phone,invalid rc,invalid licence,invalid license,invalid passport,invalid input,bvn is invalid,nin is invalid,number is invalid,number is not valid,given data was invalid,must be 11 digits",
        "phrases that mean wrong input: the verdict is `rejected`; empty for none",
    ),
    row(
        "not_found_messages",
        "not found,no record,no data,does not exist,doesn't exist,unable to resolve",
        "phrases that mean that there is no record; empty for none",
    ),
    row(
        "keep_completed",
        "7d",
        "how long a completed job, its images, its idempotency key and all results are kept",
    ),
    row(
        "keep_dead",
        "30d",
        "how long a dead job and its images are kept",
    ),
    row(
        "keep_waiting",
        "30d",
        "how long a job may wait after its acceptance, at least `1h`; then it is dead with the code `expired`",
    ),
    row(
        "keep_unreadable",
        "7d",
        "how long an unreadable answer is kept, sealed, with a job that has ended",
    ),
    row(
        "keep_results",
        "1000000",
        "approximate number of entries that the results stream keeps at most",
    ),
    row(
        "redis_server",
        "",
        "`redis-server` that `kyc demo` and `kyc sandbox --with-redis` start, if it is not on the `PATH`",
    ),
    row(
        "log",
        "info",
        "log level, or directives such as `kyc_queue=debug,info`",
    ),
    row("log_format", "text", "`text` or `json`"),
];

/// Returns the row with this name.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}
