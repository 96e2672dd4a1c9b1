/** A next hop that answers whatever it likes: nobody is lost, told twice, or called delivered wrongly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecipient } from '../../src/queue/entry.js';
import { startNextHop } from '../helpers/next-hop-peer.js';
import { sampleEntry } from '../helpers/queue-samples.js';
import { nextHop } from '../helpers/send-to-next-hop.js';

const answer = fc.constantFrom(
  ...['250 ok', '250 ok', '250 ok', '354 go', '220 hi', '550 no', '451 later', '421 bye', 'close'],
  ...['nonsense', '250-a\r\n250 b', '250 a\r\n250 b', '250 a\r\n', '999 z', '250-open', '55', '\u00ff\u0000'],
);
const VERBS = ['GREETING', 'EHLO', 'LHLO', 'MAIL', 'RCPT', 'DATA', 'END', 'RSET', 'QUIT'];
/** Some verbs answer as they please, in turn; the others well. */
const script = fc.dictionary(fc.constantFrom(...VERBS), fc.array(answer, { minLength: 1, maxLength: 3 }), {
  maxKeys: 3,
});
const recipients = ['a', 'b', 'c'].map((name) => newRecipient(name, 'example.com'));
const ms = 15;
const timeouts = { greeting: ms, command: ms, mail: ms, rcpt: ms, dataStart: ms, dataBlock: ms, dataEnd: ms };

describe('a next hop that answers anything', () => {
  it.each(['smtp', 'lmtp'] as const)('leaves each recipient with one result: %s', async (protocol) => {
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (rules, isPipelined) => {
        const answers = Object.fromEntries(
          Object.entries(rules).map(([verb, list]) => [
            verb,
            ({ before }: { before: number }) => list[before % list.length],
          ]),
        );
        const peer = await startNextHop({ protocol, answers, offers: isPipelined ? ['PIPELINING'] : [] });
        const { send, transport } = await nextHop({}, { hop: peer.hop, timeouts });
        for (let message = 0; message < 2; message += 1) {
          const before = peer.messages().length;
          const results = await send({ recipients, envelope: {} });
          const names = results.map(({ address }) => address).sort();
          expect(names).toEqual(recipients.map(({ address }) => address));
          const isDelivered = results.some(({ status }) => status === 'delivered');
          if (isDelivered) expect(peer.messages().length).toBe(before + 1);
        }
        for (const content of peer.messages()) {
          expect(content).toBe(`${sampleEntry(1).header.toString()}This is message 1.\r\n`);
        }
        await transport.close();
        await peer.stop();
      }),
      { numRuns: 150 },
    );
  });
});
