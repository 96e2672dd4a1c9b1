/**
 * One signing key of the settings and its file: read, judged, and looked at again.
 *
 * Callers: app/compose-dkim, app/check-dkim. Nothing here rejects.
 */
import { readFile, stat } from 'node:fs/promises';
import { type SigningKey, type SigningKeyReading, readSigningKey } from '../checks/signatures/signing-key.js';
import { messageOf } from '../core/errors.js';
import type { Config } from './config-types.js';

/** A private key has some kilobytes; what is larger is something else. */
const LARGEST_FILE = 64 * 1024;
const OTHERS_MAY_READ = 0o004;

export type KeySetting = Config['dkim']['keys'][number];

export type KeyFileReading =
  | {
      readonly status: 'ok';
      readonly key: SigningKey;
      /** What should be mended although it signs. */
      readonly warnings: readonly string[];
    }
  | Extract<SigningKeyReading, { readonly status: 'bad' }>;

export async function readKeyFile(setting: KeySetting): Promise<KeyFileReading> {
  const { keyFile } = setting;
  try {
    const found = await stat(keyFile);
    // Opening a pipe would wait for whoever writes into it.
    if (!found.isFile()) return { status: 'bad', reason: 'it is not a file' };
    if (found.size > LARGEST_FILE)
      return { status: 'bad', reason: `it is larger than ${LARGEST_FILE} octets` };
    const reading = readSigningKey(setting, await readFile(keyFile));
    if (reading.status === 'bad') return reading;
    const isOpen = (found.mode & OTHERS_MAY_READ) !== 0;
    const warnings = [
      ...(reading.warning === undefined ? [] : [reading.warning]),
      ...(isOpen ? ['every user of this machine can read it; use chmod 600'] : []),
    ];
    return { status: 'ok', key: reading.key, warnings };
  } catch (error) {
    return { status: 'bad', reason: messageOf(error) };
  }
}
