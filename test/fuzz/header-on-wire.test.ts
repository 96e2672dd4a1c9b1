/**
 * Any header through the whole program: what is stored is what was sent, but for the fields on top
 * and what the policy's edits name.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../src/index.js';
import { asSent } from '../helpers/as-sent.js';
import { call, loosely, type Loose, loosePolicy } from '../helpers/policy-bench.js';
import { type PolicyWire, sayContent, startWire } from '../helpers/policy-wire.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

interface Field {
  readonly name: string;
  /** Everything from the colon on, the line end included. */
  readonly rest: string;
}

type Edit = readonly [
  method: 'add' | 'addIfNotExists' | 'removeFirst' | 'remove' | 'modify' | 'modifyIfExists',
  name: string,
];

const VALUE = 'set by the policy';

/** Any octets but line ends and NUL. */
const octets = fc.uint8Array({ maxLength: 80 }).map((list) =>
  Buffer.from(list)
    .toString('latin1')
    .replace(/[\0\r\n]/g, ''),
);
const names = ['X-One', 'x-one', 'X-Two', 'Subject', '.dot', 'X_!#$%&*'];
const name = fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[!-9;-~]{1,20}$/));
const fold = fc.tuple(fc.constantFrom(' ', '\t', ' \t'), octets).map(([gap, text]) => `\r\n${gap}${text}`);
const field: fc.Arbitrary<Field> = fc.record({
  name: name.filter((text) => !/^received$/i.test(text)),
  rest: fc
    .tuple(fc.constantFrom(':', ' :', ': '), octets, fc.array(fold, { maxLength: 3 }))
    .map(([colon, text, folds]) => `${colon}${text}${folds.join('')}\r\n`),
});
const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom('add', 'addIfNotExists', 'removeFirst', 'remove', 'modify', 'modifyIfExists'),
  fc.constantFrom(...names),
);

/** What the documents say of each edit, on a list of fields. */
function edited(fields: readonly Field[], [method, wanted]: Edit): readonly Field[] {
  const fresh: Field = { name: wanted, rest: `: ${VALUE}\r\n` };
  const is = (one: Field): boolean => one.name.toLowerCase() === wanted.toLowerCase();
  const first = fields.findIndex(is);
  const replaced = fields.map((one, i) => (i === first ? fresh : one));
  switch (method) {
    case 'add':
      return [...fields, fresh];
    case 'addIfNotExists':
      return first < 0 ? [...fields, fresh] : fields;
    case 'removeFirst':
      return fields.filter((_, i) => i !== first);
    case 'remove':
      return fields.filter((one) => !is(one));
    case 'modify':
      return first < 0 ? [...fields, fresh] : replaced;
    case 'modifyIfExists':
      return replaced;
  }
}

const written = (fields: readonly Field[]): string => fields.map((one) => one.name + one.rest).join('');
const stuffed = (text: string): string => text.replace(/^\./gm, '..');

let edits: readonly Edit[] = [];
const editing = loosePolicy({
  name: 'editing',
  onHeadersReceived: loosely((ctx: Loose) => {
    for (const [method, wanted] of edits) {
      call(ctx, `${method}Header`, wanted, VALUE);
    }
  }),
});

/** Sends to an address of its own and gives what is stored there. */
async function through(wire: PolicyWire, peer: SmtpPeer, message: string, n: number): Promise<string> {
  await peer.say('MAIL FROM:<a@example.org>');
  await peer.say(`RCPT TO:<r${n}@example.com>`);
  expect((await sayContent(peer, stuffed(message))).lines[0]).toMatch(/^250 /);
  return asSent(await wire.stored(`r${n}@example.com`));
}

const SETTINGS: ConfigInput = { limits: { maxErrors: 1000 } };

describe('a header on its way to the Maildir', () => {
  it('keeps every octet that no edit names', async () => {
    const wire = await startWire(editing, SETTINGS);
    const peer = await wire.client();
    await peer.reply();
    await peer.say('EHLO c.test');
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { minLength: 1, maxLength: 8 }),
        fc.array(edit, { maxLength: 4 }),
        async (fields, wanted) => {
          edits = wanted;
          n += 1;
          const body = '\r\nbody\r\n.\r\n..\r\n\xe4\r\n';
          const expected = written(wanted.reduce(edited, fields)) + body;
          expect(await through(wire, peer, written(fields) + body, n)).toBe(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
