//! The demo's lines while it plays: drawn anew on a terminal, one below the other elsewhere.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// One value for each column.
pub(crate) type Row<T> = [T; 9];

/// The columns.
pub(crate) const HEAD: Row<&str> = [
    "kind", "number", "state", "verdict", "attempts", "calls", "images", "time", "shows",
];

/// How wide a live line's columns are; 0 leaves a column to the final table.
const WIDTHS: Row<usize> = [15, 0, 9, 17, 8, 5, 31, 8, 1];

/// Where the live lines are shown.
pub(crate) struct Screen {
    /// A bar for each verification behind one for the head; none where standard error is no terminal.
    bars: Vec<ProgressBar>,
}

impl Screen {
    /// A screen of so many verifications, with its head.
    pub(crate) fn new(verifications: usize) -> Self {
        let head = padded(&HEAD.map(str::to_owned));
        if !std::io::stderr().is_terminal() {
            eprintln!("{head}");
            return Self { bars: Vec::new() };
        }
        let screen = MultiProgress::new();
        // What does not fit into the terminal is cut off: broken lines cannot be drawn anew.
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

    /// Shows how one stands; where lines stay, only if there is news of it.
    pub(crate) fn show(&self, position: usize, cells: &Row<String>, news: bool) {
        let line = padded(cells);
        if let Some(bar) = self.bars.get(position + 1) {
            bar.set_message(line);
            bar.tick();
        } else if news {
            eprintln!("{line}");
        }
    }

    /// Takes the lines away that are drawn anew.
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
