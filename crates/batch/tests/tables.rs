//! Tables as people have them, whole and broken. Each row of the tests is a file.

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

/// Files by hand, each with one fault. Above and below it, rows are as they should be.
#[test]
fn broken_tables_are_refused_in_words() {
    let good = "22212345061,Okafor,1986-01-20,\n";
    for (broken, said) in [
        (
            "2.22E+10,Okafor,,",
            "bvn was turned into scientific notation",
        ),
        ("22212345678.0,Okafor,,", "bvn has a decimal part"),
        ("\"22212345678,00\",Okafor,,", "bvn has a decimal part"),
        (
            "2221234506,Okafor,,",
            "bvn has 10 digits instead of 11; write the 11 digits of the BVN in quotation marks; if a spreadsheet has dropped leading zeros",
        ),
        ("'22212345061,Okafor,,", "bvn begins with an apostrophe"),
        ("=\"22212345061\",Okafor,,", "bvn is a formula"),
        ("#N/A,Okafor,,", "bvn is an error of a spreadsheet"),
        ("###########,Okafor,,", "bvn is an error of a spreadsheet"),
        (
            "22212345061,#REF!,,",
            "claims.last_name is an error of a spreadsheet",
        ),
        (
            "22212345061,Okafor,31432,",
            "claims.date_of_birth is the number of a day",
        ),
        (
            "22212345061,Okafor,03/04/1986,",
            "claims.date_of_birth can mean two days",
        ),
        (
            "22212345061,Okafor,20/01/86,",
            "claims.date_of_birth is not a date",
        ),
        (
            "22212345061,Okafor,,8.03E+09",
            "claims.phone was turned into scientific notation",
        ),
        (",Okafor,,", "bvn is missing"),
        ("2221234506I,Okafor,,", "bvn"),
        (
            "22212345061,Okafor",
            "job has 2 cells, and the header has 4",
        ),
        (
            "22212345061,Okafor,Ada,,",
            "job has 5 cells, and the header has 4",
        ),
        (
            "22212345061,\"Okafor,,",
            "job has a quotation mark that is opened and not closed",
        ),
        (
            "\"22212345061,Okafor,,",
            "job has a quotation mark that is opened and not closed",
        ),
        (
            "22212345061, \"Okafor\",,",
            "claims.last_name has a quotation mark after a blank",
        ),
        ("22212345061;Okafor;;", "job has 1 cells"),
    ] {
        let file = format!("bvn,last_name,dob,phone\n{good}{broken}\n{good}");
        let rows = read(None, file.as_bytes());
        assert_eq!(rows.len(), 3, "{broken}: {rows:?}");
        assert!(
            rows[0].1.starts_with(ROW) && rows[2].1.starts_with(ROW),
            "{broken}: {rows:?}"
        );
        assert_eq!((rows[1].0, rows[2].0), (3, 4), "{broken}");
        assert!(rows[1].1.contains(said), "{broken}: {}", rows[1].1);
        assert!(
            !rows[1].1.contains("Okafor") && !rows[1].1.contains(BVN),
            "{}",
            rows[1].1
        );
    }
    let latin = [
        b"bvn,last_name\n22212345061,Ad\xe9\n".as_slice(),
        b"22212345061,Okafor\n",
    ]
    .concat();
    let rows = read(None, &latin);
    assert!(
        rows[0].1.starts_with("job is not UTF-8") && rows[1].1.starts_with(ROW),
        "{rows:?}"
    );
}

