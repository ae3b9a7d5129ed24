//! The search for all forms of all secrets, going on where it stopped.
//!
//! Two automata read every byte once. One sees a text with each run of white space
//! as a single blank, so that a secret is found however its lines are ended or
//! indented. The other sees encoded forms without white space, since encoders break
//! their lines.

use aho_corasick::{
    Anchored, BuildError, MatchKind, StartKind,
    automaton::{Automaton, StateID},
    dfa,
    nfa::contiguous,
};

use super::{
    SECRET_BYTES_MIN,
    forms::{self, Forms},
    hits::{Hits, beginning, beginning_without_blanks, is_blank},
};

/// Longest run of white space within a secret.
const GAP_BYTES_MAX: usize = 64;
/// Up to here the forms are put into the faster automaton, which takes much more memory.
/// Less in tests, so that those with random secrets meet both.
const FAST_FORMS_BYTES_MAX: usize = if cfg!(test) { 700 } else { 32 * 1024 };

/// All that has to be hidden.
#[derive(Default)]
pub(super) struct Known {
    forms: Forms,
    too_short: usize,
    search: Search,
}

#[derive(Default)]
enum Search {
    /// There is nothing to hide.
    #[default]
    Nothing,
    Fast(Pair<dfa::DFA>),
    Small(Pair<contiguous::NFA>),
    /// The automata could not be made: then nothing is let through.
    Everything,
}

/// Where a search is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    plain: StateID,
    encoded: StateID,
    /// How much white space came last.
    gap: usize,
}

impl Known {
    /// These secrets; those that are too short are only counted.
    pub(super) fn of(secrets: &[String]) -> Self {
        let mut forms = Forms::default();
        let mut too_short = 0;
        for secret in secrets {
            match forms::bytes_seen(forms::trimmed(secret)) {
                0 => {}
                1..SECRET_BYTES_MIN => too_short += 1,
                _ => forms.add(secret),
            }
        }
        forms.tidy();
        Self {
            search: Search::new(&forms),
            forms,
            too_short,
        }
    }

    pub(super) fn forms(&self) -> usize {
        self.forms.plain.len() + self.forms.encoded.len()
    }

    pub(super) fn too_short(&self) -> usize {
        self.too_short
    }

    pub(super) fn hides_nothing(&self) -> bool {
        matches!(self.search, Search::Nothing)
    }

    /// Before the first byte.
    pub(super) fn start(&self) -> Place {
        match &self.search {
            Search::Fast(pair) => pair.start(),
            Search::Small(pair) => pair.start(),
            Search::Nothing | Search::Everything => Place::default(),
        }
    }

    /// Searches `text` on from `from`, where `place` was reached.
    pub(super) fn search(&self, place: &mut Place, text: &[u8], from: usize, hits: &mut Hits) {
        match &self.search {
            Search::Fast(pair) => pair.search(place, text, from, hits),
            Search::Small(pair) => pair.search(place, text, from, hits),
            Search::Everything => hits.add(from, text.len()),
            Search::Nothing => {}
        }
    }

    /// How many bytes at the end of `text` could become a secret.
    pub(super) fn waiting(&self, place: &Place, text: &[u8]) -> usize {
        match &self.search {
            Search::Fast(pair) => pair.waiting(place, text),
            Search::Small(pair) => pair.waiting(place, text),
            Search::Nothing | Search::Everything => 0,
        }
    }
}

impl Search {
    fn new(forms: &Forms) -> Self {
        if forms.plain.is_empty() && forms.encoded.is_empty() {
            return Self::Nothing;
        }
        let bytes = |forms: &[String]| forms.iter().map(String::len).sum::<usize>();
        if bytes(&forms.plain) + bytes(&forms.encoded) <= FAST_FORMS_BYTES_MAX {
            let fast = Pair::new(forms, |forms| {
                dfa::DFA::builder()
                    .match_kind(MatchKind::Standard)
                    .start_kind(StartKind::Unanchored)
                    .prefilter(false)
                    .build(forms)
            });
            return fast.map_or(Self::Everything, Self::Fast);
        }
        let small = Pair::new(forms, |forms| {
            contiguous::NFA::builder()
                .match_kind(MatchKind::Standard)
                .prefilter(false)
                .build(forms)
        });
        small.map_or(Self::Everything, Self::Small)
    }
}

