/**
 * DMARC on a literal zone, with what SPF and DKIM have found as plain values.
 */
import type { DkimSignature, DkimStatus } from '../../src/checks/signatures/verified.js';
import { checkDmarc, type DmarcArgs, type DmarcOutcome } from '../../src/checks/dmarc.js';

import { createFakeClock } from './fake-clock.js';
import { createFakeResolver, type FakeResolver } from './fake-resolver.js';
import type { Zone } from './judge-signatures.js';

export function signature(domain: string, status: DkimStatus = 'Pass', uncovered = 0): DkimSignature {
  const rest = { selector: 's', identity: '', algorithm: 'rsa-sha256', digest: '', testing: false };
  return { status, domain, uncovered, explanation: '', ...rest };
}

export interface Given {
  readonly from?: readonly string[];
  readonly fields?: number;
  readonly spf?: string;
  readonly spfTrouble?: string;
  readonly dkim?: readonly DkimSignature[];
}

export function argsOf({
  from = ['ann@example.org'],
  fields = 1,
  spf = '',
  spfTrouble = '',
  dkim = [],
}: Given): DmarcArgs {
  const status = dkim[0]?.status ?? 'None';
  return {
    author: { addresses: from, fields },
    spfDomain: spf,
    spfTroubleDomain: spfTrouble,
    dkim: { status, explanation: '', evidence: [], signatures: dkim },
  };
}

export async function dmarc(
  zone: Zone,
  given: Given = {},
  resolver: FakeResolver = createFakeResolver(zone),
): Promise<DmarcOutcome> {
  return await checkDmarc({ resolver, clock: createFakeClock() }, argsOf(given));
}

export const record = (text: string, name = 'example.org'): Zone => ({
  [`_dmarc.${name} TXT`]: [`v=DMARC1; ${text}`],
});
export const REJECT: Zone = record('p=reject');
