// A certified OpenID Connect provider on loopback, told over /_setup whom it knows.
// Argument: the provider's package. It prints its port, and ends with its input.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import http from 'node:http';
import { pathToFileURL } from 'node:url';

const { default: Provider } = await import(pathToFileURL(process.argv[2]).href);

// The package talks to its operator in between; whoever reads the port reads nothing else.
console.log = console.info = console.error;

let provider;
let person;
let refuses = false;

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

function begin(origin, setup) {
  person = setup.person;
  refuses = setup.refuses ?? false;
  if (!setup.redirect_uri) return;
  provider = new Provider(origin, {
    clients: [
      {
        client_id: 'coord',
        client_secret: 'a secret between the two',
        redirect_uris: [setup.redirect_uri],
        token_endpoint_auth_method: setup.auth_method ?? 'client_secret_basic',
      },
    ],
    clientAuthMethods: [setup.auth_method ?? 'client_secret_basic'],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: setup.claims_apart ?? true,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...person, sub: id }) }),
  });
  provider.on('server_error', (_, error) => console.error(error));
}

async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (refuses) {
    const result = { error: 'access_denied', error_description: 'not today' };
    return provider.interactionFinished(request, response, result);
  }
  if (prompt.name === 'login') {
    const result = { login: { accountId: person.sub } };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/_setup') {
      begin(`http://127.0.0.1:${server.address().port}`, await bodyOf(request));
      response.writeHead(204).end();
    } else if (request.url.startsWith('/interaction/')) {
      await interact(request, response);
    } else {
      await provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.resume().on('end', () => process.exit(0));
