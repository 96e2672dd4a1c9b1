import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { a, type DnsServerDouble, startDnsServer } from '../../../helpers/dns-server.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

const REASON = { type: 'TXT', name: '9.2.0.192.bl.test', data: 'for spam', ttl: 60, class: 'IN' } as const;

let dns: DnsServerDouble;
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }) => {
    const isListed =
      type === 'A' && (name.endsWith('.all.test') || /^(9\.2\.0\.192|2\.0\.0\.127)\.bl\.test$/.test(name));
    if (type === 'TXT' && name === '9.2.0.192.bl.test') return { answers: [REASON] };
    return isListed ? { answers: [a(name, '127.0.0.2')] } : { rcode: 3 };
  });
});
afterAll(() => dns.stop());

async function run(...words: string[]) {
  const terminal = createTerminalDouble(tempFolder(), { POSTERN_DNS__SERVERS__0: dns.address });
  const status = await runCli(['dnsbl', ...words], terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

describe('postern dnsbl', () => {
  it('sweeps the lists, and says that nothing of it is confirmed', async () => {
    const { status, out } = await run('192.0.2.9', 'bl.test', 'other.test');
    expect(status).toBe(1);
    expect(out).toMatch(/bl\.test +listed\n/);
    expect(out).toMatch(/other\.test +not confirmed\n/);
    expect(out).toContain('unconfirmed');
    expect((await run('192.0.2.10', 'bl.test')).status).toBe(0);
  });

  it('asks well-known lists when none is named', async () => {
    const { status, out } = await run('192.0.2.9');
    expect(status).toBe(0);
    expect(out.match(/not confirmed/g)?.length).toBeGreaterThan(5);
  });

  it('tells the health of the lists when asked to', async () => {
    const { status, out } = await run('192.0.2.10', 'bl.test', 'all.test', 'none.test', '--health');
    expect(status).toBe(1);
    expect(out).toMatch(/bl\.test +not confirmed +healthy/);
    expect(out).toMatch(/all\.test +listed +listsEverything: all\.test lists 127\.0\.0\.1/);
    expect(out).toMatch(/none\.test +not confirmed +listsNothing/);
  });

  it('prints JSON', async () => {
    const { out } = await run('192.0.2.9', 'bl.test', '--health', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      ip: '192.0.2.9',
      confirmed: false,
      lists: [{ list: 'bl.test', result: 'listed', health: 'healthy' }],
    });
  });

  it('asks again where it is listed, and shows the codes and the answers', async () => {
    const { out } = await run('192.0.2.9', 'bl.test', 'other.test');
    expect(out).toContain(
      [
        'bl.test: listed, 127.0.0.2: for spam',
        '  asked    A 9.2.0.192.bl.test: 127.0.0.2',
        '  asked    TXT 9.2.0.192.bl.test: for spam',
      ].join('\n'),
    );
    expect(out).not.toContain('other.test: ');
    const { out: json } = await run('192.0.2.9', 'bl.test', '-o', 'json');
    expect(JSON.parse(json)).toMatchObject({
      lists: [{ result: 'listed', checked: { codes: ['127.0.0.2'], explanation: 'for spam' } }],
    });
  });

  it.each(['no list', 'a..b', '..', '@'])('refuses %j, which is no list', async (zone) => {
    expect(await run('192.0.2.9', 'bl.test', zone)).toMatchObject({ status: 2, out: '' });
  });

  it('wants an address', async () => {
    expect(await run('nobody', 'bl.test')).toMatchObject({ status: 2, out: '' });
    expect((await run()).status).toBe(2);
  });
});
