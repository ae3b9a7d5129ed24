//! Which workspace is meant.

use protocol::api::Workspace;

use super::Client;
use crate::exit::{Exit, Failure};

impl Client {
    /// The workspace that is meant, as it stands in addresses.
    pub(crate) async fn workspace(&self, named: Option<&str>) -> Result<String, Failure> {
        Ok(self.workspace_meant(named).await?.slug)
    }

    /// The workspace that is meant: the one named, or the only one there is.
    pub(crate) async fn workspace_meant(&self, named: Option<&str>) -> Result<Workspace, Failure> {
        let workspaces = self.me().await?.workspaces;
        match named {
            Some(named) => pick(&workspaces, named),
            None => only(workspaces),
        }
    }
}

/// By id, short name or name, in this order; how a name is capitalised does not matter
/// where it is clear without.
fn pick(workspaces: &[Workspace], named: &str) -> Result<Workspace, Failure> {
    let lower = named.to_lowercase();
    let ways: [&dyn Fn(&Workspace) -> bool; 4] = [
        &|one| one.id.to_string() == lower,
        &|one| one.slug == named,
        &|one| one.name == named,
        &|one| one.name.to_lowercase() == lower || one.slug == lower,
    ];
    for way in ways {
        let mut found: Vec<&Workspace> = workspaces.iter().filter(|one| way(one)).collect();
        match (found.pop(), found.len()) {
            (None, _) => {}
            (Some(only), 0) => return Ok(only.clone()),
            (Some(last), _) => {
                found.push(last);
                let what = format!("several workspaces are called `{named}`");
                let hint = format!("Name one of them by its short name: {}.", slugs(found));
                return Err(Failure::new(Exit::Usage, what).hint(hint));
            }
        }
    }
    let what = format!("there is no workspace `{named}`, or you cannot see it");
    let hint = if workspaces.is_empty() {
        "This account belongs to no workspace.".to_owned()
    } else {
        format!("You belong to: {}.", slugs(workspaces))
    };
    Err(Failure::new(Exit::NotFound, what).hint(hint))
}

fn only(mut workspaces: Vec<Workspace>) -> Result<Workspace, Failure> {
    match (workspaces.pop(), workspaces.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(Failure::new(
            Exit::NotFound,
            "this account belongs to no workspace",
        )),
        (Some(last), _) => {
            workspaces.push(last);
            let what = "this account belongs to several workspaces";
            let hint = format!("Name one with --workspace: {}.", slugs(&workspaces));
            Err(Failure::new(Exit::Usage, what).hint(hint))
        }
    }
}

fn slugs<'a>(workspaces: impl IntoIterator<Item = &'a Workspace>) -> String {
    let slugs: Vec<&str> = workspaces.into_iter().map(|one| &*one.slug).collect();
    slugs.join(", ")
}

#[cfg(test)]
mod tests {
    use protocol::{api::Role, ids::WorkspaceId};
    use uuid::Uuid;

    use super::*;

    fn workspaces() -> Vec<Workspace> {
        let workspace = |(n, (slug, name)): (usize, (&str, &str))| Workspace {
            id: WorkspaceId(Uuid::from_u128(n as u128)),
            slug: slug.to_owned(),
            name: name.to_owned(),
            role: Role::Member,
            house_rules: None,
        };
        let all = [
            ("acme-2", "Acme"),
            ("night-shift", "Night Shift"),
            ("ops", "Operations"),
            ("ops-2", "operations"),
            ("night-shift-2", "ops"),
        ];
        all.into_iter().enumerate().map(workspace).collect()
    }

    fn picked(named: &str) -> Result<String, String> {
        let found = pick(&workspaces(), named).map(|workspace| workspace.slug);
        found.map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn a_workspace_is_known_by_id_short_name_and_name() {
        for (named, slug) in [
            ("00000000-0000-0000-0000-000000000001", "night-shift"),
            ("acme-2", "acme-2"),
            ("Acme", "acme-2"),
            ("ACME", "acme-2"),
            ("Night shift", "night-shift"),
            // The short name of one is the name of another.
            ("ops", "ops"),
            ("Operations", "ops"),
            ("operations", "ops-2"),
        ] {
            assert_eq!(picked(named), Ok(slug.to_owned()), "{named}");
        }
    }

    #[test]
    fn what_is_not_clear_is_refused_with_what_there_is() {
        let unclear = picked("OPERATIONS").unwrap_err();
        assert!(unclear.contains("ops, ops-2"), "{unclear}");
        let unknown = picked("nowhere").unwrap_err();
        assert!(unknown.contains("acme-2, night-shift"), "{unknown}");
        assert!(only(workspaces()).is_err());
        assert_eq!(only(workspaces().split_off(4)).unwrap().name, "ops");
        assert!(only(Vec::new()).is_err());
    }
}
