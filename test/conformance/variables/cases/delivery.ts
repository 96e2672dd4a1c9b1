/** localDelivery and remoteDelivery: who may send to whom, from the event in which they are set on. */
import { expect } from 'vitest';
import { logIn, sayUpTo } from '../../../helpers/policy-wire.js';
import type { Case, InboundEvent } from '../case.js';
import { cells, startLanes } from '../lanes.js';

const EVENTS = ['onEhlo', 'onMailFrom', 'onRcptTo'] as const satisfies readonly InboundEvent[];
const WORDS = ['all', 'auth', 'none'] as const;

/** Nothing leaves this server, so who may relay is told that, and who may not is told so. */
const RELAYED = /^550 5\.4\.4 /;
const DENIED = /^550 5\.7\.1 /;
const TAKEN = /^250 /;

interface Expected {
  readonly stranger: RegExp;
  readonly user: RegExp;
}

const EXPECTED: Readonly<
  Record<'localDelivery' | 'remoteDelivery', Record<(typeof WORDS)[number], Expected>>
> = {
  localDelivery: {
    all: { stranger: TAKEN, user: TAKEN },
    auth: { stranger: DENIED, user: TAKEN },
    none: { stranger: DENIED, user: DENIED },
  },
  remoteDelivery: {
    all: { stranger: RELAYED, user: RELAYED },
    auth: { stranger: DENIED, user: RELAYED },
    none: { stranger: DENIED, user: DENIED },
  },
};

/** The host name of EHLO says which word the policy sets. */
function permission(name: 'localDelivery' | 'remoteDelivery', rcpt: string): Case {
  return {
    title: `${name} admits all, those who have logged in, or nobody`,
    proves: cells(EVENTS, name, 'out'),
    async run() {
      const lanes = await startLanes((ctx, event) => {
        if ((EVENTS as readonly string[]).includes(event)) ctx[name] = String(ctx['ehloHost']).split('.')[0];
      });
      for (const event of EVENTS) {
        for (const word of WORDS) {
          const { stranger, user } = EXPECTED[name][word];
          const script = { hello: `EHLO ${word}.test`, rcpt };
          const one = await sayUpTo(await lanes.client(event), 'onRcptTo', script);
          expect([event, word, one.lines[0]]).toEqual([event, word, expect.stringMatching(stranger)]);
          const peer = await lanes.client(event);
          await sayUpTo(peer, 'onEhlo', script);
          await logIn(peer);
          const two = await sayUpTo(peer, 'onRcptTo', script, 'onMailFrom');
          expect([event, word, two.lines[0]]).toEqual([event, word, expect.stringMatching(user)]);
        }
      }
    },
  };
}

export const CASES: readonly Case[] = [
  permission('localDelivery', '<b@example.com>'),
  permission('remoteDelivery', '<b@elsewhere.invalid>'),
];
