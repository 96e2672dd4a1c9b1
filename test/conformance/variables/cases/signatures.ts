/** checkDKIM, checkDMARC and checkARC: typed answers about a message that came over the wire. */
import type { Answer } from 'dns-packet';
import { expect, onTestFinished } from 'vitest';
import { type DnsServerDouble, startDnsServer } from '../../../helpers/dns-server.js';
import { logIn, sayContent, sayUpTo, startWire, textOf } from '../../../helpers/policy-wire.js';
import {
  arcSealed,
  dkimSigned,
  type Mail,
  rsaKey,
  textOf as mailText,
} from '../../../helpers/text-signer.js';
import { connectPeer } from '../../../helpers/smtp-peer.js';
import { call, type Case, type Loose, policyOf } from '../case.js';

const KEY = rsaKey();
const RECORDS: Readonly<Record<string, string>> = {
  's._domainkey.a.test': KEY.text,
  's._domainkey.arc.test': KEY.text,
  '_dmarc.a.test': 'v=DMARC1; p=reject',
  'a.test': 'v=spf1 ip4:127.0.0.1 -all',
  'pass.test': 'v=spf1 ip4:127.0.0.1 -all',
};

async function world(): Promise<DnsServerDouble> {
  const dns = await startDnsServer(({ name, type }) => {
    const data = type === 'TXT' ? RECORDS[name.toLowerCase()] : undefined;
    const found: Answer[] = data === undefined ? [] : [{ type: 'TXT', name, data, ttl: 60, class: 'IN' }];
    return found.length > 0 ? { answers: found } : { rcode: 3 };
  });
  onTestFinished(() => dns.stop());
  return dns;
}

const PLAIN: Mail = {
  header: 'From: ann@a.test\r\nTo: b@example.com\r\nSubject: signed\r\n',
  body: 'Hello  you \r\n.\r\n..\r\n\r\nbye\r\n\r\n',
};
const TAGS = 'v=1; a=rsa-sha256; c=relaxed/simple; d=a.test; s=s; h=from:to:subject; bh=BH; b=';
const tags = (bh: string): string => TAGS.replace('BH', bh);
const SIGNED = dkimSigned(PLAIN, { key: KEY, bodyForm: 'simple', tags });
const SEALED = arcSealed(SIGNED, { key: KEY, i: 1 });
const CHANGED: Mail = { ...SEALED, body: SEALED.body.replace('Hello', 'Hullo') };

/** As it goes over the wire: dots stuffed (RFC 5321 §4.5.2). */
const stuffed = (mail: Mail): string => mailText(mail).replace(/^\./gm, '..');

interface Answers {
  readonly DKIMResult?: string;
  readonly DMARCResult?: string;
  readonly ARCResult?: string;
  readonly signatures?: readonly { readonly explanation: string }[];
}

async function answers(ctx: Loose): Promise<readonly Answers[]> {
  const found: Answers[] = [];
  for (const method of ['checkDKIM', 'checkDMARC', 'checkARC'])
    found.push((await call(ctx, method)) as Answers);
  return found;
}

function say(ctx: Loose, found: readonly Answers[]): void {
  const { DKIMResult, signatures } = found[0] ?? {};
  const why = signatures?.[0]?.explanation ?? '';
  ctx['smtpAction'] = 'reject';
  ctx['smtpExplanation'] =
    `dkim=${DKIMResult} dmarc=${found[1]?.DMARCResult} arc=${found[2]?.ARCResult} (${why})`;
}

const asking = policyOf('asking', {
  async onDataReceived(ctx) {
    say(ctx, await answers(ctx));
  },
});

async function verdict(mail: Mail, sender = '<x@other.test>'): Promise<string> {
  const dns = await world();
  const wire = await startWire(asking, { dns: { servers: [dns.address] } });
  const script = { mail: sender, content: stuffed(mail) };
  return textOf(await sayUpTo(await wire.client(), 'onDataReceived', script));
}

