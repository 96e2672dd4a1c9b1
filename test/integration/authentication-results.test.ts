/**
 * Authentication-Results in what is stored: when it is added and where, under which name, and which
 * fields of a client stay (RFC 8601 §5).
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServerDouble, startDnsServer } from '../helpers/dns-server.js';
import { logIn, type PolicyWire, sayContent, startWire } from '../helpers/policy-wire.js';
import { definePolicy } from '../../src/policy.js';

const FORGED = 'Authentication-Results: MX.test; dmarc=pass header.from=bank.example';
const FOREIGN = 'Authentication-Results: other.test; dmarc=pass header.from=bank.example';
const CONTENT = `${FORGED}\r\n${FOREIGN}\r\nFrom: a@far.example\r\nSubject: x\r\n\r\nbody\r\n`;

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(() => ({ rcode: 3 }));
});
afterAll(() => dns.stop());

const CHECKING = definePolicy({
  name: 'checking',
  async onEhlo(ctx) {
    await ctx.checkReverseDNS();
    await ctx.checkSPF();
  },
  async onMailFrom(ctx) {
    await ctx.checkSPF();
    ctx.SPFResult = 'Pass';
  },
  async onDataReceived(ctx) {
    await ctx.checkARC();
    await ctx.checkDMARC();
  },
});

const NOTHING = definePolicy({ name: 'nothing', onDataReceived: () => undefined });

async function run(policy = CHECKING, settings: object = {}): Promise<PolicyWire> {
  return await startWire(policy, {
    dns: { servers: [dns.address] },
    localDomains: ['here.example'],
    ...settings,
  });
}

/** The header of the message as it is stored. */
async function stored(wire: PolicyWire, user = false, hello = 'EHLO c.test'): Promise<string> {
  const peer = await wire.client();
  await peer.reply();
  await peer.say(hello);
  if (user) await logIn(peer);
  await peer.say('MAIL FROM:<a@far.example>');
  await peer.say('RCPT TO:<ann@here.example>');
  const { code } = await sayContent(peer, CONTENT);
  expect(code).toBe(250);
  const text = await wire.stored('ann@here.example');
  return text.replaceAll('\r\n', '\n').split('\n\n')[0] ?? '';
}

/** Fields of the name, unfolded. */
function resultsIn(header: string): string[] {
  const unfolded = header.replace(/\n[ \t]+/g, ' ').split('\n');
  return unfolded.filter((line) => line.startsWith('Authentication-Results:'));
}

it('ours says what was found and not what a policy made of it, between Received and the rest', async () => {
  const header = await stored(await run());
  const [ours = '', ...others] = resultsIn(header);
  expect(others).toEqual([FOREIGN]);
  expect(ours.replace(/ reason="[^"]*"/g, '')).toBe(
    'Authentication-Results: mx.test; iprev=permerror policy.iprev=127.0.0.1; spf=none smtp.helo=c.test;' +
      ' spf=none smtp.mailfrom=far.example; dkim=none; dmarc=none header.from=far.example;' +
      ' arc=none smtp.remote-ip=127.0.0.1',
  );
  const names = [...header.matchAll(/^([\w-]+):/gm)].map(([, name]) => name);
  expect(names.slice(-5)).toEqual([
    'Received',
    'Authentication-Results',
    'Authentication-Results',
    'From',
    'Subject',
  ]);
});

it('there is none of ours where nothing was checked, and the forged one is gone', async () => {
  expect(resultsIn(await stored(await run(NOTHING)))).toEqual([FOREIGN]);
});

it('switched off, forged ones are removed all the same', async () => {
  const wire = await run(CHECKING, { authenticationResults: { add: false } });
  expect(resultsIn(await stored(wire))).toEqual([FOREIGN]);
});

it('goes by the name of the settings', async () => {
  const wire = await run(CHECKING, { authenticationResults: { authservId: 'other.test' } });
  const [ours, ...others] = resultsIn(await stored(wire));
  expect(ours).toMatch(/^Authentication-Results: other\.test; iprev=/);
  expect(others).toEqual([FORGED]);
});

it('a user who has logged in is no mail server of ours', async () => {
  expect(resultsIn(await stored(await run(NOTHING), true))).toEqual([FOREIGN]);
});

it('mail servers of ours are believed: in trusted networks, and by LMTP', async () => {
  const trusted = { listeners: [{ port: 0, trustedNetworks: ['127.0.0.0/8'] }] };
  expect(resultsIn(await stored(await run(NOTHING, trusted)))).toEqual([FORGED, FOREIGN]);
  const lmtp = { listeners: [{ kind: 'lmtp', port: 0 }] };
  expect(resultsIn(await stored(await run(NOTHING, lmtp), false, 'LHLO c.test'))).toEqual([FORGED, FOREIGN]);
});

it('what a failed handler has found is found', async () => {
  const failing = definePolicy({
    name: 'failing',
    onFailure: 'accept',
    async onMailFrom(ctx) {
      await ctx.checkSPF();
      throw new Error('on purpose');
    },
  });
  const [ours] = resultsIn(await stored(await run(failing)));
  expect(ours).toMatch(/^Authentication-Results: mx\.test; spf=none smtp\.mailfrom=far\.example$/);
});
