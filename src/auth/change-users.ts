/**
 * One user put into the users file, or taken out, and every other octet left as it is.
 *
 * Comments, blank lines, order, and lines that are wrong stay; what changes are the lines of the
 * one name. The first of several keeps its place, the others go, which also mends a name that
 * stands there twice.
 *
 * Callers: cli through users-file-edit. Pure; nothing here throws.
 */
import { linesOf, PLAIN_MARK, readUserLine, type UsersLine } from './parse-users.js';
import type { UserSecret } from './user-source.js';

const LINE_END = 0x0a;

function isOf(name: string, { text }: UsersLine): boolean {
  const reading = readUserLine(text);
  return reading.status !== 'empty' && reading.name === name;
}

/** Whether any line, right or wrong, is about `name`. */
export function hasUser(octets: Buffer, name: string): boolean {
  return linesOf(octets).some((line) => isOf(name, line));
}

/** The file with this secret for `name`, which is in NFC and has no `nameFault`. */
export function withUser(octets: Buffer, name: string, secret: UserSecret): Buffer {
  const text = secret.kind === 'hash' ? secret.hash : `${PLAIN_MARK}${secret.secret}`;
  const fresh = Buffer.from(`${name}:${text}\n`);
  const lines = linesOf(octets);
  const place = lines.findIndex((line) => isOf(name, line));
  if (place === -1) {
    const isOpen = octets.length > 0 && octets.at(-1) !== LINE_END;
    return Buffer.concat([octets, Buffer.from(isOpen ? '\n' : ''), fresh]);
  }
  return Buffer.concat(
    lines.flatMap((line, index) => {
      if (index === place) return [fresh];
      return isOf(name, line) ? [] : [line.raw];
    }),
  );
}

export function withoutUser(octets: Buffer, name: string): Buffer {
  return Buffer.concat(linesOf(octets).flatMap((line) => (isOf(name, line) ? [] : [line.raw])));
}
