//! The figures as a table for people.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// One line for each bar, with what it is held against below it.
pub(super) fn of(report: &Value) -> Result<String> {
    let bars = report["bars"].as_array().context("no bars in the report")?;
    let widest = bars.iter().filter_map(|bar| bar["name"].as_str());
    let width = widest.map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>10}  {:>10}  {:>6}  {:>6}\n",
        "bar", "measured", "against", "ratio", "aim"
    );
    for bar in bars {
        line(&mut text, bar, width)?;
    }
    text.push_str(
        "A ratio should not pass its aim; other work on this machine makes all of them worse.\n",
    );
    Ok(text)
}

fn line(text: &mut String, bar: &Value, width: usize) -> Result<()> {
    let word = |key: &str| bar[key].as_str().unwrap_or_default();
    let number = |key: &str| {
        let number = bar[key].as_f64();
        number.with_context(|| format!("a bar without `{key}`: {bar}"))
    };
    let unit = word("unit");
    writeln!(
        text,
        "{:width$}  {:>10}  {:>10}  {:>6.2}  {:>6.2}",
        word("name"),
        format!("{:.2} {unit}", number("measured")?),
        format!("{:.2} {unit}", number("against")?),
        number("ratio")?,
        number("aim")?,
    )?;
    let note = bar["note"].as_str().map(|note| format!("; {note}"));
    writeln!(
        text,
        "    against {}{}",
        word("against_what"),
        note.unwrap_or_default()
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bar_shows_both_figures_and_what_they_mean() {
        let report = json!({"bars": [{
            "name": "start", "unit": "ms", "measured": 3.0, "against": 2.0,
            "against_what": "bare", "ratio": 1.5, "aim": 2.0, "note": "200 jobs",
        }]});
        let text = of(&report).unwrap();
        assert!(
            text.contains("start     3.00 ms     2.00 ms    1.50    2.00"),
            "{text}"
        );
        assert!(text.contains("against bare; 200 jobs"), "{text}");
    }

    #[test]
    fn a_report_without_figures_is_an_error() {
        assert!(of(&json!({})).is_err());
        assert!(of(&json!({"bars": [{"name": "start"}]})).is_err());
    }
}
