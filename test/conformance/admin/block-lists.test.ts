/**
 * realtime_sbl_blacklists over the wire, with a name server of the test's own.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/policy.js';
import { type AdminWire, startAdmin } from '../../helpers/admin-wire.js';
import { a, type FakeAnswer } from '../../helpers/dns-server.js';
import { logIn } from '../../helpers/policy-wire.js';
import type { SmtpPeer } from '../../helpers/smtp-peer.js';

const NOTHING: FakeAnswer = { rcode: 3 };
const LISTED = '1.0.0.127.bl.example';

/** The client is on bl.example, with a text. */
function listed(question: string): FakeAnswer {
  if (question === `${LISTED} A`) return { answers: [a(LISTED, '127.0.0.4')] };
  if (question !== `${LISTED} TXT`) return NOTHING;
  const data = 'see https://bl.example/?%authUser%\u0007 \r\nnow';
  return { answers: [{ type: 'TXT', name: LISTED, data, ttl: 60, class: 'IN' }] };
}

const ZONES = { realtime_sbl_blacklists: ['quiet.example', 'BL.example.', 'late.example'] };

async function atMail(wire: AdminWire, hello = 'EHLO c.test'): Promise<SmtpPeer> {
  const peer = await wire.client();
  await peer.reply();
  await peer.say(hello);
  expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
  return peer;
}

async function rcpt(peer: SmtpPeer): Promise<string> {
  return (await peer.say('RCPT TO:<b@example.com>')).lines.join('\n');
}

const TEMPORARY =
  /^451 4\.7\.1 127\.0\.0\.1 is listed in bl\.example \(127\.0\.0\.4\): see https:\/\/bl\.example\/\?%authUser% now \(ref \S+\)$/;

