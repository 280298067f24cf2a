//! Numbers as people write them are replaced, and numbers that operators need are kept: as tables, and in random lines.

use std::borrow::Cow;

use fastrand::Rng;

use super::scrub;

#[test]
fn numbers_of_persons_are_replaced_in_every_form() {
    for (text, clean) in [
        ("bvn 222-0000-0000 refused", "bvn [digits] refused"),
        ("phone=0803 123 4567 next", "phone=[digits] next"),
        ("+234 803 123 4567, next", "+[digits], next"),
        ("+234 (0) 803 123-4567.", "+[digits]."),
        ("(0803) 123-4567", "([digits]"),
        ("0803.123.4567", "[digits]"),
        ("0803\u{a0}123\u{a0}4567", "[digits]"),
        ("222 12 34 56 78", "[digits]"),
        ("2 2 2 1 2 3 4 5 6 7 8", "[digits]"),
        ("0803-1234567", "[digits]"),
        ("22212 - 345678", "[digits]"),
        ("BVN22212345678", "[document]"),
        ("number22212345678", "number[digits]"),
        ("bvn22212345678x", "[document]"),
        ("v22212345678x", "v[digits]x"),
        ("A1234567890B", "A[digits]B"),
        ("BVN222-1234-5678", "BVN[digits]"),
        ("%22222-1234-5678", "%22[digits]"),
        ("line 3: 222 1234 5678", "line 3: [digits]"),
        ("2026-11-27 22212345678", "2026-11-27 [digits]"),
        ("1.22212345678", "[digits]"),
        ("22212345678.5", "[digits]"),
        ("0803 123 4567 took 30 ms", "[digits] took 30 ms"),
        ("size=0803 123 4567", "size=[digits]"),
        ("A01234567", "[document]"),
        ("passport=A01234567, next", "passport=[document], next"),
        (
            "a01234567 A 01234567 B-01234567",
            "[document] [document] [document]",
        ),
        ("AB1234567.json", "[document].json"),
        ("FKJ494A2133", "[document]"),
        ("licence \"ABC12345AA000\"", "licence \"[document]\""),
        ("abc12345aa000", "[document]"),
        ("AAD23208212298", "[document]"),
        (
            "GET /v1/identity/nin/222?x=Ada failed",
            "GET /v1/identity/[url] failed",
        ),
        (
            "identity/passport/nigeria/A0?last_name=Obi",
            "identity/[url]",
        ),
        (
            "\"path\":\"/Identity/cac/RC12\",",
            "\"path\":\"/Identity/[url]\",",
        ),
        ("next=%2Fidentity%2Fcac%2F12", "next=%2Fidentity%2F[url]"),
    ] {
        assert_eq!(scrub(text), clean, "{text:?}");
        assert_eq!(scrub(clean), clean, "scrubbing twice: {text:?}");
    }
}

/// Parts of lines that operators need, each with digits.
const KEPT: [&str; 46] = [
    "2026-11-27T22:03:00.123456789Z",
    "2026-11-27T22:03:00+01:00",
    "20261127T220300Z",
    "2026-11-27 22:03:00",
    "2026-11-20/2026-11-27",
    "22:03:00.123456",
    "verification.id=01JDABCDEF0123456789012345",
    "job=01234567890123456789ABCDEF",
    "default/01j9zq3v5t8y6k2m4n7p0r1s2a/photo",
    "sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "sha256:0123456789012345678901234567890123456789012345678901234567890abc",
    "commit d670460b4b4aece5915caf5c68d12f560a9fe3e4",
    "fingerprint=01234567890123ab",
    "request 4442587FB7D0A2F9",
    "550e8400-1234-4123-9123-123456789012",
    "key k20261127-123456",
    "duration_ms=12345678901",
    "elapsed 1234567890 ns",
    "took 12345678901ns",
    "bytes=12345678901",
    "max_image_bytes: 12345678901",
    "wrote 12345678901 bytes",
    "5 MiB of 512 MiB",
    "1048576/2097152",
    "1,234,567,890 in all",
    "127.0.0.1:6379",
    "192.168.100.200:65535",
    "[2001:db8::1]:6379",
    "host ip-10-128-113-204",
    "kyc-worker-6d4cf56db6-2x8kp",
    "port 8081",
    "HTTP/1.1 503 after 3 of 8",
    "redis 7.0.15, kyc 0.1.0",
    "rustc 1.95.0 (59807616e 2026-04-14)",
    "0.3333333333333333",
    "p99=1.2345678901234567",
    "load 0.25 0.50 0.75 12.5",
    "1.5e-7",
    "12.5%",
    "-12.75",
    "attempt 3 of 8 in 1500 ms",
    "limits 100/s 86400/d",
    "5 30 s 2000 ms 12 h",
    "identity of 3 jobs",
    "RC 123456",
    "x86_64 SHA256 AES256 RFC3339",
];

