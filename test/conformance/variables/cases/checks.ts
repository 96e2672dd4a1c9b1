/** The checks and their variables, against a name server and a country database of the test. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from 'dns-packet';
import { expect, onTestFinished } from 'vitest';
import { a, type AskedQuestion, type FakeAnswer, startDnsServer } from '../../../helpers/dns-server.js';
import { writeMmdb } from '../../../helpers/mmdb.js';
import { sayUpTo } from '../../../helpers/policy-wire.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import type { ConfigInput } from '../../../../src/index.js';
import { call, type Case, having, INBOUND, type InboundEvent, policyOf, tell, told } from '../case.js';
import { calls, cells, startLanes } from '../lanes.js';

const COMMON = { ttl: 60, class: 'IN' } as const;
const text = (name: string, data: string): Answer => ({ type: 'TXT', name, data, ...COMMON });

/** What the world says besides its block lists. */
const ZONES: Readonly<Record<string, (name: string) => Answer>> = {
  'PTR 1.0.0.127.in-addr.arpa': (name) => ({ type: 'PTR', name, data: 'client.test', ...COMMON }),
  'A client.test': (name) => a(name, '127.0.0.1'),
  'MX mailed.test': (name) => ({
    ...{ type: 'MX', name, ...COMMON },
    data: { preference: 1, exchange: 'client.test' },
  }),
  'TXT fail.test': (name) => text(name, 'v=spf1 exp=why.test -all'),
  'TXT why.test': (name) => text(name, 'not from there'),
  'TXT pass.test': (name) => text(name, 'v=spf1 ip4:127.0.0.1 -all'),
};

function answer({ name, type }: AskedQuestion): FakeAnswer {
  if (name.startsWith('1.0.0.127.') && name.endsWith('.list.test')) {
    const about = `listed by ${name.slice('1.0.0.127.'.length)}`;
    return { answers: type === 'TXT' ? [text(name, about)] : type === 'A' ? [a(name, '127.0.0.9')] : [] };
  }
  const found = ZONES[`${type} ${name}`];
  return found ? { answers: [found(name)] } : { rcode: 3 };
}

async function world(): Promise<ConfigInput> {
  const dns = await startDnsServer(answer);
  onTestFinished(() => dns.stop());
  return { dns: { servers: [dns.address] } };
}

async function country(): Promise<ConfigInput> {
  const path = join(tempFolder(), 'country.mmdb');
  writeFileSync(path, writeMmdb({ '127.0.0.0/8': { country: { iso_code: 'DE' } } }));
  return { geoip: { country: path } };
}

const SPF_EVENTS = having('SPFResult');
const LATER: readonly InboundEvent[] = SPF_EVENTS.filter(
  (event) => event !== 'onEhlo' && event !== 'onMailFrom',
);
const REVERSE = having('ReverseDNSResult');
const MX = having('SenderMXCheckResult');
const GEO = ['GeoIPResult', 'IsGeoIPBanned'] as const;

