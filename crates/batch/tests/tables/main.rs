//! Tables as people have them, whole and broken. Each row of the tests is a file.

mod broken;
mod quoted;

use kyc_batch::{Defaults, Format, Reader};
use kyc_kinds::Rules;

/// Returns the rows of a file: each its line, and its job as JSON or its faults. A file that cannot be used is one such row.
fn read_as(format: Format, kind: Option<&str>, file: &[u8], piece: usize) -> Vec<(usize, String)> {
    let kind = kind.and_then(kyc_kinds::find);
    let mut reader = Reader::new(
        format,
        Defaults {
            kind,
            priority: None,
        },
        Rules::default(),
    );
    let (mut rows, mut size) = (Vec::new(), 0);
    let mut take = |reader: &mut Reader| {
        loop {
            match reader.next_row() {
                Ok(Some(row)) => {
                    size += row.size;
                    let said = match row.job {
                        Ok(request) => request.to_json().to_string(),
                        Err(refusals) => refusals.to_string(),
                    };
                    rows.push((row.line, said));
                }
                Ok(None) => return true,
                Err(unusable) => {
                    rows.push((
                        unusable.line,
                        format!("{}; {}", unusable.problem, unusable.remedy),
                    ));
                    return false;
                }
            }
        }
    };
    for piece in file.chunks(piece) {
        reader.feed(piece);
        if !take(&mut reader) {
            return rows;
        }
    }
    reader.end();
    take(&mut reader);
    assert!(size <= file.len() as u64);
    rows
}

/// Whatever the pieces in which a file arrives, its rows are the same.
#[track_caller]
fn read(kind: Option<&str>, file: &[u8]) -> Vec<(usize, String)> {
    let whole = read_as(Format::Csv, kind, file, file.len().max(1));
    for piece in [1, 2, 3, 7, 64] {
        assert_eq!(
            read_as(Format::Csv, kind, file, piece),
            whole,
            "pieces of {piece}"
        );
    }
    whole
}

const BVN: &str = "22212345061";
const ROW: &str = r#"{"kind":"bvn","bvn":"22212345061","claims":{"last_name":"Okafor""#;

#[test]
fn tables_as_people_have_them() {
    let files: &[(&str, &[u8], &[usize])] = &[
        ("plain", b"bvn,last_name\n22212345061,Okafor\n", &[2]),
        (
            "no last line end",
            b"bvn,last_name\n22212345061,Okafor",
            &[2],
        ),
        (
            "CRLF",
            b"bvn,last_name\r\n22212345061,Okafor\r\n22212345061,Okafor\r\n",
            &[2, 3],
        ),
        ("CR", b"bvn,last_name\r22212345061,Okafor\r", &[2]),
        (
            "byte order mark",
            b"\xef\xbb\xbfbvn,last_name\n22212345061,Okafor\n",
            &[2],
        ),
        ("semicolons", b"bvn;last_name\n22212345061;Okafor\n", &[2]),
        ("tabs", b"bvn\tlast_name\n22212345061\tOkafor\n", &[2]),
        ("bars", b"bvn|last_name\n22212345061|Okafor\n", &[2]),
        (
            "named separator",
            b"sep=;\r\nbvn;last_name\r\n22212345061;Okafor\r\n",
            &[3],
        ),
        ("any order", b"Surname,BVN\nOkafor,22212345061\n", &[2]),
        (
            "usual names",
            b"Bank Verification Number,Last Name\n22212345061,Okafor\n",
            &[2],
        ),
        (
            "quoted",
            b"\"bvn\",\"last_name\"\n\"22212345061\",\"Okafor\"\n",
            &[2],
        ),
        (
            "blank lines",
            b"\n\nbvn,last_name\n\n22212345061,Okafor\n\n\n22212345061,Okafor\n",
            &[5, 8],
        ),
        (
            "lines of separators",
            b"bvn,last_name\n,\n22212345061,Okafor\n , \n,\n",
            &[3],
        ),
        (
            "blanks around",
            b" bvn , last_name \n 22212345061 , Okafor \n",
            &[2],
        ),
        (
            "counter and left out",
            b"S/N,bvn,last_name,x-branch\n1,22212345061,Okafor,Ikeja\n",
            &[2],
        ),
        (
            "trailing separators",
            b"bvn,last_name,,\n22212345061,Okafor,,\n",
            &[2],
        ),
        (
            "kind and number",
            b"kind,number,last_name\nBVN,22212345061,Okafor\n",
            &[2],
        ),
        (
            "number in groups",
            b"bvn,last_name\n222 1234 5061,Okafor\n",
            &[2],
        ),
    ];
    for (what, file, lines) in files {
        let rows = read(None, file);
        let found: Vec<usize> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(found, *lines, "{what}: {rows:?}");
        assert!(
            rows.iter().all(|(_, said)| said.starts_with(ROW)),
            "{what}: {rows:?}"
        );
    }
}

#[test]
fn values_reach_their_fields() {
    for (kind, file, job) in [
        (
            None,
            "kind,number,first name,surname,dob\nPassport,A01234000,Ada,Okafor,1986-01-20\n",
            r#"{"kind":"passport","passport_number":"A01234000","date_of_birth":"1986-01-20","first_name":"Ada","last_name":"Okafor""#,
        ),
        (
            Some("nin_phone"),
            "phone,nin\n08031234000,12345678000\n",
            r#"{"kind":"nin_phone","phone":"08031234000","claims":{"nin":"12345678000"}"#,
        ),
        (
            Some("bvn"),
            "bvn,phone\n22212345061,0803 123 4000\n",
            r#"{"kind":"bvn","bvn":"22212345061","claims":{"phone":"08031234000"}"#,
        ),
        (
            None,
            "bvn,reference,priority,max attempts,fresh,consent at,consent ref\n22212345061,loan-1,high,3,yes,2026-01-31T14:30:00Z,c-1\n",
            r#""reference":"loan-1","tenant":"default","priority":"high","fresh":true,"max_attempts":3,"consent":{"obtained_at":"2026-01-31T14:30:00Z","reference":"c-1"}"#,
        ),
        (
            None,
            "bvn,last_name\n22212345061,\"Okafor\nEze\"\n",
            "has control characters",
        ),
        (
            None,
            "bvn,first_name\n22212345061,\"Ada \"\"Ike\"\"\"\n",
            r#""first_name":"Ada \"Ike\"""#,
        ),
        (
            None,
            "bvn,first_name\n22212345061,O\"Neil\n",
            r#""first_name":"O\"Neil""#,
        ),
    ] {
        let rows = read(kind, file.as_bytes());
        assert!(
            rows.len() == 1 && rows[0].1.contains(job),
            "{file}: {rows:?}"
        );
    }
}

#[test]
fn lines_of_json_may_leave_out_the_kind_that_is_given() {
    let file = b"{\"bvn\": \"22212345061\"}\n\n{\"kind\": \"nin\", \"nin\": \"12345678000\"}\n[]\n{\"bvn\"";
    for piece in [1, 5, 1000] {
        let rows = read_as(Format::Ndjson, Some("bvn"), file, piece);
        let lines: Vec<usize> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
        assert!(
            rows[0].1.starts_with(r#"{"kind":"bvn""#) && rows[1].1.starts_with(r#"{"kind":"nin""#),
            "{rows:?}"
        );
        assert!(
            rows[2].1.contains("is not a JSON object") && rows[3].1.contains("is not JSON"),
            "{rows:?}"
        );
    }
}
