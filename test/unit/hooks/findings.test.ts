import { describe, expect, it } from 'vitest';
import { Findings } from '../../../src/hooks/findings.js';
import type { AuthResult } from '../../../src/message/authentication-results.js';

const found = (method: AuthResult['method'], result = 'pass'): AuthResult => ({
  method,
  result,
  properties: [],
});

describe('findings', () => {
  it('are told in the order of the field, whoever came first', () => {
    const findings = new Findings();
    expect(findings.all()).toEqual([]);
    findings.put('arc', [found('arc')]);
    findings.put('dkim', [found('dkim'), found('dkim', 'fail')]);
    findings.put('iprev', [found('iprev')]);
    expect(findings.all().map(({ method, result }) => `${method}=${result}`)).toEqual([
      'iprev=pass',
      'dkim=pass',
      'dkim=fail',
      'arc=pass',
    ]);
  });

  it('of a kind are replaced by later ones', () => {
    const findings = new Findings();
    findings.put('spf.mailFrom', [found('spf', 'fail')]);
    findings.put('spf.mailFrom', [found('spf')]);
    expect(findings.get('spf.mailFrom')).toEqual([found('spf')]);
    expect(findings.get('dmarc')).toEqual([]);
  });

  it('live as long as what they are about', () => {
    const findings = new Findings();
    findings.forget('message');
    for (const kind of ['iprev', 'spf.helo', 'spf.mailFrom', 'dkim', 'dmarc', 'arc'] as const) {
      findings.put(kind, [found('spf', kind.replaceAll('.', '-'))]);
    }
    const left = (): string[] => findings.all().map(({ result }) => result);
    findings.forget('message');
    expect(left()).toEqual(['iprev', 'spf-helo']);
    findings.forget('hello');
    expect(left()).toEqual(['iprev']);
    findings.forget('connection');
    expect(left()).toEqual([]);
  });
});
