/** Signatures of ours as the queue gets them, with a policy runtime of literal handlers. */
import { createPublicKey } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { KeyRing, type SigningKey } from '../../../../src/checks/signatures/signing-key.js';
import { judge } from '../../../helpers/judge-signatures.js';
import { ODD_MESSAGES } from '../../../helpers/odd-messages.js';
import { ED25519, keyRecords, RSA, signingKey } from '../../../helpers/signing-keys.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../../helpers/start-engine.js';

const RSA_KEY = signingKey(RSA, 'example.org', 'rsa');
const ED_KEY = signingKey(ED25519, 'example.org', 'ed');
const NEWS_KEY = signingKey(ED25519, 'news.example.net', 'n');
const ALL = [RSA_KEY, ED_KEY, NEWS_KEY];
const ZONE = Object.fromEntries(
  Object.entries(keyRecords(...ALL)).map(([name, text]) => [`${name} TXT`, [text]]),
);

const MESSAGE = ODD_MESSAGES['an ordinary message'] ?? '';

let engine: RunningEngine | undefined;
afterEach(() => engine?.stop());

interface Setting extends EngineOptions {
  readonly keys?: readonly SigningKey[];
  readonly submitted?: boolean;
  /** Said before MAIL. */
  readonly before?: string;
}

const NEAR = { trustedNetworks: ['127.0.0.0/8'] };
const TRUSTED = { ...NEAR, kind: 'submission', auth: 'never', tls: 'never' } as const;

/** Sends one message and gives the answer to it. */
async function send(setting: Setting, message: string, chunks = false): Promise<string> {
  const { keys = ALL, submitted = true, before = 'NOOP', ...options } = setting;
  const signing = { keys: () => new KeyRing(keys), signsSubmitted: submitted, lifetimeMs: 0 };
  engine = await startEngine({ signing, ...options });
  const peer = await engine.client();
  await peer.say(options.listener?.kind === 'lmtp' ? 'LHLO c.test' : 'EHLO c.test');
  await peer.say(before);
  await peer.say('MAIL FROM:<ann@example.org>');
  await peer.say('RCPT TO:<b@here.example>');
  if (chunks) {
    peer.raw(`BDAT ${message.length} LAST\r\n${message}`);
    return (await peer.reply()).lines[0] ?? '';
  }
  await peer.say('DATA');
  peer.raw(`${message.replaceAll('\r\n.', '\r\n..')}${message.endsWith('\r\n') ? '' : '\r\n'}`);
  return (await peer.say('.')).lines[0] ?? '';
}

function stored(): string {
  const [message] = engine?.intake.messages ?? [];
  if (!message) throw new Error('nothing was stored');
  return message.header + message.body;
}

/** Who has signed what was stored, and what their signatures come to. */
async function signers(): Promise<readonly string[]> {
  const { dkim } = await judge(stored(), ZONE);
  return dkim.signatures.map(({ domain, selector, status }) => `${domain} ${selector} ${status}`);
}

const BOTH = ['example.org rsa Pass', 'example.org ed Pass'];

