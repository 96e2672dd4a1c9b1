import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createMaildirTransport, type MaildirOptions } from '../../../../src/delivery/local/maildir.js';
import type { MessageBody } from '../../../../src/message/body.js';
import { newRecipient, type QueueEntry } from '../../../../src/queue/entry.js';
import type * as DurableFiles from '../../../../src/queue/durable-files.js';
import { openBodies } from '../../../../src/queue/bodies.js';
import { noSteps, type Step } from '../../../../src/queue/steps.js';
import { sampleEntry, sampleId } from '../../../helpers/queue-samples.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const synced = vi.hoisted(() => new Set<string>());

vi.mock('../../../../src/queue/durable-files.js', async (original) => {
  const real = await original<typeof DurableFiles>();
  return {
    ...real,
    createDirectorySync: () => {
      const sync = real.createDirectorySync();
      return async (directory: string) => {
        await sync(directory);
        synced.add(directory);
      };
    },
  };
});

const CALM = new AbortController().signal;

function setUp(changes: Partial<MaildirOptions> = {}) {
  const root = join(tempFolder(), 'mail');
  const transport = createMaildirTransport({ root, hostname: 'mx.example', ...changes });
  const folder = (domain = 'example.com', user = 'user'): string => join(root, domain, user, 'Maildir');
  const deliver = (entry: QueueEntry, signal = CALM) =>
    transport.deliver(entry, entry.recipients, signal, () => undefined);
  return { root, transport, folder, deliver };
}

async function largeBody(dir: string): Promise<MessageBody> {
  const bodies = await openBodies({ dir, thresholdBytes: 10, steps: noSteps });
  const builder = bodies.createBody(sampleId(1));
  for (let n = 0; n < 3000; n += 1) await builder.write(Buffer.from(`line ${n} of a long message\r\n`));
  return builder.finish();
}

