import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../../src/core/errors.js';
import { memoryBody } from '../../../../src/message/body.js';
import { newRecipient } from '../../../../src/queue/entry.js';
import { eventually } from '../../../helpers/eventually.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { nextHop } from '../../../helpers/send-to-next-hop.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const three = ['a', 'b', 'c'].map((name) => newRecipient(name, 'example.com'));
const byName =
  (answers: Record<string, string>) =>
  ({ line }: { line: string }) =>
    answers[line.slice(9, 10)] ?? '250 2.1.5 ok';

describe('a next hop by SMTP', () => {
  it('gets the message, and its answer is the result', async () => {
    const { peer, brief } = await nextHop();
    expect(await brief()).toEqual(['user delivered 250 2.0.0 stored']);
    expect(peer.commands()).toEqual([
      'EHLO mx.example',
      'MAIL FROM:<sender@example.org> SIZE=62 BODY=8BITMIME',
      'RCPT TO:<user@example.com>',
      'DATA',
    ]);
    expect(peer.messages()).toEqual([
      'Subject: a sample\r\nFrom: a@example.org\r\n\r\nThis is message 1.\r\n',
    ]);
  });

  it.each([
    ['pipelined', undefined],
    ['one by one', ['8BITMIME']],
  ])('gives each recipient the answer it got: %s', async (_, offers) => {
    const { peer, brief } = await nextHop({
      ...(offers ? { offers } : {}),
      answers: { RCPT: byName({ a: '550 5.1.1 unknown\r\n', b: '451 4.2.0 later' }) },
    });
    expect(await brief({ recipients: three })).toEqual([
      'a failed HOP: 550 5.1.1 unknown',
      'b deferred HOP: 451 4.2.0 later',
      'c delivered 250 2.0.0 stored',
    ]);
    expect(peer.messages()).toHaveLength(1);
  });

  it('sends no data when nobody is accepted, and goes on with the connection', async () => {
    const { peer, brief } = await nextHop({
      answers: { RCPT: ({ before }) => (before ? '250 ok' : '550 no') },
    });
    expect(await brief()).toEqual(['user failed HOP: 550 no']);
    expect(await brief()).toEqual(['user delivered 250 2.0.0 stored']);
    expect(peer.commands().slice(3, 5)).toEqual(['RSET', expect.stringMatching(/^MAIL/)]);
    expect(peer.connections()).toBe(1);
  });

  it.each([
    ['MAIL', '550 5.7.1 not you', 'failed HOP: 550 5.7.1 not you'],
    ['MAIL', '451 4.3.0 not now', 'deferred HOP: 451 4.3.0 not now'],
    ['MAIL', '421 4.3.2 closing', 'deferred HOP: 421 4.3.2 closing'],
    ['RCPT', '552 too many', 'deferred HOP: 552 too many'],
    ['RCPT', '421 4.3.2 closing', 'deferred HOP: 421 4.3.2 closing'],
    ['DATA', '554 5.5.1 no', 'failed HOP: 554 5.5.1 no'],
    ['DATA', '250 odd', 'deferred HOP: 250 odd'],
    ['END', '554-5.6.0 bad\r\n554 5.6.0 \u0007mail', 'failed HOP: 554 5.6.0 bad 5.6.0 mail'],
    ['END', '452 4.2.2 full', 'deferred HOP: 452 4.2.2 full'],
    ['END', '354 what', 'deferred HOP: 354 what'],
    ['END', 'nonsense', 'deferred HOP: answer without a reply code: nonsense'],
    ['MAIL', 'close', 'deferred HOP: Connection closed unexpectedly'],
    ['END', 'close', 'deferred HOP: Connection closed unexpectedly'],
    ['GREETING', '554 no service', 'deferred HOP: Invalid greeting. response=554 no service: 554 no service'],
    ['GREETING', 'close', 'deferred HOP: Connection closed unexpectedly'],
  ])('answers %s with %j', async (verb, answer, expected) => {
    const { brief } = await nextHop({ answers: { [verb]: answer } });
    expect(await brief()).toEqual([`user ${expected}`]);
  });

  it('defers when nobody listens', async () => {
    const { peer, brief } = await nextHop();
    await peer.stop();
    expect(await brief()).toEqual([expect.stringMatching(/^user deferred HOP: connect ECONNREFUSED 127/)]);
  });

  it.each(['GREETING', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'END'])(
    'does not wait for ever for %s',
    async (verb) => {
      const ms = 30;
      const { brief } = await nextHop(
        { answers: { [verb]: undefined } },
        { timeouts: { greeting: ms, command: ms, mail: ms, rcpt: ms, dataStart: ms, dataEnd: ms } },
      );
      expect(await brief()).toEqual([expect.stringMatching(/^user deferred HOP: waited 0 s for the /)]);
    },
  );

  it('does not wait for ever for a peer that stops reading', async () => {
    const body = memoryBody(Buffer.alloc(30_000_000, 'a line of text, and another\r\n'));
    const { brief } = await nextHop({ deafAfter: 100_000 }, { timeouts: { dataBlock: 50 } });
    expect(await brief({ body })).toEqual(['user deferred HOP: waited 0 s for room for more of the message']);
  });

  it('takes a refusal before the end of the data, but no acceptance', async () => {
    for (const [early, expected] of [
      ['552 5.3.4 too much', 'failed HOP: 552 5.3.4 too much'],
      ['250 2.0.0 yes', 'deferred HOP: 250 2.0.0 yes'],
    ] as const) {
      const { brief, peer } = await nextHop({ early, deafAfter: 10_000 });
      const body = memoryBody(Buffer.alloc(50_000_000, 'a line of text, and another\r\n'));
      expect(await brief({ body })).toEqual([`user ${expected}`]);
      expect(peer.messages()).toEqual([]);
    }
  });

  it.each([
    ['MAIL', '250 ok\r\n250 ok'],
    ['DATA', '354 go\r\n250 ok'],
  ])('believes no answer that came before its question: %s', async (verb, answer) => {
    const { brief } = await nextHop({ offers: [], answers: { [verb]: answer } });
    expect(await brief()).toEqual(['user deferred HOP: the peer answered more than it was asked']);
  });

  it('cuts the connection when the body turns out damaged, and says so', async () => {
    const { peer, send } = await nextHop();
    const body = {
      ...memoryBody(Buffer.from('whole')),
      async *stream() {
        yield Buffer.from('half\r\n');
        throw new QueueError('ERR_QUEUE_CORRUPT', { detail: { queueId: 'x', reason: 'y' } });
      },
    };
    await expect(send({ body })).rejects.toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
    expect(peer.messages()).toEqual([]);
  });

  it('ends with the attempt', async () => {
    const controller = new AbortController();
    const { peer, send } = await nextHop({
      answers: {
        END: () => {
          controller.abort();
          return undefined;
        },
      },
    });
    await expect(send({}, controller.signal)).rejects.toThrow('the attempt was ended');
    expect(peer.messages()).toHaveLength(1);
  });

  it('sends recipients in groups that every server takes, or as many as it says', async () => {
    const recipients = Array.from({ length: 150 }, (_, n) => newRecipient(`u${n}`, 'example.com'));
    for (const [offers, messages] of [
      [['PIPELINING', '8BITMIME'], 2],
      [['LIMITS MAILMAX=9 RCPTMAX=60', '8BITMIME'], 3],
    ] as const) {
      const { peer, send } = await nextHop({ offers });
      const results = await send({ recipients });
      expect(results.filter(({ status }) => status === 'delivered')).toHaveLength(150);
      expect(peer.messages()).toHaveLength(messages);
    }
  });
});

