//! The provider's own example answers for a NIN, as in `contract`.

use radius_api::{Reading, Request, nin, nin_phone};

use crate::contract::{check, fetch, without_images};

#[tokio::test]
async fn nin_sample() {
    let body = include_bytes!("../data/nin.json");
    let request = Request::nin("12345678996").unwrap();
    let line = "GET /identity/nin/12345678996 HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<nin::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.origin.lga, "South Wileychester"),
        (&data.origin.state, "Illinois"),
        (&data.origin.address, "1831 Morissette Pines"),
        (&data.biodata.image, "Base 64 string"),
        (&data.biodata.signature, "Base 64 string"),
        (&data.contact.email, "chesley22@example.com"),
        (&data.contact.main_phone_number, "08031234567"),
        (&data.profile.title, "Mrs."),
        (&data.profile.gender, ""),
        (&data.profile.surname, "Monahan"),
        (&data.profile.religion, ""),
        (&data.profile.first_name, "Araceli"),
        (&data.profile.maiden_name, "Lakin"),
        (&data.profile.middle_name, "Vicenta"),
        (&data.profile.nationality, "Bouvet Island (Bouvetoya)"),
        (&data.profile.date_of_birth, ""),
        (&data.profile.marital_status, ""),
        (&data.profile.spoken_language, "kk"),
        (&data.profile.educational_level, ""),
        (&data.residence.lga, "Bayerhaven"),
        (&data.residence.town, "Framiside"),
        (&data.residence.state, "Oklahoma"),
        (&data.residence.status, ""),
        (&data.residence.address, "81353 Coy Island Apt. 095"),
        (&data.employment.status, ""),
        (&data.employment.profession, "Animal Control Worker"),
        (&data.next_of_kin.surname, "Schinner"),
        (&data.next_of_kin.residence.lga, "Dejahton"),
        (&data.next_of_kin.residence.state, "Missouri"),
        (
            &data.next_of_kin.residence.address,
            "88877 Batz Walk Dooleyberg",
        ),
        (&data.next_of_kin.first_name, "Elmo"),
        (&data.birth_details.lga, "Tremblayfort"),
        (&data.birth_details.date, ""),
        (&data.birth_details.state, "South Carolina"),
        (&data.birth_details.country, "Russian Federation"),
    ]);
    let extras = [
        &data.extra,
        &data.origin.extra,
        &data.biodata.extra,
        &data.contact.extra,
        &data.profile.extra,
        &data.residence.extra,
        &data.employment.extra,
        &data.next_of_kin.extra,
        &data.next_of_kin.residence.extra,
        &data.birth_details.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}

#[tokio::test]
async fn nin_phone_sample() {
    let body = include_bytes!("../data/nin_phone.json");
    let request = Request::nin_phone("08075461234").unwrap();
    let line = "GET /identity/nin/phone/08075461234 HTTP/1.1";
    let reply = fetch(request, line, body).await;
    let record = reply
        .read::<nin_phone::Data>(&Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let data = &record.data;
    check(&[
        (&data.origin.lga, "Ikorodu"),
        (&data.origin.state, "Lagos"),
        (&data.origin.address, "12 Coal way"),
        (&data.origin.spoken_language, "yoruba"),
        (&data.biodata.image, "Base 64 String"),
        (&data.biodata.signature, "Base 64 String"),
        (&data.contact.email, "chesley22@example.com"),
        (&data.contact.main_phone_number, "08075461234"),
        (&data.profile.title, "mr"),
        (&data.profile.gender, "m"),
        (&data.profile.surname, "TAIWO"),
        (&data.profile.religion, "islam"),
        (&data.profile.first_name, "OLA"),
        (&data.profile.maiden_name, ""),
        (&data.profile.middle_name, "FEMI"),
        (&data.profile.nationality, ""),
        (&data.profile.date_of_birth, "18-11-1985"),
        (&data.profile.marital_status, "single"),
        (&data.profile.spoken_language, ""),
        (&data.profile.educational_level, "tertiary"),
        (&data.identity.nin, "12345678900"),
        (&data.residence.lga, "Ikorodu"),
        (&data.residence.town, "Ikorodu"),
        (&data.residence.state, "Lagos"),
        (&data.residence.status, "birth"),
        (&data.residence.address, "12 Coal way"),
        (&data.employment.status, "self employed"),
        (&data.employment.profession, "ENGINEER"),
        (&data.next_of_kin.surname, "TAIWO"),
        (&data.next_of_kin.residence.lga, "Ikorodu"),
        (&data.next_of_kin.residence.state, "Lagos"),
        (&data.next_of_kin.residence.address, "12 Coal way"),
        (&data.next_of_kin.first_name, "SHOLA"),
        (&data.next_of_kin.spoken_language, ""),
        (&data.birth_details.lga, "Ikorodu"),
        (&data.birth_details.date, "18-11-1985"),
        (&data.birth_details.state, "Lagos"),
        (&data.birth_details.country, "nigeria"),
    ]);
    let extras = [
        &data.extra,
        &data.origin.extra,
        &data.biodata.extra,
        &data.contact.extra,
        &data.profile.extra,
        &data.identity.extra,
        &data.residence.extra,
        &data.employment.extra,
        &data.next_of_kin.extra,
        &data.next_of_kin.residence.extra,
        &data.birth_details.extra,
    ];
    assert!(extras.iter().all(|extra| extra.is_empty()));
    assert_eq!(record.message, None);
    assert_eq!(record.record_json().unwrap(), without_images(body));
}
