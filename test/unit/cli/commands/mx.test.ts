import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { a, type DnsServerDouble, startDnsServer } from '../../../helpers/dns-server.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

const mx = (name: string, preference: number, exchange: string): Answer => ({
  type: 'MX',
  name,
  data: { preference, exchange },
  ttl: 60,
  class: 'IN',
});

const ZONE: Readonly<Record<string, readonly Answer[]>> = {
  'MX good.test': [mx('good.test', 20, 'b.good.test'), mx('good.test', 10, 'a.good.test')],
  'A a.good.test': [a('a.good.test', '192.0.2.1')],
  'MX alias.test': [mx('alias.test', 10, 'www.good.test')],
  'A www.good.test': [
    { type: 'CNAME', name: 'www.good.test', data: 'a.good.test', ttl: 60, class: 'IN' },
    a('a.good.test', '192.0.2.1'),
  ],
  'MX null.test': [mx('null.test', 0, '.')],
  'MX lost.test': [mx('lost.test', 10, 'gone.test')],
  'A plain.test': [a('plain.test', '192.0.2.1')],
};

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }) => {
    if (name === 'dead.test') return { rcode: 2 };
    const isKnown = Object.keys(ZONE).some((key) => key.endsWith(` ${name}`));
    return { answers: ZONE[`${type} ${name}`] ?? [], rcode: isKnown ? 0 : 3 };
  });
});
afterAll(() => dns.stop());

async function run(...words: string[]) {
  const terminal = createTerminalDouble(tempFolder(), { POSTERN_DNS__SERVERS__0: dns.address });
  const status = await runCli(['mx', ...words], terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

describe('postern mx', () => {
  it('prints the outcome, the hosts, and each question with its answer', async () => {
    const { status, out, err } = await run('good.test');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'Pass: good.test takes mail',
      '  host     a.good.test',
      '  host     b.good.test',
      '  asked    MX good.test: 20 b.good.test, 10 a.good.test',
      '  asked    A a.good.test: 192.0.2.1',
    ]);
  });

  it.each(['u@', '..', 'a..b', '@', 'ann@good test', '.'])('takes %j for no sender', async (sender) => {
    const { status, out, err } = await run(sender);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('is no domain and no address');
  });

  it.each([
    ['ann@good.test', 0, 'Pass'],
    ['<ann@good.test>', 0, 'Pass'],
    ['"a@b"@plain.test', 0, 'Pass'],
    ['alias.test', 0, 'Pass'],
    ['null.test', 1, 'Fail'],
    ['lost.test', 1, 'Fail'],
    ['nobody.test', 1, 'Fail'],
    ['dead.test', 1, 'Error'],
    ['<>', 0, 'Neutral'],
    ['ann@[192.0.2.1]', 0, 'Neutral'],
  ])('of %s ends with %i and says %s', async (sender, status, word) => {
    const done = await run(sender);
    expect(done).toMatchObject({ status, err: '' });
    expect(done.out.startsWith(`${word}: `)).toBe(true);
  });

  it('prints JSON', async () => {
    const { out } = await run('ann@good.test', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      domain: 'good.test',
      status: 'Pass',
      hosts: ['a.good.test', 'b.good.test'],
      evidence: [expect.stringContaining('MX good.test'), expect.stringContaining('A a.good.test')],
    });
  });

  it('wants a domain', async () => {
    expect((await run()).status).toBe(2);
  });
});
