/** maxDataSize, maxReceivedHeaders and maxRcptCount: from the event in which they are written on. */
import { expect } from 'vitest';
import { sayUpTo } from '../../../helpers/policy-wire.js';
import { type Case, having } from '../case.js';
import { cells, startLanes } from '../lanes.js';

const content = (octets: number): string => {
  const header = 'Subject: size\r\n\r\n';
  return `${header}${'x'.repeat(octets - header.length - 2)}\r\n`;
};
const WRITABLE = having('maxDataSize');

export const CASES: readonly Case[] = [
  {
    title: 'maxDataSize bounds the message, in KB of 1024 octets',
    proves: cells(WRITABLE, 'maxDataSize', 'out'),
    async run() {
      const lanes = await startLanes((ctx) => {
        if ('maxDataSize' in ctx) ctx['maxDataSize'] = 1;
      });
      for (const event of WRITABLE) {
        const peer = await lanes.client(event);
        const fits = await sayUpTo(peer, 'onDataReceived', { content: content(1024) });
        expect([event, fits.code]).toEqual([event, 250]);
        const tooBig = await sayUpTo(peer, 'onDataReceived', { content: content(1025) }, 'onMailFrom');
        expect([event, tooBig.lines[0]]).toEqual([event, expect.stringMatching(/^552 5\.3\.4 /)]);
      }
    },
  },
  {
    title: 'maxDataSize of onEhlo and onMailFrom counts for what MAIL declares, and EHLO announces it',
    proves: cells(['onEhlo', 'onMailFrom'], 'maxDataSize', 'out'),
    async run() {
      const lanes = await startLanes((ctx) => {
        if ('maxDataSize' in ctx) ctx['maxDataSize'] = 2;
      });
      for (const event of ['onEhlo', 'onMailFrom'] as const) {
        const peer = await lanes.client(event);
        const { lines } = await sayUpTo(peer, 'onEhlo');
        expect(lines).toContain(event === 'onEhlo' ? '250-SIZE 2048' : '250-SIZE 10485760');
        const declared = async (size: number): Promise<string | undefined> =>
          (await peer.say(`MAIL FROM:<a@example.org> SIZE=${size}`)).lines[0];
        expect(await declared(2049)).toMatch(/^552 5\.3\.4 /);
        expect(await declared(2048)).toMatch(/^250 /);
      }
    },
  },
  {
    title: 'maxReceivedHeaders bounds the Received fields',
    proves: cells(having('maxReceivedHeaders'), 'maxReceivedHeaders', 'out'),
    async run() {
      const lanes = await startLanes((ctx) => {
        if ('maxReceivedHeaders' in ctx) ctx['maxReceivedHeaders'] = 1;
      });
      for (const event of having('maxReceivedHeaders')) {
        const hop = 'Received: from a by b; Sat, 21 Nov 2026 07:22:17 +0000\r\n';
        const peer = await lanes.client(event);
        const one = await sayUpTo(peer, 'onDataReceived', { content: `${hop}\r\nbody\r\n` });
        expect([event, one.code]).toEqual([event, 250]);
        const two = { content: `${hop}RECEIVED:\r\n from c\r\n\r\nbody\r\n` };
        const loop = await sayUpTo(peer, 'onDataReceived', two, 'onMailFrom');
        expect([event, loop.lines[0]]).toEqual([event, expect.stringMatching(/^554 5\.4\.6 /)]);
      }
    },
  },
  {
    title: 'maxRcptCount bounds the recipients of a message',
    proves: cells(['onEhlo', 'onMailFrom', 'onRcptTo'], 'maxRcptCount', 'out'),
    async run() {
      const lanes = await startLanes((ctx, event) => {
        if (event !== 'onConnect' && !/Headers|Body|Data/.test(event)) ctx['maxRcptCount'] = 2;
      });
      for (const event of ['onEhlo', 'onMailFrom', 'onRcptTo'] as const) {
        const peer = await lanes.client(event);
        await sayUpTo(peer, 'onMailFrom');
        const codes: number[] = [];
        for (const name of ['a', 'b', 'b', 'c']) {
          codes.push((await peer.say(`RCPT TO:<${name}@example.com>`)).code);
        }
        expect([event, codes]).toEqual([event, [250, 250, 250, 452]]);
      }
    },
  },
  {
    title: 'what onMailFrom sets is over with the message, what onEhlo sets holds for the connection',
    proves: ['onEhlo.maxRcptCount:out', 'onMailFrom.maxRcptCount:out'],
    async run() {
      const lanes = await startLanes((ctx, event) => {
        if (event === 'onEhlo') ctx['maxRcptCount'] = 1;
        if (event === 'onMailFrom' && ctx['mailFrom'] === 'one@example.org') ctx['maxRcptCount'] = 1;
      });
      for (const [event, code] of [
        ['onEhlo', 452],
        ['onMailFrom', 250],
      ] as const) {
        const peer = await lanes.client(event);
        await sayUpTo(peer, 'onRcptTo', { mail: '<one@example.org>' });
        expect((await peer.say('RCPT TO:<c@example.com>')).code).toBe(452);
        expect((await peer.say('RSET')).code).toBe(250);
        await sayUpTo(peer, 'onRcptTo', {}, 'onMailFrom');
        expect([event, (await peer.say('RCPT TO:<c@example.com>')).code]).toEqual([event, code]);
      }
    },
  },
];
