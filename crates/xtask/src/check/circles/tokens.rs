//! Paths in the arguments of a macro, which have no syntax tree. Hides how paths are recognised among other words.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Adds every path in these tokens, groups included.
///
/// A word without `::` counts if it is written like a type or a constant, or if it is called. Fields, methods and
/// lifetimes do not count.
pub(super) fn collect(tokens: TokenStream, into: &mut BTreeSet<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => collect(group.stream(), into),
            TokenTree::Ident(_) => {
                let path = path(&tokens[at..]);
                let end = at + 3 * path.len() - 2;
                if !follows(&tokens[..at]) && (path.len() > 1 || counts(&path[0], tokens.get(end)))
                {
                    into.insert(path);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Returns the longest path at the start of the tokens: words with `::` between them.
fn path(tokens: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(word), after @ ..] = rest {
        let word = word.to_string();
        path.push(word.strip_prefix("r#").unwrap_or(&word).to_owned());
        let [colon, second, next @ ..] = after else {
            break;
        };
        if !is(colon, ':') || !is(second, ':') {
            break;
        }
        rest = next;
    }
    path
}

/// Returns whether a word after these tokens belongs to the expression before it.
fn follows(before: &[TokenTree]) -> bool {
    match before {
        [.., first, second] if is(first, '.') && is(second, '.') => false,
        [.., first, second] if is(first, ':') && is(second, ':') => true,
        [.., last] => is(last, '.') || is(last, '\''),
        [] => false,
    }
}

fn counts(word: &str, next: Option<&TokenTree>) -> bool {
    let called = match next {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
        Some(token) => is(token, '!'),
        None => false,
    };
    called || word.starts_with(char::is_uppercase)
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_distinguished_from_fields_methods_and_lifetimes() {
        let source = "job.id = %id, kind = self.kind.name(), at = crate::clock::now(), { Foo::<u8>::new(b::c) }, \
             LIMIT, call(x), other!(y), &'a str, ..END, ::serde::x, $crate::text::fold, r#try(z)";
        let mut found = BTreeSet::new();
        collect(source.parse().expect(source), &mut found);
        let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
        let expected = [
            "END",
            "Foo",
            "LIMIT",
            "b::c",
            "call",
            "crate::clock::now",
            "crate::text::fold",
            "other",
            "try",
        ];
        assert_eq!(found, expected);
    }
}