export const CASES: readonly Case[] = [
  {
    title: 'checkDKIM, checkDMARC and checkARC say Pass of a message as it was signed',
    proves: ['onDataReceived.checkDKIM()', 'onDataReceived.checkDMARC()', 'onDataReceived.checkARC()'],
    async run() {
      expect(await verdict(SEALED)).toContain('dkim=Pass dmarc=Pass arc=Pass ()');
    },
  },
  {
    title: 'a body that does not fit its hash is a Fail, of the signature, of DMARC and of the chain',
    proves: ['onDataReceived.checkDKIM()', 'onDataReceived.checkDMARC()', 'onDataReceived.checkARC()'],
    async run() {
      expect(await verdict(CHANGED)).toContain('dkim=Fail dmarc=Fail arc=Fail (body hash did not verify)');
    },
  },
  {
    title: 'a message that nobody signed is None, and a Fail of DMARC, unless SPF stands for its author',
    proves: ['onDataReceived.checkDKIM()', 'onDataReceived.checkDMARC()', 'onDataReceived.checkARC()'],
    async run() {
      expect(await verdict(PLAIN)).toContain('dkim=None dmarc=Fail arc=None ()');
      const own = { ...PLAIN, header: PLAIN.header.replace('a.test', 'pass.test') };
      expect(await verdict(own)).toContain('dkim=None dmarc=None arc=None ()');
    },
  },
  {
    title: 'DMARC looks at the sender that the client gave, whatever a policy wrote over it',
    proves: ['onDataReceived.checkDMARC()'],
    async run() {
      const dns = await world();
      const rewriting = policyOf('rewriting', {
        onMailFrom(ctx) {
          ctx['mailFrom'] = 'bounces@other.test';
        },
      });
      const wire = await startWire([rewriting, asking], { dns: { servers: [dns.address] } });
      const script = { mail: '<ann@a.test>', content: stuffed(PLAIN) };
      const reply = await sayUpTo(await wire.client(), 'onDataReceived', script);
      expect(textOf(reply)).toContain('dkim=None dmarc=Pass arc=None');
    },
  },
  {
    title: 'the signatures are judged on the message as it came, whatever policies make of its header',
    proves: ['onDataReceived.checkDKIM()'],
    async run() {
      const dns = await world();
      const editing = policyOf('editing', {
        onHeadersReceived(ctx) {
          call(ctx, 'modifyHeader', 'Subject', 'another');
          call(ctx, 'removeHeader', 'To');
        },
      });
      const wire = await startWire([editing, asking], { dns: { servers: [dns.address] } });
      const script = { content: stuffed(SIGNED) };
      const reply = await sayUpTo(await wire.client(), 'onDataReceived', script);
      expect(textOf(reply)).toContain('dkim=Pass');
    },
  },
  {
    title: 'several policies may ask: each key is asked for once, and said of once',
    proves: ['onDataReceived.checkDKIM()', 'onDataReceived.checkDMARC()', 'onDataReceived.checkARC()'],
    async run() {
      const dns = await world();
      const noting = (name: string) =>
        policyOf(name, {
          async onDataReceived(ctx) {
            const [one, other] = await Promise.all([answers(ctx), answers(ctx)]);
            expect(other).toEqual(one);
          },
        });
      const settings = { dns: { servers: [dns.address] } };
      const wire = await startWire([noting('one'), noting('two'), noting('three')], settings);
      const reply = await sayUpTo(await wire.client(), 'onDataReceived', { content: stuffed(SEALED) });
      expect(reply.code).toBe(250);
      const names = dns.asked.map(({ name, type }) => `${type} ${name}`).sort();
      expect(names).toEqual([...new Set(names)]);
      const stored = await wire.stored('b@example.com');
      expect(stored.match(/dkim=pass/g)).toHaveLength(1);
      expect(stored.match(/dmarc=pass/g)).toHaveLength(1);
      expect(stored.match(/ arc=pass/g)).toHaveLength(1);
    },
  },
  {
    title: 'however the octets come, by DATA or in chunks, the hash is the same',
    proves: ['onDataReceived.checkDKIM()'],
    async run() {
      const dns = await world();
      const wire = await startWire(asking, { dns: { servers: [dns.address] } });
      const begin = async () => {
        const peer = await connectPeer(wire.ports[0] ?? 0);
        onTestFinished(() => {
          peer.destroy();
        });
        await sayUpTo(peer, 'onRcptTo');
        return peer;
      };
      const octets = await begin();
      await octets.say('DATA');
      for (const octet of `${stuffed(SIGNED)}.\r\n`) octets.raw(octet);
      expect(textOf(await octets.reply())).toContain('dkim=Pass');
      for (const size of [1, 7, 100, 10_000]) {
        const peer = await begin();
        const text = mailText(SIGNED);
        let last = '';
        for (let at = 0; at < text.length; at += size) {
          const chunk = text.slice(at, at + size);
          peer.raw(`BDAT ${chunk.length}${at + size >= text.length ? ' LAST' : ''}\r\n${chunk}`);
          last = textOf(await peer.reply());
        }
        expect([size, last]).toEqual([size, expect.stringContaining('dkim=Pass')]);
      }
    },
  },
  {
    title: 'a message that is a header alone, and one of some megabytes',
    proves: ['onDataReceived.checkDKIM()'],
    async run() {
      const empty = dkimSigned({ ...PLAIN, body: '' }, { key: KEY, bodyForm: 'simple', tags });
      expect(await verdict(empty)).toContain('dkim=Pass');
      const line = 'a line of some text, of which there are many in a message. \r\n';
      const big = { ...PLAIN, body: line.repeat(80_000) };
      expect(await verdict(dkimSigned(big, { key: KEY, bodyForm: 'simple', tags }))).toContain('dkim=Pass');
    },
  },
  {
    title: 'each message of a connection is judged by itself, a user who has logged in like anybody',
    proves: ['onDataReceived.checkDKIM()', 'onDataReceived.checkDMARC()', 'onDataReceived.checkARC()'],
    async run() {
      const dns = await world();
      const wire = await startWire(asking, { dns: { servers: [dns.address] } });
      const peer = await wire.client();
      await peer.reply();
      await peer.say('EHLO c.test');
      await logIn(peer);
      for (const [mail, said] of [
        [SEALED, 'dkim=Pass dmarc=Pass arc=Pass'],
        [PLAIN, 'dkim=None dmarc=Fail arc=None'],
        [CHANGED, 'dkim=Fail dmarc=Fail arc=Fail'],
        [SIGNED, 'dkim=Pass dmarc=Pass arc=None'],
      ] as const) {
        await peer.say('MAIL FROM:<x@other.test>');
        await peer.say('RCPT TO:<b@example.com>');
        expect(textOf(await sayContent(peer, stuffed(mail)))).toContain(said);
      }
    },
  },
];
