/**
 * What an SPF Fail does to a session, on every way through it.
 *
 * A Fail makes each following MAIL FROM fail until somebody sets another result: the same or
 * another policy, by a check or by hand.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../helpers/certificates.js';
import { type DnsServerDouble, startDnsServer } from '../helpers/dns-server.js';
import { type PolicyWire, startWire } from '../helpers/policy-wire.js';
import type { SmtpPeer, SmtpReply } from '../helpers/smtp-peer.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Context, definePolicy } from '../../src/policy.js';

const text = (name: string, data: string): Answer => ({ type: 'TXT', name, data, ttl: 60, class: 'IN' });

const RECORDS: Readonly<Record<string, string>> = {
  'fail.test': 'v=spf1 -all',
  'pass.test': 'v=spf1 ip4:127.0.0.1 -all',
  'soft.test': 'v=spf1 ~all',
  'wrong.test': 'v=spf1 moo -all',
  'says.test': 'v=spf1 -all exp=why.says.test',
  'why.says.test': 'no %{i}: %%smtpAction%% 250 2.0.0 fine',
  'loud.test': 'v=spf1 -all exp=why.loud.test',
  'why.loud.test': 'a\r\n250 2.0.0 taken',
  'long.test': 'v=spf1 -all exp=why.long.test',
  'why.long.test': 'x'.repeat(5000),
};

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(({ name, type, transport }) => {
    if (name === 'dead.test') return { rcode: 2 };
    const data = type === 'TXT' ? RECORDS[name] : undefined;
    if (data === undefined) return { rcode: 3 };
    const isLarge = data.length > 255;
    if (isLarge && transport === 'udp') return { truncated: true };
    const strings = data.match(/[\s\S]{1,255}/g) ?? [];
    return { answers: [isLarge ? { ...text(name, ''), data: strings } : text(name, data)] } as never;
  });
});
afterAll(() => dns.stop());

type Handlers = Omit<Parameters<typeof definePolicy>[0], 'name'>;

async function start(handlers: Handlers, settings: object = {}): Promise<SmtpPeer> {
  const wire: PolicyWire = await startWire(definePolicy({ name: 'checking', ...handlers }), {
    dns: { servers: [dns.address] },
    ...settings,
  });
  const peer = await wire.client();
  await peer.reply();
  return peer;
}

/** MAIL, and RSET where it was taken, so that another one may follow. */
async function mail(peer: SmtpPeer, domain: string): Promise<SmtpReply> {
  const reply = await peer.say(`MAIL FROM:<${domain === '' ? '' : `user@${domain}`}>`);
  if (reply.code === 250) expect((await peer.say('RSET')).code).toBe(250);
  return reply;
}

async function codes(peer: SmtpPeer, domains: readonly string[]): Promise<number[]> {
  const all: number[] = [];
  for (const domain of domains) all.push((await mail(peer, domain)).code);
  return all;
}

const atEhlo: Handlers = {
  async onEhlo(ctx) {
    await ctx.checkSPF();
  },
};
const atMail: Handlers = {
  async onMailFrom(ctx) {
    await ctx.checkSPF();
  },
};

