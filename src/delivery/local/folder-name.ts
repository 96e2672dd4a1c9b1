/**
 * Names of folders and files made from addresses.
 *
 * An address comes from a stranger, so everything but small letters, digits and a few harmless
 * signs is percent-encoded, octet by octet in UTF-8: no separator, no control character, no
 * leading dot and no empty name reaches the file system. Letters are made small first, so that
 * one person has one folder. A name that would be too long ends in a digest of the whole.
 *
 * Callers: delivery/local/maildir. Pure.
 */
import { createHash } from 'node:crypto';

/** File systems allow 255 octets; the rest is left for whatever a mail reader appends. */
const LONGEST = 200;
const DIGEST_CHARACTERS = 32;
/** Stands for the empty name; cannot come out of the encoding, which never ends in a percent sign. */
const EMPTY = '%';
const HARMLESS = /^[a-z0-9_+=-]$/;

function encodeOctet(octet: number, first: boolean): string {
  const character = String.fromCharCode(octet);
  if (HARMLESS.test(character) || (character === '.' && !first)) return character;
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The folder name of a local part or a domain. */
export function folderName(text: string): string {
  if (text === '') return EMPTY;
  const octets = Buffer.from(text.toLowerCase(), 'utf8');
  let name = '';
  octets.forEach((octet, index) => {
    name += encodeOctet(octet, index === 0);
  });
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(octets).digest('hex').slice(0, DIGEST_CHARACTERS);
  // `~` is never left unencoded, so a shortened name cannot meet a whole one.
  return `${name.slice(0, LONGEST - DIGEST_CHARACTERS - 1)}~${digest}`;
}

/** The host part of a Maildir file name; `/` and `:` are written as Maildir readers expect them. */
export function hostPart(hostname: string): string {
  return hostname.replaceAll('/', '\\057').replaceAll(':', '\\072');
}
