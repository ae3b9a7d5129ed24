//! Finds the one thing that the beginning of an id stands for.

use std::fmt::Display;

use crate::{
    arguments::Selector,
    exit::{Exit, Failure},
};

/// The one of `all` whose id fits.
pub(crate) fn pick<'a, T, I: Display>(
    all: &'a [T],
    id_of: impl Fn(&T) -> I,
    selector: &Selector<I>,
    what: &str,
) -> Result<&'a T, Failure> {
    let mut fitting = all.iter().filter(|one| selector.fits(&id_of(one)));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(
            Failure::new(Exit::NotFound, format!("no {what} has the id {selector}")).hint(
                "It may have been answered or have ended meanwhile; `list` shows what there is.",
            ),
        ),
        (Some(_), Some(_)) => Err(Failure::new(
            Exit::Conflict,
            format!("several {what}s begin with {selector}"),
        )
        .hint("Give more of the id.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_must_be_enough() {
        let all = ["aaaa1".to_owned(), "aaaa2".to_owned()];
        let pick = |text: &str| {
            let selector = text.parse::<Selector<String>>().unwrap();
            pick(&all, String::clone, &selector, "approval").map_err(|failure| failure.exit)
        };
        assert_eq!(pick("aaaa2"), Ok(&all[1]));
        assert_eq!(pick("aaaa"), Err(Exit::Conflict));
        assert_eq!(pick("bbbb"), Err(Exit::NotFound));
    }
}
