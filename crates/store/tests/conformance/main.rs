//! One suite for both engines: every case runs on the embedded database and on PostgreSQL.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod forgotten;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod older;
#[cfg(test)]
mod over;
#[cfg(test)]
mod people;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod record;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod rivals;
#[cfg(test)]
mod runners;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod team;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod transfer;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod world;

#[cfg(test)]
mod suite;