/// The two automata.
struct Pair<A> {
    plain: Part<A>,
    encoded: Part<A>,
}

/// An automaton that knows how much of a form each of its states has seen.
struct Part<A> {
    automaton: A,
    start: StateID,
    /// By a state's number without its lowest bits.
    depths: Vec<u32>,
    /// How many of those are the same in all numbers.
    shift: u32,
}

impl<A: Automaton> Part<A> {
    fn new(automaton: A, forms: &[String]) -> Option<Self> {
        let start = automaton.start_state(Anchored::No).ok()?;
        let mut part = Self {
            automaton,
            start,
            depths: Vec::new(),
            shift: 0,
        };
        let (mut bits, mut last) = (start.as_usize(), start.as_usize());
        part.each_state(forms, |state, _| {
            bits |= state;
            last = last.max(state);
        });
        part.shift = bits.trailing_zeros().min(usize::BITS - 1);
        let shift = part.shift;
        let mut depths = vec![0; (last >> shift) + 1];
        part.each_state(forms, |state, depth| {
            if let Some(known) = depths.get_mut(state >> shift) {
                *known = depth;
            }
        });
        part.depths = depths;
        Some(part)
    }

    /// All states on the way to a form, with how much of it they have seen.
    fn each_state(&self, forms: &[String], mut see: impl FnMut(usize, u32)) {
        for form in forms {
            let mut state = self.start;
            for (depth, byte) in (1..).zip(form.bytes()) {
                state = self.next(state, byte);
                see(state.as_usize(), depth);
            }
        }
    }

    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.automaton.next_state(Anchored::No, state, byte)
    }

    /// How much of a form stands before `state`.
    fn depth(&self, state: StateID) -> usize {
        // Every state lies on the way to a form; were it not so, all would be held back.
        let depth = self.depths.get(state.as_usize() >> self.shift);
        depth.map_or(usize::MAX, |depth| *depth as usize)
    }

    /// The length of the longest form that ends in `state`.
    fn longest(&self, state: StateID) -> Option<usize> {
        if !self.automaton.is_match(state) {
            return None;
        }
        (0..self.automaton.match_len(state))
            .map(|index| self.automaton.match_pattern(state, index))
            .map(|form| self.automaton.pattern_len(form))
            .max()
    }
}

impl<A: Automaton> Pair<A> {
    fn new(forms: &Forms, build: impl Fn(&[String]) -> Result<A, BuildError>) -> Option<Self> {
        Some(Self {
            plain: Part::new(build(&forms.plain).ok()?, &forms.plain)?,
            encoded: Part::new(build(&forms.encoded).ok()?, &forms.encoded)?,
        })
    }

    fn start(&self) -> Place {
        Place {
            plain: self.plain.start,
            encoded: self.encoded.start,
            gap: 0,
        }
    }

    fn search(&self, place: &mut Place, text: &[u8], from: usize, hits: &mut Hits) {
        let Place {
            mut plain,
            mut encoded,
            mut gap,
        } = *place;
        for (at, &byte) in text.get(from..).unwrap_or_default().iter().enumerate() {
            if is_blank(byte) {
                gap += 1;
                if gap == 1 {
                    plain = self.plain.next(plain, b' ');
                } else if gap > GAP_BYTES_MAX {
                    (plain, encoded) = (self.plain.start, self.encoded.start);
                }
                continue;
            }
            gap = 0;
            plain = self.plain.next(plain, byte);
            encoded = self.encoded.next(encoded, byte);
            if self.plain.automaton.is_special(plain) || self.encoded.automaton.is_special(encoded)
            {
                let before = text.get(..=from + at).unwrap_or_default();
                if let Some(length) = self.plain.longest(plain) {
                    hits.add(beginning(before, length), before.len());
                }
                if let Some(length) = self.encoded.longest(encoded) {
                    hits.add(beginning_without_blanks(before, length), before.len());
                }
            }
        }
        *place = Place {
            plain,
            encoded,
            gap,
        };
    }

    fn waiting(&self, place: &Place, text: &[u8]) -> usize {
        let plain = beginning(text, self.plain.depth(place.plain));
        let encoded = beginning_without_blanks(text, self.encoded.depth(place.encoded));
        text.len() - plain.min(encoded)
    }
}
