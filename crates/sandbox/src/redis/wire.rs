//! The part of the Redis protocol by which a server is set up and checked for readiness.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

/// The timeout of a command. Servers answer immediately even while they load their data.
const PATIENCE: Duration = Duration::from_millis(500);

/// The commands `PING` and `CONFIG GET dir`.
const QUESTION: &[u8] = b"*1\r\n$4\r\nPING\r\n*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$3\r\ndir\r\n";

/// Returns whether the server on this port answers, has loaded its data, and works in `folder`, which only ours does.
pub(super) fn serves(port: u16, folder: &Path) -> bool {
    ask(port, folder).unwrap_or(false)
}

fn ask(port: u16, folder: &Path) -> io::Result<bool> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(QUESTION)?;
    let mut lines = BufReader::new(stream).lines();
    let mut next = || {
        lines
            .next()
            .unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
    };
    // While the server loads its data, it answers PING with an error.
    if next()? != "+PONG" {
        return Ok(false);
    }
    // An array of two texts, "dir" and the folder, each preceded by a line with its length.
    let (_, _, _, _) = (next()?, next()?, next()?, next()?);
    Ok(Path::new(&next()?) == folder)
}

/// Sends a command and returns the reply: a simple string, an integer or a bulk string. An error reply is an error.
pub(super) fn command(port: u16, words: &[&str]) -> io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut question = format!("*{}\r\n", words.len());
    for word in words {
        question.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    stream.write_all(question.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let (kind, rest) = line.trim_end().split_at_checked(1).unwrap_or_default();
    match kind {
        "+" | ":" => Ok(rest.to_owned()),
        "$" => {
            let mut text = vec![0; rest.parse().map_err(io::Error::other)?];
            reader.read_exact(&mut text)?;
            String::from_utf8(text).map_err(io::Error::other)
        }
        _ => Err(io::Error::other(rest.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, net::TcpListener, thread};

    use super::*;

    fn answered(reply: &'static [u8]) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; QUESTION.len()];
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(reply).unwrap();
        });
        let answer = serves(port, Path::new("/data"));
        server.join().unwrap();
        answer
    }

    #[test]
    fn only_our_own_server_that_is_ready_counts() {
        assert!(answered(b"+PONG\r\n*2\r\n$3\r\ndir\r\n$5\r\n/data\r\n"));
        assert!(!answered(b"+PONG\r\n*2\r\n$3\r\ndir\r\n$6\r\n/other\r\n"));
        assert!(!answered(
            b"-LOADING Redis is loading the dataset in memory\r\n"
        ));
        assert!(!answered(
            b"-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n"
        ));
        assert!(!answered(b""));
    }
}
