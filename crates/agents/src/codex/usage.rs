//! Tokens of a thread. Codex names no money.

use protocol::record::Usage;

use super::messages::Tokens;
use crate::bounds::believed;

/// Totals of a thread, with all its turns.
pub(super) fn of_total(total: &Tokens) -> Option<Usage> {
    // What was cached is counted in what went in.
    let [input, output] = [total.input_tokens, total.output_tokens].map(believed);
    let cached = total.cached_input_tokens.min(input);
    let written = total.cache_write_input_tokens.min(input - cached);
    let usage = Usage {
        input_tokens: input - cached - written,
        cached_tokens: cached,
        cache_write_tokens: written,
        output_tokens: output,
        reasoning_tokens: total.reasoning_output_tokens.min(output),
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
            cache_write_input_tokens: 5,
            output_tokens: 7,
            reasoning_output_tokens: 3,
        };
        let usage = of_total(&total).unwrap();
        assert_eq!((usage.input_tokens, usage.cached_tokens), (15, 80));
        assert_eq!((usage.output_tokens, usage.reasoning_tokens), (7, 3));
        assert_eq!(usage.tokens(), 107);
        assert_eq!(of_total(&Tokens::default()), None);
    }
}
