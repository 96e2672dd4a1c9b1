/**
 * The policies of docs/checks.md about whole messages, as they stand there, over SMTP: DKIM, DMARC with
 * an exception for known sealers of ARC, and the field by which a message can be put aside.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstMailFor } from '../helpers/maildir.js';
import { type Client, type PageServer, runPagePolicy, send, type Zone } from '../helpers/page-server.js';
import { ROOT } from '../helpers/temp-project.js';
import { arcSealed, dkimSigned, type Mail, rsaKey, textOf } from '../helpers/text-signer.js';

const PAGE = 'docs/checks.md';
const KEY = rsaKey();

const run = (name: string, zone: Zone): Promise<PageServer> => runPagePolicy(PAGE, name, zone);
const answerTo = (server: PageServer, mail: Mail, who?: Client): Promise<string> =>
  send(server, textOf(mail), who);

const plain = (from: string): Mail => ({
  header: `From: Ann <ann@${from}>\r\nTo: ann@here.example\r\nSubject: hello\r\n`,
  body: 'Some words.\r\n',
});

function signed(mail: Mail, domain: string, more = ''): Mail {
  const tags = (bh: string): string =>
    `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=s;${more} h=from:to:subject; bh=${bh}; b=`;
  return dkimSigned(mail, { key: KEY, tags, ...(more.includes('l=') && { limit: 4 }) });
}

const KEYS: Zone = {
  's._domainkey.partner.example TXT': KEY.text,
  's._domainkey.strict.example TXT': KEY.text,
  's._domainkey.lists.example.net TXT': KEY.text,
  's._domainkey.other.example TXT': KEY.text,
};

describe('signatures', () => {
  it('of the partner are asked for, and cover all of the body', async () => {
    const running = await run('partner', KEYS);
    const from = 'a@partner.example';
    const mail = plain('partner.example');
    expect(await answerTo(running, signed(mail, 'partner.example'), { from })).toMatch(/^250 /);
    expect(await answerTo(running, mail, { from })).toMatch(
      /^554 5\.7\.1 Mail of partner\.example comes with/,
    );
    expect(await answerTo(running, signed(mail, 'other.example'), { from })).toMatch(/^554 /);
    expect(await answerTo(running, signed(mail, 'partner.example', ' l=4;'), { from })).toMatch(/^554 /);
    const changed = { ...signed(mail, 'partner.example'), body: 'Other words.\r\n' };
    expect(await answerTo(running, changed, { from })).toMatch(/^554 /);
    expect(await answerTo(running, plain('far.example'))).toMatch(/^250 /);
  });

  it('of the partner that cannot be judged now are asked for again', async () => {
    const running = await run('partner', KEYS);
    const from = 'a@partner.example';
    const mail = plain('partner.example');
    running.trouble('partner.example');
    expect(await answerTo(running, signed(mail, 'partner.example'), { from })).toMatch(/^4\d\d /);
    const both = signed(signed(mail, 'other.example'), 'partner.example');
    expect(await answerTo(running, both, { from })).toMatch(/^4\d\d /);
  });
});

/** The value of our field in a stored message, unfolded. */
function fieldOf(message: string): string {
  return /^Authentication-Results: ([^]*?)\n(?!\s)/m.exec(message)?.[1]?.replace(/\n\s+/g, ' ') ?? '';
}

