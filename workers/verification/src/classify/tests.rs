//! Every status with every sentence, from the provider itself and from proxies in between.

use kyc_domain::{Number, Sensitive};

use super::*;

const WALLET: &str = "The wallet is empty";
const OFTEN: &str = "Called too often";
const KEY: &str = "The key is void";
const LATER: &str = "Come back later";
const WRONG: &str = "The input is wrong";
const NONE: &str = "There is none";
const OTHER: &str = "Out of order";

fn messages() -> Messages {
    let patterns = |text: &str| std::iter::once(text).collect();
    Messages {
        wallet_empty: patterns("wallet"),
        throttled: patterns("too often"),
        key_refused: patterns("key"),
        unavailable: patterns("later"),
        rejected: patterns("wrong"),
        not_found: patterns("none"),
    }
}

fn subject() -> Subject {
    Subject::new("bvn", Number::bvn("22200000000").unwrap())
}

/// Returns the name of the class, or the verdict.
fn name(answer: &Result<Answer<'static>, Failure>) -> &'static str {
    match answer {
        Ok(Answer::Found(_)) => "found",
        Ok(Answer::NotFound { message: None } | Answer::Rejected { message: None }) => "wordless",
        Ok(Answer::NotFound { .. }) => "not_found",
        Ok(Answer::Rejected { .. }) => "rejected",
        Err(failure) => failure.class.as_str(),
    }
}

fn status(
    status: u16,
    body: Body,
    sentence: Option<&str>,
    retry_after: Option<RetryAfter>,
) -> Error {
    Error::Status {
        status,
        retry_after,
        sandbox: false,
        message: sentence.map(ProviderText::new),
        body,
    }
}

#[test]
fn every_status_with_every_sentence_of_the_provider() {
    let said = [WALLET, OFTEN, KEY, LATER, WRONG, NONE, OTHER];
    #[rustfmt::skip]
    let rows = [
        (400, ["wallet", "wait", "key", "transient", "rejected", "not_found", "rejected"]),
        (401, ["wallet", "wait", "key", "transient", "key", "key", "key"]),
        (402, ["wallet"; 7]),
        (403, ["wallet", "wait", "key", "transient", "key", "key", "key"]),
        (404, ["wallet", "wait", "key", "transient", "not_found", "not_found", "not_found"]),
        (405, ["wallet", "wait", "key", "transient", "rejected", "not_found", "refused"]),
        (408, ["wallet", "transient", "transient", "transient", "transient", "transient", "transient"]),
        (422, ["wallet", "wait", "key", "transient", "rejected", "not_found", "rejected"]),
        (424, ["wallet", "transient", "transient", "transient", "transient", "transient", "transient"]),
        (425, ["wallet", "transient", "transient", "transient", "transient", "transient", "transient"]),
        (429, ["wallet", "wait", "wait", "wait", "wait", "wait", "wait"]),
        (500, ["transient"; 7]),
        (503, ["transient"; 7]),
        (599, ["transient"; 7]),
    ];
    for (code, classes) in rows {
        for (sentence, class) in said.into_iter().zip(classes) {
            let error_ = status(code, Body::Envelope, Some(sentence), None);
            let answer = error(&error_, &messages(), &subject());
            assert_eq!(name(&answer), class, "{code}: {sentence}");
        }
    }
}

#[test]
fn nobody_but_the_provider_ends_a_job_or_refuses_a_key_by_a_status() {
    let said = [WALLET, OFTEN, KEY, LATER, WRONG, NONE, OTHER];
    #[rustfmt::skip]
    let rows = [
        (400, ["wallet", "wait", "key", "transient", "transient", "transient", "transient"]),
        (401, ["wallet", "wait", "key", "transient", "transient", "transient", "transient"]),
        (402, ["transient"; 7]),
        (403, ["wallet", "wait", "key", "transient", "transient", "transient", "transient"]),
        (404, ["wallet", "wait", "key", "transient", "transient", "transient", "transient"]),
        (422, ["wallet", "wait", "key", "transient", "transient", "transient", "transient"]),
        (429, ["wallet", "wait", "wait", "wait", "wait", "wait", "wait"]),
        (500, ["transient"; 7]),
    ];
    for (code, classes) in rows {
        for (sentence, class) in said.into_iter().zip(classes) {
            let error_ = status(code, Body::Json, Some(sentence), None);
            let answer = error(&error_, &messages(), &subject());
            assert_eq!(name(&answer), class, "{code}: {sentence}");
        }
        for body in [Body::Page, Body::Text, Body::Empty, Body::Json] {
            let answer = error(&status(code, body, None, None), &messages(), &subject());
            let class = if code == 429 { "wait" } else { "transient" };
            assert_eq!(name(&answer), class, "{code}: {body:?}");
        }
    }
    let page = error(
        &status(403, Body::Page, None, None),
        &messages(),
        &subject(),
    );
    assert_eq!(page.err().unwrap().code, "http_403_page");
    let text = error(
        &status(404, Body::Text, None, None),
        &messages(),
        &subject(),
    );
    let failure = text.err().unwrap();
    assert_eq!(failure.code, "http_404_foreign");
    assert!(failure.sentence.contains("KYC_RADIUS_URL"));
}

#[test]
fn every_sentence_in_a_success_status() {
    for (sentence, classes) in [
        (WALLET, ["wallet"; 3]),
        (OFTEN, ["wait"; 3]),
        (KEY, ["key"; 3]),
        (LATER, ["transient"; 3]),
        (WRONG, ["rejected"; 3]),
        (NONE, ["not_found"; 3]),
        (OTHER, ["refused", "transient", "not_found"]),
    ] {
        for (says, class) in [Says::Failed, Says::Nothing, Says::NoRecord]
            .into_iter()
            .zip(classes)
        {
            let said = Some(sentence.to_owned());
            let answer = without_record(said, says, None, &messages(), &subject());
            assert_eq!(name(&answer), class, "{says:?}: {sentence}");
        }
    }
}

#[test]
fn an_answer_that_cannot_be_read_says_what_it_says_of_the_account() {
    let wrong = |sentence: Option<&str>| Error::WrongShape {
        at: radius_api::Position { line: 1, column: 1 },
        message: sentence.map(ProviderText::new),
    };
    for (sentence, class) in [
        (Some(WALLET), "wallet"),
        (Some(OFTEN), "wait"),
        (Some(KEY), "key"),
        (Some(LATER), "transient"),
        (Some(WRONG), "unreadable"),
        (Some(NONE), "unreadable"),
        (None, "unreadable"),
    ] {
        let answer = error(&wrong(sentence), &messages(), &subject());
        assert_eq!(name(&answer), class, "{sentence:?}");
    }
    let page = Error::NoAnswer { body: Body::Page };
    assert_eq!(name(&error(&page, &messages(), &subject())), "transient");
}

#[test]
fn a_named_wait_holds_wherever_a_wait_is_told() {
    let after = Some(RetryAfter::Delay(Duration::from_secs(7)));
    for code in [400, 403, 404, 408, 424, 425, 429, 503] {
        let error_ = status(code, Body::Envelope, Some(OFTEN), after);
        let answer = error(&error_, &messages(), &subject());
        let asked = answer.err().and_then(|failure| failure.retry_after);
        assert_eq!(asked, Some(Duration::from_secs(7)), "{code}");
    }
    for sentence in [OFTEN, LATER] {
        let answer = without_record(
            Some(sentence.to_owned()),
            Says::Failed,
            after,
            &messages(),
            &subject(),
        );
        let asked = answer.err().and_then(|failure| failure.retry_after);
        assert_eq!(asked, Some(Duration::from_secs(7)));
    }
}

#[test]
fn a_name_that_the_provider_repeats_means_nothing() {
    let number = Number::company("RC 613").unwrap();
    let company = Sensitive::from("Wallet Foods Ltd");
    let subject = Subject::new("rc_number", number).with("company_name", company);
    let said = status(
        404,
        Body::Envelope,
        Some("Wallet Foods Ltd: there is none"),
        None,
    );
    assert_eq!(name(&error(&said, &messages(), &subject)), "not_found");
}
