//! Collects the messages of an answer, whatever their names.

use serde_json::Value;

use crate::ProviderText;

/// The names under which APIs put their messages.
const NAMES: [&str; 12] = [
    "message",
    "detail",
    "details",
    "error",
    "errors",
    "error_description",
    "error_message",
    "description",
    "reason",
    "title",
    "msg",
    "response_message",
];

/// Returns whether a message can have that name.
pub(crate) fn is_name(key: &str) -> bool {
    NAMES.contains(&key)
}

/// The messages of an answer, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Words(Vec<String>);

/// The largest number of messages. Their text is bounded in any case.
const MOST: usize = 8;

impl Words {
    /// Adds the messages of a value: the text itself, or every text in an object or a list.
    pub(crate) fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) if !text.trim().is_empty() && self.0.len() < MOST => {
                let text = text.trim().to_owned();
                if !self.0.contains(&text) {
                    self.0.push(text);
                }
            }
            Value::Array(values) => values.iter().take(MOST).for_each(|value| self.add(value)),
            Value::Object(fields) => fields.values().take(MOST).for_each(|value| self.add(value)),
            _ => {}
        }
    }

    /// Collects the messages of an object and of the object under its `data`.
    #[cfg(feature = "client")]
    pub(crate) fn of(value: &Value) -> Self {
        let mut words = Self::default();
        let Value::Object(fields) = value else {
            return words;
        };
        for name in NAMES {
            if let Some(value) = fields.get(name) {
                words.add(value);
            }
        }
        if let Some(Value::Object(data)) = fields.get("data") {
            for name in NAMES {
                data.get(name)
                    .into_iter()
                    .for_each(|value| words.add(value));
            }
        }
        words
    }

    /// Joins all messages into one text; `None` if there are none.
    pub(crate) fn text(&self) -> Option<ProviderText> {
        (!self.0.is_empty()).then(|| ProviderText::new(&self.0.join("; ")))
    }
}
