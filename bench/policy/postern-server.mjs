/**
 * Postern as a host program embeds it, with a policy that checks everything about each message.
 *
 * Word 1 is the DNS server. Counts what came out as it should: per connection for the lists and
 * the HELO name, per message for the rest. A listed client is refused, as Haraka does it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, definePolicy } from '../../dist/index.js';
import { serve } from '../inbound/serve.mjs';
import { LISTS, RECIPIENT_DOMAIN } from './names.mjs';

const counts = { lists: 0, spfHelo: 0, spfMail: 0, dkim: 0, dmarc: 0, arc: 0, messages: 0 };

const policy = definePolicy({
  name: 'bench-checks',
  async onConnect(ctx) {
    const { status } = await ctx.checkDNSBL(LISTS);
    if (status === 'listed') ctx.smtpAction = 'reject';
    else if (status === 'notListed') counts.lists += 1;
  },
  async onEhlo(ctx) {
    const { SPFResult } = await ctx.checkSPF();
    if (SPFResult === 'Pass') counts.spfHelo += 1;
  },
  async onMailFrom(ctx) {
    const { SPFResult } = await ctx.checkSPF();
    if (SPFResult === 'Pass') counts.spfMail += 1;
    // Haraka's plugin goes on after a Fail.
    else ctx.SPFResult = 'Neutral';
  },
  async onDataReceived(ctx) {
    const { DKIMResult } = await ctx.checkDKIM();
    const { DMARCResult } = await ctx.checkDMARC();
    const { ARCResult } = await ctx.checkARC();
    if (DKIMResult === 'Pass') counts.dkim += 1;
    if (DMARCResult === 'Pass') counts.dmarc += 1;
    // The messages were passed on by nobody.
    if (ARCResult === 'None') counts.arc += 1;
    counts.messages += 1;
    ctx.smtpAction = 'discard';
  },
});

const dataDir = mkdtempSync(join(tmpdir(), 'postern-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

const engine = createEngine({
  settings: {
    listeners: [{ port: 0, maxConnections: 5000, maxConnectionsPerIp: 5000, proxyNetworks: ['127.0.0.1'] }],
    localDomains: [RECIPIENT_DOMAIN],
    dns: { servers: [process.argv[2]] },
    metrics: { port: 0 },
    dataDir,
  },
  policies: [policy],
});
const [listener] = await engine.start();
serve(listener.port, { counts: () => counts });
