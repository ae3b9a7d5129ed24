/** Longest reason or note that goes with disabling or pausing; the coordinator keeps the same bound. */
export const noteCharactersMax = 200;
/** Longest name of a runner; the coordinator keeps the same bound. */
export const nameCharactersMax = 64;
