/**
 * Signs messages with a few lines of its own, so that any tag can be odd and the signature still fits.
 *
 *     const signed = dkimSigned(mail, { key, tags: (bh) => `v=1; a=rsa-sha256; d=a.test; s=s; h=from; bh=${bh}; b=` });
 *
 * It shares no code with what verifies. Header and body of `mail` are CRLF text, an octet a character.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The record as it is published. */
  readonly text: string;
}

export function rsaKey(modulusLength = 1024, publicExponent = 0x1_00_01): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, text: `v=DKIM1; k=rsa; p=${der.toString('base64')}` };
}

export function ed25519Key(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, text: `v=DKIM1; k=ed25519; p=${der.subarray(-32).toString('base64')}` };
}

export type Form = 'simple' | 'relaxed';

export interface Mail {
  /** Whole fields, each with its CRLF. */
  readonly header: string;
  readonly body: string;
}

export const textOf = ({ header, body }: Mail): string => `${header}\r\n${body}`;

/** RFC 6376 §3.4.3 and §3.4.4. */
export function canonicalBody(body: string, form: Form): string {
  let text = body;
  if (form === 'relaxed') text = text.replace(/[ \t]+(?=\r\n|$)/g, '').replace(/[ \t]+/g, ' ');
  while (text.endsWith('\r\n\r\n')) text = text.slice(0, -2);
  if (text === '\r\n') text = '';
  if (text !== '' && !text.endsWith('\r\n')) text += '\r\n';
  return text === '' && form === 'simple' ? '\r\n' : text;
}

export function hashOf(body: string, form: Form = 'relaxed', limit?: number): string {
  const octets = Buffer.from(canonicalBody(body, form), 'latin1').subarray(0, limit);
  return createHash('sha256').update(octets).digest('base64');
}

/** RFC 6376 §3.4.1 and §3.4.2; `field` without its last CRLF. */
function canonicalField(field: string, form: Form): string {
  if (form === 'simple') return field;
  const colon = field.indexOf(':');
  const name = field.slice(0, colon).toLowerCase().trim();
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ');
  return `${name}:${value.trim()}`;
}

function fieldsOf(header: string): string[] {
  return header.split(/\r\n(?![ \t])/).filter((field) => field !== '');
}

/** The named fields, from the bottom up where a name stands more than once (RFC 6376 §5.4.2). */
function chosen(header: string, names: readonly string[]): string[] {
  const left = fieldsOf(header).reverse();
  return names.flatMap((name) => {
    const at = left.findIndex((field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === name);
    return at < 0 ? [] : left.splice(at, 1);
  });
}

function signature(octets: string, { privateKey }: SigningKey): string {
  const input = Buffer.from(octets, 'latin1');
  const isRsa = privateKey.asymmetricKeyType === 'rsa';
  const made = isRsa
    ? sign('sha256', input, privateKey)
    : sign(null, createHash('sha256').update(input).digest(), privateKey);
  return made.toString('base64');
}

export interface FieldOptions {
  readonly key: SigningKey;
  /** The whole tag list with an empty `b=`, from the hash of the body. Tags behind `b=` begin with a semicolon. */
  readonly tags: (bh: string) => string;
  readonly form?: Form;
  readonly bodyForm?: Form;
  readonly limit?: number;
  readonly name?: string;
  /** What is signed in place of what `h=` says. */
  readonly names?: readonly string[];
}

const DEFAULT_NAMES = ['from', 'to', 'subject', 'date', 'message-id'];

function namesIn(tags: string): readonly string[] {
  const h = /(?:^|;)\s*h\s*=([^;]*)/.exec(tags)?.[1];
  return h === undefined
    ? DEFAULT_NAMES
    : h
        .split(':')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== '');
}

/** The signature field without CRLF. */
export function signedField(mail: Mail, options: FieldOptions): string {
  const { key, tags, form = 'relaxed', bodyForm = 'relaxed', limit, name = 'DKIM-Signature' } = options;
  const list = tags(hashOf(mail.body, bodyForm, limit));
  const field = `${name}: ${list}`;
  const { names = namesIn(list) } = options;
  const signed = [
    ...chosen(mail.header, names).map((one) => `${canonicalField(one, form)}\r\n`),
    canonicalField(field, form),
  ];
  return withSignature(field, signature(signed.join(''), key));
}

/** RFC 6376 §3.5: `b=` is signed empty and filled in afterwards. */
function withSignature(field: string, value: string): string {
  return field.replace(/(^|[;:])(\s*b\s*=)(\s*)(?=;|$)/, (_all, front: string, tag: string) => {
    return `${front}${tag}${value}`;
  });
}

export function dkimSigned(mail: Mail, options: FieldOptions): Mail {
  return { ...mail, header: `${signedField(mail, options)}\r\n${mail.header}` };
}

export interface ArcOptions {
  readonly key: SigningKey;
  readonly i: number;
  readonly cv?: string;
  /** Changes to the three fields before they are signed. */
  readonly aar?: (text: string) => string;
  readonly ams?: (text: string) => string;
  readonly seal?: (text: string) => string;
  readonly amsForm?: Form;
  /** A field of the set that is not there. */
  readonly without?: 'aar' | 'ams' | 'seal';
}

const same = (text: string): string => text;

/** Seals of earlier sets in the order in which a seal signs them (RFC 8617 §5.1.1). */
function chainIn(header: string): string[] {
  const fields = fieldsOf(header);
  const found = (name: string, i: number): string | undefined =>
    fields.find((field) => {
      const [front = '', value = ''] = [
        field.slice(0, field.indexOf(':')),
        field.slice(field.indexOf(':') + 1),
      ];
      return front.trim().toLowerCase() === name && new RegExp(`(^|;)\\s*i\\s*=\\s*${i}\\s*;`).test(value);
    });
  const names = ['arc-authentication-results', 'arc-message-signature', 'arc-seal'];
  const chain: string[] = [];
  for (let i = 1; i <= 50; i += 1) {
    const set = names.map((name) => found(name, i));
    if (set.every((field) => field === undefined)) break;
    chain.push(...set.filter((field) => field !== undefined));
  }
  return chain;
}

/** The mail with one more ARC set on top. */
export function arcSealed(mail: Mail, options: ArcOptions): Mail {
  const { key, i, cv = i === 1 ? 'none' : 'pass', amsForm = 'relaxed' } = options;
  const { aar = same, ams = same, seal = same, without } = options;
  const results = without === 'aar' ? '' : aar(`ARC-Authentication-Results: i=${i}; hop${i}.test; none`);
  const tags = (bh: string): string =>
    ams(
      `i=${i}; a=rsa-sha256; c=${amsForm}/relaxed; d=arc.test; s=s; t=1700000000; h=from:to:subject; bh=${bh}; b=`,
    );
  const message =
    without === 'ams' ? '' : signedField(mail, { key, tags, form: amsForm, name: 'ARC-Message-Signature' });
  const sealField = `ARC-Seal: ${seal(`i=${i}; a=rsa-sha256; t=1700000000; cv=${cv}; d=arc.test; s=s; b=`)}`;
  const signed = [...chainIn(mail.header), results, message].filter((field) => field !== '');
  const octets = signed.map((field) => `${canonicalField(field, 'relaxed')}\r\n`).join('');
  const sealed = withSignature(sealField, signature(octets + canonicalField(sealField, 'relaxed'), key));
  const fields = [without === 'seal' ? '' : sealed, message, results].filter((field) => field !== '');
  return { ...mail, header: fields.map((field) => `${field}\r\n`).join('') + mail.header };
}
