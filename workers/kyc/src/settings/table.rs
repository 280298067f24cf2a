//! The one table of settings. The README's table is compared with it by a test.

/// One setting: `redis_url` in `kyc.toml`, `KYC_REDIS_URL` as a variable, `--set redis_url=…` as a flag.
pub(crate) struct Setting {
    /// Its name.
    pub key: &'static str,
    /// Its default; empty when there is none.
    pub default: &'static str,
    /// What it is, with its unit.
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
        "where Redis is: `redis://` or `rediss://`, several cluster nodes separated by commas, or `redis+sentinel://host:26379/master`; with user and password where it wants them",
    ),
    row("redis_url_file", "", "a file that holds `redis_url`"),
    row(
        "redis_ca_file",
        "",
        "root certificates to trust in Redis' over TLS, PEM, in place of the system's",
    ),
    row(
        "redis_cert_file",
        "",
        "certificate to show to Redis over TLS, PEM, where it wants one; with `redis_key_file`",
    ),
    row(
        "redis_key_file",
        "",
        "private key of `redis_cert_file`, PEM",
    ),
    row(
        "namespace",
        "kyc",
        "name of the queue; its keys begin with `{name}:`",
    ),
    row(
        "keys",
        "",
        "keys that everything at rest is sealed with: `id:base64,…`, the first is active; `kyc keys generate` makes one",
    ),
    row("keys_file", "", "a file that holds `keys`"),
    row(
        "radius_url",
        "http://127.0.0.1:8081",
        "base address of the provider; the default is `kyc sandbox`",
    ),
    row("radius_token", "", "API token of the provider"),
    row("radius_token_file", "", "a file that holds `radius_token`"),
    row(
        "radius_ca_file",
        "",
        "further root certificates to trust, PEM",
    ),
    row(
        "connect_timeout",
        "5s",
        "longest time to connect to the provider",
    ),
    row("call_timeout", "30s", "longest time for a whole call"),
    row(
        "radius_idle_timeout",
        "4s",
        "how long a connection to the provider is kept while idle; shorter than the provider keeps it",
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
        "where images are kept: `file:` with a path, `memory://`, `s3://`, `gs://`, `az://`",
    ),
    row(
        "max_image_bytes",
        "5MiB",
        "largest image that is kept, decoded",
    ),
    row("fsync", "true", "images on local disk survive a power cut"),
    row(
        "validation",
        "strict",
        "`strict` or `lenient`: lenient lets licence and passport numbers of any form through",
    ),
    row(
        "require_consent",
        "false",
        "refuse jobs without the subject's consent; a worker makes no call for one that was accepted without it",
    ),
    row(
        "reuse",
        "",
        "how long an answer of the provider answers later jobs of the same tenant, purpose and number without a call: `bvn=24h,bvn:loan=1h,nin:card=off`; to be alike wherever jobs are accepted",
    ),
    row(
        "match_fields",
        "all",
        "fields that a verdict rests on: `all` that were claimed, or by kind, like `bvn=last_name+date_of_birth,cac=company_name`; kinds not named keep `all`",
    ),
    row(
        "match_required",
        "compare",
        "`compare` or `ignore`: whether what a kind requires beside the number (a passport's names and date of birth, a company's name) is compared with the record like a claim",
    ),
    row(
        "match_close_spelling",
        "0.92",
        "Jaro-Winkler, 0.8 to 1, from which one slip of the pen is a close spelling, and so a partial match; 1 for never",
    ),
    row(
        "match_name_share",
        "2/3",
        "share of the claimed words of a name that makes a partial match, like `2/3` or `0.6`",
    ),
    row(
        "watch_list",
        "tell",
        "what a watch-listed person's verdict becomes: `tell` leaves it and gives the reason alone, `partial_match`, `no_match`",
    ),
    row(
        "kinds",
        "all",
        "kinds that a worker takes, separated by commas",
    ),
    row("concurrency", "256", "jobs of a worker at once"),
    row(
        "lease",
        "15s",
        "how long a job is given to a worker that gives no sign of life",
    ),
    row(
        "max_stalls",
        "3",
        "how often a job's worker may die or hang before the job is dead",
    ),
    row(
        "grace",
        "25s",
        "how long jobs under way may take once a worker is told to stop",
    ),
    row(
        "probe_listen",
        "",
        "where a worker answers `/healthz`, `/readyz` and `/metrics`, like `0.0.0.0:9090`; not set, nowhere",
    ),
    row(
        "max_attempts",
        "8",
        "attempts of a job that does not say its own number",
    ),
    row(
        "retry_first",
        "1s",
        "first pause between attempts; each further one doubles, with full jitter",
    ),
    row("retry_longest", "5m", "longest pause between attempts"),
    row(
        "ambiguous_calls",
        "retry",
        "`retry` or `hold`: whether a call that had no answer, and may have been billed, is made again, or not before a person says so",
    ),
    row(
        "slot_tolerance",
        "10ms",
        "how late a call of a limited kind may be sent after its time; later, it takes a new one",
    ),
    row(
        "circuit_failures",
        "5",
        "failures of the provider that make a kind pause, when no fewer than its successes within `circuit_window`; 0 for never",
    ),
    row(
        "circuit_window",
        "5s",
        "from its first failure, how long failures and successes are compared with each other; it does not end while nothing succeeds",
    ),
    row(
        "pause_first",
        "1s",
        "first pause of a kind whose provider fails, or asks to wait and not how long; each further one doubles",
    ),
    row("pause_longest", "5m", "longest such pause"),
    row(
        "longest_retry_after",
        "24h",
        "the most that a Retry-After of the provider may ask",
    ),
    row(
        "success_words",
        "success,successful,succeeded,ok,true,200,00",
        "words of `status` that mean success",
    ),
    row(
        "wallet_messages",
        "insufficient balance,insufficient wallet,insufficient fund,insufficient credit,low balance,low wallet,wallet balance is too low,wallet balance is low,wallet balance is insufficient,balance is insufficient,wallet is empty",
        "parts of sentences with which the provider says that the wallet is empty: the kind is parked until resumed; empty for none",
    ),
    row(
        "throttle_messages",
        "too many requests,too many attempts,rate limit,request limit,limit exceeded,limit reached,quota exceeded",
        "parts of sentences that say that there were too many calls: the kind is parked with growing pauses; empty for none",
    ),
    row(
        "key_messages",
        "api key,api token,access token,invalid token,valid token,expired token,token expired,token has expired,unauthorized,unauthorised,unauthenticated,subscription expired,subscription has expired,not whitelisted",
        "parts of sentences that say that the key is refused: the kind is parked until resumed; empty for none",
    ),
    row(
        "unavailable_messages",
        "unavailable,try again,retry later,kindly retry,temporarily,completed at this time,maintenance,downtime,timed out,time out,timeout,third party,third-party,did not respond,not responding,no response,service is down,the route,no route,page not found,endpoint not found,no handler,cannot get,on this server,identity bvn,identity nin,identity cac,identity drivers,identity passport",
        "parts of sentences that say that the provider, or whom it asks, cannot answer now: waited out like an outage; empty for none",
    ),
    row(
        "rejected_messages",
        "invalid bvn,invalid nin,invalid number,invalid phone,invalid rc,invalid licence,invalid license,invalid passport,invalid input,bvn is invalid,nin is invalid,number is invalid,number is not valid,given data was invalid,must be 11 digits",
        "parts of sentences that say that the input is wrong: the verdict is `rejected`; empty for none",
    ),
    row(
        "not_found_messages",
        "not found,no record,no data,does not exist,doesn't exist,unable to resolve",
        "parts of sentences with which the provider says that there is no record; empty for none",
    ),
    row(
        "keep_completed",
        "7d",
        "how long a completed job and its idempotency key are kept",
    ),
    row("keep_dead", "30d", "how long a dead job is kept"),
    row(
        "keep_unreadable",
        "7d",
        "how long an answer that could not be read is kept, sealed, with a job that has ended",
    ),
    row(
        "keep_results",
        "1000000",
        "entries that the stream of results keeps, about",
    ),
    row(
        "redis_server",
        "",
        "the `redis-server` that `kyc demo` and `kyc sandbox --with-redis` start, where it is not on the path",
    ),
    row(
        "log",
        "info",
        "log level, or directives such as `kyc_queue=debug,info`",
    ),
    row("log_format", "text", "`text` or `json`"),
];

/// The row of that name.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}
