/** The methods that remember over sessions: greylisting and rate limits. */
import { expect } from 'vitest';
import { sayUpTo, startWire, textOf } from '../../../helpers/policy-wire.js';
import { call, type Case, INBOUND, policyOf, tell } from '../case.js';
import { calls, startLanes } from '../lanes.js';

export const CASES: readonly Case[] = [
  {
    title: 'checkRate counts in every event, over sessions, and refuses to count more than the limit',
    proves: calls(INBOUND, 'checkRate'),
    async run() {
      const lanes = await startLanes(async (ctx, event) => {
        const { allowed, count } = (await call(ctx, 'checkRate', `event:${event}`, 2, '1h')) as Record<
          string,
          unknown
        >;
        tell(ctx, [], `allowed ${String(allowed)} count ${String(count)}`);
      });
      for (const event of INBOUND) {
        const said: string[] = [];
        for (let n = 0; n < 3; n += 1) said.push(textOf(await sayUpTo(await lanes.client(event), event)));
        const wanted = ['allowed true count 1', 'allowed true count 2', 'allowed false count 2'];
        expect([event, said]).toEqual([event, wanted.map((text) => expect.stringContaining(text) as string)]);
      }
    },
  },
  {
    title: 'checkGreylist knows client, sender and recipient again',
    proves: ['onRcptTo.checkGreylist()'],
    async run() {
      const policy = policyOf('greylisting', {
        async onRcptTo(ctx) {
          const { status } = (await call(ctx, 'checkGreylist', { delay: 0 })) as Record<string, unknown>;
          tell(ctx, ['mailFrom', 'rcptTo'], `status ${String(status)}`);
        },
      });
      const wire = await startWire([policy]);
      for (const [mail, status] of [
        ['<a@one.test>', 'new'],
        ['<a@one.test>', 'passed'],
        ['<A@ONE.test>', 'passed'],
        ['<b@one.test>', 'new'],
        ['<>', 'new'],
        ['<>', 'passed'],
      ] as const) {
        const reply = await sayUpTo(await wire.client(), 'onRcptTo', { mail });
        expect([mail, textOf(reply)]).toEqual([mail, expect.stringContaining(`status ${status}`)]);
      }
    },
  },
];
