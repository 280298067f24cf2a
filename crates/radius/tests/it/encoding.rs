//! For any text, a request is one path segment under its prefix, and a query that decodes to the same text.

use proptest::prelude::*;
use radius_api::{Endpoint, Error, Request};
use reqwest::Url;

/// Returns the request's URL as a URL parser reads it: the decoded segments and the decoded query.
fn parsed(request: &Request) -> (Vec<String>, Vec<(String, String)>) {
    let url = format!("https://host.example/base/v1{}", request.path_and_query());
    let url = Url::parse(&url).unwrap();
    assert_eq!(
        (url.host_str(), url.fragment()),
        (Some("host.example"), None)
    );
    let decode = |segment: &str| {
        percent_encoding::percent_decode_str(segment)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let segments = url.path_segments().unwrap().map(decode).collect();
    (segments, url.query_pairs().into_owned().collect())
}

#[test]
fn paths_are_encoded() {
    let rows = [
        ("22212345678", "22212345678"),
        ("FL-3245", "FL-3245"),
        ("AAA 12345/B", "AAA%2012345%2FB"),
        ("../nin/1", "..%2Fnin%2F1"),
        ("..\\1", "..%5C1"),
        ("%2e%2e", "%252e%252e"),
        ("1?x=1", "1%3Fx%3D1"),
        ("1#x", "1%23x"),
        ("1;v=2", "1%3Bv%3D2"),
        ("a\r\nb\t\0", "a%0D%0Ab%09%00"),
        ("+234803", "%2B234803"),
        ("Ọlá", "%E1%BB%8Cl%C3%A1"),
        ("...", "..."),
    ];
    for (text, segment) in rows {
        let request = Request::nin(text).unwrap();
        assert_eq!(request.path_and_query(), format!("/identity/nin/{segment}"));
        assert_eq!(parsed(&request).0, ["base", "v1", "identity", "nin", text]);
    }
}

#[test]
fn queries_are_form_encoded() {
    let company = Request::cac("RC1", "A & B/C=D? #1+ Ltd").unwrap();
    let expected = "/identity/cac/RC1?company_name=A+%26+B%2FC%3DD%3F+%231%2B+Ltd";
    assert_eq!(company.path_and_query(), expected);
    let passport = Request::passport("A1", "Adé", "", "1986-01-20").unwrap();
    let expected = "/identity/passport/nigeria/A1?first_name=Ad%C3%A9&last_name=&dob=1986-01-20";
    assert_eq!(passport.path_and_query(), expected);
}

#[test]
fn text_that_is_no_segment_is_refused() {
    for text in ["", ".", ".."] {
        let refused = [
            (Request::bvn(text), Endpoint::Bvn, "bvn"),
            (Request::nin(text), Endpoint::Nin, "nin"),
            (Request::nin_phone(text), Endpoint::NinPhone, "phone"),
            (Request::cac(text, "A"), Endpoint::Cac, "number"),
            (
                Request::drivers_license(text),
                Endpoint::DriversLicense,
                "number",
            ),
            (
                Request::passport(text, "A", "B", "C"),
                Endpoint::Passport,
                "number",
            ),
        ];
        for (request, on, what) in refused {
            let Err(Error::InvalidRequest { endpoint, field }) = request else {
                panic!("{text:?} was taken for {on}");
            };
            assert_eq!((endpoint, field), (on, what));
        }
    }
}

#[test]
fn every_endpoint_has_its_name() {
    let names = Endpoint::ALL.map(Endpoint::name);
    assert_eq!(
        names,
        [
            "bvn",
            "nin",
            "nin_phone",
            "cac",
            "drivers_license",
            "passport"
        ]
    );
    assert_eq!(Endpoint::NinPhone.to_string(), "nin_phone");
}

proptest! {
    #[test]
    fn any_text_is_one_segment(text in any::<String>(), name in any::<String>()) {
        prop_assume!(!matches!(&*text, "" | "." | ".."));
        let (segments, query) = parsed(&Request::cac(&text, &name).unwrap());
        prop_assert_eq!(segments, ["base", "v1", "identity", "cac", &text]);
        prop_assert_eq!(query, [("company_name".to_owned(), name)]);
    }

    #[test]
    fn delimiters_are_no_delimiters(text in r"[./\\?#%&;:@ 2eEfF]{1,12}") {
        prop_assume!(!matches!(&*text, "." | ".."));
        let (segments, query) = parsed(&Request::drivers_license(&text).unwrap());
        prop_assert_eq!(segments, ["base", "v1", "identity", "drivers", "licenses", &text]);
        prop_assert!(query.is_empty());
    }
}
