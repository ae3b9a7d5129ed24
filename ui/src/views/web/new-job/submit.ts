import { api } from '$/client/api';
import type { JobView } from '$/protocol';

import { jobOf, type Draft } from './draft.svelte';

/** A job that was created, but not with all that belongs to it. */
export class CreatedPartly extends Error {
  readonly job: JobView;

  constructor(job: JobView, cause: unknown) {
    super('The job was created, but not started', { cause });
    this.job = job;
  }
}

/** Creates a job, uploads its attachments, and makes it Ready unless it stays in Backlog. */
export async function submit(
  workspace: string,
  draft: Draft,
  files: readonly File[],
  start: boolean,
  onstep: (file: File | undefined) => void,
): Promise<JobView> {
  const job = await api.createJob(workspace, jobOf(draft));
  try {
    for (const file of files) {
      onstep(file);
      await api.attach(job.id, file);
    }
    onstep(undefined);
    return start ? await api.readyJob(job.id) : job;
  } catch (error) {
    throw new CreatedPartly(job, error);
  }
}
