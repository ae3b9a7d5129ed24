//! What a protocol keeps in mind, bounded whatever an agent sends.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde_json::Value;

use crate::{lines::WIRE_LINE_BYTES_MAX, wire::RequestKey};

/// How many requests of an agent may wait for an answer at once.
pub(crate) const REQUESTS_WAITING_MAX: usize = 64;
/// How much they may take together; one as long as the longest line always fits.
pub(crate) const REQUESTS_BYTES_MAX: usize = 2 * WIRE_LINE_BYTES_MAX;
/// How many tool calls are followed at once.
pub(crate) const TOOLS_OPEN_MAX: usize = 1024;
/// How much of all that is said of them is kept.
pub(crate) const TOOLS_BYTES_MAX: usize = 2 * WIRE_LINE_BYTES_MAX;
/// Largest count that is believed.
const COUNT_MAX: u64 = 1 << 48;
/// How many names are remembered.
pub(crate) const NAMES_MAX: usize = 4096;
/// Longest name that is remembered.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// Requests that wait for an answer.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    requests: BTreeMap<RequestKey, (T, usize)>,
    bytes: usize,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self {
            requests: BTreeMap::new(),
            bytes: 0,
        }
    }
}

impl<T> Waiting<T> {
    /// Keeps a request that takes about `bytes`; gives it back when too much waits already.
    pub(crate) fn add(&mut self, key: &str, request: T, bytes: usize) -> Result<(), T> {
        let bytes = bytes + key.len();
        let full = self.requests.len() == REQUESTS_WAITING_MAX
            || self.bytes.saturating_add(bytes) > REQUESTS_BYTES_MAX;
        if full {
            return Err(request);
        }
        // An agent that uses a name twice has given up the first.
        self.remove(key);
        self.bytes += bytes;
        self.requests.insert(key.to_owned(), (request, bytes));
        Ok(())
    }

    /// Takes out the request of this name.
    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        let (request, bytes) = self.requests.remove(key)?;
        self.bytes -= bytes;
        Some(request)
    }

    /// Takes out all of them.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = (RequestKey, T)> + use<T> {
        self.bytes = 0;
        let all = std::mem::take(&mut self.requests);
        all.into_iter().map(|(key, (request, _))| (key, request))
    }

    /// About how much is held.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The latest names that came up.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Names {
    /// Remembers a name; the oldest are forgotten, and so is one of an absurd length.
    pub(crate) fn insert(&mut self, name: &str) {
        if name.len() > NAME_BYTES_MAX || !self.known.insert(name.to_owned()) {
            return;
        }
        self.order.push_back(name.to_owned());
        if self.order.len() > NAMES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// Whether it is remembered.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    /// About how much is held.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        2 * self.order.iter().map(String::len).sum::<usize>()
    }
}

/// A count that an agent tells; an absurd one is cut, so that sums of them stay numbers.
pub(crate) fn count(value: &Value) -> u64 {
    believed(value.as_u64().unwrap_or_default())
}

/// The count, or the largest that is believed.
pub(crate) fn believed(count: u64) -> u64 {
    count.min(COUNT_MAX)
}

/// About how much memory a value takes.
pub(crate) fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| size_of::<String>() + name.len() + weight(field))
            .sum(),
    };
    size_of::<Value>() + inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_waits_than_may() {
        let mut waiting = Waiting::default();
        for number in 0..REQUESTS_WAITING_MAX {
            assert_eq!(waiting.add(&number.to_string(), number, 10), Ok(()));
        }
        assert_eq!(waiting.add("one more", 0, 10), Err(0));
        assert_eq!(waiting.remove("7"), Some(7));
        assert_eq!(waiting.add("huge", 1, REQUESTS_BYTES_MAX), Err(1));
        assert_eq!(waiting.add("one more", 2, 10), Ok(()));
        assert_eq!(waiting.take_all().count(), REQUESTS_WAITING_MAX);
        assert_eq!(waiting.bytes(), 0);
    }

    #[test]
    fn a_name_that_is_used_twice_counts_once() {
        let mut waiting = Waiting::default();
        for _ in 0..1000 {
            assert_eq!(waiting.add("same", (), 1_000_000), Ok(()));
        }
        assert_eq!(waiting.bytes(), 1_000_004);
    }

    #[test]
    fn the_oldest_names_are_forgotten() {
        let mut names = Names::default();
        for number in 0..=NAMES_MAX {
            names.insert(&number.to_string());
            names.insert(&number.to_string());
        }
        assert!(!names.contains("0") && names.contains("1"));
        names.insert(&"x".repeat(NAME_BYTES_MAX + 1));
        assert!(names.contains("1"));
    }
}
