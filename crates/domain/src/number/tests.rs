use super::*;

#[test]
fn numbers_are_normalised() {
    assert_eq!(
        Number::bvn(" 222 1234 5678 ").unwrap().expose(),
        "22212345678"
    );
    assert_eq!(Number::nin("12345678000").unwrap().expose(), "12345678000");
    for form in [
        "08031234567",
        "+234 803 123 4567",
        "2348031234567",
        "002348031234567",
        "8031234567",
        "+234 (0) 803-123-4567",
    ] {
        assert_eq!(
            Number::phone(form).unwrap().expose(),
            "08031234567",
            "{form}"
        );
    }
    assert_eq!(Number::company("rc 0012345").unwrap().expose(), "0012345");
    for (printed, digits, written) in [
        ("LLP-1234", "1234", "LLP1234"),
        ("613", "613", "613"),
        ("RC 7", "7", "RC7"),
        ("RC: 1234567", "1234567", "RC1234567"),
        ("rc no. 1234567", "1234567", "RC1234567"),
        ("CAC/IT/NO 12345", "12345", "IT12345"),
        ("\u{FEFF}BN\u{200B} 613\u{202C}", "613", "BN613"),
    ] {
        let number = Number::company(printed).unwrap();
        assert_eq!(
            (number.expose(), &*number.written()),
            (digits, written),
            "{printed}"
        );
        assert_eq!(Number::company(written).unwrap(), number, "as it is stored");
    }
    for mark in [
        '\u{200B}', '\u{FEFF}', '\u{202A}', '\u{2060}', '\u{AD}', '\u{A0}',
    ] {
        let copied = format!("{mark}22212345678{mark}");
        assert_eq!(Number::bvn(&copied).unwrap().expose(), "22212345678");
    }
    assert_eq!(
        Number::licence("abc-123456aa", Validation::Strict)
            .unwrap()
            .expose(),
        "ABC123456AA"
    );
    assert_eq!(
        Number::passport("a01234567", Validation::Strict)
            .unwrap()
            .expose(),
        "A01234567"
    );
}

#[test]
fn wrong_numbers_are_refused_with_a_remedy() {
    let cases: [(Result<Number, Fault>, &str); 14] = [
        (Number::bvn("2221234567"), "has 10 digits instead of 11"),
        (
            Number::nin("1234567800x"),
            "has characters that are not digits",
        ),
        (Number::nin("AA123456789012AA"), "is a virtual NIN"),
        (
            Number::phone("07023123456"),
            "is not a Nigerian mobile number",
        ),
        (Number::phone("01234567"), "is not a Nigerian mobile number"),
        (Number::company("RC"), "is not a registration number"),
        (Number::company("RC 12x"), "is not a registration number"),
        (
            Number::company("12345678901"),
            "is not a registration number",
        ),
        (
            Number::bvn("2220O000l00"),
            "looks like 11 digits, but character 5 is the letter O, perhaps instead of the digit 0",
        ),
        (
            Number::nin("S2345678901"),
            "looks like 11 digits, but character 1 is the letter S, perhaps instead of the digit 5",
        ),
        (
            Number::passport("A0I234567", Validation::Strict),
            "looks like a passport number, but character 3 is the letter I, perhaps instead of the digit 1",
        ),
        (
            Number::licence("A8C12345AA00", Validation::Strict),
            "looks like a driver's licence number, but character 2 is the digit 8, perhaps instead of the letter B",
        ),
        (
            Number::licence("FL-3245", Validation::Strict),
            "is not a driver's licence number",
        ),
        (
            Number::passport("A12356", Validation::Strict),
            "is not a Nigerian passport number",
        ),
    ];
    for (result, problem) in cases {
        let fault = result.unwrap_err();
        assert_eq!(fault.problem, problem);
        assert!(!fault.remedy.is_empty());
    }
}

#[test]
fn lenient_lets_the_provider_s_samples_through_but_nothing_that_leaves_its_path_segment() {
    for sample in ["FL-3245", "A12356"] {
        assert!(Number::licence(sample, Validation::Lenient).is_ok());
        assert!(Number::passport(sample, Validation::Lenient).is_ok());
    }
    for escape in ["..", "../x", "a/b", "a?b", "", "%2e"] {
        assert!(
            Number::licence(escape, Validation::Lenient).is_err(),
            "{escape}"
        );
    }
}

#[test]
fn multi_byte_text_is_refused_not_sliced() {
    for text in ["ọ", "éééééé", "AéB123456", "ß1234567", "Ａ01234567"] {
        assert!(Number::licence(text, Validation::Strict).is_err());
        assert!(Number::passport(text, Validation::Strict).is_err());
        assert!(Number::phone(text).is_err());
    }
    for homograph in ["Aß123456", "ſ01234567", "ıbc123456"] {
        assert!(Number::licence(homograph, Validation::Strict).is_err());
        assert!(Number::passport(homograph, Validation::Strict).is_err());
    }
}

#[test]
fn debug_is_masked() {
    assert_eq!(
        format!("{:?}", Number::bvn("22212345356").unwrap()),
        "Bvn(********356)"
    );
}
