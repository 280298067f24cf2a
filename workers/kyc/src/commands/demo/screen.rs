//! The live lines of the demo: redrawn on a terminal, printed one below the other elsewhere.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// One value for each column.
pub(crate) type Row<T> = [T; 9];

/// The columns.
pub(crate) const HEAD: Row<&str> = [
    "kind", "number", "state", "verdict", "attempts", "calls", "images", "time", "shows",
];

/// The widths of the columns of a live line. Columns of width 0 are only in the final table.
const WIDTHS: Row<usize> = [15, 0, 9, 17, 8, 5, 31, 8, 1];

/// Shows the live lines.
pub(crate) struct Screen {
    /// A bar for the head, then one for each verification; empty if standard error is not a terminal.
    bars: Vec<ProgressBar>,
}

impl Screen {
    /// Creates a screen for this number of verifications, and shows its head.
    pub(crate) fn new(verifications: usize) -> Self {
        let head = padded(&HEAD.map(str::to_owned));
        if !std::io::stderr().is_terminal() {
            eprintln!("{head}");
            return Self { bars: Vec::new() };
        }
        let screen = MultiProgress::new();
        // Lines are cut off at the width of the terminal, because wrapped lines cannot be redrawn.
        let style = |template| {
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_spinner())
        };
        let bar = |template| screen.add(ProgressBar::new_spinner().with_style(style(template)));
        let bars = std::iter::once(bar("  {wide_msg}"))
            .chain((0..verifications).map(|_| bar("{spinner} {wide_msg}")))
            .collect::<Vec<_>>();
        bars[0].set_message(head);
        Self { bars }
    }

    /// Shows the state of one verification. Where lines are not redrawn, it prints only news.
    pub(crate) fn show(&self, position: usize, cells: &Row<String>, news: bool) {
        let line = padded(cells);
        if let Some(bar) = self.bars.get(position + 1) {
            bar.set_message(line);
            bar.tick();
        } else if news {
            eprintln!("{line}");
        }
    }

    /// Removes the redrawn lines.
    pub(crate) fn clear(&self) {
        self.bars.iter().for_each(ProgressBar::finish_and_clear);
    }
}

fn padded(cells: &Row<String>) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(WIDTHS).filter(|(_, width)| *width > 0) {
        let cell = cell.replace('\n', ", ");
        line += &format!("{cell:<width$}  ");
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_head() {
        let head = padded(&HEAD.map(str::to_owned));
        let cells = [
            "nin",
            "********000",
            "completed",
            "found",
            "1",
            "1",
            "photo 5x5\nsignature 4x2",
            "61 ms",
            "NIN",
        ];
        let line = padded(&cells.map(str::to_owned));
        for (name, cell) in [
            ("state", "completed"),
            ("images", "photo 5x5, sig"),
            ("shows", "NIN"),
        ] {
            assert_eq!(head.find(name), line.find(cell), "{head}\n{line}");
        }
        assert!(!line.contains('*'), "{line}");
    }
}
