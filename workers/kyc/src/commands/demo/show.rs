//! What the demo shows: a live table on a terminal, plain lines elsewhere, JSON where it is asked for.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use kyc_queue::{Queue, State, Verification};

use super::{cast::Player, stage::Stage};
use crate::{commands::images, output};

/// Longer than any of the demo's checks takes.
const AT_MOST: Duration = Duration::from_secs(120);

/// The demo as people see it.
pub(crate) struct Show {
    queue: Queue,
    cast: Vec<Player>,
    known: Vec<Verification>,
    rows: Vec<ProgressBar>,
    json: bool,
}

impl Show {
    /// Everything before the curtain.
    pub(crate) fn new(queue: Queue, cast: Vec<Player>, json: bool) -> Self {
        let screen = MultiProgress::new();
        let style = ProgressStyle::with_template("{spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let row = |_: &Player| screen.add(ProgressBar::new_spinner().with_style(style.clone()));
        let rows = if std::io::stderr().is_terminal() {
            cast.iter().map(row).collect()
        } else {
            Vec::new()
        };
        Self {
            queue,
            cast,
            known: Vec::new(),
            rows,
            json,
        }
    }

    /// Shows how it goes until all have ended; answers whether all ended as they should.
    pub(crate) async fn until_all_have_ended(&mut self) -> Result<bool> {
        let started = Instant::now();
        loop {
            let mut known = Vec::with_capacity(self.cast.len());
            for player in &self.cast {
                let verification = self.queue.look(player.id).await?;
                known.push(verification.context("a verification of the demo is gone")?);
            }
            self.draw(&known);
            self.known = known;
            if self.known.iter().all(|known| known.state.is_final()) {
                self.rows.iter().for_each(ProgressBar::finish_and_clear);
                let expected = |(player, known): (&Player, &Verification)| {
                    (known.state == State::Dead) == player.part.contains("dead")
                };
                return Ok(self.cast.iter().zip(&self.known).all(expected));
            }
            anyhow::ensure!(
                started.elapsed() < AT_MOST,
                "some checks did not end in time; see the logs of the workers"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn draw(&self, known: &[Verification]) {
        for (position, (player, now)) in self.cast.iter().zip(known).enumerate() {
            let waits = now
                .waiting
                .as_ref()
                .filter(|waiting| waiting.why != "in_line");
            let waits = waits.map_or_else(String::new, |waiting| format!(" ({})", waiting.why));
            let verdict = now.verdict.as_deref().unwrap_or_default();
            let line = format!(
                "{:<16}{:<10}{verdict}{waits:<14} {}",
                player.kind,
                now.state.as_str(),
                player.part
            );
            if let Some(row) = self.rows.get(position) {
                row.set_message(line);
                row.tick();
            } else if self
                .known
                .get(position)
                .is_none_or(|before| before.state != now.state)
            {
                eprintln!("{line}");
            }
        }
    }

    /// Tells what came of everything, and where the pictures are.
    pub(crate) async fn tell(&self, stage: &Stage) -> Result<()> {
        if self.json {
            for known in &self.known {
                println!("{}", known.to_json());
            }
        } else {
            println!("{}", self.table());
        }
        let blobs = stage.settings.blobs()?;
        let pictures = stage.dir.join("pictures");
        let mut written = None;
        for known in &self.known {
            for image in known.outcome.iter().flat_map(|outcome| &outcome.images) {
                let vault = self.queue.vault();
                written = Some(
                    images::write(&blobs, vault, &known.id.to_string(), image, &pictures).await?,
                );
            }
        }
        eprintln!(
            "The pictures lie sealed in {}",
            stage.dir.join("blobs").display()
        );
        eprintln!(
            "Opened for you, since nobody in them is real: {}",
            pictures.display()
        );
        if let Some(picture) = written {
            eprintln!("Look at one: xdg-open {picture}");
        }
        Ok(())
    }

    fn table(&self) -> comfy_table::Table {
        let head = [
            "kind", "number", "state", "verdict", "attempts", "calls", "images", "time", "shows",
        ];
        let mut table = output::table(&head);
        for (player, known) in self.cast.iter().zip(&self.known) {
            let images = known.outcome.iter().flat_map(|outcome| &outcome.images);
            let images: Vec<String> = images
                .map(|image| format!("{} {}x{}", image.name, image.width, image.height))
                .collect();
            let took = known
                .finished_at
                .map(|end| end.as_millisecond() - known.enqueued_at.as_millisecond());
            table.add_row([
                player.kind.to_owned(),
                known.number.clone(),
                known.state.as_str().to_owned(),
                known
                    .verdict
                    .clone()
                    .or_else(|| known.code.clone())
                    .unwrap_or_default(),
                known.attempts.to_string(),
                known.calls.to_string(),
                images.join("\n"),
                format!("{} ms", took.unwrap_or_default()),
                player.part.to_owned(),
            ]);
        }
        table
    }
}
