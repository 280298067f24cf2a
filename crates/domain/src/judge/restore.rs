//! Texts that were damaged on their way, and can be turned back: letters that a page coded, and UTF-8 that was read as another
//! alphabet.

use std::borrow::Cow;

/// The text as it was meant.
pub(super) fn restored(text: &str) -> Cow<'_, str> {
    let decoded = entities(text).and_then(|once| entities(&once).or(Some(once)));
    let decoded = decoded.map_or(Cow::Borrowed(text), Cow::Owned);
    match read_anew(&decoded) {
        Some(meant) => Cow::Owned(meant),
        None => decoded,
    }
}

/// Letters as pages code them: `&amp;`, `&#39;`, `&#x27;`. `None` where there are none.
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

/// UTF-8 that was read as Windows-1252, turned back: `AdÃ©` was `Adé`. `None` where it was not.
fn read_anew(text: &str) -> Option<String> {
    // The first byte of a letter of Latin in UTF-8 shows as one of these.
    if !text.contains(['Ã', 'Â', 'Ä', 'Å', 'Æ', 'Ç', 'È', 'É', 'Ì', 'á', 'â', 'ã']) {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    let meant = String::from_utf8(bytes?).ok()?;
    (meant != text).then_some(meant)
}

/// The byte that Windows-1252 shows as this letter.
fn byte(letter: char) -> Option<u8> {
    const FROM_80: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    if let Some(nth) = FROM_80.chars().position(|known| known == letter) {
        return u8::try_from(0x80 + nth).ok();
    }
    u8::try_from(u32::from(letter)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_code_is_decoded_once_or_twice() {
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
    fn text_that_was_read_as_another_alphabet_is_turned_back() {
        for (text, meant) in [
            ("ADÃ‰WALÃ‰", "ADÉWALÉ"),
            ("Oláº¹á¹£adÃ©", "Olẹṣadé"),
            ("Adé", "Adé"),
            ("Âdé", "Âdé"),
            ("Ãda", "Ãda"),
            ("Ṣadé Ã‰", "Ṣadé Ã‰"),
        ] {
            assert_eq!(restored(text), meant, "{text}");
        }
    }
}
