import { newJob as words } from '$/words/jobs';

import { titleCharactersMax, type DraftFault } from './draft.svelte';

/** What is wrong with a job's text, in words, by field. */
export function faultWords(found: readonly DraftFault[]): {
  title?: string | undefined;
  instructions?: string | undefined;
} {
  return {
    title: found.includes('title-missing')
      ? words.titleNeeded
      : found.includes('title-long')
        ? words.titleLong(titleCharactersMax)
        : undefined,
    instructions: found.includes('instructions-missing')
      ? words.instructionsNeeded
      : found.includes('instructions-long')
        ? words.instructionsLong
        : undefined,
  };
}
