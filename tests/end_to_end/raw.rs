//! Direct access to the sandbox, without the project's client: the original bytes of an image.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use kyc_blobs::Blobs;
use kyc_tests::{Job, TOKEN, World, number};
use serde_json::Value;

/// A plain HTTP client.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Requests a record with the token. It counts as a call.
async fn data(world: &World, path: &str) -> Value {
    let url = format!("{}{path}", world.radius_url());
    let answer = client().get(url).header("Api-Token", TOKEN).send().await;
    let mut answer: Value = answer.unwrap().json().await.unwrap();
    answer["data"]["data"].take()
}

/// Has the sandbox draw the images of these BVN cases, then resets its counts.
pub(crate) async fn warm_up(world: &World, codes: &[&str]) {
    for code in codes {
        data(
            world,
            &format!("/identity/bvn/advanced/{}", number("bvn", code)),
        )
        .await;
    }
    let url = format!("{}/__sandbox/reset", world.radius_url());
    client().post(url).send().await.unwrap();
}

/// Returns the bytes of a BVN's image, however the sandbox encodes them.
pub(crate) async fn photo(world: &World, job: &Job) -> Vec<u8> {
    let record = data(world, &format!("/identity/bvn/advanced/{}", job.number())).await;
    let text = record["biodata"]["image"].as_str().unwrap();
    let text = text.split_once(";base64,").map_or(text, |(_, text)| text);
    let text: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD
        .decode(&text)
        .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(&text))
        .unwrap()
}

/// Opens the world's blob store.
pub(crate) fn blobs(world: &World) -> Blobs {
    Blobs::open(world.setting("blob_url"), kyc_blobs::Config::default()).unwrap()
}
