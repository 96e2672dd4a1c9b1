/**
 * checkDNSBL end to end: a policy asks a real rbldnsd through the configured DNS server and
 * refuses the client that it lists, with the list's own words; a list that is down refuses nobody.
 */
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DaemonDouble } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { firstMailFor } from '../helpers/maildir.js';
import { startRbldnsd } from '../helpers/rbldnsd.js';
import { requireProgram } from '../helpers/real-parts.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { swaks } from '../helpers/swaks.js';
import { policyText, tempProject } from '../helpers/temp-project.js';

const RBLDNSD = requireProgram('rbldnsd', 'rbldnsd');
const SWAKS = requireProgram('swaks', 'swaks');

const POLICY = policyText(
  'dnsbl',
  `async onConnect(ctx) {
    const { DNSBLResult, DNSBLExplanation } = await ctx.checkDNSBL(['bl.test', 'other.test']);
    if (DNSBLResult === '') return;
    ctx.smtpAction = 'reject';
    ctx.smtpExplanation = \`554 5.7.1 %remoteSmtpIp% is listed by %DNSBLServer%: \${DNSBLExplanation}\`;
  },`,
);

let lists: DaemonDouble;

async function start(dnsServer: string): Promise<RunningPostern> {
  const project = tempProject({ 'policies/dnsbl.ts': POLICY });
  return await startPostern({
    cwd: project.folder,
    settings: { 'dns.servers': dnsServer, 'dns.timeout': '500ms', hostname: 'mx.test' },
  });
}

/** Sends one message from a loopback address of choice; answers the reply that decided. */
async function sendFrom(localAddress: string, { port }: RunningPostern): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, localAddress, name: 'c.test' });
  try {
    const info = await transport.sendMail({ from: 'a@example.org', to: 'b@example.com', text: 'x' });
    return info.response;
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  }
}

describe.skipIf(RBLDNSD === undefined)('a policy that asks a block list', () => {
  beforeAll(async () => {
    lists = await startRbldnsd(RBLDNSD ?? '', {
      'bl.test': { type: 'ip4set', lines: [':127.0.0.4:Spam source, see https://bl.test/$', '127.0.0.2'] },
      'other.test': { type: 'ip4set', lines: [':127.0.0.9:other', '192.0.2.1'] },
    });
  });
  afterAll(async () => {
    await lists.stop();
  });

  it('refuses the listed client with the words of the list, and explains it', async () => {
    const postern = await start(lists.address);
    const reply = await sendFrom('127.0.0.2', postern);
    expect(reply).toMatch(
      /^554 5\.7\.1 127\.0\.0\.2 is listed by bl\.test: Spam source, see https:\/\/bl\.test\/127\.0\.0\.2 \(ref \S+\)$/,
    );
    const ref = /\(ref (\S+)\)/.exec(reply)?.[1] ?? '';
    const { out } = await eventually('the trace', async () => {
      const explained = await postern.explain(ref);
      return explained.status === 0 ? explained : undefined;
    });
    expect(out).toMatch(
      /asked {2}checkDNSBL\(\["bl\.test","other\.test"\]\) -> \{.*127\.0\.0\.4.* {2}in [\d.]+ ms/,
    );
    expect(out).toContain('onConnect  reject, decided by dnsbl');
  });

  it('admits a client that is not listed', async () => {
    const postern = await start(lists.address);
    expect(await sendFrom('127.0.0.3', postern)).toMatch(/^250 2\.0\.0 Ok: queued as /);
    await firstMailFor(postern.mail, 'b@example.com');
  });

  it.skipIf(SWAKS === undefined)('tells the same to swaks', async () => {
    const postern = await start(lists.address);
    const client = { port: postern.port, from: 'a@example.org', to: 'b@example.com' };
    const listed = await swaks(SWAKS ?? '', { ...client, args: ['--local-interface', '127.0.0.2'] });
    expect(listed.out).toMatch(/<\*\* 554 5\.7\.1 127\.0\.0\.2 is listed by bl\.test: Spam source/);
    expect(listed.status).not.toBe(0);
    const other = await swaks(SWAKS ?? '', { ...client, args: ['--local-interface', '127.0.0.4'] });
    expect(other.status).toBe(0);
  });

  it('refuses nobody while the list is down', async () => {
    const gone = await startRbldnsd(RBLDNSD ?? '', { 'bl.test': { type: 'ip4set', lines: ['127.0.0.2'] } });
    await gone.stop();
    const postern = await start(gone.address);
    expect(await sendFrom('127.0.0.2', postern)).toMatch(/^250 2\.0\.0 Ok: queued as /);
  });
});