#[test]
fn what_operators_need_is_kept() {
    for text in KEPT {
        let same = scrub(text);
        assert!(matches!(same, Cow::Borrowed(_)), "{text}: {same}");
    }
}

/// Words between the parts of a random line. None has a digit.
const WORDS: [&str; 8] = [
    "Could not",
    "job",
    "error=",
    "kind=bvn",
    "the answer:",
    "(again)",
    "\"quoted\"",
    "retry,",
];

/// Signs between the words. Each separates the numbers beside it.
const BETWEEN: [&str; 4] = ["; ", ", ", " | ", "\t"];

/// Writes a number in one of the forms in which people and programs write numbers.
fn written(rng: &mut Rng, digits: &str) -> String {
    let gaps = ["", " ", "-", "\u{a0}", " - "];
    match rng.u8(..4) {
        0 => digits.to_owned(),
        1 => format!(
            "{}{digits}",
            ["BVN", "nin", "no", "+", "%2B", "\\n"][rng.usize(..6)]
        ),
        2 => {
            // Groups of one to five digits with points between them, at least three.
            let cuts = [rng.usize(2..5), rng.usize(5..8)];
            format!(
                "{}.{}.{}",
                &digits[..cuts[0]],
                &digits[cuts[0]..cuts[1]],
                &digits[cuts[1]..]
            )
        }
        _ => {
            let mut text = String::new();
            for (nth, digit) in digits.chars().enumerate() {
                if nth > 0 && rng.u8(..3) == 0 {
                    text.push_str(gaps[rng.usize(..gaps.len())]);
                }
                text.push(digit);
            }
            text
        }
    }
}

fn digits(rng: &mut Rng, length: usize) -> String {
    (0..length)
        .map(|_| char::from(rng.u8(b'0'..=b'9')))
        .collect()
}

/// A number, and a part of it that must not be left.
fn number(rng: &mut Rng) -> (String, String) {
    match rng.u8(..5) {
        0 => {
            let passport = format!("{}{}", rng.uppercase(), digits(rng, 8));
            (passport.clone(), passport)
        }
        1 => {
            let letters: String = (0..3).map(|_| rng.uppercase()).collect();
            let (head, tail) = (digits(rng, 3), digits(rng, 4));
            let licence = format!("{letters}{head}{}{tail}", rng.uppercase());
            (licence.clone(), licence)
        }
        _ => {
            // BVN and NIN do not begin with a year, and telephone numbers begin with 0 or 234.
            let start = ["222", "0803", "2348", "7"][rng.usize(..4)];
            let length = rng.usize(10..=13) - start.len();
            let whole = format!("{start}{}", digits(rng, length));
            (written(rng, &whole), whole)
        }
    }
}

#[test]
fn random_lines_lose_numbers_of_persons_and_nothing_else() {
    let mut rng = Rng::with_seed(7);
    for _ in 0..20_000 {
        let mut line = String::new();
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        for _ in 0..rng.usize(1..6) {
            match rng.u8(..3) {
                0 => line.push_str(WORDS[rng.usize(..WORDS.len())]),
                1 => {
                    let part = KEPT[rng.usize(..KEPT.len())];
                    kept.push(part);
                    line.push_str(part);
                }
                _ => {
                    let (written, whole) = number(&mut rng);
                    line.push_str(&written);
                    lost.push(whole);
                }
            }
            line.push_str(BETWEEN[rng.usize(..BETWEEN.len())]);
        }
        let clean = scrub(&line).into_owned();
        for part in &kept {
            assert!(clean.contains(part), "{part} is lost: {line:?} {clean:?}");
        }
        let rest = kept
            .iter()
            .fold(clean.clone(), |rest, part| rest.replacen(part, "", 1));
        let signs: String = rest.chars().filter(char::is_ascii_alphanumeric).collect();
        for number in &lost {
            assert!(!signs.contains(number.as_str()), "{line:?} {clean:?}");
        }
        // Not even a part of a number is left.
        let rest = rest.replace("%2B", "");
        assert!(
            !rest.contains(|c: char| c.is_ascii_digit()),
            "{line:?} {clean:?}"
        );
        assert_eq!(scrub(&clean), clean, "scrubbing twice: {line:?}");
    }
}

#[test]
fn long_lines_take_linear_time() {
    // Quadratic work would take minutes.
    for part in [
        "1 ",
        "1-",
        "1.",
        "12:",
        "a1",
        "A 1",
        "10.0.0.1 ",
        "2026-11-27 ",
        "ip-1-1-1-1-",
        "size=1 ",
        "identity/",
    ] {
        let line = part.repeat(200_000);
        let _ = scrub(&line);
    }
}
