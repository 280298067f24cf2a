//! The provider's own example answers, byte for byte, through the client into the typed records; and the requests as in the
//! provider's collection.

use radius_api::{Client, Reading, Reply, Request, Text, bvn, cac, drivers_license, passport};
use serde_json::Value;

use crate::server::{Server, TOKEN, Then, config, http};

/// Sends `request` to a server that answers with `body`, and checks the request that arrived.
pub(crate) async fn fetch(request: Request, line: &str, body: &[u8]) -> Reply {
    let head = "200 OK\r\nContent-Type: application/json\r\nKeep-Alive: timeout=5, max=100";
    let server = Server::start(Then::Serve(http(head, body))).await;
    let client = Client::new(config(&server.address)).unwrap();
    let reply = client.send(&request).await.unwrap();
    assert_eq!(
        (reply.status, reply.sandbox, reply.retry_after),
        (200, false, None)
    );
    assert_eq!(reply.body, body);
    let heard = server.heard();
    let lines: Vec<&str> = heard[0].lines().collect();
    assert_eq!((heard.len(), lines[0]), (1, line));
    assert!(
        lines.contains(&format!("api-token: {TOKEN}").as_str()),
        "no token"
    );
    assert!(
        !lines.iter().any(|line| line.starts_with("referer")),
        "a referer"
    );
    reply
}

/// Returns the sample's `data.data` without its images, by means other than the crate's own.
pub(crate) fn without_images(body: &[u8]) -> Value {
    let mut body: Value = serde_json::from_slice(body).unwrap();
    let mut record = body["data"]["data"].take();
    if let Some(biodata) = record.get_mut("biodata") {
        biodata
            .as_object_mut()
            .unwrap()
            .retain(|key, _| key != "image" && key != "signature");
    }
    record
}

/// Compares each field with its expected text. A field that is blank in the sample must be `None`.
pub(crate) fn check(rows: &[(&Text<'_>, &str)]) {
    for (text, expected) in rows {
        let expected = (!expected.is_empty()).then_some(*expected);
        assert_eq!(text.as_deref(), expected);
    }
}

#[tokio::test]
async fn bvn_sample() {
    let body = include_bytes!("../data/bvn.json");
    let request = Request::bvn("78945612356").unwrap();
    let line = "GET /identity/bvn/advanced/78945612356 HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<bvn::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.origin.lga, "North Lindsaymouth"),
        (&data.origin.state, "Kansas"),
        (&data.biodata.image, "Base 64 string"),
        (&data.contact.email, "vlockman@example.net"),
        (&data.contact.main_phone_number, "08081234567"),
        (&data.contact.other_phone_number, "09011234567"),
        (&data.profile.title, "Prof."),
        (&data.profile.gender, ""),
        (&data.profile.last_name, "Goldner"),
        (&data.profile.first_name, "Constance"),
        (&data.profile.middle_name, "Ashley"),
        (&data.profile.nationality, "Nepal"),
        (&data.profile.date_of_birth, ""),
        (&data.profile.marital_status, ""),
        (&data.identity.bvn, "78945612356"),
        (&data.identity.nin, ""),
        (&data.metadata.watch_listed, ""),
        (&data.metadata.registration_date, ""),
        (&data.residence.lga, "Lake Hayden"),
        (&data.residence.state, "Pennsylvania"),
        (&data.residence.address, "7588 Keven Manors Suite 826"),
    ]);
    let extras = [
        &data.extra,
        &data.origin.extra,
        &data.biodata.extra,
        &data.contact.extra,
        &data.profile.extra,
        &data.identity.extra,
        &data.metadata.extra,
        &data.residence.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}

#[tokio::test]
async fn cac_sample() {
    let body = include_bytes!("../data/cac.json");
    let request = Request::cac("456879", "Peopxxxxxx").unwrap();
    let line = "GET /identity/cac/456879?company_name=Peopxxxxxx HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<cac::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.profile.email, "shaina89@schmidt.com"),
        (&data.profile.address, "519 Abernathy Trail"),
        (&data.profile.company_name, "Fahey Inc"),
        (&data.identity.cac, "456879"),
        (&data.meta_data.status, ""),
        (&data.meta_data.activity, ""),
        (&data.meta_data.incorporation_at, ""),
    ]);
    let extras = [
        &data.extra,
        &data.profile.extra,
        &data.identity.extra,
        &data.meta_data.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}

#[tokio::test]
async fn drivers_license_sample() {
    let body = include_bytes!("../data/drivers_license.json");
    let request = Request::drivers_license("FL-3245").unwrap();
    let line = "GET /identity/drivers/licenses/FL-3245 HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<drivers_license::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.biodata.image, "base64 string"),
        (&data.profile.gender, ""),
        (&data.profile.last_name, "Grimes"),
        (&data.profile.first_name, "Kim"),
        (&data.profile.middle_name, "Bernice"),
        (&data.profile.date_of_birth, ""),
        (&data.identity.driver_license, ""),
        (&data.meta_data.expiry_date, ""),
        (&data.meta_data.issued_date, ""),
        (&data.meta_data.state_of_issue, ""),
    ]);
    let extras = [
        &data.extra,
        &data.biodata.extra,
        &data.profile.extra,
        &data.identity.extra,
        &data.meta_data.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}

#[tokio::test]
async fn passport_sample() {
    let body = include_bytes!("../data/passport.json");
    let request = Request::passport("A12356", "Georgiana", "Prohaska", "1986-01-20").unwrap();
    let line = "GET /identity/passport/nigeria/A12356?first_name=Georgiana&last_name=Prohaska&dob=1986-01-20 HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<passport::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.biodata.image, "base64 image"),
        (&data.contact.main_phone_number, "07081234567"),
        (&data.profile.dob, ""),
        (&data.profile.gender, ""),
        (&data.profile.last_name, "Prohaska"),
        (&data.profile.first_name, "Georgiana"),
        (&data.profile.other_name, "Berenice"),
        (&data.identity.passport_id, "A12356"),
        (&data.meta_data.issued_at, "Creminmouth"),
        (&data.meta_data.expiry_date, ""),
        (&data.meta_data.issued_date, ""),
    ]);
    let extras = [
        &data.extra,
        &data.biodata.extra,
        &data.contact.extra,
        &data.profile.extra,
        &data.identity.extra,
        &data.meta_data.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}
