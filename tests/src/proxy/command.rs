//! Finds the end of a command in the Redis protocol.

/// Returns the length of the first command in these bytes, or `None` while it is incomplete.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    if *bytes.first()? != b'*' {
        // An inline command is one line.
        return Some(line_end(bytes, 0)? + 1);
    }
    let (parts, mut at) = number(bytes, 1)?;
    for _ in 0..parts {
        let (length, begins) = number(bytes, at + 1)?;
        at = begins + length + 2;
    }
    (at <= bytes.len()).then_some(at)
}

/// Returns whether the command contains these bytes.
pub(super) fn holds(command: &[u8], pattern: &[u8]) -> bool {
    command
        .windows(pattern.len().max(1))
        .any(|part| part == pattern)
}

fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    Some(from + rest.iter().position(|byte| *byte == b'\n')?)
}

/// Returns the number between `from` and the end of the line, and the start of the next line. Anything else counts as 0.
fn number(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let end = line_end(bytes, from)?;
    let text = std::str::from_utf8(&bytes[from..end]).unwrap_or_default();
    Some((text.trim_end().parse().unwrap_or_default(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_with_its_last_part() {
        let ping = b"*1\r\n$4\r\nPING\r\n";
        let set = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$6\r\na\r\n*1\n\r\n";
        for command in [&ping[..], set, b"*0\r\n", b"PING\r\n"] {
            for cut in 0..command.len() {
                assert_eq!(length(&command[..cut]), None, "{cut}");
            }
            assert_eq!(length(command), Some(command.len()));
            let followed = [command, ping].concat();
            assert_eq!(length(&followed), Some(command.len()));
        }
    }

    #[test]
    fn a_pattern_is_found_anywhere_in_a_command() {
        assert!(holds(b"EVALSHA 12ab", b"12ab"));
        assert!(holds(b"EVALSHA 12ab", b"E"));
        assert!(!holds(b"EVALSHA 12ab", b"12b"));
        assert!(!holds(b"a", b"aa"));
    }
}
