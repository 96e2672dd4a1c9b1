/** What a handler only reads: the connection, the login, the envelope and the counters, as they are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { VariableName } from '../../../../src/hooks/table/index.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { logIn, MESSAGE, sayContent, sayUpTo, startWire } from '../../../helpers/policy-wire.js';
import type { SmtpPeer, SmtpReply } from '../../../helpers/smtp-peer.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { cells, startLanes } from '../lanes.js';
import { type Case, having, INBOUND, type InboundEvent, policyOf, tell, told } from '../case.js';

/** What onEhlo sets, so that later events read something that is no default. */
const SET = {
  remoteDelivery: 'none',
  localDelivery: 'auth',
  maxRcptCount: 7,
  maxDataSize: 77,
  maxReceivedHeaders: 9,
  SPFResult: 'SoftFail',
} as const;

const SCRIPT = { mail: '<Ann+x@Example.ORG> SIZE=2000 AUTH=ann+2Bx@example.org', rcpt: '<b@example.com>' };

/** Variables that a handler reads and that are told without a check. */
const TOLD: readonly VariableName[] = [
  ...(['smtpPort', 'smtpIp', 'remoteSmtpPort', 'remoteSmtpIp', 'isSSLConnection'] as const),
  ...(['ehloHost', 'isESMTP', 'authUser', 'mailCount', 'totalMailSize'] as const),
  ...(['mailFrom', 'mailFromLocalPart', 'mailFromDomain', 'mailFromAuthUser', 'mailFromSize'] as const),
  ...(['rcptCount', 'rcptTo', 'rcptToLocalPart', 'rcptToDomain', 'isRcptLocal'] as const),
  ...(Object.keys(SET) as (keyof typeof SET)[]),
];

function truthOf(event: InboundEvent, peer: SmtpPeer, port: number): Readonly<Record<string, string>> {
  const all: Readonly<Record<string, string | number>> = {
    smtpPort: port,
    smtpIp: '127.0.0.1',
    remoteSmtpPort: peer.socket.localPort ?? 0,
    remoteSmtpIp: '127.0.0.1',
    isSSLConnection: 'no',
    ehloHost: 'c.test',
    isESMTP: 'yes',
    authUser: 'ann',
    mailCount: 1,
    totalMailSize: MESSAGE.length,
    mailFrom: 'Ann+x@Example.ORG',
    mailFromLocalPart: 'Ann+x',
    mailFromDomain: 'Example.ORG',
    mailFromAuthUser: 'ann+x@example.org',
    mailFromSize: 2000,
    // Those before the current one in onRcptTo, all of them afterwards.
    rcptCount: event === 'onRcptTo' ? 1 : 2,
    rcptTo: 'c.d@elsewhere.invalid',
    rcptToLocalPart: 'c.d',
    rcptToDomain: 'elsewhere.invalid',
    isRcptLocal: 'no',
    ...SET,
  };
  return Object.fromEntries(namesIn(event).map((name) => [name, String(all[name])]));
}

function namesIn(event: InboundEvent): readonly VariableName[] {
  return TOLD.filter((name) => having(name).includes(event));
}

/** A first message, then the second one up to the event. */
async function secondTime(peer: SmtpPeer, event: InboundEvent): Promise<SmtpReply> {
  const greeting = await peer.reply();
  if (event === 'onConnect') return greeting;
  await peer.say('EHLO c.test');
  expect((await logIn(peer)).code).toBe(235);
  expect((await sayUpTo(peer, 'onDataReceived', {}, 'onMailFrom')).code).toBe(250);
  if (event === 'onEhlo' || event === 'onMailFrom') return await sayUpTo(peer, event, SCRIPT, event);
  await sayUpTo(peer, 'onRcptTo', SCRIPT, 'onMailFrom');
  if (event === 'onRcptTo') return await peer.say('RCPT TO:<c.d@elsewhere.invalid>');
  expect((await peer.say('RCPT TO:<c@example.com>')).code).toBe(250);
  return await sayContent(peer);
}

