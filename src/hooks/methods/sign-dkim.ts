/**
 * signDKIM: the message is to be signed when it is stored.
 *
 * The key is chosen now; the signature is made when nobody can change the message any more, over
 * the header as it is stored and the body. What the handler asked for is undone when it fails.
 *
 * Callers: methods/index. RFC 6376 §5.
 */
import { authorDomain } from '../../checks/signatures/author.js';
import type { KeyRing, SigningKey } from '../../checks/signatures/signing-key.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { SignDkimAnswer } from './signatures.js';

interface Wish {
  readonly domain?: string;
  readonly selector?: string;
}

const NAMES: ReadonlySet<string> = new Set(['domain', 'selector']);

function isText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function readWish(call: MethodCall, given: unknown): Wish {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) throw misuse(call, 'expected { domain, selector }');
  const unknown = Object.keys(given).find((name) => !NAMES.has(name));
  if (unknown !== undefined) throw misuse(call, `"${unknown.slice(0, 40)}" is neither domain nor selector`);
  const { domain, selector } = given as Readonly<Record<string, unknown>>;
  if (!isText(domain) || !isText(selector)) throw misuse(call, 'domain and selector are texts');
  return { ...(domain !== undefined && { domain }), ...(selector !== undefined && { selector }) };
}

function unsigned(
  status: 'noKey' | 'notPossible',
  { domain = '' }: Wish,
  explanation: string,
): SignDkimAnswer {
  return { status, domain, selectors: [], explanation };
}

export function signDkimMethod(deps: { readonly signingKeys?: () => KeyRing }): Method {
  return (call, args): SignDkimAnswer => {
    const wish = readWish(call, args[0]);
    const { headers } = call;
    if (!headers) throw misuse(call, 'there is no message yet');
    if (headers.getAll('from').length !== 1) {
      return unsigned('notPossible', wish, 'a message needs exactly one From field to be signed');
    }
    const domain = wish.domain ?? authorDomain(headers);
    if (domain === undefined) {
      return unsigned('notPossible', wish, 'the From field does not name one domain');
    }
    const keys = chosen(deps.signingKeys?.(), domain, wish);
    return marked(call, keys) ?? unsigned('noKey', { domain }, 'there is no such key');
  };
}

/** For a domain that the policy names its own keys; for the author's, also those above it. */
function chosen(ring: KeyRing | undefined, domain: string, wish: Wish): readonly SigningKey[] {
  if (!ring) return [];
  const keys = wish.domain === undefined ? ring.nearest(domain) : ring.of(domain);
  return wish.selector === undefined ? keys : keys.filter(({ selector }) => selector === wish.selector);
}

function marked(call: MethodCall, keys: readonly SigningKey[]): SignDkimAnswer | undefined {
  const [first] = keys;
  if (!first) return undefined;
  call.signWith(keys);
  return {
    status: 'signed',
    domain: first.domain,
    selectors: keys.map((key) => key.selector),
    explanation: '',
  };
}
