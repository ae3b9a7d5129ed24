import type { AuditFilter } from '$/client/team';

/** What an address asks for of the audit log. */
export function auditFilterFrom(query: URLSearchParams): AuditFilter {
  const read = (name: string): string => query.get(name)?.trim() ?? '';
  return { actor: read('actor'), action: read('action') };
}

/** Whether it leaves anything out. */
export function narrows({ actor, action }: AuditFilter): boolean {
  return actor !== '' || action !== '';
}
