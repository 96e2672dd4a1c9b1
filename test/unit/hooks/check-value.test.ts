import { describe, expect, it } from 'vitest';
import { checkValue } from '../../../src/hooks/check-value.js';
import { VARIABLE_NAMES, VARIABLES, type VariableName } from '../../../src/hooks/table/index.js';

function refusal(name: VariableName, value: unknown): string {
  try {
    return `took ${checkValue(name, value)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a choice', () => {
  it('is taken in any letter case and stored as printed', () => {
    expect(checkValue('smtpAction', 'TMPReject')).toBe('tmpreject');
    expect(checkValue('SPFResult', 'softfail')).toBe('SoftFail');
    expect(checkValue('ActionGeoIPBan', 'TMPREJECT')).toBe('TmpReject');
  });

  it('names its values and the nearest one when it refuses', () => {
    expect(refusal('smtpAction', 'rejct')).toBe(
      'smtpAction = "rejct": takes one of reject, tmpreject, accept, discard; did you mean "reject"?',
    );
    expect(refusal('smtpAction', 'bounce')).toBe(
      'smtpAction = "bounce": takes one of reject, tmpreject, accept, discard',
    );
    expect(refusal('smtpAction', '')).toContain('takes one of');
    expect(refusal('isESMTP', true)).toBe('isESMTP = true: takes a text, not boolean');
    expect(refusal('smtpAction', ' reject')).toContain('takes one of');
  });
});

describe('a list of values', () => {
  it('is split at blanks and commas, stored as printed with single blanks', () => {
    expect(checkValue('plainConnAuthTypes', ' PLAIN,login   CramMD5 ')).toBe('plain login crammd5');
    expect(checkValue('allowedSSLVersions', '')).toBe('');
  });

  it('names the word that it does not know', () => {
    expect(refusal('allowedSSLVersions', 'tls12 sslv3')).toBe(
      'allowedSSLVersions = "sslv3": takes one of tls11, tls12, tls13',
    );
  });
});

describe('a number', () => {
  it('is whole and inside its range, ends included', () => {
    expect(checkValue('maxRcptCount', 0)).toBe(0);
    expect(checkValue('maxRcptCount', 1000)).toBe(1000);
    expect(checkValue('maxDataSize', 4_294_967_295)).toBe(4_294_967_295);
    expect(checkValue('mailCount', Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    ['maxRcptCount', 1001, 'maxRcptCount = 1001: takes 0 to 1000'],
    ['maxRcptCount', -1, 'maxRcptCount = -1: takes 0 to 1000'],
    ['maxDataSize', 4_294_967_296, 'maxDataSize = 4294967296: takes 0 to 4294967295 KB'],
    ['smtpConnectTimeout', 0, 'smtpConnectTimeout = 0: takes 1 to 86400 s'],
    ['maxRcptCount', 1.5, 'maxRcptCount = 1.5: takes a whole number'],
    ['maxRcptCount', Number.NaN, 'maxRcptCount = NaN: takes a whole number'],
    ['maxRcptCount', '10', 'maxRcptCount = "10": takes a number, not string'],
    ['maxRcptCount', undefined, 'maxRcptCount = undefined: takes a number, not undefined'],
    ['maxRcptCount', 10n, 'maxRcptCount = 10: takes a number, not bigint'],
  ] as const)('%s does not take %o', (name, value, text) => {
    expect(refusal(name, value)).toBe(text);
  });
});

describe('an address', () => {
  it('is IPv4, IPv6 or empty', () => {
    for (const address of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', ''])
      expect(checkValue('remoteSmtpIp', address)).toBe(address);
  });

  it.each([
    '192.0.2.256',
    '0',
    '1.2',
    '0x7f000001',
    'host.example',
    '[192.0.2.1]',
    '2001:db8::g',
    '192.0.2.1 ',
  ])('is not %s', (text) => {
    expect(refusal('remoteSmtpIp', text)).toBe(`remoteSmtpIp = "${text}": takes an IPv4 or IPv6 address`);
  });
});

describe('a text', () => {
  const forged = 'holds a line end or NUL, which could forge a line on the wire';

  it.each(['a\rb', 'a\nb', 'a\r\nRCPT TO:<x@example>', 'a\0b', '\n'])('does not take %j', (text) => {
    expect(refusal('mailFrom', text)).toBe(`mailFrom = ${JSON.stringify(text)}: ${forged}`);
    expect(refusal('DNSBLServer', text)).toContain(forged);
    expect(refusal('ehloHost', text)).toContain(forged);
  });

  it('may have several lines where a reply or a notice is written, but no bare CR and no NUL', () => {
    for (const name of [
      'smtpExplanation',
      'smtpGreeting',
      'ndrMessage',
      'ndrRcptMessage',
      'ndrMessageFooter',
    ] as const) {
      expect(checkValue(name, 'one\r\ntwo\nthree')).toBe('one\r\ntwo\nthree');
      expect(refusal(name, 'one\rtwo')).toContain(forged);
      expect(refusal(name, 'one\0two')).toContain(forged);
    }
    expect(refusal('ndrSubject', 'one\ntwo')).toContain(forged);
  });

  it('has at most 65536 characters, of which a refusal shows 80', () => {
    expect(checkValue('mailFrom', 'a'.repeat(65_536))).toHaveLength(65_536);
    expect(refusal('mailFrom', 'a'.repeat(65_537))).toBe(
      `mailFrom = "${'a'.repeat(80)}": is longer than 65536 characters`,
    );
  });

  it('may be empty and hold any other character', () => {
    expect(checkValue('mailFrom', '')).toBe('');
    expect(checkValue('smtpExplanation', 'früh % \t "x"')).toBe('früh % \t "x"');
  });

  it.each([null, undefined, {}, [], Symbol('s'), () => 1])('is not %o', (value) => {
    expect(refusal('mailFrom', value)).toContain('takes a text, not');
  });
});

describe('a secret', () => {
  it('does not appear in the refusal of its value', () => {
    const secrets = VARIABLE_NAMES.filter((name) => 'secret' in VARIABLES[name]);
    expect(secrets).toEqual(['authPasswd']);
    expect(refusal('authPasswd', 'hunter2\n')).toBe(
      'authPasswd = (secret): holds a line end or NUL, which could forge a line on the wire',
    );
    expect(refusal('authPasswd', 1234)).toBe('authPasswd = (secret): takes a text, not number');
  });
});