describe('the connections of a next hop', () => {
  it('are used again, also after a peer has closed one', async () => {
    const { peer, brief } = await nextHop();
    const well = ['user delivered 250 2.0.0 stored'];
    expect([await brief(), await brief()]).toEqual([well, well]);
    expect(peer.connections()).toBe(1);
    peer.cut();
    expect(await brief()).toEqual(well);
    expect(peer.connections()).toBe(2);
  });

  it('are tried anew when a kept one says 421', async () => {
    const { peer, brief } = await nextHop({
      answers: { MAIL: ({ connection, before }) => (connection === 0 && before > 0 ? '421 idle' : '250 ok') },
    });
    expect([await brief(), await brief()].flat()).toEqual([
      'user delivered 250 2.0.0 stored',
      'user delivered 250 2.0.0 stored',
    ]);
    expect(peer.connections()).toBe(2);
  });

  it('are not tried anew when the fault is a damaged body', async () => {
    const { peer, brief, send } = await nextHop();
    let readings = 0;
    const body = {
      place: 'file' as const,
      size: 6,
      path: '/nowhere',
      crc: 0,
      // Read before MAIL, to see whether it holds 8-bit text.
      async *stream() {
        readings += 1;
        yield Buffer.from('half\r\n');
        throw new QueueError('ERR_QUEUE_CORRUPT', { detail: { queueId: 'x', reason: 'y' } });
      },
    };
    await brief();
    await expect(send({ body, envelope: {} })).rejects.toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
    expect([peer.connections(), readings]).toEqual([1, 1]);
  });

  it('are left with QUIT when they are not needed', async () => {
    const { peer, brief, transport } = await nextHop();
    await brief();
    await transport.close();
    expect(peer.commands().at(-1)).toBe('QUIT');
    await brief();
    expect(peer.commands().at(-1)).toBe('QUIT');
    expect(peer.connections()).toBe(2);
  });

  it('are left when no message comes for a while', async () => {
    const clock = createFakeClock();
    const { peer, brief } = await nextHop({}, { clock });
    await brief();
    await clock.advance(9_999);
    expect(peer.commands().at(-1)).toBe('DATA');
    await clock.advance(1);
    await eventually('the good-bye', () => peer.commands().at(-1) === 'QUIT' && peer.open() === 0);
    expect(await brief()).toEqual(['user delivered 250 2.0.0 stored']);
    expect(peer.connections()).toBe(2);
  });

  it('are no more than a few while nobody needs them', async () => {
    const { peer, brief } = await nextHop({}, { mostIdle: 2 });
    await Promise.all([brief(), brief(), brief(), brief()]);
    await eventually('the others to be left', () => peer.open() === 2);
    expect(peer.connections()).toBe(4);
  });

  it('are not tried by everybody while the next hop is dead', async () => {
    const { peer, brief } = await nextHop(
      { answers: { GREETING: ({ connection }) => (connection < 2 ? undefined : '220 back') } },
      { timeouts: { greeting: 40, command: 40 } },
    );
    expect(await brief()).toEqual([expect.stringMatching(/waited/)]);
    const [probe, other] = await Promise.all([brief(), brief()]);
    expect(probe).toEqual([expect.stringMatching(/waited/)]);
    expect(other).toEqual([expect.stringMatching(/waited .* \(another message is trying it\)$/)]);
    expect(peer.connections()).toBe(2);
    expect(await Promise.all([brief(), brief()])).toContainEqual(['user delivered 250 2.0.0 stored']);
  });
});

