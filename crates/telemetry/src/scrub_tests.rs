//! The test cases of the scrubber.

use super::*;

#[test]
fn personal_data_and_credentials_are_replaced() {
    let cases = [
        ("bvn 22212345678", "bvn [digits]"),
        ("22212345678", "[digits]"),
        ("phone=+2348031234567, next", "phone=+[digits], next"),
        ("bvn_22212345678.json", "bvn_[digits].json"),
        ("name\u{e9}22212345678\u{e9}", "name\u{e9}[digits]\u{e9}"),
        ("a\\n22212345678\\t1234567890", "a\\n[digits]\\t[digits]"),
        (
            "a\\u001b22212345678 \\x1b1234567890",
            "a\\u001b[digits] \\x1b[digits]",
        ),
        (
            "a\\\\n22212345678 C:\\\\1234567890",
            "a\\\\n[digits] C:\\\\[digits]",
        ),
        (
            "\\u00001234567890 \\x0022212345678",
            "\\u0000[digits] \\x[digits]",
        ),
        ("phone=%2B2348031234567&x", "phone=%2B[digits]&x"),
        ("%22212345678", "%[digits]"),
        (
            "\u{1b}[0m22212345678\u{1b}[0m",
            "\u{1b}[0m[digits]\u{1b}[0m",
        ),
        (
            "GET https://h/v1/bvn?number=22212345678 failed",
            "GET https://[url] failed",
        ),
        (
            "(https://h/a), then 'redis://user:pass@h:6379/0'.",
            "(https://[url]), then 'redis://[url]'.",
        ),
        (
            "Url { \"https://h/?name=Ada,bvn=1\" }",
            "Url { \"https://[url]\" }",
        ),
        ("file:///var/lib/kyc/a", "file://[url]"),
        ("Api-Token: abc-1 next", "Api-Token: [masked] next"),
        (
            "{\"api-token\": \"abc 1\", \"host\": \"h\"}",
            "{\"api-token\": \"[masked]\", \"host\": \"h\"}",
        ),
        (
            "api_token=abc duration_ms=5",
            "api_token=[masked] duration_ms=5",
        ),
        ("x-api-key = 'abc'", "x-api-key = '[masked]"),
        (
            "authorization: Bearer abc.def\nnext",
            "authorization: [masked]\nnext",
        ),
        ("Set-Cookie: a=1; b=2", "Set-Cookie: [masked]"),
        (
            "\u{1b}[3mapi_token\u{1b}[0m\u{1b}[2m=\u{1b}[0mabc",
            "\u{1b}[3mapi_token\u{1b}[0m\u{1b}[2m=\u{1b}[0m[masked]",
        ),
    ];
    for (text, clean) in cases {
        assert_eq!(scrub(text), clean, "{text:?}");
        assert_eq!(scrub(clean), clean, "scrubbing twice: {text:?}");
    }
}

#[test]
fn harmless_text_is_borrowed() {
    let cases = [
        "",
        "2026-11-21T22:03:00.123456789Z  INFO kyc_queue::lease: Leased job.id=01JDABCDEF0123456789012345 token=7",
        "sha256=0123456789012345678901234567890123456789012345678901234567890abc",
        "took 123456789 ns",
        "the password was refused; no api key, cookie or authorization given",
        "kyc://",
        "50% of 12, 100%2, C:\\\\users\\\\new",
    ];
    for text in cases {
        assert!(
            matches!(scrub(text), Cow::Borrowed(same) if same == text),
            "{text}: {}",
            scrub(text)
        );
    }
}

#[test]
fn a_truncated_escape_breaks_no_character() {
    for text in [
        "\\",
        "\\\u{e9}",
        "\\u\u{e9}\u{e9}",
        "\\x1\u{20ac}22212345678",
        "\u{1b}[",
        "\u{1b}[\u{e9}",
        "%\u{e9}",
        "%2",
    ] {
        let _ = scrub(text);
        let _ = scrub(&format!("22212345678{text}"));
    }
    assert_eq!(scrub("\\x1\u{20ac}22212345678"), "\\x1\u{20ac}[digits]");
}

#[test]
fn names_of_credentials_are_recognised_by_their_end() {
    for name in [
        "api_token",
        "Api-Token",
        "radius.api-key",
        "proxy-authorization",
        "password",
    ] {
        assert!(announces_credential(name), "{name}");
    }
    for name in ["", "token", "key", "api", "monkey", "tokens"] {
        assert!(!announces_credential(name), "{name}");
    }
}
