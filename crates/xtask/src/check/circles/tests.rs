use std::path::Path;

use serde_json::json;

use super::*;

/// Finds the circles of a crate with these files. Returns one line for each import.
fn of(sources: &[(&str, &str)]) -> Vec<String> {
    let read = |path: &Path| {
        let found = sources.iter().find(|(file, _)| Path::new(file) == path)?;
        Some(found.1.to_owned())
    };
    let found = circles(Path::new("lib.rs"), &read).expect("the sources are Rust");
    let imports = found.into_iter().flat_map(|circle| circle.imports);
    imports
        .map(|(from, to, items)| {
            let items: Vec<String> = items.into_iter().collect();
            format!(
                "{} -> {}: {}",
                from.display(),
                to.display(),
                items.join(" ")
            )
        })
        .collect()
}

const NONE: [&str; 0] = [];

#[test]
fn files_that_import_each_other_form_a_circle() {
    let found = of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "pub struct B; fn f() -> super::a::A { todo!() }"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs: B", "b.rs -> a.rs: A"]);
}

#[test]
fn a_re_export_is_followed_to_the_defining_file() {
    let found = of(&[
        (
            "lib.rs",
            "mod a; mod b; mod c; pub use a::A; pub use b::{b, B as C};",
        ),
        ("a.rs", "use crate::C; pub struct A;"),
        ("b.rs", "use crate::A; pub fn b() {} pub struct B;"),
        ("c.rs", "fn c() { crate::b() }"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs: B", "b.rs -> a.rs: A"]);
}

#[test]
fn a_parent_that_declares_and_re_exports_is_in_no_circle() {
    let found = of(&[
        (
            "lib.rs",
            "mod a; pub use a::{A, inner::I}; pub use other::Client;",
        ),
        (
            "a.rs",
            "pub mod inner; use crate::Client; pub struct A(inner::I);",
        ),
        (
            "a/inner.rs",
            "use crate::I as Me; use super::super::Client; pub struct I;",
        ),
    ]);
    assert_eq!(found, NONE);
}

#[test]
fn a_parent_that_only_re_exports_may_define_items_for_its_children() {
    let found = of(&[
        ("lib.rs", "mod a; pub use a::A; pub const LIMIT: u8 = 1;"),
        ("a.rs", "use crate::LIMIT; pub struct A;"),
    ]);
    assert_eq!(found, NONE);
}

#[test]
fn a_re_export_from_a_module_that_is_not_a_child_is_an_import() {
    let found = of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs: B", "b.rs -> a.rs: A"]);
}

#[test]
fn a_parent_that_uses_its_child_may_not_define_items_for_it() {
    let cases = [
        "mod a; use a::A; pub const LIMIT: u8 = 1;",
        "mod a; pub use a::A; pub const LIMIT: u8 = 1; pub fn f() -> A { todo!() }",
        "mod a; pub const LIMIT: u8 = 1; pub fn f() { a::A::new(); }",
        "mod a; pub const LIMIT: u8 = 1; pub fn f() { info!(x = a::A::new()); }",
        "mod a; pub use a::*; pub const LIMIT: u8 = 1; pub fn f() -> A { todo!() }",
        "mod a; pub const LIMIT: u8 = 1; mod inline { use super::a::A; }",
    ];
    for root in cases {
        let found = of(&[
            ("lib.rs", root),
            ("a.rs", "pub struct A; const B: u8 = super::LIMIT;"),
        ]);
        assert_eq!(
            found,
            ["a.rs -> lib.rs: LIMIT", "lib.rs -> a.rs: A"],
            "{root}"
        );
    }
}

#[test]
fn tests_variables_and_other_crates_form_no_circle() {
    let found = of(&[
        (
            "lib.rs",
            "mod a; pub use a::a; pub const LIMIT: u8 = 1; fn f(a: u8) -> u8 { redis::a(); a }",
        ),
        ("a.rs", "use crate::LIMIT; pub fn a() {} pub struct A;"),
    ]);
    assert_eq!(found, NONE);
    let found = of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A; "),
        (
            "b.rs",
            "pub struct B; #[cfg(test)] mod tests { use super::*; use crate::a::A; }",
        ),
    ]);
    assert_eq!(found, NONE);
}

#[test]
fn a_module_and_its_function_may_share_a_name() {
    let found = of(&[
        ("lib.rs", "mod settle; mod b; pub use settle::settle;"),
        (
            "settle.rs",
            "pub fn settle() { crate::b::b() } pub struct Action;",
        ),
        (
            "b.rs",
            "use crate::settle; pub fn b() { settle(); settle::Action; }",
        ),
    ]);
    assert_eq!(
        found,
        ["b.rs -> settle.rs: Action settle", "settle.rs -> b.rs: b"]
    );
}

#[test]
fn a_ring_of_re_exports_is_followed_to_a_bound() {
    let found = of(&[
        ("lib.rs", "mod a; mod b; pub use a::X;"),
        ("a.rs", "pub use crate::b::X; pub use crate::b::*;"),
        (
            "b.rs",
            "pub use crate::a::X; pub use crate::a::*; fn f() { Y::new() }",
        ),
    ]);
    assert_eq!(found, NONE);
}

fn found(package: &str) -> Found {
    let edge = |from: &str, to: &str| (from.into(), to.into(), BTreeSet::from(["Foo".to_owned()]));
    let circle = Circle {
        files: BTreeSet::from(["a.rs".into(), "b.rs".into()]),
        imports: vec![edge("a.rs", "b.rs"), edge("b.rs", "a.rs")],
    };
    Found::from([(package.to_owned(), vec![circle])])
}

#[test]
fn the_numbers_in_the_list_may_only_fall() {
    let cases = [
        ("", "", ""),
        ("kyc", "kyc 2", ""),
        (
            "kyc",
            "",
            "`kyc` has a circle of 2 files\n            a.rs imports Foo from b.rs\n            b.rs imports Foo from a.rs",
        ),
        (
            "kyc",
            "kyc 1",
            "`kyc` has a circle of 2 files (1 files in circles are known)\n            a.rs",
        ),
        (
            "kyc",
            "kyc 3",
            "`kyc` has 2 files in circles, not 3: write 2 into",
        ),
        ("", "kyc 2", "`kyc` has no circle: remove it from"),
    ];
    for (package, list, sentence) in cases {
        let found = if package.is_empty() {
            Found::new()
        } else {
            found(package)
        };
        let told = compare(&found, &known(list).expect(list));
        assert_eq!(told.len(), usize::from(!sentence.is_empty()), "{told:?}");
        assert!(
            told.iter().all(|told| told.starts_with(sentence)),
            "{told:?}"
        );
    }
}

#[test]
fn a_line_of_the_list_has_a_crate_and_a_number() {
    let list = known("# why\n\nkyc 2\nkyc-queue  7\n").expect("it is well formed");
    assert_eq!(list, BTreeMap::from([("kyc", 2), ("kyc-queue", 7)]));
    let error = known("kyc\n").expect_err("the number is missing");
    assert!(
        error
            .to_string()
            .contains("`kyc` is not a crate and a number"),
        "{error}"
    );
    assert!(known(KNOWN).is_ok());
}

#[test]
fn libraries_and_programs_are_read() {
    let target = |kind: &str, path: &str| json!({ "kind": [kind], "src_path": path });
    let targets = [
        target("lib", "/l.rs"),
        target("bin", "/m.rs"),
        target("test", "/t.rs"),
    ];
    let metadata = json!({ "packages": [{ "name": "kyc", "targets": targets }] });
    let roots: Vec<_> = roots(&metadata).collect();
    assert_eq!(roots, [("kyc", "/l.rs"), ("kyc", "/m.rs")]);
}
