/** smtpAction and smtpExplanation: all four actions in all seven events. */
import { expect } from 'vitest';
import { sayUpTo } from '../../../helpers/policy-wire.js';
import type { SmtpReply } from '../../../helpers/smtp-peer.js';
import { type Case, INBOUND, type InboundEvent, type Loose, policyOf } from '../case.js';
import { cells, type Lanes, startLanes } from '../lanes.js';

const BUILT_IN: Readonly<Record<InboundEvent, readonly [reject: string, tmpreject: string]>> = {
  onConnect: ['554 5.7.1', '421 4.7.1'],
  onEhlo: ['550 5.7.1', '451 4.7.1'],
  onMailFrom: ['550 5.7.1', '451 4.7.1'],
  onRcptTo: ['550 5.7.1', '451 4.7.1'],
  onHeadersReceived: ['554 5.7.1', '451 4.7.1'],
  onBodyChunk: ['554 5.7.1', '451 4.7.1'],
  onDataReceived: ['554 5.7.1', '451 4.7.1'],
};

const start = (reply: SmtpReply): string => (reply.lines[0] ?? '').split(' ').slice(0, 2).join(' ');

const ACTION = cells(INBOUND, 'smtpAction', 'out');
const EXPLANATION = cells(INBOUND, 'smtpExplanation', 'out');

function refusing(action: 'reject' | 'tmpreject'): Case {
  return {
    title: `${action} refuses with the reply of the event`,
    proves: ACTION,
    async run() {
      const lanes = await startLanes((ctx) => {
        ctx['smtpAction'] = action;
      });
      for (const event of INBOUND) {
        const peer = await lanes.client(event);
        const reply = await sayUpTo(peer, event);
        expect([event, start(reply)]).toEqual([event, BUILT_IN[event][action === 'reject' ? 0 : 1]]);
        if (event === 'onConnect') await peer.ended();
        else expect((await peer.say('NOOP')).code).toBe(250);
      }
      expect(lanes.wire.mail('b@example.com')).toEqual([]);
    },
  };
}

export const CASES: readonly Case[] = [
  refusing('reject'),
  refusing('tmpreject'),
  {
    title: 'smtpExplanation gives the text and, where they fit the action, the codes',
    proves: EXPLANATION,
    async run() {
      const lanes = await startLanes((ctx) => {
        ctx['smtpAction'] = 'tmpreject';
        ctx['smtpExplanation'] = '450 4.2.1 not for %remoteSmtpIp%,\nnot now: 100%%';
      });
      for (const event of INBOUND) {
        const { lines } = await sayUpTo(await lanes.client(event), event);
        expect([event, lines[0]]).toEqual([event, '450-4.2.1 not for 127.0.0.1,']);
        expect(lines[1]).toMatch(/^450 4\.2\.1 not now: 100% \(ref .*\)$/);
      }
    },
  },
  {
    title: 'accept ends the event: a policy behind it is not asked',
    proves: ACTION,
    async run() {
      const refusing = Object.fromEntries(
        INBOUND.map((event) => [
          event,
          (ctx: Loose) => {
            if (ctx['smtpPort'] === lanes.port(event)) ctx['smtpAction'] = 'reject';
          },
        ]),
      );
      const accept = (ctx: Loose): void => {
        ctx['smtpAction'] = 'accept';
      };
      const lanes: Lanes = await startLanes(accept, { after: policyOf('refusing', refusing) });
      for (const event of INBOUND) {
        const reply = await sayUpTo(await lanes.client(event), 'onDataReceived');
        expect([event, reply.code]).toEqual([event, 250]);
      }
    },
  },
  {
    title: 'accept passes over the internal refusal of its event, and over nothing that holds for all',
    proves: ACTION,
    async run() {
      const lanes = await startLanes((ctx, event) => {
        if (event !== 'onConnect') ctx['SPFResult'] = 'Fail';
        ctx['smtpAction'] = 'accept';
      });
      for (const event of INBOUND.slice(2)) {
        const peer = await lanes.client(event);
        expect([event, (await sayUpTo(peer, 'onDataReceived')).code]).toEqual([event, 250]);
        const relayed = await sayUpTo(peer, 'onRcptTo', { rcpt: '<x@elsewhere.invalid>' }, 'onMailFrom');
        expect([event, relayed.code]).toEqual([event, 550]);
      }
    },
  },
  {
    title: 'discard answers success and stores nothing',
    proves: ACTION,
    async run() {
      const lanes = await startLanes((ctx) => {
        ctx['smtpAction'] = 'discard';
      });
      for (const event of INBOUND) {
        const peer = await lanes.client(event);
        const rcpt = `<${event}@example.com>`;
        expect([event, (await sayUpTo(peer, 'onDataReceived', { rcpt })).code]).toEqual([event, 250]);
      }
      expect(await lanes.wire.queued()).toEqual([]);
      expect(INBOUND.flatMap((event) => lanes.wire.mail(`${event}@example.com`))).toEqual([]);
    },
  },
];
