import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../src/message/body.js';
import type { JsonObject, RecipientState } from '../../src/queue/entry.js';
import {
  contentCrc,
  decodeRecipients,
  decodeRecord,
  encodeRecipients,
  encodeRecord,
} from '../../src/queue/record.js';
import { sampleEntry } from '../helpers/queue-samples.js';

const anyText = fc.string({ unit: 'binary', maxLength: 80 });
const anyJson = fc
  .dictionary(anyText, fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const anyRecipient: fc.Arbitrary<RecipientState> = fc.record({
  address: anyText,
  localPart: anyText,
  domain: anyText,
  state: fc.constantFrom('queued', 'delivered', 'deferred', 'failed'),
  attempts: fc.nat(),
  nextAttemptAt: fc.maxSafeNat(),
  lastReason: anyText,
  dsn: anyJson,
});

describe('stored records', () => {
  it('bring every recipient back', () => {
    fc.assert(
      fc.property(fc.array(anyRecipient, { maxLength: 20 }), (recipients) => {
        expect(decodeRecipients(encodeRecipients(recipients))).toEqual({ status: 'ok', value: recipients });
      }),
    );
  });

  it('bring every envelope back', () => {
    const anyOctets = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));
    fc.assert(
      fc.property(anyText, anyJson, anyJson, anyOctets, (sender, envelope, messageState, octets) => {
        const entry = sampleEntry(1, { sender, envelope, messageState, body: memoryBody(octets) });
        expect(decodeRecord(encodeRecord(entry))).toEqual({
          status: 'ok',
          value: {
            queueId: entry.queueId,
            sessionId: entry.sessionId,
            receivedAt: entry.receivedAt,
            sender,
            envelope,
            messageState,
            notBefore: 0,
            size: entry.size,
            bodySize: octets.length,
            fileCrc: null,
            contentCrc: contentCrc(entry.header, octets),
          },
        });
      }),
    );
  });

  it('never take an altered frame for a whole one', () => {
    const whole = encodeRecipients(sampleEntry(1).recipients);
    const position = fc.nat({ max: whole.length - 1 });
    fc.assert(
      fc.property(position, fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(whole);
        altered[at] = (altered[at] ?? 0) ^ change;
        expect(decodeRecipients(altered).status).toBe('damaged');
        expect(decodeRecipients(whole.subarray(0, at)).status).toBe('damaged');
      }),
    );
  });

  it('take any octets without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        expect(decodeRecord(octets).status).toBe('damaged');
      }),
    );
  });
});
