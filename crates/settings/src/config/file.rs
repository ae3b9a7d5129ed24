//! The configuration file as text: reading with line numbers, changing with comments kept.

use std::{collections::BTreeMap, fs, io, path::Path};

use protocol::{agent::AgentName, runner::PermissionLevel};
use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, Table, TableLike, value};

use super::{
    AgentSettings, ConfigError, CustomSettings, Hours, Key, SharedUseSettings, Values,
    WorkspaceSettings, agents, level,
};

/// What stands in a file.
pub(super) struct Read {
    pub(super) values: Values,
    pub(super) unknown_keys: Vec<String>,
}

/// The file's text; empty when there is no file.
pub(super) fn read(file: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Read {
        file: file.display().to_string(),
        source,
    };
    match fs::read(file) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..valid).unwrap_or_default();
            ConfigError::Broken {
                file: file.display().to_string(),
                line: 1 + String::from_utf8_lossy(before).matches('\n').count(),
                why: "it is not text".to_owned(),
            }
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(error)),
    }
}

/// Understands `text`, the content of `file`.
pub(super) fn parse(file: &Path, text: &str) -> Result<Read, ConfigError> {
    let reader = Reader { file, text };
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        reader.broken(at, error.message())
    })?;
    let mut values = Values::default();
    let mut unknown_keys = Vec::new();
    for (key, item) in document.iter() {
        match key {
            "server" => values.server = Some(reader.text_of(key, item)?),
            "name" => values.name = Some(reader.text_of(key, item)?),
            "workspace_dir" => values.workspace_dir = Some(reader.text_of(key, item)?.into()),
            "slots" => values.slots = Some(reader.number_of(key, item)?),
            "agents" => {
                for (name, item) in reader.table_of(key, item)?.iter() {
                    let agent = reader.agent(name, item, &mut unknown_keys)?;
                    values.agents.insert(AgentName::new(name), agent);
                }
            }
            "permission" => values.permission = Some(reader.level_of(key, item)?),
            "approval_timeout_min" => {
                values.approval_timeout_min = Some(reader.number_of(key, item)?);
            }
            "disk_floor_mb" => values.disk_floor_mb = Some(reader.number_of(key, item)?),
            "keep_days" => values.keep_days = Some(reader.number_of(key, item)?),
            "aside_days" => values.aside_days = Some(reader.number_of(key, item)?),
            "workspaces" => {
                for (name, item) in reader.table_of(key, item)?.iter() {
                    let workspace = reader.workspace(name, item, &mut unknown_keys)?;
                    values.workspaces.insert(name.to_owned(), workspace);
                }
            }
            "shared_use" => {
                values.shared_use = Some(reader.shared_use(key, item, &mut unknown_keys)?);
            }
            _ => unknown_keys.push(key.to_owned()),
        }
    }
    let values = values.checked().map_err(|error| match error {
        ConfigError::Invalid { key, why } => {
            let at = document.get(key.as_str()).and_then(Item::span);
            reader.broken(at.map_or(0, |span| span.start), &why)
        }
        ConfigError::Agent { name, why } => {
            let agents = document.get("agents").and_then(Item::as_table_like);
            let at = agents
                .and_then(|agents| agents.get(name.as_str()))
                .and_then(Item::span);
            let why = format!("the agent `{name}` cannot be used: {why}");
            reader.broken(at.map_or(0, |span| span.start), &why)
        }
        other => other,
    })?;
    Ok(Read {
        values,
        unknown_keys,
    })
}

/// The text of `file` with `change` in it.
pub(super) fn changed(file: &Path, text: &str, change: &Values) -> Result<String, ConfigError> {
    // A file that is not understood in every line is never written to.
    parse(file, text)?;
    let reader = Reader { file, text };
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| reader.broken(0, error.message()))?;
    let table = document.as_table_mut();
    let workspace_dir = change
        .workspace_dir
        .as_ref()
        .map(|path| path.to_string_lossy());
    set_text(table, Key::Server.as_str(), change.server.as_deref());
    set_text(table, Key::Name.as_str(), change.name.as_deref());
    set_text(table, Key::WorkspaceDir.as_str(), workspace_dir.as_deref());
    if let Some(slots) = change.slots {
        set(table, Key::Slots.as_str(), value(i64::from(slots)));
    }
    if let Some(level) = change.permission {
        set(
            table,
            Key::Permission.as_str(),
            value(level::name_of(level)),
        );
    }
    for (key, number) in [
        (Key::ApprovalTimeout, change.approval_timeout_min),
        (Key::DiskFloor, change.disk_floor_mb),
        (Key::KeepDays, change.keep_days),
        (Key::AsideDays, change.aside_days),
    ] {
        if let Some(number) = number {
            set(table, key.as_str(), value(i64::from(number)));
        }
    }
    for (name, agent) in &change.agents {
        in_table(table, "agents", name.as_str(), |entry| {
            set_agent(entry, agent);
        });
    }
    for (name, workspace) in &change.workspaces {
        let level = workspace.permission.map(level::name_of).map(value);
        in_table(table, "workspaces", name, |entry| {
            replace(entry, "permission", level);
        });
    }
    for name in &change.agents_removed {
        if let Some(agents) = table.get_mut("agents").and_then(Item::as_table_like_mut) {
            agents.remove(name.as_str());
        }
    }
    if let Some(shared) = &change.shared_use {
        let entry = table
            .entry("shared_use")
            .or_insert_with(|| Item::Table(Table::new()));
        if let Some(entry) = entry.as_table_like_mut() {
            set_shared_use(entry, shared);
        }
    }
    Ok(document.to_string())
}