describe('createMaildirTransport', () => {
  it('stores a message under its id, with its two header fields and LF line ends', async () => {
    const steps: Step[] = [];
    const { deliver, folder } = setUp({ steps: (step) => steps.push(step) });
    expect(await deliver(sampleEntry(1))).toEqual([{ status: 'delivered', address: 'user@example.com' }]);
    const names = readdirSync(join(folder(), 'new'));
    expect(names).toEqual([`1767225600.${sampleId(1)}.mx.example`]);
    const path = join(folder(), 'new', names[0] ?? '');
    expect(readFileSync(path, 'utf8')).toBe(
      'Return-Path: <sender@example.org>\nDelivered-To: user@example.com\n' +
        'Subject: a sample\nFrom: a@example.org\n\nThis is message 1.\n',
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder(), 'tmp'))).toEqual([]);
    expect(existsSync(join(folder(), 'cur'))).toBe(true);
    expect(steps).toEqual([
      'maildir.written',
      'maildir.synced',
      'maildir.published',
      'maildir.directorySynced',
    ]);
  });

  it('makes every folder on the way durable, also when it finds them made', async () => {
    const { deliver, folder, root } = setUp();
    // As a crash between making and fsyncing leaves them, or another delivery that is not done yet.
    mkdirSync(join(folder(), 'new'), { recursive: true });
    await deliver(sampleEntry(1));
    const way = [root, join(root, 'example.com'), join(root, 'example.com', 'user'), folder()];
    expect([...synced]).toEqual(expect.arrayContaining([...way, join(folder(), 'new')]));
  });

  it('stores a body from a file', async () => {
    const { deliver, folder } = setUp();
    await deliver(sampleEntry(1, { body: await largeBody(tempFolder()), sender: '' }));
    const [name = ''] = readdirSync(join(folder(), 'new'));
    const text = readFileSync(join(folder(), 'new', name), 'latin1');
    expect(text).toMatch(/^Return-Path: <>\n/);
    expect(text).not.toContain('\r');
    expect(text.endsWith('line 2999 of a long message\n')).toBe(true);
  });

  it.each([
    ['memory', 1000],
    ['file', 10],
  ])('keeps every octet of a binary body in %s', async (place, thresholdBytes) => {
    const octets = Buffer.from('lone\rCR, lone\nLF, \0, pair\r\n.\r\n\xff\r', 'latin1');
    const { deliver, folder } = setUp();
    const bodies = await openBodies({ dir: tempFolder(), thresholdBytes, steps: noSteps });
    const builder = bodies.createBody(sampleId(1));
    await builder.write(octets);
    const body = await builder.finish();
    expect(body.place).toBe(place);
    await deliver(sampleEntry(1, { body, envelope: { body: 'BINARYMIME' } }));
    const [name = ''] = readdirSync(join(folder(), 'new'));
    const stored = readFileSync(join(folder(), 'new', name));
    const end = stored.indexOf('\n\n') + 2;
    expect(stored.subarray(0, end).toString()).not.toContain('\r');
    expect(stored.subarray(end)).toEqual(octets);
  });

  it('gives each recipient a folder, whatever the address looks like', async () => {
    const { deliver, root } = setUp();
    const recipients = [
      newRecipient('User', 'Example.COM'),
      newRecipient('../../evil', '..'),
      newRecipient('postmaster', ''),
    ];
    const results = await deliver(sampleEntry(1, { recipients }));
    expect(results.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
    const folders = readdirSync(root).map((domain) => [domain, readdirSync(join(root, domain))]);
    expect(Object.fromEntries(folders)).toEqual({
      'example.com': ['user'],
      '%2E.': ['%2E.%2F..%2Fevil'],
      '%': ['postmaster'],
    });
  });

  it('has one folder for a domain, in U-labels or A-labels', async () => {
    const { deliver, root, folder } = setUp();
    await deliver(sampleEntry(1, { recipients: [newRecipient('user', 'München.example')] }));
    await deliver(sampleEntry(2, { recipients: [newRecipient('user', 'xn--mnchen-3ya.example')] }));
    expect(readdirSync(root)).toEqual(['xn--mnchen-3ya.example']);
    expect(readdirSync(join(folder('xn--mnchen-3ya.example'), 'new'))).toHaveLength(2);
  });

  it('lets no address end its header line', async () => {
    const { deliver, root } = setUp();
    const recipients = [newRecipient('a\r\nX-Forged: yes', 'example.com')];
    await deliver(sampleEntry(1, { recipients, sender: 'b\nX-Also: yes' }));
    const [user = ''] = readdirSync(join(root, 'example.com'));
    const folder = join(root, 'example.com', user, 'Maildir', 'new');
    const text = readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8');
    expect(text.split('\n').slice(0, 3)).toEqual([
      'Return-Path: <bX-Also: yes>',
      'Delivered-To: aX-Forged: yes@example.com',
      'Subject: a sample',
    ]);
  });

  it('does not deliver twice what an earlier attempt has delivered', async () => {
    const { deliver, folder } = setUp();
    const entry = sampleEntry(1);
    await deliver(entry);
    expect(await deliver(entry)).toMatchObject([{ status: 'delivered' }]);
    expect(readdirSync(join(folder(), 'new'))).toHaveLength(1);
    expect(readdirSync(join(folder(), 'tmp'))).toEqual([]);
  });

  it('makes the folder again when somebody has removed it', async () => {
    const { deliver, folder } = setUp();
    await deliver(sampleEntry(1));
    rmSync(folder(), { recursive: true });
    expect(await deliver(sampleEntry(2))).toMatchObject([{ status: 'deferred' }]);
    expect(await deliver(sampleEntry(2))).toMatchObject([{ status: 'delivered' }]);
  });

  it('defers one recipient whose folder cannot be made, and delivers to the others', async () => {
    const { deliver, root } = setUp();
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'broken.example'), 'in the way');
    const recipients = [newRecipient('a', 'broken.example'), newRecipient('b', 'example.com')];
    const results = await deliver(sampleEntry(1, { recipients }));
    expect(results).toMatchObject([
      {
        status: 'deferred',
        reason: expect.stringContaining('local delivery to a@broken.example failed') as string,
      },
      { status: 'delivered' },
    ]);
  });

  it('leaves nothing behind when the disk does not take the message', async () => {
    const { deliver, folder } = setUp({
      steps: (step) => {
        if (step === 'maildir.written') throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    });
    expect(await deliver(sampleEntry(1))).toMatchObject([{ status: 'deferred' }]);
    for (const part of ['tmp', 'new']) expect(readdirSync(join(folder(), part))).toEqual([]);
  });

  it('reports a damaged body to the caller and delivers nothing of it', async () => {
    const { deliver, folder } = setUp();
    const body = await largeBody(tempFolder());
    if (body.place === 'file') writeFileSync(body.path, 'something else');
    await expect(deliver(sampleEntry(1, { body }))).rejects.toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
    for (const part of ['tmp', 'new']) expect(readdirSync(join(folder(), part))).toEqual([]);
  });

  it('begins no further recipient after an abort', async () => {
    const { deliver } = setUp();
    expect(await deliver(sampleEntry(1), AbortSignal.abort())).toEqual([]);
  });
});
