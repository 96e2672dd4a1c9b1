/** signDKIM: what is stored carries a signature over the header as policies have left it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { judge } from '../../../helpers/judge-signatures.js';
import { sayUpTo, startWire } from '../../../helpers/policy-wire.js';
import { ED25519, keyRecords, pemOf, signingKey } from '../../../helpers/signing-keys.js';
import { systemClock } from '../../../../src/core/clock.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { call, type Case, policyOf } from '../case.js';

const KEY = signingKey(ED25519, 'example.org', 's');
const ZONE = Object.fromEntries(
  Object.entries(keyRecords(KEY)).map(([name, text]) => [`${name} TXT`, [text]]),
);

export const CASES: readonly Case[] = (['onHeadersReceived', 'onDataReceived'] as const).map((event) => ({
  title: `signDKIM in ${event} has the message signed when it is stored`,
  proves: [`${event}.signDKIM()`],
  async run() {
    const keyFile = join(tempFolder(), 'key.pem');
    writeFileSync(keyFile, pemOf(ED25519), { mode: 0o600 });
    const signing = policyOf('signing', {
      [event](ctx: Parameters<typeof call>[0]) {
        expect(call(ctx, 'signDKIM')).toMatchObject({
          status: 'signed',
          domain: 'example.org',
          selectors: ['s'],
        });
      },
    });
    const editing = policyOf('editing', {
      onHeadersReceived(ctx) {
        call(ctx, 'modifyHeader', 'Subject', 'by a policy');
      },
    });
    const keys = [{ domain: 'example.org', selector: 's', keyFile }];
    const wire = await startWire([signing, editing], { dkim: { keys, sign: 'never' } });
    const content = 'From: ann@sub.example.org\r\nSubject: x\r\n\r\nbody\r\n';
    const reply = await sayUpTo(await wire.client(), 'onDataReceived', { content });
    expect(reply.code).toBe(250);
    const stored = (await wire.stored('b@example.com')).replaceAll(/\r?\n/g, '\r\n');
    expect(stored).toContain('Subject: by a policy');
    const { dkim } = await judge(stored, ZONE, { clock: systemClock });
    expect(dkim).toMatchObject({ status: 'Pass', signatures: [{ domain: 'example.org', selector: 's' }] });
  },
}));
