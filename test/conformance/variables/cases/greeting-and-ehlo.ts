/** The text of the greeting, and the switches of onEhlo for what is offered. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeCertificate } from '../../../helpers/certificates.js';
import { sayUpTo, startWire } from '../../../helpers/policy-wire.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { type Case, policyOf } from '../case.js';

const SWITCHES = [
  ['allowPipelining', 'PIPELINING', undefined],
  ['allow8BitMime', '8BITMIME', 'MAIL FROM:<a@example.org> BODY=8BITMIME'],
  ['allowBinaryData', 'BINARYMIME', 'MAIL FROM:<a@example.org> BODY=BINARYMIME'],
  ['allowDSN', 'DSN', 'MAIL FROM:<a@example.org> RET=HDRS'],
  ['allowStartTLS', 'STARTTLS', 'STARTTLS'],
] as const;

const NOT_OFFERED = [454, 500, 501, 502, 503, 504, 555];

export const CASES: readonly Case[] = [
  {
    title: 'smtpGreeting is the text of the banner, with variables filled in',
    proves: ['onConnect.smtpGreeting:out'],
    async run() {
      const wire = await startWire(
        policyOf('greeting', {
          onConnect: (ctx) => (ctx['smtpGreeting'] = 'mx.test ESMTP to %remoteSmtpIp%\nsecond line'),
        }),
      );
      const { lines } = await (await wire.client()).reply();
      expect(lines).toEqual(['220-mx.test ESMTP to 127.0.0.1', '220 second line']);
    },
  },
  {
    title: 'the switches take extensions out of the answer to EHLO, and put them in',
    proves: SWITCHES.map(([name]) => `onEhlo.${name}:out` as const),
    async run() {
      const folder = tempFolder();
      const { certificate, key } = makeCertificate();
      writeFileSync(join(folder, 'c.pem'), certificate);
      writeFileSync(join(folder, 'c.key'), key, { mode: 0o600 });
      const wire = await startWire(
        policyOf('switching', {
          onEhlo(ctx) {
            const [name = '', word] = String(ctx['ehloHost']).split('.');
            ctx[name] = word;
          },
        }),
        { tls: { certificate: join(folder, 'c.pem'), key: join(folder, 'c.key') } },
      );
      for (const [name, keyword, use] of SWITCHES) {
        for (const word of ['yes', 'no']) {
          const peer = await wire.client();
          const { lines } = await sayUpTo(peer, 'onEhlo', { hello: `EHLO ${name}.${word}` });
          const keywords = lines.map((line) => line.slice(4).split(' ')[0]);
          expect([name, word, keywords.includes(keyword)]).toEqual([name, word, word === 'yes']);
          if (use === undefined) continue;
          const { code } = await peer.say(use);
          expect([name, word, NOT_OFFERED.includes(code)]).toEqual([name, word, word === 'no']);
        }
      }
    },
  },
  {
    title: 'what a second EHLO sets counts although a message was open',
    proves: ['onEhlo.allowPipelining:out', 'onEhlo.maxDataSize:out'],
    async run() {
      const wire = await startWire(
        policyOf('second', {
          onEhlo(ctx) {
            if (ctx['ehloHost'] !== 'again.test') return;
            ctx['allowPipelining'] = 'no';
            ctx['maxDataSize'] = 3;
          },
        }),
      );
      const peer = await wire.client();
      await sayUpTo(peer, 'onRcptTo');
      const { lines } = await peer.say('EHLO again.test');
      expect(lines).toContain('250-SIZE 3072');
      expect(lines).not.toContain('250-PIPELINING');
      expect((await peer.say('MAIL FROM:<a@example.org> SIZE=3073')).code).toBe(552);
    },
  },
  {
    title: 'waitProcessingTimeout ends what onDataReceived waits for, and the client is told to come again',
    proves: ['onEhlo.waitProcessingTimeout:out'],
    async run() {
      const wire = await startWire(
        policyOf('waiting', {
          onEhlo: (ctx) => (ctx['waitProcessingTimeout'] = 1),
          onDataReceived: () => new Promise(() => undefined),
        }),
      );
      const reply = await sayUpTo(await wire.client(), 'onDataReceived');
      expect(reply.lines[0]).toMatch(/^451 4\.3\.0 /);
    },
  },
];
