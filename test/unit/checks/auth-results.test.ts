import type { DkimOutcome, DkimSignature } from '../../../src/checks/signatures/verified.js';
import { describe, expect, it } from 'vitest';
import { arcResult, dkimResults, dmarcResult, iprevResult } from '../../../src/checks/auth-results.js';
import type { DmarcOutcome } from '../../../src/checks/dmarc.js';

import { type AuthResult, formatAuthenticationResults } from '../../../src/message/authentication-results.js';

const SIGNATURE: DkimSignature = {
  status: 'Pass',
  domain: 'a.test',
  selector: 's',
  identity: '@a.test',
  algorithm: 'rsa-sha256',
  digest: 'AbCdEfGh',
  testing: false,
  uncovered: 0,
  explanation: '',
};

function dkim(...signatures: readonly DkimSignature[]): DkimOutcome {
  return { status: signatures[0]?.status ?? 'None', explanation: 'why', evidence: [], signatures };
}

const shown = (...results: readonly AuthResult[]): string =>
  formatAuthenticationResults('mx.test', results)
    .toString('latin1')
    .replaceAll(/\r\n\s+/g, ' ')
    .trim();

describe('statements', () => {
  it('of each signature', () => {
    const failed: DkimSignature = {
      ...SIGNATURE,
      status: 'Fail',
      explanation: 'bad signature',
      identity: '',
    };
    expect(shown(...dkimResults(dkim(SIGNATURE, failed)))).toBe(
      'Authentication-Results: mx.test; dkim=pass header.d=a.test header.i=@a.test header.s=s header.a=rsa-sha256 ' +
        'header.b=AbCdEfGh; dkim=fail reason="bad signature" header.d=a.test header.s=s header.a=rsa-sha256 header.b=AbCdEfGh',
    );
  });

  it('of a message without signatures, and of one that could not be looked at', () => {
    expect(shown(...dkimResults(dkim()))).toBe('Authentication-Results: mx.test; dkim=none');
    expect(shown(...dkimResults({ ...dkim(), status: 'TempError' }))).toBe(
      'Authentication-Results: mx.test; dkim=temperror reason="why"',
    );
  });

  it('of DMARC, with the policy that was found', () => {
    const outcome: DmarcOutcome = {
      ...{ explanation: 'nobody', evidence: [], domain: 'a.test', policyDomain: 'a.test' },
      ...{ status: 'Fail', policy: 'reject', alignedSpf: '', alignedDkim: '' },
    };
    expect(shown(dmarcResult(outcome))).toBe(
      'Authentication-Results: mx.test; dmarc=fail reason="nobody" policy.dmarc=reject header.from=a.test',
    );
    expect(shown(dmarcResult({ ...outcome, status: 'None', policy: '' }))).toBe(
      'Authentication-Results: mx.test; dmarc=none header.from=a.test',
    );
  });

  it('of a chain, with the client it came from', () => {
    const pass = { status: 'Pass', explanation: '', evidence: [], sealers: [] } as const;
    expect(shown(arcResult(pass, '192.0.2.1'))).toBe(
      'Authentication-Results: mx.test; arc=pass smtp.remote-ip=192.0.2.1',
    );
    expect(shown(arcResult({ ...pass, status: 'Fail', explanation: 'a hole' }, '2001:db8::1'))).toContain(
      'arc=fail reason="a hole" smtp.remote-ip="2001:db8::1"',
    );
  });

  it.each([
    ['pass', 'pass'],
    ['fail', 'fail'],
    ['neutral', 'permerror'],
    ['error', 'temperror'],
  ] as const)('of a reverse name: %s is %s', (status, word) => {
    const outcome = { status, name: 'a.test', explanation: '', evidence: [], names: [] };
    expect(iprevResult(outcome as never, '192.0.2.1').result).toBe(word);
  });

  it('hold nothing that ends a statement, whatever a stranger wrote', () => {
    const evil: DkimSignature = {
      ...SIGNATURE,
      domain: 'a.test; dkim=pass\r\nX: y',
      explanation: '"; spf=pass (',
    };
    const field = formatAuthenticationResults('mx.test', dkimResults(dkim(evil))).toString('latin1');
    expect(field.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').match(/;/g)).toHaveLength(1);
    expect(field).not.toMatch(/\r\n[^\s]/);
  });

  it('name who signed by domains alone, so that no value looks like a statement', () => {
    const evil: DkimSignature = {
      ...SIGNATURE,
      domain: 'dmarc=pass.evil.test',
      selector: 'dmarc=pass',
      algorithm: 'dmarc=pass',
      identity: 'dmarc=pass@evil.test',
    };
    expect(shown(...dkimResults(dkim(evil)))).toBe(
      'Authentication-Results: mx.test; dkim=pass header.i=@evil.test header.b=AbCdEfGh',
    );
    expect(shown(...dkimResults(dkim({ ...evil, identity: '@dmarc=pass' })))).not.toContain('dmarc');
  });

  it('do not tell who signed where the signature is malformed or was not looked at', () => {
    const skipped: DkimSignature = { ...SIGNATURE, status: 'Neutral', explanation: 'too many signatures' };
    expect(shown(...dkimResults(dkim(skipped)))).toBe(
      'Authentication-Results: mx.test; dkim=neutral reason="too many signatures" header.b=AbCdEfGh',
    );
    expect(shown(...dkimResults(dkim({ ...skipped, explanation: 'expired' })))).toContain('header.d=a.test');
  });
});
