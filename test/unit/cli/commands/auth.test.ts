import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { type DnsServerDouble, startDnsServer } from '../../../helpers/dns-server.js';
import { signedMessage } from '../../../helpers/signed-message.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

/** As docs/getting-started.md shows it. */
const DOCUMENTED = 'npx postern auth message.eml';

const ZONE: Record<string, string> = {
  'TXT example.org': 'v=spf1 ip4:192.0.2.1 -all',
  'TXT _dmarc.example.org': 'v=DMARC1; p=reject',
};

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }) => {
    if (name.endsWith('dead.test')) return { rcode: 2 };
    const text = ZONE[`${type} ${name}`];
    if (text === undefined) return { rcode: 3 };
    // One string of a record has at most 255 octets.
    const answer: Answer = { type: 'TXT', name, data: text.match(/.{1,255}/g) ?? [], ttl: 60 };
    return { answers: [answer] };
  });
});
afterAll(() => dns.stop());

async function run(message: string | Buffer, ...words: string[]) {
  const folder = tempFolder();
  writeFileSync(join(folder, 'message.eml'), message, 'latin1');
  const terminal = createTerminalDouble(folder, {
    POSTERN_DNS__SERVERS__0: dns.address,
    POSTERN_HOSTNAME: 'mx.here.test',
  });
  const [, , ...documented] = DOCUMENTED.split(' ');
  const status = await runCli([...documented, ...words], terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

async function signed(): Promise<{ readonly message: string; readonly keyText: string }> {
  const made = await signedMessage();
  ZONE[`TXT ${made.keyName}`] = made.keyText;
  return made;
}

describe('postern auth', () => {
  it('prints each outcome, what it rests on, and the field for readers', async () => {
    const { message, keyText } = await signed();
    const { status, out, err } = await run(message, '--ip', '192.0.2.1', '--from', 'ann@example.org');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const [outcomes = '', field = ''] = out.split('\n\n');
    expect(outcomes.split('\n')).toEqual([
      'DKIM   Pass',
      '  signed   example.org with test (rsa-sha256): Pass',
      `  asked    TXT test._domainkey.example.org: ${keyText}`,
      'ARC    None: the message has no ARC chain',
      'SPF    Pass: domain of ann@example.org designates 192.0.2.1 as permitted sender',
      '  asked    TXT example.org: v=spf1 ip4:192.0.2.1 -all',
      'DMARC  Pass',
      '  asked    TXT _dmarc.example.org: v=DMARC1; p=reject',
    ]);
    expect(field.replaceAll('\n', '')).toMatch(
      /^Authentication-Results: mx\.here\.test; spf=pass smtp\.mailfrom=example\.org; dkim=pass header\.d=example\.org .*; dmarc=pass policy\.dmarc=reject header\.from=example\.org; arc=none smtp\.remote-ip=192\.0\.2\.1$/,
    );
  });

  it('takes a file whose lines end in LF alone', async () => {
    const { message } = await signed();
    const { status, out } = await run(message.replaceAll('\r\n', '\n'));
    expect(out).toContain('DKIM   Pass');
    expect(out).toContain('SPF    not checked: give --ip');
    expect(status).toBe(0);
  });

  it('says what does not fit, and that SPF might have helped', async () => {
    const { message } = await signed();
    const { status, out } = await run(message.replace('this is', 'that was'));
    expect(status).toBe(1);
    expect(out).toContain('(rsa-sha256): Fail: body hash did not verify');
    expect(out).toMatch(/^DMARC {2}Fail: /m);
    expect(out).toContain('note     SPF was not checked');
    expect(out).not.toContain('remote-ip');
  });

  it('gives the same as JSON', async () => {
    const { message, keyText } = await signed();
    const { status, out } = await run(message, '-o', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dkim: { status: 'Pass', evidence: [`TXT test._domainkey.example.org: ${keyText}`] },
      arc: { status: 'None' },
      dmarc: { status: 'Pass', domain: 'example.org', alignedDkim: 'example.org' },
      spf: null,
      author: { addresses: ['ann@example.org'], fields: 1 },
    });
  });

  it('tells DNS trouble from a missing key', async () => {
    const { message } = await signedMessage({ domain: 'dead.test' });
    const { status, out } = await run(message);
    expect(status).toBe(1);
    expect(out).toContain('DKIM   TempError');
    expect(out).toContain('asked    TXT test._domainkey.dead.test: servfail');
    const { message: keyless } = await signedMessage({ domain: 'keyless.test' });
    expect((await run(keyless)).out).toContain('asked    TXT test._domainkey.keyless.test: no such name');
  });

  it.each([
    ['a header alone', 'From: ann@example.org\r\nSubject: x\r\n'],
    ['a header without its last line end', 'From: ann@example.org'],
    ['text behind the header without a blank line', 'From: ann@example.org\r\nno field\r\n'],
    ['a megabyte of body', `From: ann@example.org\n\n${'x\n'.repeat(500_000)}`],
  ])('takes %s', async (_what, message) => {
    const { status, out, err } = await run(message);
    expect(err).toBe('');
    expect(out).toContain('DKIM   None: the message is not signed');
    expect(status).toBe(1);
  });

  it.each([
    ['nothing', ''],
    ['a blank line', '\r\nbody\r\n'],
    ['a mailbox', 'From ann@example.org Sat Nov 21 10:00:00 2026\nFrom: ann@example.org\n\nbody\n'],
    ['half a megabyte without a field', 'x'.repeat(500_000)],
    ['half a megabyte of header', `X: ${'x'.repeat(500_000)}\n\n`],
  ])('says that %s is no message', async (_what, message) => {
    const { status, out, err } = await run(message);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain('message.eml is no message');
  });

  it('lets no control character of a message or of DNS reach the terminal', async () => {
    ZONE['TXT _dmarc.loud.test'] = 'v=DMARC1; p=\u001b[31mreject';
    const { out } = await run(
      'From: \u001b[31m <ann@loud.test>\r\nDKIM-Signature: v=1; d=\u001b[31m\r\n\r\n',
    );
    expect(out).not.toContain('\u001b');
    expect(out).toContain('DMARC');
  });

  it.each([
    [['--from', 'ann@example.org'], 2],
    [['--helo', 'client.test'], 2],
    [['--ip', '192.0.2.1'], 2],
    [['--ip', 'nobody', '--from', 'ann@example.org'], 2],
    [['more'], 2],
    [['-o', 'xml'], 2],
  ])('refuses %j', async (words, expected) => {
    const { status, out, err } = await run('From: ann@example.org\r\n\r\n', ...words);
    expect({ status, out }).toEqual({ status: expected, out: '' });
    expect(err).not.toBe('');
  });

  it.each(['missing.eml', '.'])('says why it cannot read %s', async (name) => {
    const terminal = createTerminalDouble(tempFolder());
    expect(await runCli(['auth', name], terminal, COMMANDS)).toBe(1);
    expect(terminal.complained()).toContain(`${name} cannot be read`);
    expect(terminal.printed()).toBe('');
  });
});
