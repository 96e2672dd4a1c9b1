/**
 * What we sign verifies elsewhere: with OpenDKIM and with dkimpy, by RSA and by Ed25519.
 *
 * Both get octets that are written here, and the key records from a file; no name server is asked.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ODD_MESSAGES } from '../../helpers/odd-messages.js';
import { requireProgram } from '../../helpers/real-parts.js';
import { ED25519, keyRecords, RSA, signedWith, signingKey } from '../../helpers/signing-keys.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const OPENDKIM = requireProgram('opendkim', 'opendkim');
const DKIMPY = requireProgram('dkimverify', 'python3-dkim');
/** The interpreter for which Debian installs its modules. */
const PYTHON = '/usr/bin/python3';

const KEYS = [signingKey(RSA, 'example.org', 'rsa'), signingKey(ED25519, 'example.org', '2026')];
const RECORDS = keyRecords(...KEYS);
/** Obsolete and rare (RFC 5322 §4.5.8): neither of the two finds a field that is written so. */
const NOT_READ_ELSEWHERE = 'white space before the colon';
const CASES = Object.entries(ODD_MESSAGES).filter(([what]) => what !== NOT_READ_ELSEWHERE);

/** What a server writes at the end of DATA when the message has not ended its last line. */
function asSent(message: string): string {
  return message.endsWith('\r\n') ? message : `${message}\r\n`;
}

describe.skipIf(OPENDKIM === undefined)('OpenDKIM verifies', () => {
  function judged(message: string): string {
    const folder = tempFolder();
    const at = (name: string, content: string): string => {
      const file = join(folder, name);
      writeFileSync(file, content, 'latin1');
      return file;
    };
    const records = Object.entries(RECORDS).map(([name, text]) => `${name} ${text}\n`);
    const keys = at('keys', records.join(''));
    const config = at('opendkim.conf', `Mode v\nSyslog no\nTestDNSData file:${keys}\n`);
    const ran = spawnSync(OPENDKIM ?? '', ['-x', config, '-t', at('message.eml', message)], {
      encoding: 'utf8',
    });
    return ran.stdout + ran.stderr;
  }

  it.each(CASES)('%s', async (_what, message) => {
    for (const key of KEYS) {
      const said = judged(asSent(await signedWith(message, [key])));
      expect(said).toContain(`verification (s=${key.selector}, d=example.org`);
      expect(said).toContain('succeeded');
    }
  });

  it('and says so when a signed message has been changed', async () => {
    const [, message = ''] = CASES[0] ?? [];
    for (const key of KEYS) {
      const signed = await signedWith(message, [key]);
      expect(judged(signed.replace('this is it', 'that was it'))).not.toContain('succeeded');
      expect(judged(`Subject: one more\r\n${signed}`)).not.toContain('succeeded');
    }
  });
});

describe.skipIf(DKIMPY === undefined)('dkimpy verifies', () => {
  const script = join(import.meta.dirname, 'dkimpy-verify.py');

  function judged(messages: readonly string[]): readonly unknown[] {
    const lines = messages.flatMap((message) =>
      KEYS.map((_key, index) =>
        JSON.stringify({ message: Buffer.from(message, 'latin1').toString('base64'), index, keys: RECORDS }),
      ),
    );
    const answers = execFileSync(PYTHON, [script], { encoding: 'utf8', input: `${lines.join('\n')}\n` });
    return answers
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }

  it('all of them', async () => {
    const signed = await Promise.all(CASES.map(([, message]) => signedWith(message, KEYS)));
    const said = judged(signed);
    const wrong = CASES.filter((_case, at) => said[2 * at] !== 'pass' || said[2 * at + 1] !== 'pass');
    expect(wrong.map(([what]) => what)).toEqual([]);
    expect(said).toHaveLength(2 * CASES.length);
  });

  it('and says so when a signed message has been changed', async () => {
    const signed = await signedWith(CASES[0]?.[1] ?? '', KEYS);
    expect(judged([signed.replace('this is it', 'that was it')])).not.toContain('pass');
  });
});
