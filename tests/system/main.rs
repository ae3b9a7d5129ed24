//! The real binaries together: coordinator, runner, worker, agent, command line.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod claude;
#[cfg(test)]
mod codex;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod failpoints;
#[cfg(test)]
mod first_job;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod own_agent;
#[cfg(test)]
mod quota;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod rules;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod several;
#[cfg(test)]
mod stop;
