//! Tokens of a thread. Codex names no money.

use protocol::record::Usage;

use super::messages::Tokens;
use crate::bounds::believed;

/// Totals of a thread, with all its turns.
pub(super) fn of_total(total: &Tokens) -> Option<Usage> {
    // What was cached is counted in what went in.
    let [input, output] = [total.input_tokens, total.output_tokens].map(believed);
    let cached = total.cached_input_tokens.min(input);
    let usage = Usage {
        input_tokens: input - cached,
        cached_tokens: cached,
        output_tokens: output,
        cost_usd: None,
    };
    (input + output > 0).then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cached_is_counted_once() {
        let total = Tokens {
            input_tokens: 100,
            cached_input_tokens: 80,
            output_tokens: 7,
        };
        let usage = of_total(&total).unwrap();
        assert_eq!((usage.input_tokens, usage.cached_tokens), (20, 80));
        assert_eq!(usage.output_tokens, 7);
        assert_eq!(of_total(&Tokens::default()), None);
    }
}
