use super::*;

#[test]
fn connections_to_the_provider_are_kept_as_long_as_is_set() {
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&token, "any").unwrap();
    for (set, kept) in [(None, 4), (Some("90s"), 90)] {
        let pairs = [
            ("radius_url", Some("http://127.0.0.1:8081")),
            ("radius_token_file", token.path().to_str()),
            ("radius_idle_timeout", set),
        ];
        let flags = pairs.into_iter().filter_map(|(key, value)| {
            Some((key.to_owned(), (format!("--set {key}"), value?.to_owned())))
        });
        let layers = Layers::read(None, flags.collect()).unwrap();
        let config = Settings::load(layers).radius().unwrap();
        assert_eq!(config.pool_idle_timeout, Duration::from_secs(kept));
    }
}

#[test]
fn an_error_names_the_setting_and_its_bound() {
    for (key, value, bound) in [
        ("keep_completed", "107000000000d", "36500d"),
        ("keep_dead", "36501d", "36500d"),
        ("keep_results", "18446744073709551615", "2147483647"),
    ] {
        let flag = (key.to_owned(), (format!("--set {key}"), value.to_owned()));
        let layers = Layers::read(None, std::iter::once(flag).collect()).unwrap();
        let error = Settings::load(layers).queue().err().unwrap().to_string();
        assert!(error.contains(key) && error.contains(bound), "{error}");
    }
}