describe('a Fail of the EHLO name', () => {
  it('refuses every MAIL that follows, also after RSET and for the null sender', async () => {
    const peer = await start(atEhlo);
    expect((await peer.say('EHLO fail.test')).code).toBe(250);
    expect(await codes(peer, ['pass.test', 'pass.test', ''])).toEqual([550, 550, 550]);
    expect((await peer.say('RSET')).code).toBe(250);
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
  });

  it('holds until another EHLO is checked', async () => {
    const peer = await start(atEhlo);
    await peer.say('EHLO fail.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
    await peer.say('EHLO pass.test');
    expect(await codes(peer, ['pass.test', 'fail.test'])).toEqual([250, 250]);
    await peer.say('EHLO fail.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
  });

  it('is not lost by an EHLO that nobody checks', async () => {
    let greetings = 0;
    const peer = await start({
      async onEhlo(ctx) {
        greetings += 1;
        if (greetings === 1) await ctx.checkSPF();
      },
    });
    await peer.say('EHLO fail.test');
    await peer.say('EHLO pass.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
  });

  it('gives way to the sender where that is checked too', async () => {
    const peer = await start({ ...atEhlo, ...atMail });
    await peer.say('EHLO fail.test');
    expect(await codes(peer, ['pass.test', 'fail.test', 'soft.test', ''])).toEqual([250, 550, 250, 550]);
  });

  it('does not outlive STARTTLS, after which the client names itself anew', async () => {
    const folder = tempFolder();
    const pair = makeCertificate();
    writeFileSync(join(folder, 'c.pem'), pair.certificate);
    writeFileSync(join(folder, 'c.key'), pair.key, { mode: 0o600 });
    const tls = { certificate: join(folder, 'c.pem'), key: join(folder, 'c.key') };
    const checked: string[] = [];
    const onEhlo = async (ctx: Context<'onEhlo'>): Promise<void> => {
      if (ctx.ehloHost === 'unchecked.test') return;
      checked.push(ctx.ehloHost);
      await ctx.checkSPF();
    };
    const peer = await start({ onEhlo }, { tls });
    await peer.say('EHLO fail.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
    expect((await peer.say('STARTTLS')).code).toBe(220);
    await peer.secure();
    await peer.say('EHLO unchecked.test');
    expect(await codes(peer, ['pass.test'])).toEqual([250]);
    await peer.say('EHLO fail.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
    expect(checked).toEqual(['fail.test', 'fail.test']);
  });
});

describe('a Fail of a sender', () => {
  it('refuses that MAIL, and the next one is judged by its own check', async () => {
    const peer = await start(atMail);
    await peer.say('EHLO c.test');
    const domains = [
      'fail.test',
      'pass.test',
      'fail.test',
      'soft.test',
      'wrong.test',
      'dead.test',
      'none.test',
    ];
    expect(await codes(peer, domains)).toEqual([550, 250, 550, 250, 250, 250, 250]);
  });

  it('belongs to that message: the next MAIL begins with what EHLO left', async () => {
    const peer = await start({
      async onMailFrom(ctx) {
        if (ctx.mailFromDomain === 'fail.test') await ctx.checkSPF();
      },
    });
    await peer.say('EHLO c.test');
    expect(await codes(peer, ['pass.test', 'fail.test', 'pass.test'])).toEqual([250, 550, 250]);
    expect(await codes(peer, ['fail.test', 'fail.test', ''])).toEqual([550, 550, 250]);
  });

  it.each(['None', 'Pass', 'Neutral', 'SoftFail', 'TempError', 'PermError'] as const)(
    'is pardoned by a policy that sets %s',
    async (result) => {
      const pardon = async (ctx: Context<'onMailFrom'>): Promise<void> => {
        const { SPFResult } = await ctx.checkSPF();
        if (SPFResult === 'Fail') ctx.SPFResult = result;
      };
      const peer = await start({ onMailFrom: pardon });
      await peer.say('EHLO c.test');
      expect(await codes(peer, ['fail.test', 'fail.test'])).toEqual([250, 250]);
    },
  );

  it('is set by hand as well', async () => {
    const peer = await start({
      async onMailFrom(ctx) {
        await ctx.checkSPF();
        ctx.SPFResult = 'Fail';
      },
    });
    await peer.say('EHLO c.test');
    expect(await codes(peer, ['pass.test'])).toEqual([550]);
  });
});

describe('what the method tells', () => {
  it('names the identity and its domain', async () => {
    const told: unknown[] = [];
    const peer = await start({
      async onEhlo(ctx) {
        told.push(await ctx.checkSPF());
      },
      async onMailFrom(ctx) {
        told.push(await ctx.checkSPF());
        told.push([ctx.SPFResult, ctx.SPFExplanation]);
      },
    });
    await peer.say('EHLO pass.test');
    await peer.say('MAIL FROM:<user@Says.Test>');
    await peer.say('MAIL FROM:<>');
    const explanation = 'no 127.0.0.1: %smtpAction% 250 2.0.0 fine';
    const ofName = expect.objectContaining({
      SPFResult: 'Pass',
      identity: 'helo',
      domain: 'pass.test',
    }) as unknown;
    expect(told).toEqual([
      ofName,
      { SPFResult: 'Fail', SPFExplanation: explanation, identity: 'mailFrom', domain: 'says.test' },
      ['Fail', explanation],
      ofName,
      ['Pass', expect.stringContaining('designates 127.0.0.1')],
    ]);
  });
});

describe('the reply', () => {
  async function refusal(domain: string): Promise<SmtpReply> {
    const peer = await start(atMail);
    await peer.say('EHLO c.test');
    return await mail(peer, domain);
  }

  it('gives the reason, and puts nothing into it twice', async () => {
    const { code, lines } = await refusal('says.test');
    expect(code).toBe(550);
    expect(lines.join('\n')).toMatch(
      /^550 5\.7\.23 SPF validation failed: no 127\.0\.0\.1: %smtpAction% 250 2\.0\.0 fine/,
    );
  });

  it('does not let an explanation make lines, and takes none with control characters', async () => {
    const { lines } = await refusal('loud.test');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^550 5\.7\.23 SPF validation failed: domain of user@loud\.test does not /);
  });

  it('keeps within the length of a reply, however long the explanation', async () => {
    const { code, lines } = await refusal('long.test');
    expect(code).toBe(550);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(510);
    expect(lines.join('').length).toBeLessThan(700);
  });
});
