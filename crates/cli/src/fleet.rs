//! `coord runners`: the runners in view of a workspace.

mod page;

use protocol::{
    api::{Activity, DisableRequest, PauseRequest, RunnerRef, RunnerUpdate, Sharing},
    ids::RunnerId,
};

use crate::{
    arguments::{FleetArguments, FleetCommand},
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    format,
};

/// Does what was asked.
pub(crate) async fn run(context: &Context, arguments: FleetArguments) -> Done {
    let client = Client::signed_in(context, arguments.at.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.at.workspace.as_deref()).await?;
    let fleet = Fleet {
        context,
        client: &client,
        workspace: &workspace,
    };
    fleet.carry_out(arguments.command).await
}

/// The runners of one workspace, seen from a terminal.
struct Fleet<'a> {
    context: &'a Context,
    client: &'a Client,
    workspace: &'a str,
}

impl Fleet<'_> {
    async fn carry_out(&self, command: FleetCommand) -> Done {
        match command {
            FleetCommand::List { mine } => self.list(mine).await,
            FleetCommand::Show { runner } => {
                let view = self
                    .client
                    .runner(self.workspace, self.id(&runner).await?)
                    .await?;
                self.context.output.result(&view, || page::whole(&view))
            }
            FleetCommand::Rename { runner, name } => {
                let runner = self.find(&runner).await?;
                let update = RunnerUpdate { name };
                self.client.rename_runner(runner.id, &update).await?;
                self.done(
                    &runner,
                    &format!("is called {} now", format::printable(&update.name)),
                )
            }
            FleetCommand::Share { runner } => {
                let said = "takes jobs of the other members of this workspace now";
                self.share(&runner, Sharing::Shared, said).await
            }
            FleetCommand::Unshare { runner } => {
                let said = "takes only its owner's jobs in this workspace now";
                self.share(&runner, Sharing::Private, said).await
            }
            FleetCommand::Disable { runner, reason } => {
                let runner = self.find(&runner).await?;
                let why = DisableRequest { reason };
                self.client
                    .disable_runner(self.workspace, runner.id, &why)
                    .await?;
                self.done(&runner, "is disabled here; what it runs here finishes")
            }
            FleetCommand::Enable { runner } => {
                let runner = self.find(&runner).await?;
                self.client.enable_runner(self.workspace, runner.id).await?;
                self.done(&runner, "takes jobs of this workspace again")
            }
            FleetCommand::Pause {
                runner,
                duration,
                note,
            } => {
                let for_ms =
                    duration.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
                let runner = self.find(&runner).await?;
                let pause = PauseRequest { for_ms, note };
                self.client.pause_runner(runner.id, &pause).await?;
                self.done(&runner, "takes nothing new until the pause ends")
            }
            FleetCommand::Resume { runner } => {
                let runner = self.find(&runner).await?;
                self.client.resume_runner(runner.id).await?;
                self.done(&runner, "takes jobs again")
            }
            FleetCommand::Remove { runner, busy } => self.remove(&runner, busy).await,
        }
    }

    async fn list(&self, mine: bool) -> Done {
        let list = if mine {
            self.client.own_runners(self.workspace).await?
        } else {
            self.client.runners(self.workspace).await?
        };
        self.context
            .output
            .result(&list, || page::table(&list.runners))
    }

    async fn share(&self, runner: &str, sharing: Sharing, said: &str) -> Done {
        let runner = self.find(runner).await?;
        self.client
            .share_runner(self.workspace, runner.id, sharing)
            .await?;
        self.done(&runner, said)
    }

    async fn remove(&self, runner: &str, busy: bool) -> Done {
        let view = self
            .client
            .runner(self.workspace, self.id(runner).await?)
            .await?;
        if view.activity == Activity::Active && !busy {
            return Err(Failure::new(
                Exit::Conflict,
                format!(
                    "{} runs jobs, which would end",
                    format::printable(&view.name)
                ),
            )
            .hint("Say --busy to remove it all the same, or `coord runners pause` first."));
        }
        self.client.remove_runner(view.id).await?;
        self.context.output.result(&view, || {
            format!(
                "{} is removed; its machine says so, and can be registered again from there.",
                format::printable(&view.name)
            )
        })
    }

    async fn find(&self, name: &str) -> Result<RunnerRef, Failure> {
        self.client.named_runner(self.workspace, name).await
    }

    async fn id(&self, name: &str) -> Result<RunnerId, Failure> {
        Ok(self.find(name).await?.id)
    }

    fn done(&self, runner: &RunnerRef, said: &str) -> Done {
        self.context.output.result(runner, || {
            format!("{} {said}.", format::printable(&runner.name))
        })
    }
}