describe('DMARC', () => {
  const ZONE: Zone = {
    ...KEYS,
    '_dmarc.strict.example TXT': 'v=DMARC1; p=reject',
    '_dmarc.mild.example TXT': 'v=DMARC1; p=quarantine',
  };
  const mail = plain('strict.example');

  function sealed(domain: string): Mail {
    const as = (text: string): string => text.replace('d=arc.test', `d=${domain}`);
    return arcSealed(mail, { key: KEY, i: 1, ams: as, seal: as });
  }

  it('is enforced as the domain asks', async () => {
    const running = await run('dmarc', ZONE);
    expect(await answerTo(running, mail)).toMatch(/^550 5\.7\.26 strict\.example asks to refuse/);
    expect(await answerTo(running, signed(mail, 'strict.example'))).toMatch(/^250 /);
    expect(await answerTo(running, plain('mild.example'))).toMatch(/^250 /);
    expect(await answerTo(running, plain('none.example'))).toMatch(/^250 /);
    expect(await answerTo(running, mail, { user: true })).toMatch(/^250 /);
    expect(await answerTo(running, { ...mail, header: 'Subject: nobody\r\n' })).toMatch(/^550 5\.7\.1 /);
  });

  it('makes an exception for sealers that are believed, and for no others', async () => {
    const running = await run('dmarc', ZONE);
    expect(await answerTo(running, sealed('lists.example.net'))).toMatch(/^250 /);
    expect(await answerTo(running, sealed('other.example'))).toMatch(/^550 /);
    expect(await answerTo(running, { ...sealed('lists.example.net'), body: 'x\r\n' })).toMatch(/^550 /);
  });

  it('asks to come again when nobody knows, and a forger gains nothing by that', async () => {
    const running = await run('dmarc', ZONE);
    running.trouble('strict.example');
    expect(await answerTo(running, mail)).toMatch(/^451 4\.7\.0 It cannot be found out now/);
    running.trouble('lists.example.net');
    expect(await answerTo(running, sealed('lists.example.net'))).toMatch(/^451 4\.7\.0 /);
    running.trouble('other.example');
    expect(await answerTo(running, sealed('other.example'))).toMatch(/^550 /);
    expect(await answerTo(running, signed(mail, 'other.example'))).toMatch(/^550 /);
  });

  it('stands in the field beside each signature, told apart by its digest (RFC 6008 §3)', async () => {
    const running = await run('dmarc', ZONE);
    const twice = signed(signed(mail, 'strict.example'), 'strict.example', ' t=1;');
    expect(await answerTo(running, twice)).toMatch(/^250 /);
    const field = fieldOf(await firstMailFor(running.mail, 'ann@here.example'));
    const digests = [...field.matchAll(/dkim=pass header\.d=strict\.example .*?header\.b=(\S{8,})/g)];
    expect(new Set(digests.map(([, digest]) => digest)).size).toBe(2);
    expect(field).toMatch(/; dmarc=pass policy\.dmarc=reject header\.from=strict\.example$/);
    expect(field).toMatch(/^mx\.example\.com; spf=none smtp\.mailfrom=far\.example;/);
  });

  it('is not escaped by a From that can be read in several ways', async () => {
    const running = await run('dmarc', ZONE);
    const refused = /^550 5\.7\.1 There must be one From field with one domain/;
    const by = (from: string): Mail => ({ ...mail, header: `${from}\r\nSubject: hello\r\n` });
    for (const from of [
      'From: <ceo@strict .example>',
      'From: ceo@strict(c).example',
      'From: a@strict.example\r\nFrom: a@none.example',
      'From: a@strict.example, a@none.example',
      `From: ${'(padded) '.repeat(1000)}\r\n <a@strict.example>`,
    ]) {
      expect(await answerTo(running, by(from))).toMatch(refused);
    }
  });

  it('leaves a field by which the mail can be put aside', async () => {
    const running = await run('dmarc', ZONE);
    expect(await answerTo(running, plain('mild.example'))).toMatch(/^250 /);
    const value = fieldOf(await firstMailFor(running.mail, 'ann@here.example'));
    const page = readFileSync(join(ROOT, PAGE), 'utf8');
    const pattern = /:matches "Authentication-Results" "([^"]+)"/.exec(page)?.[1] ?? 'none';
    const sieve = pattern.replace(/[.;]/g, '\\$&').replaceAll('*', '[^]*');
    expect(value).toMatch(new RegExp(`^${sieve}$`, 'i'));
  });
});
