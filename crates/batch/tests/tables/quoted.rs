//! Quotation marks that are forgotten, and rows that are too large: what they cost, and what they do not.

use kyc_batch::Format;

use crate::{BVN, ROW, read, read_as};

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
