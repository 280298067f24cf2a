//! Rows and files that are broken, each refused in words.

use crate::{BVN, ROW, read};

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
