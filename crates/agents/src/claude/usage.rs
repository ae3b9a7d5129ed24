//! Tokens and cost of a turn.

use protocol::record::Usage;
use serde_json::Value;

use crate::bounds::count;

/// What a result says of its turn.
///
/// The cost that it names counts earlier turns and earlier processes in; the
/// figures per model since the last result do not, so they go first.
pub(super) fn of_result(result: &Value) -> Option<Usage> {
    let counts = &result["usage"];
    let number = |name: &str| count(&counts[name]);
    let usage = Usage {
        input_tokens: number("input_tokens") + number("cache_creation_input_tokens"),
        cached_tokens: number("cache_read_input_tokens"),
        output_tokens: number("output_tokens"),
        cost_usd: cost(&result["model_usage_since_last_result"])
            .or_else(|| result["total_cost_usd"].as_f64()),
    };
    (usage.input_tokens + usage.cached_tokens + usage.output_tokens > 0).then_some(usage)
}

fn cost(models: &Value) -> Option<f64> {
    let models = models.as_object().filter(|models| !models.is_empty())?;
    models.values().map(|model| model["costUSD"].as_f64()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_turn_costs_what_it_added() {
        let usage = of_result(&json!({
            "usage": {"input_tokens": 10, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 3},
            "total_cost_usd": 9.0,
            "model_usage_since_last_result": {"a": {"costUSD": 0.25}, "b": {"costUSD": 0.5}},
        }));
        assert_eq!(
            usage.unwrap(),
            Usage {
                input_tokens: 15,
                cached_tokens: 7,
                output_tokens: 3,
                cost_usd: Some(0.75),
            }
        );
        assert_eq!(of_result(&json!({"usage": {}})), None);
    }
}
