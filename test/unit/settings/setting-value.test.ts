import { describe, expect, it } from 'vitest';
import { compilePatterns } from '../../../src/settings/qregex.js';
import type { SettingSpec } from '../../../src/settings/setting-spec.js';
import { readSetting } from '../../../src/settings/setting-value.js';
import { SETTINGS_TABLE } from '../../../src/settings/settings-table.js';

const ROWS: Readonly<Record<string, SettingSpec>> = SETTINGS_TABLE.MailSmtp;

function read(name: string, given: unknown): unknown {
  const reading = readSetting(ROWS[name] as SettingSpec, given);
  if (reading.status === 'ok') return reading.value;
  return reading.faults
    .map(({ index, reason }) => (index === undefined ? reason : `${index}: ${reason}`))
    .join('; ');
}

describe('a list of patterns', () => {
  it('has been compiled when it has been checked, and is not compiled again', () => {
    const lines = read('mta_level_email_address_blacklist', ['@a\\.test$', '# none', '!@']) as string[];
    expect(compilePatterns(lines)).toBe(compilePatterns(lines));
    expect(compilePatterns(lines).firstHit(['b@a.test'])).toBe('@a\\.test$');
    expect(compilePatterns([...lines])).not.toBe(compilePatterns(lines));
  });
});

describe('a greeting', () => {
  it.each(['mx.example.com', 'mx.example.com hello there', '  mx.example.com  '])('may be %s', (text) => {
    expect(read('smtp_greeting', text)).toBe(text.trim());
  });

  it.each([
    'InterWorx-CP SMTP Server',
    'localhost hello',
    '192.0.2.1 hello',
    'mx_1.example.com',
    'mx..example.com',
    '-mx.example.com',
    'mx.example.com. hello',
  ])('may not be %s', (text) => {
    expect(read('smtp_greeting', text)).toMatch(/^must begin with the full host name of this server/);
  });

  it('is one short line of ASCII', () => {
    expect(read('smtp_greeting', '')).toMatch(/^may not be empty/);
    expect(read('smtp_greeting', `mx.example.com ${'x'.repeat(400)}`)).toBe('is longer than 400 characters');
    expect(read('smtp_greeting', 'mx.example.com a\r\n220 b')).toMatch(/^may hold printable ASCII/);
    expect(read('smtp_greeting', 'mx.example.com \u00fc')).toMatch(/^may hold printable ASCII/);
    expect(read('smtp_greeting', 7)).toBe('expected text, got 7');
  });
});

describe('numbers and choices', () => {
  it.each([
    ['concurrency_incoming', 1, 0],
    ['timeout_smtpd', 1, 0],
    ['databytes', 0, -1],
  ])('%s begins at %s', (name, least, below) => {
    expect(read(name, least)).toBe(least);
    expect(read(name, below)).toMatch(/^expected a whole number from /);
    expect(read(name, 1.5)).toMatch(/^expected a whole number from /);
    expect(read(name, '20')).toMatch(/, got "20"$/);
    expect(read(name, null)).toMatch(/, got nothing$/);
  });

  it('auth_mode is one of five, as printed', () => {
    expect(read('auth_mode', 'auth_withtls/tls_optional')).toBe('auth_withtls/tls_optional');
    expect(read('auth_mode', 'auth_withtls/tls_no')).toMatch(/^expected one of auth_no\/tls_no, /);
  });

  it('the code for block lists is 451 or 553', () => {
    expect([read('realtime_sbl_reply_code', 451), read('realtime_sbl_reply_code', 553)]).toEqual([451, 553]);
    expect(read('realtime_sbl_reply_code', 550)).toBe('expected one of 451, 553, got 550');
  });
});

describe('lists', () => {
  it('name every pattern that does not compile, with its text and the place in it', () => {
    expect(read('mta_level_email_address_blacklist', ['ok', '(', '# fine', '!a{2,1}', 5])).toBe(
      '1: the pattern "(" does not compile: the parenthesis is not closed (character 1); ' +
        '3: the pattern "!a{2,1}" does not compile: the interval {2,1} is upside down (character 3); ' +
        '4: expected text, got 5',
    );
    expect(read('mta_level_outgoing_email_address_blacklist', ['@x$'])).toEqual(['@x$']);
    expect(read('mta_level_outgoing_email_address_blacklist', '@x$')).toBe('expected a list, got "@x$"');
  });

  it('hold at most so many patterns', () => {
    expect(read('mta_level_email_address_blacklist', new Array(10_001).fill('a'))).toMatch(/at most 10000/);
  });

  it('take names of DNS for block lists, once each', () => {
    expect(read('realtime_sbl_blacklists', ['BL.Example.net.', 'bl.example.net', 'x_1.example'])).toEqual([
      'bl.example.net',
      'x_1.example',
    ]);
    for (const zone of [
      '',
      ' ',
      'a b',
      '192.0.2.1',
      'bl..example',
      `${'a'.repeat(63)}.`.repeat(3) + 'abc',
      'b\u00fc',
    ])
      expect(read('realtime_sbl_blacklists', [zone])).toMatch(/^0: .* is no name of a DNS zone/);
    expect(
      read(
        'realtime_sbl_blacklists',
        Array.from({ length: 33 }, (_, i) => `z${i}.example`),
      ),
    ).toMatch(/at most 32/);
  });
});
