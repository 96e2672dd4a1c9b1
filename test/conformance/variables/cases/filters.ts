/** addFilter looks at every input; executeFilters runs what is registered, which is nothing yet. */
import { expect } from 'vitest';
import { sayUpTo } from '../../../helpers/policy-wire.js';
import { call, type Case, INBOUND, tell, told } from '../case.js';
import { calls, cells, startLanes } from '../lanes.js';

const NAMES = ['addFilterResult', 'addFilterExplanation'] as const;

export const CASES: readonly Case[] = [
  {
    title: 'name, type and address of a filter are looked at, each by itself',
    proves: [
      ...calls(INBOUND, 'addFilter'),
      ...(['filterName', 'filterType', 'filterAddress'] as const).flatMap((name) =>
        cells(INBOUND, name, 'out'),
      ),
      ...NAMES.flatMap((name) => cells(INBOUND, name, 'in')),
    ],
    async run() {
      const lanes = await startLanes(async (ctx) => {
        const seen: string[] = [];
        const add = async (name: string, type: string, address: string): Promise<void> => {
          Object.assign(ctx, { filterName: name, filterType: type, filterAddress: address });
          await call(ctx, 'addFilter');
          seen.push(String(ctx['addFilterResult']));
        };
        await add('two words', 'clamd', 'inet://127.0.0.1:3310');
        await add('av', 'clamd', 'somewhere');
        await add('av', 'clamd', 'inet://127.0.0.1:3310');
        tell(ctx, NAMES, `seen ${seen.join(' ')}.`);
      });
      for (const event of INBOUND) {
        const reply = await sayUpTo(await lanes.client(event), event);
        expect([event, told(reply)]).toEqual([
          event,
          {
            addFilterResult: 'BadType',
            addFilterExplanation: 'this version has no client for filterType "clamd"',
          },
        ]);
        expect(reply.lines[0]).toContain('seen BadName BadAddress BadType.');
      }
    },
  },
  {
    title: 'executeFilters with a pattern runs none where none is registered, and says so',
    proves: [...calls(INBOUND, 'executeFilters'), ...cells(INBOUND, 'filterNamePattern', 'out')],
    async run() {
      const lanes = await startLanes(async (ctx) => {
        ctx['filterNamePattern'] = '*';
        const ran = (await call(ctx, 'executeFilters')) as readonly string[];
        ctx['smtpAction'] = 'reject';
        ctx['smtpExplanation'] = `ran ${ran.length}, knows ${Object.keys(ctx['filters'] as object).length}.`;
      });
      for (const event of INBOUND) {
        const reply = await sayUpTo(await lanes.client(event), event);
        expect([event, reply.lines[0]]).toEqual([event, expect.stringContaining('ran 0, knows 0.')]);
      }
    },
  },
];
