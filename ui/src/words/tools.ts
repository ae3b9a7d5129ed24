const names: Record<string, string> = {
  git: 'Git',
  gh: 'GitHub CLI',
  node: 'Node',
  docker: 'Docker',
  sandbox: 'Sandbox',
};
const levels: Record<string, string> = { bwrap: 'bubblewrap', landlock: 'Landlock', seatbelt: 'Seatbelt' };

/** Words of a machine's tools. */
export const tools = {
  title: 'Tools',
  name: (name: string) => names[name] ?? name,
  found: 'Detected',
  notFound: 'Not found',
  sandbox: (level: string) => levels[level] ?? level,
  noSandbox: 'None',
} as const;