describe('a message submitted from a trusted network', () => {
  it.each(Object.entries(ODD_MESSAGES).filter(([what]) => !what.includes('somebody else')))(
    'is signed by each key of the domain of its author: %s',
    async (_what, message) => {
      expect(await send({ listener: TRUSTED }, message)).toMatch(/^250 /);
      expect(await signers()).toEqual(BOTH);
    },
  );

  it('is signed below what we put on top, and above the rest', async () => {
    await send({ listener: TRUSTED }, MESSAGE);
    const names = stored()
      .split('\r\n')
      .filter((line) => /^[\w-]+:/.test(line))
      .map((line) => line.split(':')[0]);
    expect(names.slice(0, 4)).toEqual(['Received', 'DKIM-Signature', 'DKIM-Signature', 'From']);
    const signed = engine?.facts.filter(({ name }) => name === 'message.signed').map(({ body }) => body);
    // Each is told when it is done, and an Ed25519 signature takes less time.
    expect(signed).toHaveLength(2);
    expect(signed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ domain: 'example.org', selector: 'rsa' }),
        expect.objectContaining({ domain: 'example.org', selector: 'ed' }),
      ]),
    );
  });

  it('is signed in one chunk without a line end at its end', async () => {
    const message = ODD_MESSAGES['no line end at the end'] ?? '';
    await send({ listener: TRUSTED }, message, true);
    expect(stored().endsWith('without an end')).toBe(true);
    expect(await signers()).toEqual(BOTH);
  });

  it('is signed as policies have left its header, submission fields included', async () => {
    const handlers = {
      onHeadersReceived: () => ({
        edits: [{ kind: 'modify', name: 'Subject', value: 'by a policy' } as const],
      }),
    };
    await send({ listener: TRUSTED, handlers }, 'From: ann@example.org\r\nSubject: x\r\n\r\nbody\r\n');
    expect(stored()).toContain('Subject: by a policy');
    expect(stored()).toContain('Message-ID: ');
    expect(await signers()).toEqual(BOTH);
  });

  it.each([
    ['the domain has no key', MESSAGE.replace('ann@example.org', 'ann@example.net'), {}],
    ['there are no keys', MESSAGE, { keys: [] }],
    [
      'there are two authors of two domains',
      MESSAGE.replace('<ann@example.org>', '<ann@example.org>, x@example.net'),
      {},
    ],
    ['it is not to sign by itself', MESSAGE, { submitted: false }],
    ['it comes by LMTP', MESSAGE, { listener: { ...TRUSTED, kind: 'lmtp' } }],
    ['it comes where a gateway passes on mail of others', MESSAGE, { listener: NEAR }],
    ['it comes from elsewhere', MESSAGE, { listener: {} }],
  ] as const)('is stored unsigned when %s', async (_why, message, setting) => {
    expect(await send({ listener: TRUSTED, ...setting }, message)).toMatch(/^250 /);
    expect(await signers()).toEqual([]);
  });

  it('of an author below a domain that has a key is signed for that domain', async () => {
    await send({ listener: TRUSTED }, MESSAGE.replace('ann@example.org', 'ann@mail.news.example.net'));
    expect(await signers()).toEqual(['news.example.net n Pass']);
  });
});

describe('a message of a user', () => {
  const users = { users: { ann: 'secret' }, listener: { authInClear: true } };
  const login = `AUTH PLAIN ${Buffer.from('\0ann\0secret').toString('base64')}`;

  it.each([
    ['who has logged in is signed', login, BOTH],
    ['who has not is not', 'NOOP', []],
  ])('%s', async (_what, command, wanted) => {
    await send({ ...users, before: command }, MESSAGE);
    expect(await signers()).toEqual(wanted);
  });
});

describe('a policy', () => {
  it('has a message of anybody signed, whose body is read again where nobody had foreseen it', async () => {
    for (const size of [10, 300_000]) {
      const message = `From: ann@elsewhere.example\r\n\r\n${'x \r\n'.repeat(size / 4)}`;
      await send({ handlers: { onDataReceived: () => ({ signWith: [NEWS_KEY] }) } }, message);
      expect(await signers()).toEqual(['news.example.net n Pass']);
      await engine?.stop();
    }
  });

  it('may ask when the header comes, and again: each key signs once', async () => {
    const handlers = {
      onHeadersReceived: () => ({ signWith: [NEWS_KEY, ED_KEY] }),
      onDataReceived: () => ({ signWith: [ED_KEY] }),
    };
    await send({ handlers, listener: TRUSTED }, MESSAGE);
    expect(await signers()).toEqual([
      'news.example.net n Pass',
      'example.org ed Pass',
      'example.org rsa Pass',
    ]);
  });
});

describe('a key that cannot sign', () => {
  const broken = { ...ED_KEY, privateKey: createPublicKey(ED25519) };

  it('refuses the message for now: it is neither lost nor stored without the signature', async () => {
    expect(await send({ listener: TRUSTED, keys: [RSA_KEY, broken] }, MESSAGE)).toMatch(/^451 4\.3\.0 /);
    expect(engine?.intake.messages).toEqual([]);
    expect(engine?.intake.open()).toBe(0);
    const peer = await engine?.client();
    expect((await peer?.say('EHLO c.test'))?.code).toBe(250);
  });
});
