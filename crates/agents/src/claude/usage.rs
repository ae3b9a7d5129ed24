//! Tokens and cost of a turn.

use std::collections::BTreeMap;

use protocol::record::Usage;
use serde_json::Value;

use crate::{
    bounds::{NAME_BYTES_MAX, TOOLS_OPEN_MAX, count},
    text,
};

/// What the turn has used by now, message by message.
///
/// The result says it better, but one that is killed leaves none.
#[derive(Debug, Default)]
pub(super) struct Counter {
    /// Of messages that are over.
    done: Usage,
    /// The message under way, of the agent itself and of each of its helpers.
    open: BTreeMap<String, (String, Usage)>,
}

impl Counter {
    /// A message begins, or comes as a whole; the same one again changes nothing but its counts.
    pub(super) fn message(&mut self, whose: &Value, message: &Value) -> Option<Usage> {
        let id = text::title(message["id"].as_str()?);
        let now = of_counts(&message["usage"]);
        let whose = whose.as_str().unwrap_or_default().to_owned();
        let one_too_many = self.open.len() >= TOOLS_OPEN_MAX || whose.len() > NAME_BYTES_MAX;
        match self.open.get_mut(&whose) {
            // Repeated with each block, with what was known when it began.
            Some((open, counted)) if *open == id => *counted = larger(counted, &now),
            Some(open) => {
                self.done.add(&open.1);
                *open = (id, now);
            }
            None if one_too_many => self.done.add(&now),
            None => {
                self.open.insert(whose, (id, now));
            }
        }
        self.total()
    }

    /// The message under way has used more.
    pub(super) fn grown(&mut self, whose: &Value, counts: &Value) -> Option<Usage> {
        let whose = whose.as_str().unwrap_or_default();
        let (_, counted) = self.open.get_mut(whose)?;
        *counted = larger(counted, &of_counts(counts));
        self.total()
    }

    /// About how much is held.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let each = |(whose, (id, _)): (&String, &(String, Usage))| whose.len() + id.len();
        self.open.iter().map(each).sum()
    }

    fn total(&self) -> Option<Usage> {
        let mut total = self.done.clone();
        for (_, usage) in self.open.values() {
            total.add(usage);
        }
        told(total)
    }
}

/// What a result says of its turn.
///
/// The totals that it names count earlier turns and earlier processes in; the
/// figures per model since the last result do not, and count helpers in, so they go first.
/// The total cost is only that of the turn where the session is `new`.
pub(super) fn of_result(result: &Value, new: bool) -> Option<Usage> {
    let models = result["model_usage_since_last_result"]
        .as_object()
        .filter(|models| !models.is_empty());
    let Some(models) = models else {
        let total = result["total_cost_usd"].as_f64();
        return told(Usage {
            cost_usd: total.filter(|_| new),
            ..of_counts(&result["usage"])
        });
    };
    let mut usage = Usage::default();
    for model in models.values() {
        let number = |name: &str| count(&model[name]);
        usage.add(&Usage {
            input_tokens: number("inputTokens"),
            cached_tokens: number("cacheReadInputTokens"),
            cache_write_tokens: number("cacheCreationInputTokens"),
            output_tokens: number("outputTokens"),
            reasoning_tokens: number("thinkingTokens"),
            cost_usd: model["costUSD"].as_f64(),
        });
    }
    told(usage)
}

fn of_counts(counts: &Value) -> Usage {
    let number = |name: &str| count(&counts[name]);
    Usage {
        input_tokens: number("input_tokens"),
        cached_tokens: number("cache_read_input_tokens"),
        cache_write_tokens: number("cache_creation_input_tokens"),
        output_tokens: number("output_tokens"),
        reasoning_tokens: count(&counts["output_tokens_details"]["thinking_tokens"]),
        cost_usd: None,
    }
}

fn larger(one: &Usage, other: &Usage) -> Usage {
    Usage {
        input_tokens: one.input_tokens.max(other.input_tokens),
        cached_tokens: one.cached_tokens.max(other.cached_tokens),
        cache_write_tokens: one.cache_write_tokens.max(other.cache_write_tokens),
        output_tokens: one.output_tokens.max(other.output_tokens),
        reasoning_tokens: one.reasoning_tokens.max(other.reasoning_tokens),
        cost_usd: None,
    }
}

fn told(usage: Usage) -> Option<Usage> {
    (usage.tokens() > 0).then_some(usage)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_turn_costs_what_it_added() {
        let usage = of_result(
            &json!({
                "usage": {"input_tokens": 10, "cache_creation_input_tokens": 5, "output_tokens": 3},
                "total_cost_usd": 9.0,
                "model_usage_since_last_result": {
                    "a": {"inputTokens": 10, "cacheReadInputTokens": 7, "outputTokens": 3, "costUSD": 0.25},
                    "b": {"inputTokens": 4, "cacheCreationInputTokens": 5, "outputTokens": 2,
                          "thinkingTokens": 1, "costUSD": 0.5},
                },
            }),
            false,
        );
        assert_eq!(
            usage.unwrap(),
            Usage {
                input_tokens: 14,
                cached_tokens: 7,
                cache_write_tokens: 5,
                output_tokens: 5,
                reasoning_tokens: 1,
                cost_usd: Some(0.75),
            }
        );
        assert_eq!(of_result(&json!({"usage": {}}), true), None);
    }

    #[test]
    fn the_cost_of_earlier_processes_is_never_taken_for_the_turns() {
        let result = json!({
            "usage": {"input_tokens": 10, "output_tokens": 3},
            "total_cost_usd": 9.0,
        });
        assert_eq!(of_result(&result, false).unwrap().cost_usd, None);
        assert_eq!(of_result(&result, true).unwrap().cost_usd, Some(9.0));
    }

    #[test]
    fn a_turn_that_is_killed_counts_what_its_messages_said() {
        let mut counter = Counter::default();
        let main = Value::Null;
        let message =
            |id, input| json!({"id": id, "usage": {"input_tokens": input, "output_tokens": 1}});
        counter.message(&main, &message("m1", 100));
        counter.grown(&main, &json!({"output_tokens": 20}));
        // The same message again, with what was known when it began.
        counter.message(&main, &message("m1", 100));
        counter.message(&json!("helper"), &message("h1", 7));
        let total = counter.message(&main, &message("m2", 50)).unwrap();
        assert_eq!((total.input_tokens, total.output_tokens), (157, 22));
    }
}
