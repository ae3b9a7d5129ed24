import type { PermissionLevel } from '$/protocol';

import type { Config } from '../service';

/** The workspaces with a level of their own, by short name. */
export function levelsOf({ workspaces = {} }: Pick<Config, 'workspaces'>): [string, PermissionLevel][] {
  return Object.entries(workspaces)
    .flatMap(([name, { permission }]): [string, PermissionLevel][] =>
      permission ? [[name, permission]] : [],
    )
    .sort(([one], [other]) => one.localeCompare(other));
}

/** A workspace's short name as it was written; none when it cannot be one. */
export function shortName(text: string): string | undefined {
  const name = text.trim();
  return name.length <= 40 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? name : undefined;
}
