import { createMutation, useQueryClient } from '@tanstack/svelte-query';

import { showAtOnce } from '$/client/optimistic';
import { teamApi, teamQueries } from '$/client/team';
import type { MemberList, MemberView, Role } from '$/protocol';
import { toasts } from '$/shared/toasts.svelte';
import { people as words } from '$/words/people';

/** Gives a member another role; shown at once, and taken back with words when it is refused. */
export function createRoleChange(workspace: () => string) {
  const client = useQueryClient();
  return createMutation(() => {
    const { queryKey } = teamQueries.members(workspace());
    return {
      mutationFn: ({ member, role }: { member: MemberView; role: Role }) =>
        teamApi.changeRole(workspace(), member.person.id, role),
      onMutate: ({ member, role }) =>
        showAtOnce<MemberList>(client, queryKey, (list) => ({
          members: list.members.map((one) => (one.person.id === member.person.id ? { ...one, role } : one)),
        })),
      onSuccess: (_answer, { member, role }) => toasts.show(words.changed(member.person.name, role)),
      onError: (_error, _asked, undo) => undo?.(),
      onSettled: () => client.invalidateQueries({ queryKey }),
    };
  });
}
