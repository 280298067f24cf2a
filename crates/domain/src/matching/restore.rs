//! Restores texts that were damaged in transmission: HTML entities, and UTF-8 that was decoded as Windows-1252.

use std::borrow::Cow;

use super::lost::LOST;

/// Returns the restored text.
pub(super) fn restored(text: &str) -> Cow<'_, str> {
    let decoded = entities(text).and_then(|once| entities(&once).or(Some(once)));
    let decoded = decoded.map_or(Cow::Borrowed(text), Cow::Owned);
    match reencoded(&decoded) {
        Some(meant) => Cow::Owned(meant),
        None => decoded,
    }
}

/// Decodes HTML entities: `&amp;`, `&#39;`, `&#x27;`. Returns `None` if there are none.
fn entities(text: &str) -> Option<String> {
    let mut rest = text.split_once('&')?.1;
    let mut decoded = text[..text.len() - rest.len() - 1].to_owned();
    let mut found = false;
    loop {
        match rest
            .split_once(';')
            .and_then(|(name, behind)| Some((letter(name)?, behind)))
        {
            Some((letter, behind)) => {
                decoded.push(letter);
                rest = behind;
                found = true;
            }
            None => decoded.push('&'),
        }
        let Some((before, behind)) = rest.split_once('&') else {
            decoded.push_str(rest);
            return found.then_some(decoded);
        };
        decoded.push_str(before);
        rest = behind;
    }
}

fn letter(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        "nbsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        _ => {
            let code = name.strip_prefix('#')?;
            let number = match code.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(number)?
        }
    })
}

/// Restores UTF-8 that was decoded as Windows-1252: `AdÃ©` becomes `Adé`. Returns `None` if the text is not of this sort.
fn reencoded(text: &str) -> Option<String> {
    // The first byte of a Latin letter in UTF-8 shows as one of these. The last one begins a replacement character.
    const FIRST: [char; 15] = [
        'Ã', 'Â', 'Ä', 'Å', 'Æ', 'Ç', 'È', 'É', 'Ê', 'Ë', 'Ì', 'á', 'â', 'ã', 'ï',
    ];
    if !text.contains(FIRST) || text.contains('ÿ') {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    let meant = letters_of(&bytes?)?;
    (meant != text).then_some(meant)
}

/// Decodes UTF-8 in which bytes are lost, because Windows-1252 has no letter for them. A lost byte loses its whole letter.
fn letters_of(bytes: &[u8]) -> Option<String> {
    let mut meant = String::with_capacity(bytes.len());
    let mut chunks = bytes.utf8_chunks().peekable();
    // `É?` alone is more likely an `É` and a question mark.
    let mut sure = false;
    while let Some(chunk) = chunks.next() {
        meant.push_str(chunk.valid());
        sure |= !chunk.valid().is_ascii() || matches!(chunk.invalid(), [0xC3] | [_, _, ..]);
        let lost_behind = chunks.peek().is_some_and(|next| {
            next.valid().starts_with('?') || (next.valid().is_empty() && next.invalid() == [NONE])
        });
        match chunk.invalid() {
            [] => {}
            [NONE] => meant.push(LOST),
            _ if lost_behind => meant.push(LOST),
            _ => return None,
        }
    }
    sure.then_some(meant)
}

/// Stands for a lost byte. UTF-8 never has this byte.
const NONE: u8 = 0xFF;

/// Returns the byte of a letter in Windows-1252.
fn byte(letter: char) -> Option<u8> {
    const FROM_80: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    if let Some(nth) = FROM_80.chars().position(|known| known == letter) {
        return u8::try_from(0x80 + nth).ok();
    }
    match letter {
        LOST => Some(NONE),
        _ => u8::try_from(u32::from(letter)).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_entities_are_decoded_once_or_twice() {
        for (text, meant) in [
            ("OKORO &amp; CO. LTD", "OKORO & CO. LTD"),
            ("OKORO &amp;amp; CO", "OKORO & CO"),
            ("D&#039;ADA &quot;FOODS&quot;", "D'ADA \"FOODS\""),
            ("O&#39;Brien&nbsp;Ada", "O'Brien Ada"),
            ("O&#x27;Brien &apos;", "O'Brien '"),
            ("A & B", "A & B"),
            ("A &unknown; B & C;", "A &unknown; B & C;"),
            ("&#xFFFFFFFF;&#;&;", "&#xFFFFFFFF;&#;&;"),
            ("", ""),
        ] {
            assert_eq!(restored(text), meant, "{text}");
        }
    }

    #[test]
    fn text_in_the_wrong_encoding_is_restored() {
        for (text, meant) in [
            ("ADÃ‰WALÃ‰", "ADÉWALÉ"),
            ("Oláº¹á¹£adÃ©", "Olẹṣadé"),
            ("MaÊ¼aji", "Maʼaji"),
            ("ADï¿½WALï¿½", "AD\u{FFFD}WAL\u{FFFD}"),
            ("ADÃ‰WALÃ\u{FFFD}", "ADÉWAL\u{FFFD}\u{FFFD}"),
            ("Olá»?ládÃ©", "Olá»?ládÃ©"),
            ("Olá»?lÃ¡dÃ©", "Ol\u{FFFD}?ládé"),
            ("Adé?", "Adé?"),
            ("ADÃ?WALE", "AD\u{FFFD}?WALE"),
            ("ADÉ?", "ADÉ?"),
            ("Adé ÿ Ã©", "Adé ÿ Ã©"),
            ("Adé", "Adé"),
            ("Âdé", "Âdé"),
            ("Ãda", "Ãda"),
            ("Ṣadé Ã‰", "Ṣadé Ã‰"),
        ] {
            assert_eq!(restored(text), meant, "{text}");
        }
    }
}
