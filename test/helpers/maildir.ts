/** What lies in the Maildirs of a test, read as a mail program would: whole files of `new`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** Delivered messages for one address, octets as latin1, oldest name first. */
export function mailFor(root: string, address: string): string[] {
  const [user = '', domain = ''] = address.split('@');
  const folder = join(root, domain, user, 'Maildir', 'new');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'latin1'));
}

/** Waits for the first message of an address. */
export async function firstMailFor(root: string, address: string): Promise<string> {
  return await eventually(`mail for ${address} below ${root}`, () => mailFor(root, address)[0]);
}

/** The header fields as sent, unfolded, and the body. */
export function splitMessage(text: string): { readonly fields: readonly string[]; readonly body: string } {
  const end = text.indexOf('\n\n');
  const fields = text
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  return { fields, body: text.slice(end + 2) };
}
