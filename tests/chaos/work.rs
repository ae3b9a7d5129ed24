//! The jobs: what each is told to do, and what its agent then says.

use crate::dice::Dice;

/// A job and what has to come of it.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// Its number among all, from 0.
    pub(crate) number: usize,
    /// What the agent is told.
    pub(crate) instructions: String,
    /// What the agent says, instruction by instruction.
    pub(crate) says: Vec<Vec<String>>,
    /// The file that it hands back.
    pub(crate) artifact: Option<String>,
    /// Whether somebody calls it off while it is under way.
    pub(crate) called_off: bool,
}

/// Length of the filler of each flooded line.
const FILLER_BYTES: usize = 60;

/// What stands in every title, so that a job is found by it.
pub(crate) fn title(number: usize) -> String {
    format!("Chaos {number:05}")
}

/// The number in a title.
pub(crate) fn number_in(title: &str) -> Option<usize> {
    title.strip_prefix("Chaos ")?.parse().ok()
}

impl Work {
    /// The job with this number under this seed.
    pub(crate) fn of(seed: u64, number: usize) -> Self {
        let mut dice = Dice::of(seed, number as u64);
        let mut work = Self::empty(number);
        work.called_off = dice.between(1, 25) == 1;
        work.say(&format!("begin {number}"));
        match dice.between(0, 5) {
            0 => work.flood(dice.between(100, 900)),
            1 => {
                work.silent(&format!("wait {}ms", dice.between(200, 3_000)));
                work.flood(dice.between(10, 300));
            }
            2 => {
                work.silent(&format!("write notes/{number}.txt some text"));
                work.silent(&format!("wait {}ms", dice.between(100, 2_000)));
                work.flood(dice.between(10, 100));
            }
            3 => {
                work.silent("run true");
                work.say("after the command");
            }
            4 => {
                work.flood(dice.between(10, 200));
                work.silent("crash");
                work.say("after the crash");
            }
            _ => {
                work.silent("think hm");
                work.flood(dice.between(50, 200));
                work.silent(&format!("wait {}ms", dice.between(500, 4_000)));
                work.flood(dice.between(201, 400));
            }
        }
        if dice.between(0, 2) > 0 {
            work.hand_back();
        }
        work.say(&format!("end {number}"));
        work
    }

    /// A job in which nothing is done yet.
    pub(crate) const fn empty(number: usize) -> Self {
        Self {
            number,
            instructions: String::new(),
            says: Vec::new(),
            artifact: None,
            called_off: false,
        }
    }

    /// Adds something that is not said.
    pub(crate) fn silent(&mut self, line: &str) {
        self.instructions.push_str(line);
        self.instructions.push('\n');
        self.says.push(Vec::new());
    }

    /// Adds something to say.
    pub(crate) fn say(&mut self, text: &str) {
        self.silent(&format!("say {text}"));
        self.says.pop();
        self.says.push(vec![text.to_owned()]);
    }

    /// Adds a file that is handed back.
    pub(crate) fn hand_back(&mut self) {
        let text = format!("the result of {}", self.number);
        self.silent(&format!("output result.txt {text}"));
        self.artifact = Some(format!("{text}\n"));
    }

    /// Adds many lines with checksums.
    pub(crate) fn flood(&mut self, lines: u64) {
        self.silent(&format!("flood {lines} {FILLER_BYTES}"));
        self.says.pop();
        let line = |n| flooded(n, lines);
        self.says.push((1..=lines).map(line).collect());
    }
}

/// A flooded line as the agent's description has it: letters in turn, with their checksum.
fn flooded(number: u64, lines: u64) -> String {
    let start = usize::try_from(number % 26).unwrap_or_default();
    let letters = ('a'..='z').cycle().skip(start);
    let filler: String = letters.take(FILLER_BYTES).collect();
    let checksum = crc32fast::hash(filler.as_bytes());
    format!("flood {number}/{lines} {checksum:08x} {filler}")
}

#[test]
fn every_instruction_is_one_of_the_agents() {
    let described = include_str!("../../docs/agents.md");
    for number in 0..200 {
        let work = Work::of(7, number);
        let lines: Vec<&str> = work.instructions.lines().collect();
        assert_eq!(lines.len(), work.says.len());
        for (line, says) in lines.into_iter().zip(&work.says) {
            let word = line.split(' ').next().unwrap();
            assert!(described.contains(&format!("`{word}")), "{line}");
            assert_eq!(["say", "flood"].contains(&word), !says.is_empty(), "{line}");
        }
        assert_eq!(number_in(&title(number)), Some(number));
    }
}
