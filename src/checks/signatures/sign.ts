/**
 * Signs a message: one DKIM-Signature over its header and the hash of its body (RFC 6376 §5).
 *
 * Relaxed forms of header and body, because mail servers on the way may change white space. Fields
 * with which a reader judges the message are signed once more than they are there, so that none can
 * be added. The canonical forms are those that verify, and the library writes the field.
 *
 * Callers: engine, when a message is stored. Rejects when the key cannot sign; that is a fault of
 * our own and no property of the message.
 */
import { createHash, sign as signOctets } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureTags } from 'mailauth/lib/tools.js';
import { lazily } from '../../core/lazily.js';
import type { HeaderBlock } from '../../message/header-block.js';
import { CanonicalHeader } from './canonical-header.js';
import type { SigningKey } from './signing-key.js';

export const DKIM_SIGNATURE = 'DKIM-Signature';

/** How the body is hashed for `sign`. */
export const SIGNED_BODY = { canonicalization: 'relaxed', algorithm: 'sha256' } as const;

/** RFC 6376 §5.4: what a reader sees or acts upon. One more of these would make the signature fail. */
const CLOSED = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'To',
  'Cc',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
] as const;

/** RFC 6376 §5.4.1, RFC 2369, RFC 2919 and RFC 8058 §4: signed where they are, and free to be added. */
const OPEN = [
  'Sender',
  'In-Reply-To',
  'References',
  'Content-ID',
  'Content-Description',
  'Resent-Date',
  'Resent-From',
  'Resent-Sender',
  'Resent-To',
  'Resent-Cc',
  'Resent-Message-ID',
  'List-Id',
  'List-Help',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Subscribe',
  'List-Post',
  'List-Owner',
  'List-Archive',
] as const;

/** Fields of one name that are signed; a message with more of them has the lowest ones signed. */
const MOST_OF_A_NAME = 8;

export interface SignArgs {
  readonly key: SigningKey;
  /** As it is stored, without what we add on top. */
  readonly header: HeaderBlock;
  /** Base64 of the hash that SIGNED_BODY says. */
  readonly bodyHash: string;
  /** Milliseconds since 1970, for `t=`. */
  readonly now: number;
  /** Milliseconds for which the signature holds, for `x=`; 0 for as long as the key does. */
  readonly lifetimeMs: number;
}

const tools = lazily(() => import('mailauth/lib/tools.js'));

/** Stands for a signature while the field is folded, so that it is not taken for an empty tag. */
const PLACEHOLDER = 'a'.repeat(73);

// In a thread: an RSA signature takes as long as everything else that is done for a small message.
const signInThread = promisify(signOctets);

/** Names for `h=`: each as often as it is signed. */
function signedNames(header: HeaderBlock): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of header.fields) {
    const key = name.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const present = (name: string): number => Math.min(counts.get(name.toLowerCase()) ?? 0, MOST_OF_A_NAME);
  const repeated = (name: string, times: number): string[] => Array.from({ length: times }, () => name);
  return [
    ...CLOSED.flatMap((name) => repeated(name, present(name) + 1)),
    ...OPEN.flatMap((name) => repeated(name, present(name))),
  ];
}

/** RFC 8463 §3: Ed25519 signs the hash of what RSA signs. */
async function signatureOf({ algorithm, privateKey }: SigningKey, octets: Buffer): Promise<Buffer> {
  if (algorithm === 'rsa-sha256') return await signInThread('sha256', octets, privateKey);
  return await signInThread(undefined, createHash('sha256').update(octets).digest(), privateKey);
}

/** The field, folded, with its CRLF. */
export async function sign({ key, header, bodyHash, now, lifetimeMs }: SignArgs): Promise<Buffer> {
  // RFC 6376 §5.4: without it a verifier would not take the signature, and of two it would know only one.
  if (header.count('from') !== 1) throw new Error('the message has not exactly one From field');
  const { formatSignatureHeaderLine } = await tools();
  const names = signedNames(header);
  const seconds = Math.floor(now / 1000);
  const tags: SignatureTags = {
    a: key.algorithm,
    c: 'relaxed/relaxed',
    d: key.domain,
    s: key.selector,
    h: names.join(': '),
    t: seconds,
    x: lifetimeMs > 0 && seconds + Math.ceil(lifetimeMs / 1000),
    bh: bodyHash,
  };
  // What is signed has the field with an empty `b=`, in whatever way it is folded.
  const unsigned = formatSignatureHeaderLine('DKIM', { ...tags, b: PLACEHOLDER }, true);
  const covered = new CanonicalHeader(header).covered(names.join(':'), 'relaxed', unsigned);
  const signature = await signatureOf(key, covered);
  const field = formatSignatureHeaderLine('DKIM', { ...tags, b: signature.toString('base64') }, true);
  return Buffer.from(`${field}\r\n`, 'latin1');
}
