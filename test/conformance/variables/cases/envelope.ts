/** The envelope: a rewritten sender, recipients added and dropped, and a delivery that waits. */
import { expect } from 'vitest';
import { sayContent, sayUpTo, startWire } from '../../../helpers/policy-wire.js';
import { call, type Case, having, policyOf, tell, told } from '../case.js';
import { calls, cells, startLanes } from '../lanes.js';

const HOUR = 3_600_000;
const DELAYING = having('delayDelivery');
const NAMES = ['mailFrom', 'mailFromLocalPart', 'mailFromDomain'];

export const CASES: readonly Case[] = [
  {
    title: 'mailFrom rewritten is the sender of the queue and of Return-Path, and its parts follow',
    proves: ['onMailFrom.mailFrom:out'],
    async run() {
      const wire = await startWire([
        policyOf('rewriting', {
          onMailFrom: (ctx) => (ctx['mailFrom'] = 'srs+x@rewritten.test'),
        }),
        policyOf('telling', {
          onRcptTo: (ctx) => (ctx['rcptTo'] === 'told@example.com' ? tell(ctx, NAMES) : undefined),
          onDataReceived: (ctx) =>
            (ctx['recipients'] as string[])[0] === 'held@example.com' ? (ctx['delayDelivery'] = '+1h') : 0,
        }),
      ]);
      const peer = await wire.client();
      const reply = await sayUpTo(peer, 'onRcptTo', { rcpt: '<told@example.com>' });
      expect(told(reply)).toEqual({
        mailFrom: 'srs+x@rewritten.test',
        mailFromLocalPart: 'srs+x',
        mailFromDomain: 'rewritten.test',
      });
      await peer.say('RCPT TO:<b@example.com>');
      expect((await sayContent(peer)).code).toBe(250);
      expect(await wire.stored('b@example.com')).toMatch(/^Return-Path: <srs\+x@rewritten\.test>\n/);
      await sayUpTo(peer, 'onDataReceived', { rcpt: '<held@example.com>' }, 'onMailFrom');
      expect((await wire.queued()).map(({ sender }) => sender)).toEqual(['srs+x@rewritten.test']);
    },
  },
  {
    title: 'mailFrom rewritten to nothing is the null sender, and to no address refuses for now',
    proves: ['onMailFrom.mailFrom:out'],
    async run() {
      const wire = await startWire(
        policyOf('rewriting', {
          onMailFrom: (ctx) => (ctx['mailFrom'] = ctx['mailFromLocalPart'] === 'bad' ? 'a@b@c' : ''),
        }),
      );
      const peer = await wire.client();
      expect((await sayUpTo(peer, 'onDataReceived')).code).toBe(250);
      expect(await wire.stored('b@example.com')).toMatch(/^Return-Path: <>\n/);
      expect((await peer.say('MAIL FROM:<bad@example.org>')).code).toBe(451);
    },
  },
  {
    title: 'delayDelivery holds the message in the queue, from every event that may set it',
    proves: cells(DELAYING, 'delayDelivery', 'out'),
    async run() {
      const lanes = await startLanes((ctx, event) => {
        if (DELAYING.includes(event)) ctx['delayDelivery'] = '+1h';
      });
      for (const event of DELAYING) {
        const reply = await sayUpTo(await lanes.client(event), 'onDataReceived', {
          mail: `<${event}@x.test>`,
        });
        expect([event, reply.code]).toEqual([event, 250]);
      }
      const entries = await lanes.wire.queued();
      expect(entries.map(({ sender }) => sender).sort()).toEqual(DELAYING.map((e) => `${e}@x.test`).sort());
      for (const { notBefore, receivedAt } of entries) expect(notBefore - receivedAt).toBe(HOUR);
      expect(lanes.wire.mail('b@example.com')).toEqual([]);
    },
  },
  {
    title: 'delayDelivery takes any parts of a relative time, and dates',
    proves: ['onMailFrom.delayDelivery:out'],
    async run() {
      const wire = await startWire(
        policyOf('delaying', {
          onMailFrom: (ctx) =>
            (ctx['delayDelivery'] = atob(String(ctx['mailFromLocalPart']).replace('_', '='))),
        }),
      );
      const peer = await wire.client();
      const wanted: readonly (readonly [text: string, seconds: number])[] = [
        ...[['+900', 900] as const, ['+900s', 900] as const, ['900', 900] as const],
        ...[['+20m', 1200] as const, ['+20m 5', 1205] as const, ['+20m5s', 1205] as const],
        ...[['+2h', 7200] as const, ['+2h 5s', 7205] as const, ['+2h 3m', 7380] as const],
        ['+2h 3m 4s', 7384],
      ];
      await peer.reply();
      await peer.say('EHLO c.test');
      for (const [text, seconds] of wanted) {
        const local = Buffer.from(text).toString('base64').replaceAll('=', '');
        const reply = await sayUpTo(peer, 'onDataReceived', { mail: `<${local}@x.test>` }, 'onMailFrom');
        expect([text, seconds, reply.code]).toEqual([text, seconds, 250]);
      }
      const local = Buffer.from('Fri, 1 Jan 2049 02:00:00 +0100').toString('base64').replaceAll('=', '');
      await sayUpTo(peer, 'onDataReceived', { mail: `<${local}@x.test>` }, 'onMailFrom');
      const held = new Map(
        (await wire.queued()).map(({ sender, notBefore, receivedAt }) => [
          Buffer.from(sender.split('@')[0] ?? '', 'base64').toString(),
          [notBefore, (notBefore - receivedAt) / 1000] as const,
        ]),
      );
      for (const [text, seconds] of wanted) expect([text, held.get(text)?.[1]]).toEqual([text, seconds]);
      expect(held.get('Fri, 1 Jan 2049 02:00:00 +0100')?.[0]).toBe(Date.UTC(2049, 0, 1, 1));
    },
  },
  {
    title: 'a delay that is over, empty or no time at all delays nothing',
    proves: ['onRcptTo.delayDelivery:out'],
    async run() {
      const texts: Readonly<Record<string, string>> = {
        past: 'Thu, 1 Jan 2015 00:00:00 +0000',
        empty: '',
        none: 'tomorrow',
      };
      const wire = await startWire(
        policyOf('delaying', {
          onMailFrom: (ctx) => (ctx['delayDelivery'] = '+1h'),
          onRcptTo: (ctx) => (ctx['delayDelivery'] = texts[String(ctx['rcptToLocalPart'])]),
        }),
      );
      for (const name of Object.keys(texts)) {
        await sayUpTo(await wire.client(), 'onDataReceived', { rcpt: `<${name}@example.com>` });
        expect(await wire.stored(`${name}@example.com`)).toContain('Subject: hello');
      }
    },
  },
  {
    title: 'addRcpt and discardRcpt change who gets the message',
    proves: [...calls(having('addRcpt'), 'addRcpt'), ...calls(having('discardRcpt'), 'discardRcpt')],
    async run() {
      const lanes = await startLanes((ctx, event) => {
        const isLast = event === 'onHeadersReceived' || ctx['rcptTo'] === 'gone@example.com';
        if (!having('addRcpt').includes(event) || !isLast) return;
        call(ctx, 'addRcpt', `${event.toLowerCase()}@example.com`);
        call(ctx, 'addRcpt', 'kept@example.com');
        call(ctx, 'discardRcpt', 'GONE@example.com');
        call(ctx, 'discardRcpt', 'nobody@example.com');
      });
      for (const event of having('addRcpt')) {
        const peer = await lanes.client(event);
        await sayUpTo(peer, 'onRcptTo', { rcpt: '<kept@example.com>' });
        expect((await peer.say('RCPT TO:<gone@example.com>')).code).toBe(250);
        expect((await sayContent(peer)).code).toBe(250);
        expect(await lanes.wire.stored(`${event.toLowerCase()}@example.com`)).toContain('Subject: hello');
      }
      expect(lanes.wire.mail('gone@example.com')).toEqual([]);
      expect(lanes.wire.mail('kept@example.com')).toHaveLength(2);
    },
  },
];
