//! Reads server-sent events from bytes, as they come.

/// What stands between two blank lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) id: Option<String>,
    pub(super) event: Option<String>,
    pub(super) data: String,
    pub(super) retry_ms: Option<u64>,
}

/// Takes bytes and gives blocks.
#[derive(Default)]
pub(super) struct Parser {
    bytes: Vec<u8>,
}

/// The largest block. An event of the API has less than a thousand bytes.
const LARGEST: usize = 64 << 10;

impl Parser {
    /// Takes more bytes. Returns whether what waits is still of a size that can be a block.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        self.bytes.extend_from_slice(bytes);
        self.bytes.len() <= LARGEST || self.end().is_some()
    }

    /// Returns the next whole block.
    pub(super) fn next(&mut self) -> Option<Block> {
        let end = self.end()?;
        let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
        Some(read(&String::from_utf8_lossy(&block)))
    }

    fn end(&self) -> Option<usize> {
        self.bytes.windows(2).position(|two| two == b"\n\n")
    }
}

fn read(text: &str) -> Block {
    let mut block = Block::default();
    for line in text.lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => block.id = Some(value.to_owned()),
            "event" => block.event = Some(value.to_owned()),
            "data" if block.data.is_empty() => value.clone_into(&mut block.data),
            "data" => block.data = format!("{}\n{value}", block.data),
            "retry" => block.retry_ms = value.parse().ok(),
            // Comments, and fields of later versions.
            _ => {}
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_wherever_the_bytes_are_cut() {
        let text = ": hello\nretry: 2000\nid: a5-1\n\nid: a6-0\nevent: x\ndata: {\"a\":\ndata: \"é\"}\n\n:\n\n";
        let expected = [
            (Some("a5-1"), None, "", Some(2000)),
            (Some("a6-0"), Some("x"), "{\"a\":\n\"é\"}", None),
            (None, None, "", None),
        ];
        for size in 1..text.len() {
            let (mut parser, mut blocks) = (Parser::default(), Vec::new());
            for part in text.as_bytes().chunks(size) {
                assert!(parser.take(part));
                blocks.extend(std::iter::from_fn(|| parser.next()));
            }
            let read: Vec<_> = blocks
                .iter()
                .map(|block| {
                    (
                        block.id.as_deref(),
                        block.event.as_deref(),
                        &*block.data,
                        block.retry_ms,
                    )
                })
                .collect();
            assert_eq!(read, expected, "{size}");
        }
    }

    #[test]
    fn a_block_without_an_end_is_given_up() {
        let mut parser = Parser::default();
        assert!(!parser.take(&vec![b'x'; LARGEST + 1]));
    }
}
