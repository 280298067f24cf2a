//! The output of the demo: a live table on a terminal, plain lines elsewhere, JSON with `--json`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use kyc_queue::{Queue, State, Verification};

use super::{
    environment::Environment,
    people::Player,
    screen::{HEAD, Row, Screen},
};
use crate::{commands::images, output};

/// Longer than any check of the demo takes.
const AT_MOST: Duration = Duration::from_secs(120);

/// The report of a running demo.
pub(crate) struct Report {
    queue: Queue,
    cast: Vec<Player>,
    known: Vec<Verification>,
    screen: Screen,
    json: bool,
}

impl Report {
    /// Creates the report, with an empty screen.
    pub(crate) fn new(queue: Queue, cast: Vec<Player>, json: bool) -> Self {
        let screen = Screen::new(cast.len());
        Self {
            queue,
            cast,
            known: Vec::new(),
            screen,
            json,
        }
    }

    /// Shows the progress until all verifications have ended. Returns whether all ended as expected.
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
                self.screen.clear();
                let expected = |(player, known): (&Player, &Verification)| {
                    (known.state == State::Dead) == player.dies
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
            let before = self.known.get(position);
            let news = before.is_none_or(|before| before.state != now.state);
            self.screen.show(position, &cells(player, now), news);
        }
    }

    /// Prints the results, and where the images are.
    pub(crate) async fn tell(&self, environment: &Environment) -> Result<()> {
        if self.json {
            for known in &self.known {
                output::line(known.to_json())?;
            }
        } else {
            output::line(self.table())?;
        }
        let blobs = environment.settings.blobs()?;
        let images = environment.dir.join("images");
        let mut written = None;
        for known in &self.known {
            let Some(key) = self.queue.data_key(known.id).await? else {
                continue;
            };
            for image in known.outcome.iter().flat_map(|outcome| &outcome.images) {
                written = Some(images::write(&blobs, &key, image, &images).await?);
            }
        }
        eprintln!(
            "The sealed images are in {}",
            environment.dir.join("blobs").display()
        );
        eprintln!(
            "Opened copies, since nobody in them is real, are in {}",
            images.display()
        );
        if let Some(image) = written {
            eprintln!("Look at one: xdg-open {image}");
        }
        Ok(())
    }

    fn table(&self) -> comfy_table::Table {
        let mut table = output::table(&HEAD);
        for (player, known) in self.cast.iter().zip(&self.known) {
            table.add_row(cells(player, known));
        }
        table
    }
}

/// Returns the cells of one verification, in the columns of [`HEAD`].
fn cells(player: &Player, known: &Verification) -> Row<String> {
    let waits = || Some(known.waiting.as_ref()?.why.clone()).filter(|why| why != "ready");
    let verdict = known.verdict.clone();
    let verdict = verdict.or_else(waits).or_else(|| known.code.clone());
    let images = known.outcome.iter().flat_map(|outcome| &outcome.images);
    let images: Vec<String> = images
        .map(|image| format!("{} {}x{}", image.name, image.width, image.height))
        .collect();
    let took = known
        .finished_at
        .map(|end| end.as_millisecond() - known.enqueued_at.as_millisecond());
    [
        player.kind.to_owned(),
        known.number.clone(),
        known.state.as_str().to_owned(),
        verdict.unwrap_or_default(),
        known.attempts.to_string(),
        known.calls.to_string(),
        images.join("\n"),
        took.map_or_else(String::new, |took| format!("{took} ms")),
        player.shows.to_owned(),
    ]
}
