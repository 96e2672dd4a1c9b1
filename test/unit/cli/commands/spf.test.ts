import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { a, type DnsServerDouble, startDnsServer } from '../../../helpers/dns-server.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

const text = (name: string, data: string): Answer => ({ type: 'TXT', name, data, ttl: 60, class: 'IN' });

const ZONE: Readonly<Record<string, Answer>> = {
  'TXT good.test': text('good.test', 'v=spf1 a:mail.good.test -all'),
  'A mail.good.test': a('mail.good.test', '192.0.2.1'),
  'TXT bad.test': text('bad.test', 'v=spf1 -all exp=why.bad.test'),
  'TXT why.bad.test': text('why.bad.test', 'ask \u001b[31mus'),
  'TXT explained.test': text('explained.test', 'v=spf1 -all exp=why.explained.test'),
  'TXT why.explained.test': text('why.explained.test', '%{i} is not ours, says %{r}'),
  'TXT broken.test': text('broken.test', 'v=spf1 moo -all'),
};

/** As the documentation shows it. */
const DOCUMENTED = 'npx postern spf 192.0.2.1 you@example.org --helo mail.example.org';

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }) => {
    if (name === 'dead.test') return { rcode: 2 };
    const found = ZONE[`${type} ${name}`];
    return found ? { answers: [found] } : { rcode: 3 };
  });
});
afterAll(() => dns.stop());

async function run(...words: string[]) {
  const terminal = createTerminalDouble(tempFolder(), {
    POSTERN_DNS__SERVERS__0: dns.address,
    POSTERN_HOSTNAME: 'mx.here.test',
  });
  const status = await runCli(['spf', ...words], terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

describe('postern spf', () => {
  it('prints the outcome and what it rests on', async () => {
    const { status, out, err } = await run('192.0.2.1', 'ann@good.test', '--helo', 'client.test');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'Pass: domain of ann@good.test designates 192.0.2.1 as permitted sender',
      '  checked  good.test (sender)',
      '  limits   1 of 10 terms asked DNS, 0 of 2 in vain',
      '  asked    TXT good.test: v=spf1 a:mail.good.test -all',
      '  asked    A mail.good.test: 192.0.2.1',
    ]);
  });

  it('takes a sender in angle brackets', async () => {
    const { status, out } = await run('192.0.2.1', '<ann@good.test>');
    expect(status).toBe(0);
    expect(out).toContain('Pass: domain of ann@good.test designates');
  });

  it.each([
    ['192.0.2.1', 'ann@good.test', '--from', 'ann@bad.test'],
    ['192.0.2.1', 'ann@good.test', '--ip', '192.0.2.2'],
  ])('takes one sender only: %s %s %s %s', async (...words) => {
    const { status, out, err } = await run(...words);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('more than one sender');
  });

  it.each([
    ['good.test', 0, 'Pass'],
    ['explained.test', 1, 'Fail'],
    ['broken.test', 1, 'PermError'],
    ['dead.test', 1, 'TempError'],
    ['nobody.test', 0, 'None'],
  ])('of %s ends with %i for %s', async (domain, status, word) => {
    const named = await run('--ip', '192.0.2.1', '--from', `ann@${domain}`);
    expect(named).toMatchObject({ status, err: '' });
    expect(named.out).toMatch(new RegExp(`^${word}: `));
    expect(await run('192.0.2.1', `ann@${domain}`)).toEqual(named);
    expect(await run('--ip', '192.0.2.1', `ann@${domain}`)).toEqual(named);
    const greeted = await run('192.0.2.1', '--helo', domain);
    expect(greeted.status).toBe(status);
    expect(greeted.out).toContain(`${domain} (EHLO name)`);
  });

  it('runs as documented', async () => {
    expect(await run(...DOCUMENTED.split(' ').slice(3))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^None: /) as string,
    });
  });

  it('gives the same as JSON', async () => {
    const { status, out } = await run('192.0.2.1', 'ann@explained.test', '-o', 'json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({
      status: 'Fail',
      identity: 'mailFrom',
      domain: 'explained.test',
      explanation: '192.0.2.1 is not ours, says mx.here.test',
      lookups: { terms: 0, empty: 0 },
      evidence: [
        'TXT explained.test: v=spf1 -all exp=why.explained.test',
        'TXT why.explained.test: %{i} is not ours, says %{r}',
      ],
    });
  });

  it('lets no control character of DNS reach the terminal', async () => {
    expect((await run('192.0.2.1', 'ann@bad.test')).out).not.toContain('\u001b');
  });

  it.each([[['nobody', 'ann@good.test']], [[]], [['192.0.2.1']], [['192.0.2.1', 'a@b.test', 'more']]])(
    'refuses %j',
    async (words) => {
      const { status, out, err } = await run(...words);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).not.toBe('');
    },
  );
});
