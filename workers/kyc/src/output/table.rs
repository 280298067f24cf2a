//! Tables as all commands print them.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

/// Returns an empty table with these column heads.
pub(crate) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head);
    table
}
