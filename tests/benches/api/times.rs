//! Times, and what is told of them.

/// Times of one kind, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(pub(crate) Vec<f64>);

impl Times {
    /// Returns the time below which this share of all is.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len() as f64 * share) as usize;
        let last = sorted.len().saturating_sub(1);
        sorted.get(at.min(last)).copied().unwrap_or_default()
    }
}

/// Returns the median of some figures.
pub(crate) fn median(figures: &[f64]) -> f64 {
    Times(figures.to_vec()).quantile(0.5)
}
