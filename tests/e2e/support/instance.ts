import { fileURLToPath } from 'node:url';

/** The value of a variable of the environment; a missing one fails the tests that need it. */
export function needed(name: string, what: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: it names ${what}. \`cargo xtask test browser\` sets them all.`);
  return value;
}

/** One of the owners, as whom a worker's tests act. */
interface Owner {
  email: string;
  workspace: string;
}

/** The owners: as many workers can be at it, none of which sees anything of another's workspace. */
export const owners = needed('COORD_E2E_OWNERS', 'who owns which workspace: EMAIL=WORKSPACE,…')
  .split(',')
  .map((pair): Owner => {
    const [email = '', workspace = ''] = pair.split('=');
    return { email, workspace };
  });

/** This worker's owner. */
function own(): Owner {
  const owner = owners[Number(process.env['TEST_PARALLEL_INDEX'] ?? '0')];
  if (owner === undefined) throw new Error('There are more workers than owners.');
  return owner;
}
const { email, workspace } = own();

/** The coordinator under test, and the way of this worker's owner into it. */
export const instance = {
  url: needed('COORD_E2E_URL', 'the address of a coordinator with an online runner').replace(/\/$/, ''),
  /** Its owner's address. */
  email,
  /** What the owner is called. */
  name: email.replace(/@.*$/, ''),
  password: needed('COORD_E2E_PASSWORD', 'the owners’ password'),
  /** The owner's workspace, as in addresses. */
  workspace,
};

/** Where pictures of the pages are kept. */
export const pictures = fileURLToPath(new URL('../test-results/pages', import.meta.url));