describe('block lists', () => {
  it('refuse a listed client at each recipient with 451, the zone, the code and the list\u2019s text', async () => {
    const wire = await startAdmin(ZONES, { dns: listed });
    const peer = await atMail(wire);
    expect(await rcpt(peer)).toMatch(TEMPORARY);
    const asked = wire.dns.asked.length;
    expect(await rcpt(peer)).toMatch(TEMPORARY);
    await peer.say('RSET');
    await peer.say('MAIL FROM:<>');
    expect(await rcpt(peer)).toMatch(TEMPORARY);
    // One look for the session.
    expect(wire.dns.asked).toHaveLength(asked);
    expect(await rcpt(await atMail(wire, 'HELO c.test'))).toMatch(TEMPORARY);
  });

  it('refuse with 553 where that is set, from the next session on', async () => {
    const wire = await startAdmin(ZONES, { dns: listed });
    const before = await atMail(wire);
    await wire.set({ ...ZONES, realtime_sbl_reply_code: 553 });
    expect(await rcpt(before)).toMatch(/^451 4\.7\.1 /);
    expect(await rcpt(await atMail(wire))).toMatch(/^553 5\.7\.1 127\.0\.0\.1 is listed in bl\.example /);
    await wire.set({});
    expect(await rcpt(await atMail(wire))).toMatch(/^250 /);
  });

  it.each([
    ['by default', {}],
    ['where handlers have little time', { policyTimeout: '800ms', dns: { timeout: '5s' } }],
  ])('refuse a listed client whose text does not come, %s', async (_what, settings) => {
    const wire = await startAdmin(ZONES, {
      dns: (question) => (question === `${LISTED} TXT` ? undefined : listed(question)),
      settings,
    });
    expect(await rcpt(await atMail(wire))).toMatch(
      /^451 4\.7\.1 127\.0\.0\.1 is listed in bl\.example \(127\.0\.0\.4\) \(ref \S+\)$/,
    );
  });

  it('say something of their own where the list has no text', async () => {
    const wire = await startAdmin(ZONES, {
      dns: (question) => (question === `${LISTED} A` ? { answers: [a(LISTED, '127.0.0.2')] } : NOTHING),
    });
    expect(await rcpt(await atMail(wire))).toMatch(
      /^451 4\.7\.1 127\.0\.0\.1 is listed in bl\.example \(127\.0\.0\.2\) \(ref \S+\)$/,
    );
  });

  it('decide by the order of the zones', async () => {
    const wire = await startAdmin(ZONES, {
      dns: (question) => {
        const [name = ''] = question.split(' ');
        return question.endsWith(' A') ? { answers: [a(name, '127.0.0.9')] } : NOTHING;
      },
    });
    expect(await rcpt(await atMail(wire))).toContain('listed in quiet.example (127.0.0.9)');
  });

  it('refuse nobody where a list is down or answers what is no listing, and tell', async () => {
    const wire = await startAdmin(ZONES, {
      dns(question) {
        const [name = ''] = question.split(' ');
        if (question.includes('quiet')) return { rcode: 2 };
        if (question.includes('late')) return undefined;
        return { answers: [a(name, '127.255.255.254')] };
      },
    });
    expect(await rcpt(await atMail(wire))).toMatch(/^250 /);
    expect(wire.failed.map(({ zone, status }) => `${zone} ${status}`)).toEqual([
      'quiet.example tempError',
      'bl.example listError',
      'late.example tempError',
    ]);
    expect(await wire.engine.metrics()).toContain(
      'postern_blocklist_failures_total{zone="bl.example",status="listError"} 1',
    );
  });

  it('do not concern users who have logged in, trusted networks and LMTP', async () => {
    const wire = await startAdmin(ZONES, { dns: listed });
    const peer = await wire.client();
    await peer.reply();
    await peer.say('EHLO c.test');
    await logIn(peer);
    await peer.say('MAIL FROM:<a@example.org>');
    expect(await rcpt(peer)).toMatch(/^250 /);
    const trusting = await startAdmin(ZONES, {
      dns: listed,
      settings: { listeners: [{ port: 0, trustedNetworks: ['127.0.0.1'] }] },
    });
    expect(await rcpt(await atMail(trusting))).toMatch(/^250 /);
    const lmtp = await startAdmin(ZONES, {
      dns: listed,
      settings: { listeners: [{ port: 0, kind: 'lmtp' }] },
    });
    expect(await rcpt(await atMail(lmtp, 'LHLO c.test'))).toMatch(/^250 /);
    expect([...wire.dns.asked, ...trusting.dns.asked, ...lmtp.dns.asked]).toEqual([]);
  });

  it('leave the variables of the policies alone, and stand in the trace', async () => {
    const seen: unknown[] = [];
    const wire = await startAdmin(ZONES, {
      dns: listed,
      policies: definePolicy({
        name: 'looks',
        onRcptTo: (ctx) => void seen.push(ctx.DNSBLResult, ctx.DNSBLExplanation, ctx.DNSBLServer),
      }),
    });
    const peer = await atMail(wire);
    await rcpt(peer);
    const id = /\(ref (\S+)\)/.exec(await rcpt(peer))?.[1]?.split('.')[0] ?? '';
    expect(new Set(seen)).toEqual(new Set(['', undefined]));
    const told = (await wire.engine.explain(id))?.join('\n') ?? '';
    expect(told).toContain('tmpreject, decided by internal:admin');
    expect(told).toMatch(/realtime_sbl_blacklists.*quiet\.example.*bl\.example.*late\.example/);
    expect(told).toContain('127.0.0.4');
  });

  it('are passed over by accept in onRcptTo, without a question', async () => {
    const policies = definePolicy({ name: 'all', onRcptTo: (ctx) => void (ctx.smtpAction = 'accept') });
    const wire = await startAdmin(ZONES, { dns: listed, policies });
    expect(await rcpt(await atMail(wire))).toMatch(/^250 /);
    expect(wire.dns.asked).toEqual([]);
  });

  it('refuse nobody where the time of a handler is over before the answers', async () => {
    const wire = await startAdmin(ZONES, {
      dns: () => undefined,
      settings: { policyTimeout: '50ms' },
    });
    expect(await rcpt(await atMail(wire))).toMatch(/^250 /);
  });
});