export const CASES: readonly Case[] = [
  {
    title: 'checkDNSBL asks the zone in DNSBLServer and fills result and explanation',
    proves: [
      ...calls(INBOUND, 'checkDNSBL'),
      ...cells(INBOUND, 'DNSBLServer', 'out'),
      ...cells(INBOUND, 'DNSBLResult', 'in'),
      ...cells(INBOUND, 'DNSBLExplanation', 'in'),
    ],
    async run() {
      const lanes = await startLanes(
        async (ctx, event) => {
          ctx['DNSBLServer'] = `${event.toLowerCase()}.list.test`;
          await call(ctx, 'checkDNSBL');
          tell(ctx, ['DNSBLResult', 'DNSBLExplanation']);
        },
        { settings: await world() },
      );
      for (const event of INBOUND) {
        const said = told(await sayUpTo(await lanes.client(event), event));
        const explanation = `listed by ${event.toLowerCase()}.list.test`;
        expect([event, said]).toEqual([event, { DNSBLResult: '127.0.0.9', DNSBLExplanation: explanation }]);
      }
    },
  },
  {
    title: 'a listing found at the connection is known in every later event',
    proves: cells(INBOUND, 'DNSBLResult', 'in'),
    async run() {
      const checking = policyOf('checking', { onConnect: (ctx) => call(ctx, 'checkDNSBL', 'a.list.test') });
      const settings = await world();
      const lanes = await startLanes((ctx) => tell(ctx, ['DNSBLResult']), { settings, before: checking });
      for (const event of INBOUND) {
        const said = told(await sayUpTo(await lanes.client(event), event));
        expect([event, said]).toEqual([event, { DNSBLResult: '127.0.0.9' }]);
      }
    },
  },
  {
    title: 'checkSPF checks EHLO or sender, and every later event knows what came out',
    proves: [
      ...calls(['onEhlo', 'onMailFrom'], 'checkSPF'),
      ...cells(SPF_EVENTS, 'SPFResult', 'in'),
      ...cells(SPF_EVENTS, 'SPFExplanation', 'in'),
    ],
    async run() {
      const checking = policyOf('checking', {
        onEhlo: (ctx) => call(ctx, 'checkSPF'),
        async onMailFrom(ctx) {
          if (ctx['mailFrom'] === '') return;
          await call(ctx, 'checkSPF');
        },
      });
      const settings = await world();
      const lanes = await startLanes((ctx) => tell(ctx, ['SPFResult', 'SPFExplanation']), {
        settings,
        before: checking,
      });
      for (const event of SPF_EVENTS) {
        const script = { hello: 'EHLO fail.test', mail: '<a@pass.test>' };
        const { SPFResult, SPFExplanation } = told(await sayUpTo(await lanes.client(event), event, script));
        expect([event, SPFResult]).toEqual([event, event === 'onEhlo' ? 'Fail' : 'Pass']);
        if (event === 'onEhlo') expect(SPFExplanation).toContain('not from there');
      }
    },
  },
  {
    title: 'a sender that SPF calls Fail is refused at MAIL, with the reason; a policy pardons it',
    proves: ['onEhlo.SPFResult:out', 'onMailFrom.SPFResult:out'],
    async run() {
      const lanes = await startLanes(
        async (ctx, event) => {
          if (event !== 'onEhlo' && event !== 'onMailFrom') return;
          await call(ctx, 'checkSPF');
          if (ctx['ehloHost'] !== 'fail.test') ctx['SPFResult'] = 'Pass';
        },
        { settings: await world() },
      );
      for (const event of ['onEhlo', 'onMailFrom'] as const) {
        const refused = await sayUpTo(await lanes.client(event), 'onMailFrom', {
          hello: 'EHLO fail.test',
          mail: '<a@fail.test>',
        });
        const about = expect.stringMatching(
          /^550 5\.7\.23 SPF validation failed: .*not from there/,
        ) as string;
        expect([event, refused.lines[0]]).toEqual([event, about]);
        const pardoned = await sayUpTo(await lanes.client(event), 'onMailFrom', { mail: '<a@fail.test>' });
        expect([event, pardoned.code]).toEqual([event, 250]);
      }
    },
  },
  {
    title: 'SPFResult set to Fail forbids the sender from then on, unless a later policy pardons',
    proves: cells(SPF_EVENTS, 'SPFResult', 'out'),
    async run() {
      const pardoning = policyOf(
        'pardoning',
        Object.fromEntries(
          SPF_EVENTS.map((event) => [
            event,
            (ctx: Record<string, unknown>) => {
              if (ctx['ehloHost'] === 'pardon.test') ctx['SPFResult'] = 'None';
            },
          ]),
        ),
      );
      const lanes = await startLanes(
        (ctx, event) => {
          if (SPF_EVENTS.includes(event)) ctx['SPFResult'] = 'Fail';
        },
        { after: pardoning },
      );
      for (const event of SPF_EVENTS) {
        const at: InboundEvent = LATER.includes(event) ? event : 'onMailFrom';
        const refused = await sayUpTo(await lanes.client(event), at);
        expect([event, refused.lines[0]]).toEqual([event, expect.stringMatching(/^550 5\.7\.23 /)]);
        const pardon = { hello: 'EHLO pardon.test' };
        const taken = await sayUpTo(await lanes.client(event), 'onDataReceived', pardon);
        expect([event, taken.code]).toEqual([event, 250]);
      }
    },
  },
  {
    title: 'checkReverseDNS fills its result, and every later event that has it knows it',
    proves: [
      ...calls(having('checkReverseDNS'), 'checkReverseDNS'),
      ...cells(REVERSE, 'ReverseDNSResult', 'in'),
    ],
    async run() {
      const lanes = await startLanes(
        async (ctx, event) => {
          if (having('checkReverseDNS').includes(event)) await call(ctx, 'checkReverseDNS');
          tell(ctx, ['ReverseDNSResult']);
        },
        {
          settings: await world(),
          before: policyOf('checking', {
            async onMailFrom(ctx) {
              if (ctx['ehloHost'] === 'early.test') await call(ctx, 'checkReverseDNS');
            },
          }),
        },
      );
      for (const event of REVERSE) {
        const hello = REVERSE.indexOf(event) > 1 ? 'EHLO early.test' : 'EHLO c.test';
        const said = told(await sayUpTo(await lanes.client(event), event, { hello }));
        expect([event, said]).toEqual([event, { ReverseDNSResult: 'pass' }]);
      }
    },
  },
  {
    title: 'checkSenderMX asks about the sender as it is now',
    proves: [...calls(MX, 'checkSenderMX'), ...cells(MX, 'SenderMXCheckResult', 'in')],
    async run() {
      const lanes = await startLanes(
        async (ctx) => {
          await call(ctx, 'checkSenderMX');
          tell(ctx, ['SenderMXCheckResult']);
        },
        {
          settings: await world(),
          before: policyOf('rewriting', {
            onMailFrom(ctx) {
              if (ctx['mailFromLocalPart'] === 'moved') ctx['mailFrom'] = 'a@nowhere.test';
            },
          }),
        },
      );
      for (const event of MX) {
        for (const [mail, result] of [
          ['<a@mailed.test>', 'Pass'],
          ['<moved@mailed.test>', 'Fail'],
          ['<>', 'Neutral'],
        ] as const) {
          const said = told(await sayUpTo(await lanes.client(event), event, { mail }));
          expect([event, mail, said]).toEqual([event, mail, { SenderMXCheckResult: result }]);
        }
      }
    },
  },
  {
    title: 'checkGeoIp finds the country, and the two lists say who is banned',
    proves: [
      ...calls(INBOUND, 'checkGeoIp'),
      ...GEO.flatMap((name) => cells(INBOUND, name, 'in')),
      ...cells(INBOUND, 'AllowedCountries', 'out'),
      ...cells(INBOUND, 'BannedCountries', 'out'),
    ],
    async run() {
      const lanes = await startLanes(
        async (ctx) => {
          const seen: string[] = [];
          const check = async (allowed: string, banned: string): Promise<void> => {
            ctx['AllowedCountries'] = allowed;
            ctx['BannedCountries'] = banned;
            await call(ctx, 'checkGeoIp');
            seen.push(String(ctx['IsGeoIPBanned']));
          };
          await check('', '');
          await check('FR DE', '');
          await check('FR AT', '');
          await check('', 'de fr');
          tell(ctx, GEO, `seen ${seen.join(' ')}.`);
        },
        { settings: await country() },
      );
      for (const event of INBOUND) {
        const reply = await sayUpTo(await lanes.client(event), event);
        expect([event, told(reply)]).toEqual([event, { GeoIPResult: 'DE', IsGeoIPBanned: 'yes' }]);
        expect(reply.lines[0]).toContain('seen no no yes yes.');
      }
    },
  },
  {
    title: 'ActionGeoIPBan says what becomes of a banned client',
    proves: cells(INBOUND, 'ActionGeoIPBan', 'out'),
    async run() {
      for (const [action, kind] of [
        [undefined, '5'],
        ['Reject', '5'],
        ['TmpReject', '4'],
        ['Accept', '2'],
      ] as const) {
        const lanes = await startLanes(
          async (ctx) => {
            await call(ctx, 'checkGeoIp', { BannedCountries: 'DE' });
            if (action !== undefined) ctx['ActionGeoIPBan'] = action;
          },
          { settings: await country() },
        );
        for (const event of INBOUND) {
          const { code } = await sayUpTo(await lanes.client(event), event);
          expect([action, event, String(code)[0]]).toEqual([action, event, kind]);
        }
      }
    },
  },
];
