/** The look of a text field, a text area or a choice. */
export const control =
  'w-full min-w-0 rounded-md border border-edge bg-raised px-2.5 text-text focus-visible:outline-offset-0 ' +
  'aria-invalid:border-failed disabled:cursor-not-allowed disabled:opacity-60';

/** A control of one line. */
export const controlLine = `${control} h-8`;