describe('a next hop by LMTP', () => {
  it('decides for each recipient after the data', async () => {
    const answers = ['250 2.0.0 saved', '452 4.2.2 over quota', '550 5.2.0 gone'];
    const { peer, brief } = await nextHop({
      protocol: 'lmtp',
      answers: { END: ({ before }) => answers[before % 3] },
    });
    expect(await brief({ recipients: three })).toEqual([
      'a delivered 250 2.0.0 saved',
      'b deferred HOP: 452 4.2.2 over quota',
      'c failed HOP: 550 5.2.0 gone',
    ]);
    expect(peer.commands()[0]).toBe('LHLO mx.example');
    expect(await brief({ recipients: three.slice(0, 1) })).toEqual([expect.stringMatching(/^a /)]);
  });

  it('keeps the answers it heard when the connection breaks between them', async () => {
    const { brief } = await nextHop({
      protocol: 'lmtp',
      answers: { RCPT: byName({ a: '550 no' }), END: ({ before }) => (before === 0 ? '250 saved' : 'close') },
    });
    expect(await brief({ recipients: three })).toEqual([
      'a failed HOP: 550 no',
      'b delivered 250 saved',
      'c deferred HOP: Connection closed unexpectedly',
    ]);
  });

  it('reaches a Unix socket', async () => {
    const path = `${tempFolder()}/lmtp.sock`;
    const { peer, brief } = await nextHop({ protocol: 'lmtp', path });
    expect(await brief()).toEqual(['user delivered 250 2.0.0 stored']);
    expect(peer.url).toBe(`lmtp://${path}`);
  });
});
