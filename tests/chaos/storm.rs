//! Many jobs, and everything going wrong at random moments; then calm, and a look at all of it.

mod answerer;
mod progress;
mod report;
mod submitter;
mod wishes;

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    checks::{self, Database, Violation},
    faults::{Kind, Lengths, Weather},
    field::Field,
};
use answerer::Answerer;
use progress::Progress;
use submitter::Submitter;
pub(crate) use wishes::Wishes;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What happened.
pub(crate) struct Storm {
    wishes: Wishes,
    field: Field,
    weather: Weather,
    began: Instant,
    faults: BTreeMap<Kind, usize>,
    /// How many there were, for whoever watches.
    faults_so_far: Arc<AtomicUsize>,
    /// Where programs ended between a decision and its acknowledgement.
    places: BTreeMap<&'static str, usize>,
    /// What was done, and when, for whoever has to understand it.
    diary: String,
    violations: Vec<Violation>,
}

/// Plays it from beginning to end; says what it saw, and fails unless all is well.
fn play(wishes: Wishes) {
    report::announce(wishes);
    let began = Instant::now();
    let mut storm = Storm::ready(wishes, began);
    report::begin(&storm);
    let faults = Arc::clone(&storm.faults_so_far);
    let progress = Progress::start(&storm.field.database_url, began, faults);
    let submitter = Submitter::start(&storm.field.client, wishes);
    // Whoever asks is answered until nobody is left who could.
    let answerer = Answerer::start(&storm.field.client);
    storm.blow();
    storm.calm_down();
    submitter.hurry();
    storm.wait_until_over(&submitter);
    let submitted = submitter.end();
    storm.tell("everything that came to its end has come to it; reading every record");
    let mut found = checks::everything(&storm.field, wishes.seed);
    found.violations.append(&mut storm.violations);
    storm.tell("every record was read; stopping every machine");
    let left = checks::nothing_is_left(&mut storm.field);
    storm.note("every machine has stopped");
    progress.end();
    let allowed = answerer.end();
    found.violations.extend(left);
    let panicked = checks::nothing_panicked(&storm.field);
    found.violations.extend(panicked);
    let took = began.elapsed();
    if let Some(limit) = wishes.limit.filter(|limit| took > *limit) {
        let what = format!("all of it took {took:.0?}, and may take {limit:.0?}");
        found.violations.push(Violation::of_all(what));
    }
    report::end(&mut storm, &found, submitted, allowed);
}

impl Storm {
    fn ready(wishes: Wishes, began: Instant) -> Self {
        let (lease, grace) = wishes.size.terms;
        let lengths = Lengths {
            patience: Duration::from_secs(lease + grace),
            database: wishes.database,
        };
        Self {
            wishes,
            field: Field::ready(wishes.size),
            weather: Weather::of(wishes.seed, lengths, wishes.places),
            began,
            faults: BTreeMap::new(),
            faults_so_far: Arc::default(),
            places: BTreeMap::new(),
            diary: String::new(),
            violations: Vec::new(),
        }
    }

    fn blow(&mut self) {
        let begins = Instant::now();
        let ends = begins + self.wishes.storm;
        let outage_at = begins + self.wishes.storm * 2 / 5;
        let mut outage = false;
        let mut next = begins + Duration::from_secs(2);
        while Instant::now() < ends {
            let now = Instant::now();
            self.weather.mend(&mut self.field);
            self.tend();
            if !outage && now >= outage_at {
                outage = true;
                self.cause(Kind::Outage);
            }
            if now >= next {
                let kind = self.weather.next();
                self.cause(kind);
                next = now + self.weather.pause(self.wishes.pause_ms);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn cause(&mut self, kind: Kind) {
        let Some(whom) = self.weather.cause(kind, &mut self.field) else {
            return;
        };
        self.note(&format!("{}: {whom}", kind.name()));
        // One that was armed counts when it has come to its place.
        if kind != Kind::EndedAtPlace {
            self.count(kind);
        }
    }

    fn count(&mut self, kind: Kind) {
        *self.faults.entry(kind).or_default() += 1;
        self.faults_so_far.fetch_add(1, Ordering::Relaxed);
    }

    /// A coordinator may give up while there is no database; a service never does.
    fn tend(&mut self) {
        for gone in self.field.tend() {
            let name = gone.name;
            if let Some(place) = gone.place {
                self.count(Kind::EndedAtPlace);
                *self.places.entry(place).or_default() += 1;
                self.note(&format!("{name} ended at {place}"));
                continue;
            }
            self.note(&format!("{name} went by itself and is started again"));
            if !gone.is_coordinator {
                self.violations
                    .push(Violation::of_all(format!("{name} ended by itself")));
            }
        }
    }

    /// Makes everything good again.
    fn calm_down(&mut self) {
        self.tell("nothing more goes wrong; what is under way comes to its end");
        self.weather.mend_all(&mut self.field);
        self.tend();
    }

    /// Every job over, every machine idle and every record handed over.
    fn wait_until_over(&mut self, submitter: &Submitter) {
        let database = Database::open(&self.field.database_url);
        let ends = Instant::now() + self.wishes.calm;
        loop {
            self.tend();
            let open = database.open_work();
            let none = open.is_some_and(|open| open.is_none());
            if submitter.has_submitted_all() && none && self.is_idle() {
                return;
            }
            if Instant::now() > ends {
                let open = open.map_or_else(|| "nobody knows what".to_owned(), |it| it.to_string());
                let what = format!("not over after {:?} of calm: {open}", self.wishes.calm);
                self.tell(&what);
                self.violations.push(Violation::of_all(what));
                return;
            }
            thread::sleep(LOOK_EVERY * 5);
        }
    }

    fn is_idle(&self) -> bool {
        let Field {
            machines, stage, ..
        } = &self.field;
        machines.iter().all(|machine| {
            machine.status(stage).is_some_and(|status| {
                let attempts = status["attempts"].as_array();
                status["state"] == "online" && attempts.is_some_and(Vec::is_empty)
            })
        })
    }

    /// Notes it, and says it to whoever watches.
    fn tell(&mut self, what: &str) {
        self.note(what);
        report::say_at(self.began, what);
    }

    fn note(&mut self, what: &str) {
        let at = self.began.elapsed().as_secs_f64();
        writeln!(self.diary, "{at:8.2} s  {what}").unwrap();
        fs::write(self.field.stage.path("diary.log"), &self.diary).unwrap();
    }
}

impl Drop for Storm {
    /// What breaks off in the middle is looked at, too.
    fn drop(&mut self) {
        if thread::panicking() {
            report::broke_off(self);
        }
    }
}

/// One that failed once is added here.
#[test]
fn a_seed_that_is_played_every_time() {
    play(Wishes::short(2));
}

#[test]
fn another_seed_each_time() {
    let seed = env::var("COORD_CHAOS_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    play(Wishes::short(seed.unwrap_or_else(|| {
        uuid::Uuid::new_v4().as_u64_pair().0 % 1_000_000
    })));
}

#[test]
#[ignore = "as long as somebody asks for: `cargo xtask chaos`"]
fn as_asked() {
    let wishes = Wishes::asked();
    play(wishes.expect("`cargo xtask chaos` says how"));
}
