import { describe, expect, it } from 'vitest';
import { planMessage, recipientParameters } from '../../../../src/delivery/smtp/plan.js';
import { memoryBody } from '../../../../src/message/body.js';
import { newRecipient, type QueueEntry } from '../../../../src/queue/entry.js';
import { sampleEntry } from '../../../helpers/queue-samples.js';

const ALL = ['SIZE 1000', '8BITMIME', 'SMTPUTF8', 'DSN', 'CHUNKING', 'BINARYMIME', 'REQUIRETLS'];

async function plan(
  changes: Partial<QueueEntry>,
  offers: readonly string[] = ALL,
  tls: 'none' | 'failed' | 'verified' | 'local' = 'none',
) {
  const entry = sampleEntry(1, changes);
  const extensions = new Map(offers.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  const made = await planMessage({
    entry,
    recipients: entry.recipients,
    peer: {
      extensions,
      encrypted: tls === 'verified',
      verified: tls === 'verified',
      failedTls: tls === 'failed',
    },
    isLocalDelivery: tls === 'local',
  });
  return { ...made, reasons: made.refused.map(({ reason }) => reason) };
}

const eightBit = memoryBody(Buffer.from('gr\u00fcn\r\n'));
const utf8Header = Buffer.from('Subject: gr\u00fcn\r\n\r\n');

describe('planMessage', () => {
  it('names what the message is, as far as the peer wants to know', async () => {
    expect((await plan({ envelope: {} })).mailParameters).toBe(' SIZE=62');
    expect((await plan({ envelope: {}, body: eightBit })).mailParameters).toBe(' SIZE=49 BODY=8BITMIME');
    expect((await plan({ envelope: { body: '8BITMIME' } })).mailParameters).toBe(' SIZE=62 BODY=8BITMIME');
    expect((await plan({ envelope: { body: '8BITMIME' } }, [])).mailParameters).toBe('');
    const dsn = { ret: 'HDRS', envid: 'QQ+2B1' };
    expect((await plan({ envelope: dsn })).mailParameters).toBe(' SIZE=62 RET=HDRS ENVID=QQ+2B1');
    expect((await plan({ envelope: dsn }, ['8BITMIME'])).mailParameters).toBe('');
  });

  it('refuses what is larger than the peer takes', async () => {
    const body = memoryBody(Buffer.alloc(2000, 'x'));
    expect((await plan({ body })).reasons).toEqual([
      '5.3.4 the message of 2042 octets is larger than the next hop takes (1000)',
    ]);
    expect((await plan({ body }, ['SIZE', '8BITMIME'])).reasons).toEqual([]);
    expect((await plan({ body }, ['SIZE 0', '8BITMIME'])).reasons).toEqual([]);
  });

  it('sends nothing of eight bits to a peer that has not offered 8BITMIME', async () => {
    const reason = '5.6.3 the message holds 8-bit text, and the next hop does not offer 8BITMIME';
    expect((await plan({ body: eightBit }, [])).reasons).toEqual([reason]);
    expect((await plan({ header: utf8Header }, [])).reasons).toEqual([reason]);
    const file = {
      place: 'file' as const,
      size: 6,
      path: '/nowhere',
      crc: 0,
      async *stream() {
        yield Buffer.from('abc');
        yield Buffer.from('\u00fc');
      },
    };
    expect((await plan({ body: file }, [])).reasons).toEqual([reason]);
    expect((await plan({ body: file, envelope: {} })).mailParameters).toBe(' SIZE=48 BODY=8BITMIME');
  });

  it('sends binary content as one chunk, or not at all', async () => {
    const binary = await plan({
      envelope: { body: 'BINARYMIME' },
      body: memoryBody(Buffer.from([0, 10, 200])),
    });
    expect(binary).toMatchObject({
      content: 'bdat',
      mailParameters: ' SIZE=45 BODY=BINARYMIME',
      reasons: [],
    });
    for (const lacking of ['CHUNKING', 'BINARYMIME']) {
      const offers = ALL.filter((name) => name !== lacking);
      expect((await plan({ envelope: { body: 'BINARYMIME' } }, offers)).reasons).toEqual([
        '5.6.3 the message is binary, and the next hop does not offer BINARYMIME with CHUNKING',
      ]);
    }
  });

  it('needs SMTPUTF8 for addresses and headers in UTF-8, and only for them', async () => {
    const without = ['8BITMIME'];
    const sender = 'gr\u00fcn@example.org';
    const recipients = [newRecipient('gr\u00fcn', 'example.com'), newRecipient('user', 'example.com')];
    expect((await plan({ sender })).mailParameters).toBe(' SIZE=62 BODY=8BITMIME SMTPUTF8');
    expect((await plan({ recipients })).mailParameters).toBe(' SIZE=62 BODY=8BITMIME SMTPUTF8');
    expect((await plan({ sender }, without)).reasons).toEqual([
      '5.6.7 the sender needs SMTPUTF8, which the next hop does not offer',
    ]);
    const some = await plan({ recipients }, without);
    expect(some.refused).toEqual([
      {
        status: 'failed',
        address: 'gr\u00fcn@example.com',
        reason: '5.6.7 the address needs SMTPUTF8, which the next hop does not offer',
      },
    ]);
    expect(some.recipients.map(({ address }) => address)).toEqual(['user@example.com']);
    const declared = { envelope: { smtpUtf8: true } };
    expect((await plan({ ...declared, header: utf8Header }, without)).reasons).toEqual([
      '5.6.7 the header needs SMTPUTF8, which the next hop does not offer',
    ]);
    expect((await plan(declared, without)).reasons).toEqual([]);
    expect((await plan({ header: utf8Header }, without)).reasons).toEqual([]);
  });

  it('keeps a message that requires TLS from a line that has none', async () => {
    const entry = { envelope: { requireTls: true } };
    expect((await plan(entry)).reasons).toEqual([
      '5.7.30 the sender requires TLS with a valid certificate (REQUIRETLS)',
    ]);
    expect((await plan(entry, ['8BITMIME'], 'verified')).reasons).toEqual([
      '5.7.30 the next hop does not offer REQUIRETLS',
    ]);
    expect((await plan(entry, ALL, 'failed')).refused).toEqual([
      {
        status: 'deferred',
        address: 'user@example.com',
        reason: '4.7.30 the sender requires TLS (REQUIRETLS), and the handshake failed',
      },
    ]);
    const well = await plan(entry, ALL, 'verified');
    expect(well).toMatchObject({ reasons: [], mailParameters: ' SIZE=62 REQUIRETLS' });
    expect(await plan(entry, [], 'local')).toMatchObject({ reasons: [], mailParameters: '' });
  });

  it('lets no control character into an envelope', async () => {
    expect((await plan({ sender: 'a@b\r\nRCPT TO:<x>' })).reasons).toEqual([
      '5.1.7 the sender holds control characters',
    ]);
    const recipients = [newRecipient('a\r\nDATA', 'example.com')];
    expect((await plan({ recipients })).reasons).toEqual(['5.1.3 the address holds control characters']);
  });
});

describe('recipientParameters', () => {
  it('passes on NOTIFY and ORCPT as they were given', () => {
    const one = newRecipient('a', 'b', { notify: ['SUCCESS', 'DELAY'], orcpt: 'rfc822;a+2Bb@c' });
    expect(recipientParameters(one)).toBe(' NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c');
    expect(recipientParameters(newRecipient('a', 'b'))).toBe('');
    expect(recipientParameters(newRecipient('a', 'b', { orcpt: 'x y\r\n', notify: 'A B' }))).toBe('');
  });
});
