/**
 * The whole program with policies as objects, seen from outside: an SMTP client on a plain socket,
 * the Maildirs, and what lies in the queue.
 *
 *     const wire = await startWire(definePolicy({ ... }), { localDomains: ['example.com'] });
 *     const peer = await wire.client();
 *
 * Ends with the test. The user `ann` has the password `secret` and may log in in clear.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { createFactBus } from '../../src/core/facts.js';
import { silentLogger } from '../../src/core/log.js';
import { type ConfigInput, createEngine, type Engine } from '../../src/index.js';
import { openQueue } from '../../src/queue/open.js';
import type { QueueEntry } from '../../src/queue/entry.js';
import type { EventName } from '../../src/hooks/table/index.js';
import type { PolicyList } from '../../src/policy.js';
import { eventually } from './eventually.js';
import { mailFor } from './maildir.js';
import { connectPeer, type SmtpPeer, type SmtpReply } from './smtp-peer.js';
import { tempFolder } from './temp-folder.js';

export interface PolicyWire {
  readonly engine: Engine;
  readonly folder: string;
  /** Ports of the listeners, in the order of the settings. */
  readonly ports: readonly number[];
  /** A client that has not read the greeting. */
  client(): Promise<SmtpPeer>;
  /** What lies in the Maildir of an address by now. */
  mail(address: string): readonly string[];
  /** Waits for the first message of an address. */
  stored(address: string): Promise<string>;
  /** Everything in the queue, header, body and envelope included. */
  queued(): Promise<readonly QueueEntry[]>;
}

async function entriesIn(folder: string): Promise<readonly QueueEntry[]> {
  const queue = await openQueue({
    dir: join(folder, 'queue'),
    clock: systemClock,
    facts: createFactBus(() => undefined),
    log: silentLogger,
    readOnly: true,
    inline: true,
  });
  try {
    const found: QueueEntry[] = [];
    for (const { queueId } of await queue.list()) {
      const got = await queue.get(queueId);
      if (got.status === 'found') found.push(got.entry);
    }
    return found;
  } finally {
    await queue.close();
  }
}

export async function startWire(policies: PolicyList, settings: ConfigInput = {}): Promise<PolicyWire> {
  const folder = tempFolder();
  const users = join(folder, 'users');
  writeFileSync(users, 'ann:{PLAIN}secret\n', { mode: 0o600 });
  const engine = createEngine({
    policies,
    settings: {
      dataDir: folder,
      hostname: 'mx.test',
      listeners: [{ port: 0, authInClear: true }],
      metrics: { enabled: false },
      auth: { usersFile: users },
      ...settings,
    },
  });
  onTestFinished(() => engine.stop());
  const ports = (await engine.start()).map(({ port }) => port);
  const root = join(folder, 'mail');
  return {
    engine,
    folder,
    ports,
    async client() {
      const peer = await connectPeer(ports[0] ?? 0);
      onTestFinished(() => {
        peer.destroy();
      });
      return peer;
    },
    mail: (address) => mailFor(root, address),
    stored: (address) => eventually(`mail for ${address}`, () => mailFor(root, address)[0]),
    queued: () => entriesIn(folder),
  };
}

/** What a client says; everything has a default. */
export interface Script {
  readonly hello?: string;
  readonly mail?: string;
  readonly rcpt?: string;
  /** Header, blank line and body, with CRLF and dots stuffed. */
  readonly content?: string;
}

export const MESSAGE = 'Subject: hello\r\nX-Kept: as it is\r\n\r\nbody\r\n';

const STEPS: readonly (readonly [EventName, (script: Script) => string])[] = [
  ['onEhlo', ({ hello = 'EHLO c.test' }) => hello],
  ['onMailFrom', ({ mail = '<ann@example.org>' }) => `MAIL FROM:${mail}`],
  ['onRcptTo', ({ rcpt = '<b@example.com>' }) => `RCPT TO:${rcpt}`],
];

/** Says the commands from `from` up to the one of `event` and gives the reply to that one. */
export async function sayUpTo(
  peer: SmtpPeer,
  event: EventName,
  script: Script = {},
  from: EventName = 'onConnect',
): Promise<SmtpReply> {
  let last: SmtpReply | undefined;
  if (from === 'onConnect') last = await peer.reply();
  if (event === 'onConnect' && last) return last;
  const first = from === 'onConnect' ? 0 : STEPS.findIndex(([name]) => name === from);
  for (const [name, line] of STEPS.slice(first)) {
    last = await peer.say(line(script));
    if (name === event) return last;
  }
  return await sayContent(peer, script.content);
}

/** DATA and the content; the reply at its end. */
export async function sayContent(peer: SmtpPeer, content: string = MESSAGE): Promise<SmtpReply> {
  const go = await peer.say('DATA');
  if (go.code !== 354) return go;
  peer.raw(content);
  return await peer.say('.');
}

/** AUTH PLAIN as ann, who is in the users file. */
export async function logIn(peer: SmtpPeer): Promise<SmtpReply> {
  return await peer.say(`AUTH PLAIN ${Buffer.from('\0ann\0secret').toString('base64')}`);
}

/** Text of all lines of a reply, without codes. */
export function textOf(reply: SmtpReply): string {
  return reply.lines.map((line) => line.slice(4)).join('\n');
}
