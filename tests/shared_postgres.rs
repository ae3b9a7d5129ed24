//! One PostgreSQL server for a whole run of tests: says in which folder it is found, and
//! ends with its input.

#[cfg(unix)]
fn main() -> anyhow::Result<()> {
    use std::io::{self, Read as _, Write as _};

    let server = testkit::postgres::Postgres::start_for_many()?;
    let mut output = io::stdout();
    writeln!(output, "{}", server.folder().display())?;
    output.flush()?;
    // Whoever started it keeps the input open for as long as it is needed.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

#[cfg(not(unix))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("PostgreSQL is started for tests with the means of Unix")
}
