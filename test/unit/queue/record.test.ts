import { describe, expect, it } from 'vitest';
import { decodeRecipients, decodeRecord, encodeRecipients, encodeRecord } from '../../../src/queue/record.js';
import { sampleEntry } from '../../helpers/queue-samples.js';

describe('records', () => {
  it('come back as they were', () => {
    const entry = sampleEntry(1);
    expect(decodeRecord(encodeRecord(entry))).toMatchObject({
      status: 'ok',
      value: { queueId: entry.queueId, sender: entry.sender, bodySize: entry.body.size, fileCrc: null },
    });
    expect(decodeRecipients(encodeRecipients(entry.recipients))).toEqual({
      status: 'ok',
      value: entry.recipients,
    });
  });

  it('from a later version, torn or empty ones are damaged', () => {
    const bytes = encodeRecipients(sampleEntry(1).recipients);
    const later = Buffer.from(bytes);
    later[1] = 2;
    expect(decodeRecipients(later)).toEqual({ status: 'damaged', reason: 'version 2 is not known' });
    expect(decodeRecipients(bytes.subarray(0, -1))).toEqual({
      status: 'damaged',
      reason: 'checksum differs',
    });
    expect(decodeRecipients(Buffer.alloc(0))).toEqual({ status: 'damaged', reason: 'not a record' });
    expect(decodeRecord(Buffer.from('something else'))).toEqual({
      status: 'damaged',
      reason: 'not a record',
    });
  });
});
