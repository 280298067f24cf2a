//! A reader of server-sent events, which sees each block as it was written.

use kyc_tests::LONG;
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::timeout;

use crate::support::Api;

/// An open stream.
pub(crate) struct Events {
    response: Response,
    text: String,
}

/// What stands between two blank lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    pub(crate) id: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) data: Value,
    pub(crate) comment: Option<String>,
}

impl Events {
    /// Opens a stream, after an event if there is one, and returns it behind its first block, with the id in that.
    pub(crate) async fn open(api: &Api, key: &str, last: Option<&str>) -> (Self, String) {
        let mut request = api.request(Method::GET, "/v1/events", key);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = String::new();
        let mut events = Self { response, text };
        let id = events.block().await.unwrap().id.unwrap_or_default();
        (events, id)
    }

    /// Returns the next block, or `None` at the end.
    pub(crate) async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (read(block), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = timeout(LONG, self.response.chunk()).await;
            let chunk = chunk.expect("a block comes in time").ok().flatten()?;
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// Returns the next event.
    pub(crate) async fn event(&mut self) -> Block {
        loop {
            let block = self.block().await.expect("an event comes before the end");
            if block.event.is_some() {
                return block;
            }
        }
    }

    /// Returns the ids of verifications in so many events.
    pub(crate) async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let event = self.event().await;
            ids.push(event.data["id"].as_str().unwrap().to_owned());
        }
        ids
    }

    /// Returns the last comment before the end.
    pub(crate) async fn last_comment(&mut self) -> String {
        let mut last = String::new();
        while let Some(block) = self.block().await {
            last = block.comment.unwrap_or(last);
        }
        last
    }
}

fn read(text: &str) -> Block {
    let mut block = Block::default();
    for line in text.lines() {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.trim_start().to_owned();
        match name {
            "" => block.comment = Some(value),
            "id" => block.id = Some(value),
            "event" => block.event = Some(value),
            "data" => block.data = serde_json::from_str(&value).unwrap(),
            "retry" => {}
            _ => panic!("a field that is not known: {line}"),
        }
    }
    block
}
