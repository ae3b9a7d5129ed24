/** What the agents are called that need not be described in a runner's settings. */
const titles = new Map([
  ['claude', 'Claude Code'],
  ['codex', 'Codex'],
  ['gemini', 'Gemini CLI'],
  ['demo', 'Demo agent'],
]);

/** An agent as people know it; one of a person's own is called as that person calls it. */
export function agentWord(name: string): string {
  return titles.get(name) ?? name;
}