export const CASES: readonly Case[] = [
  {
    title: 'every event reads what is known',
    proves: INBOUND.flatMap((event) => namesIn(event).map((name) => `${event}.${name}:in` as const)),
    async run() {
      const setting = policyOf('setting', { onEhlo: (ctx) => void Object.assign(ctx, SET) });
      const lanes = await startLanes(
        (ctx, event) => {
          const isFirst = event === 'onRcptTo' ? ctx['rcptCount'] === 0 : ctx['mailCount'] === 0;
          if (event === 'onConnect' || !isFirst) tell(ctx, namesIn(event));
        },
        { before: setting },
      );
      for (const event of INBOUND) {
        const peer = await lanes.client(event);
        const said = told(await secondTime(peer, event));
        expect([event, said]).toEqual([event, truthOf(event, peer, lanes.port(event))]);
      }
    },
  },
  {
    title: 'a client that says HELO and logs in nowhere',
    proves: ['onMailFrom.isESMTP:in', 'onMailFrom.authUser:in', 'onMailFrom.mailFromSize:in'],
    async run() {
      const names = ['isESMTP', 'authUser', 'mailFrom', 'mailFromDomain', 'mailFromSize', 'mailFromAuthUser'];
      const wire = await startWire(policyOf('telling', { onMailFrom: (ctx) => tell(ctx, names) }));
      const reply = await sayUpTo(await wire.client(), 'onMailFrom', { hello: 'HELO c.test', mail: '<>' });
      const expected = ['no', '', '', '', '0', ''];
      expect(told(reply)).toEqual(Object.fromEntries(names.map((name, i) => [name, expected[i]])));
    },
  },
  {
    title: 'isSSLConnection is yes in every event of an encrypted connection',
    proves: cells(INBOUND, 'isSSLConnection', 'in'),
    async run() {
      const folder = tempFolder();
      const { certificate, key } = makeCertificate();
      writeFileSync(join(folder, 'c.pem'), certificate);
      writeFileSync(join(folder, 'c.key'), key, { mode: 0o600 });
      const lanes = await startLanes((ctx) => tell(ctx, ['isSSLConnection']), {
        settings: {
          tls: { certificate: join(folder, 'c.pem'), key: join(folder, 'c.key') },
          listeners: INBOUND.map((name) => ({ name, port: 0, tls: 'implicit' })),
        },
      });
      for (const event of INBOUND) {
        const peer = await lanes.client(event);
        await peer.secure();
        expect([event, told(await sayUpTo(peer, event))]).toEqual([event, { isSSLConnection: 'yes' }]);
      }
    },
  },
  {
    title: 'mailCount counts what was handed over, totalMailSize the octets that were accepted',
    proves: cells(['onEhlo', 'onMailFrom'], 'mailCount', 'in'),
    async run() {
      const names = ['mailCount', 'totalMailSize'];
      const wire = await startWire(
        policyOf('counting', {
          onMailFrom(ctx) {
            if (ctx['mailFromLocalPart'] === 'tell') tell(ctx, names);
          },
          onDataReceived(ctx) {
            if (ctx['mailFromLocalPart'] !== 'ann') ctx['smtpAction'] = ctx['mailFromLocalPart'];
          },
        }),
      );
      const peer = await wire.client();
      const seen: string[] = [];
      await sayUpTo(peer, 'onEhlo');
      for (const sender of ['ann', 'reject', 'discard', 'ann']) {
        await sayUpTo(peer, 'onDataReceived', { mail: `<${sender}@example.org>` }, 'onMailFrom');
        const { mailCount, totalMailSize } = told(await peer.say('MAIL FROM:<tell@example.org>'));
        seen.push(`${mailCount} ${Number(totalMailSize) / MESSAGE.length}`);
      }
      expect(seen).toEqual(['1 1', '1 1', '2 1', '3 2']);
    },
  },
];