fn set_shared_use(table: &mut dyn TableLike, shared: &SharedUseSettings) {
    let list = |texts: Array| (!texts.is_empty()).then(|| value(texts));
    let people = shared.people.iter().collect::<Array>();
    let agents = shared
        .agents
        .iter()
        .map(AgentName::as_str)
        .collect::<Array>();
    let permission = level::name_of(shared.permission);
    set(table, "allowed", value(shared.allowed));
    replace(table, "people", list(people));
    replace(table, "agents", list(agents));
    set(table, "permission", value(permission));
    replace(
        table,
        "at_once",
        shared.at_once.map(|n| value(i64::from(n))),
    );
    let hours = shared.hours.as_ref().map(ToString::to_string);
    replace(table, "hours", hours.map(value));
}

/// Changes `[outer.inner]`, which is made where it is missing.
fn in_table(table: &mut Table, outer: &str, inner: &str, change: impl FnOnce(&mut dyn TableLike)) {
    let outer = table.entry(outer).or_insert_with(|| {
        let mut made = Table::new();
        made.set_implicit(true);
        Item::Table(made)
    });
    let Some(outer) = outer.as_table_like_mut() else {
        return;
    };
    let entry = outer
        .entry(inner)
        .or_insert_with(|| Item::Table(Table::new()));
    if let Some(entry) = entry.as_table_like_mut() {
        change(entry);
    }
}

fn set_agent(table: &mut dyn TableLike, agent: &AgentSettings) {
    set(table, "enabled", value(agent.enabled));
    replace(table, "program", agent.program.as_deref().map(value));
    replace(table, "model", agent.model.as_deref().map(value));
    let level = agent.permission.map(level::name_of).map(value);
    replace(table, "permission", level);
    let arguments = agent.extra_arguments.iter().collect::<Array>();
    replace(
        table,
        "extra_arguments",
        (!arguments.is_empty()).then(|| value(arguments)),
    );
    if let Some(custom) = &agent.custom {
        set_custom(table, custom);
    }
}

fn set_custom(table: &mut dyn TableLike, custom: &CustomSettings) {
    set(table, "kind", value(agents::KIND));
    replace(table, "title", custom.title.as_deref().map(value));
    set(table, "command", value(&custom.command));
    let arguments = custom.arguments.iter().collect::<Array>();
    set(table, "arguments", value(arguments));
    let environment: InlineTable = custom.environment.iter().collect();
    replace(
        table,
        "environment",
        (!environment.is_empty()).then(|| value(environment)),
    );
    replace(table, "mode", custom.mode.as_deref().map(value));
}

fn set_text(table: &mut dyn TableLike, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        set(table, key, value(text));
    }
}

fn replace(table: &mut dyn TableLike, key: &str, item: Option<Item>) {
    match item {
        Some(item) => set(table, key, item),
        None => drop(table.remove(key)),
    }
}

/// Sets a value; the words around the one before it (a comment on its line) stay.
fn set(table: &mut dyn TableLike, key: &str, mut item: Item) {
    let before = table.get(key).and_then(Item::as_value);
    if let (Some(before), Some(new)) = (before, item.as_value_mut()) {
        *new.decor_mut() = before.decor().clone();
    }
    match table.get_mut(key) {
        Some(place) => *place = item,
        None => drop(table.insert(key, item)),
    }
}

struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn broken(&self, at: usize, why: &str) -> ConfigError {
        let before = self.text.get(..at).unwrap_or_default();
        ConfigError::Broken {
            file: self.file.display().to_string(),
            line: 1 + before.matches('\n').count(),
            why: why.lines().collect::<Vec<_>>().join(" "),
        }
    }

    fn wrong_kind(&self, key: &str, item: &Item, wanted: &str) -> ConfigError {
        let at = item.span().map_or(0, |span| span.start);
        self.broken(at, &format!("`{key}` has to be {wanted}"))
    }

    fn text_of(&self, key: &str, item: &Item) -> Result<String, ConfigError> {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| self.wrong_kind(key, item, "a text in quotes"))
    }

    fn number_of(&self, key: &str, item: &Item) -> Result<u32, ConfigError> {
        item.as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| self.wrong_kind(key, item, "a number"))
    }

    fn table_of<'i>(&self, key: &str, item: &'i Item) -> Result<&'i dyn TableLike, ConfigError> {
        item.as_table_like()
            .ok_or_else(|| self.wrong_kind(key, item, "a table"))
    }

    fn agent(
        &self,
        name: &str,
        item: &Item,
        unknown_keys: &mut Vec<String>,
    ) -> Result<AgentSettings, ConfigError> {
        let mut agent = AgentSettings::default();
        for (key, item) in self.table_of(name, item)?.iter() {
            match key {
                "enabled" => {
                    agent.enabled = item
                        .as_bool()
                        .ok_or_else(|| self.wrong_kind(key, item, "true or false"))?;
                }
                "job_arguments" => {
                    agent.job_arguments = item
                        .as_bool()
                        .ok_or_else(|| self.wrong_kind(key, item, "true or false"))?;
                }
                "program" | "path" => agent.program = Some(self.text_of(key, item)?),
                "model" => agent.model = Some(self.text_of(key, item)?),
                "permission" => agent.permission = Some(self.level_of(key, item)?),
                "extra_arguments" => agent.extra_arguments = self.texts_of(key, item)?,
                "kind" if item.as_str() != Some(agents::KIND) => {
                    return Err(self.wrong_kind(key, item, "\"acp\""));
                }
                "kind" => drop(agent.custom.get_or_insert_default()),
                "title" => {
                    agent.custom.get_or_insert_default().title = Some(self.text_of(key, item)?);
                }
                "command" => {
                    agent.custom.get_or_insert_default().command = self.text_of(key, item)?;
                }
                "arguments" => {
                    agent.custom.get_or_insert_default().arguments = self.texts_of(key, item)?;
                }
                "environment" => {
                    agent.custom.get_or_insert_default().environment =
                        self.variables_of(key, item)?;
                }
                "mode" => {
                    agent.custom.get_or_insert_default().mode = Some(self.text_of(key, item)?);
                }
                _ => unknown_keys.push(format!("agents.{name}.{key}")),
            }
        }
        Ok(agent)
    }

    fn level_of(&self, key: &str, item: &Item) -> Result<PermissionLevel, ConfigError> {
        level::named(&self.text_of(key, item)?)
            .ok_or_else(|| self.wrong_kind(key, item, level::CHOICES))
    }

    fn workspace(
        &self,
        name: &str,
        item: &Item,
        unknown_keys: &mut Vec<String>,
    ) -> Result<WorkspaceSettings, ConfigError> {
        let mut workspace = WorkspaceSettings::default();
        for (key, item) in self.table_of(name, item)?.iter() {
            match key {
                "permission" => workspace.permission = Some(self.level_of(key, item)?),
                _ => unknown_keys.push(format!("workspaces.{name}.{key}")),
            }
        }
        Ok(workspace)
    }

    fn shared_use(
        &self,
        table: &str,
        item: &Item,
        unknown_keys: &mut Vec<String>,
    ) -> Result<SharedUseSettings, ConfigError> {
        let mut shared = SharedUseSettings::default();
        for (key, item) in self.table_of(table, item)?.iter() {
            match key {
                "allowed" => {
                    shared.allowed = item
                        .as_bool()
                        .ok_or_else(|| self.wrong_kind(key, item, "true or false"))?;
                }
                "people" => shared.people = self.texts_of(key, item)?,
                "agents" => {
                    let names = self.texts_of(key, item)?;
                    shared.agents = names.into_iter().map(AgentName::new).collect();
                }
                "permission" => {
                    let level = self.level_of(key, item)?;
                    let level = SharedUseSettings::permission_for_others(level);
                    shared.permission = level.map_err(|error| {
                        let at = item.span().map_or(0, |span| span.start);
                        self.broken(at, &error.to_string())
                    })?;
                }
                "at_once" => shared.at_once = Some(self.number_of(key, item)?),
                "hours" => {
                    let hours = self.text_of(key, item)?.parse::<Hours>();
                    shared.hours = Some(hours.map_err(|error| {
                        let at = item.span().map_or(0, |span| span.start);
                        self.broken(at, &error.to_string())
                    })?);
                }
                _ => unknown_keys.push(format!("{table}.{key}")),
            }
        }
        Ok(shared)
    }

    fn variables_of(
        &self,
        key: &str,
        item: &Item,
    ) -> Result<BTreeMap<String, String>, ConfigError> {
        self.table_of(key, item)?
            .iter()
            .map(|(name, item)| Ok((name.to_owned(), self.text_of(name, item)?)))
            .collect()
    }

    fn texts_of(&self, key: &str, item: &Item) -> Result<Vec<String>, ConfigError> {
        let wrong = || self.wrong_kind(key, item, "a list of texts");
        item.as_array()
            .ok_or_else(wrong)?
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect()
    }
}