#[test]
fn files_that_cannot_be_used_are_refused_as_a_whole() {
    for (file, line, said) in [
        (
            &b"22212345061,Okafor\n22212345061,Eze\n"[..],
            1,
            "the first line holds no names of columns",
        ),
        (
            b"bvn,refernce\n22212345061,r\n",
            1,
            "the name of column 2 (B) is not known; perhaps reference was meant",
        ),
        (
            b"bvn,Okafor\n22212345061,r\n",
            1,
            "the name of column 2 (B) is not known; name it like a field",
        ),
        (
            b"bvn,Full Name\n22212345061,r\n",
            1,
            "write first_name and last_name in columns of their own",
        ),
        (
            b"bvn,surname,last name\n22212345061,a,b\n",
            1,
            "the columns 2 (B) and 3 (C) hold the same field",
        ),
        (
            b"\n\nnumber,last_name\n22212345061,a\n",
            3,
            "no column tells the kind of the rows",
        ),
        (
            b"bvn,nin\n22212345061,\n",
            1,
            "no column tells the kind of the rows",
        ),
        (
            b"kind,last_name\nbvn,a\n",
            1,
            "no column holds the number to verify",
        ),
        (b"\xff\xfeb\0v\0n\0", 1, "the file is UTF-16"),
        (b"PK\x03\x04\x14\0\x06\0", 1, "the file is a workbook"),
        (b"%PDF-1.7\n", 1, "the file is a PDF"),
        (b"\x1f\x8b\x08\0\0\0", 1, "the file is compressed"),
        (
            b"bvn,\"last_name\n22212345061,a\n",
            1,
            "the header has a quotation mark that is opened",
        ),
    ] {
        let rows = read(None, file);
        assert_eq!(rows.len(), 1, "{said}: {rows:?}");
        assert_eq!(rows[0].0, line, "{rows:?}");
        assert!(rows[0].1.contains(said), "{rows:?}");
        assert!(!rows[0].1.contains("Okafor"));
    }
}

#[test]
fn rows_that_are_too_large_do_not_hide_their_neighbours() {
    let good = format!("{BVN},Okafor\n");
    let mut file = format!("bvn,last_name\n{good}").into_bytes();
    file.extend(vec![b'x'; 300 << 10]);
    file.push(b'\n');
    file.extend(good.bytes());
    // A quotation mark that swallows far more than a row: whether the lines after it are rows, nobody knows.
    file.extend(b"22212345061,\"Okafor\n");
    (0..9000).for_each(|_| file.extend(good.bytes()));
    let rows = read_as(Format::Csv, None, &file, 10_000);
    assert_eq!(rows.len(), 4);
    assert_eq!(
        rows[1],
        (
            3,
            "job is larger than 64 KiB; write one job in a row, without images".to_owned()
        )
    );
    assert!(
        rows[3].1.contains("is opened here and not closed") && rows[3].0 == 5,
        "{:?}",
        rows[3]
    );
    assert!(
        [0, 2].iter().all(|nth| rows[*nth].1.starts_with(ROW)),
        "{rows:?}"
    );
}

#[test]
fn what_stands_in_quotation_marks_is_no_row() {
    let injected = "22287654321,Eze,x";
    let large = format!(
        "22212345061,Ada,\"x\n{}\"\n",
        format!("{injected}\n").repeat(4000)
    );
    for (row, said) in [
        (
            format!("22212345061,Ada,Ike,\"x\n{injected}\n\"\n"),
            "has 4 cells, and the header has 3",
        ),
        (
            format!("22212345061,\"x\n{injected}\n\"\n"),
            "has 2 cells, and the header has 3",
        ),
        (large, "is opened here and not closed"),
    ] {
        let file = format!("bvn,last_name,x-note\n{row}");
        let rows = read(None, file.as_bytes());
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert!(rows[0].0 == 2 && rows[0].1.contains(said), "{rows:?}");
    }
}

#[test]
fn a_quotation_mark_that_is_forgotten_hides_no_row() {
    for (rows, lines) in [
        // The next one closes it, and the count of cells fits.
        ("22212345061,\"a\n22212345062,\"b\"\n", vec![2, 3]),
        ("22212345061,\"a\n22212345062,\"b\n", vec![2, 3]),
        ("22212345061,\"a\n22212345062,b\n", vec![2, 3]),
    ] {
        let found = read(None, format!("bvn,x-note\n{rows}").as_bytes());
        let found: Vec<usize> = found.into_iter().map(|(line, _)| line).collect();
        assert_eq!(found, lines, "{rows}");
    }
    // Each line opens one and closes another: bounded, however long.
    let rows = format!("bvn,x-note\n{}", "a\"b,\"\n".repeat(200_000));
    let found = read_as(Format::Csv, None, rows.as_bytes(), 80_000);
    assert!(found.len() < 1100, "{}", found.len());
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
