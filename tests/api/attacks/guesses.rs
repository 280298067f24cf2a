//! Guessed API keys, and what they cost.

use kyc_gateway::Token;
use kyc_tests::World;
use reqwest::Method;

use super::siege::Siege;
use crate::support::{Answer, Api, key};

const LIST: &str = "/v1/verifications?limit=1";

/// Asks with a key for a client behind a proxy.
async fn ask(api: &Api, token: &str, client: &str) -> Answer {
    let request = api.request(Method::GET, LIST, token);
    Answer::of(request.header("x-forwarded-for", client)).await
}

/// Returns how often Redis was asked for an API key.
async fn lookups(world: &World) -> u64 {
    let mut redis = world.redis().await;
    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut redis)
        .await
        .unwrap();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_hget:calls="));
    let calls = line.and_then(|line| line.split(',').next());
    calls.map_or(0, |calls| calls.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_waits_and_callers_at_the_same_address_do_not() {
    let siege = Siege::of(&[("serve_trusted_proxies", "127.0.0.0/8")]).await;
    let (api, app) = (&siege.api, &siege.app);
    let (mut unauthenticated, mut refused) = (0, 0);
    let before = lookups(&siege.world).await;
    for _ in 0..2_000 {
        let token = Token::generate().expose();
        let answer = ask(api, &token, "203.0.113.9").await;
        match answer.status {
            401 => unauthenticated += 1,
            429 => {
                refused += 1;
                let problem = answer.is_problem(429, "too-many-requests");
                assert!(answer.headers.contains_key("retry-after"), "{problem}");
            }
            _ => panic!("{answer:?}"),
        }
    }
    assert!(
        unauthenticated < 500 && refused > 1_500,
        "{unauthenticated} {refused}"
    );
    // The other caller asks for its own key twice a second.
    let asked = lookups(&siege.world).await - before;
    assert!(asked < 1_000, "Redis was asked {asked} times");
    // A caller whom the server knows is served at the same address, and so is a new one at another.
    assert_eq!(ask(api, app, "203.0.113.9").await.status, 200);
    let other = key(&siege.world, &["--tenant", "acme", "--role", "read"]).await;
    assert_eq!(ask(api, &other, "198.51.100.7").await.status, 200);
    assert_eq!(ask(api, &other, "203.0.113.9").await.status, 200);
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_everywhere_are_bounded_together() {
    let siege = Siege::of(&[("serve_trusted_proxies", "127.0.0.1")]).await;
    let before = lookups(&siege.world).await;
    let begun = std::time::Instant::now();
    let guess = async |first: u32| {
        for number in 0..1_000 {
            let client = std::net::Ipv4Addr::from(first + number).to_string();
            let answer = ask(&siege.api, &Token::generate().expose(), &client).await;
            assert!(matches!(answer.status, 401 | 429), "{answer:?}");
        }
    };
    tokio::join!(
        guess(1 << 24),
        guess(2 << 24),
        guess(3 << 24),
        guess(4 << 24)
    );
    let seconds = begun.elapsed().as_secs() + 1;
    let asked = lookups(&siege.world).await - before;
    // A thousand at once and in each second; the others ask for their own key now and then.
    assert!(
        asked < 1_000 * (seconds + 1) + 10 * seconds,
        "{asked} in {seconds} s"
    );
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_logged_without_its_end_and_only_a_trusted_proxy_names_it() {
    let logged = async |settings: &[(&str, &str)]| {
        let world = World::new().await;
        let app = key(&world, &["--tenant", "acme", "--role", "read"]).await;
        let api = Api::start(&world, settings).await;
        let answer = ask(&api, &app, "192.0.2.1, 203.0.113.9, 10.1.1.1").await;
        assert_eq!(answer.status, 200);
        api.server.log()
    };
    let log = logged(&[("serve_trusted_proxies", "127.0.0.1,10.0.0.0/8")]).await;
    assert!(log.contains("client=203.0.113.0/24"), "{log}");
    for address in ["203.0.113.9", "192.0.2."] {
        assert!(!log.contains(address), "{log}");
    }
    let log = logged(&[]).await;
    assert!(log.contains("client=127.0.0.0/24"), "{log}");
    assert!(!log.contains("203.0.113."), "{log}");
}
