import { describe, expect, it } from 'vitest';
import { parseDestination, staysHere } from '../../../src/delivery/next-hop.js';

function read(text: string): string {
  const found = parseDestination(text);
  if (found.status === 'maildir') return 'maildir';
  if (found.status === 'wrong') return found.reason;
  return `${found.hop.url} ${staysHere(found.hop) ? 'here' : 'away'}`;
}

describe('parseDestination', () => {
  it.each([
    ['maildir', 'maildir'],
    ['Maildir', 'maildir'],
    ['lmtp://127.0.0.1', 'lmtp://127.0.0.1:24 here'],
    ['smtp://Mail.Internal', 'smtp://mail.internal:25 away'],
    ['SMTP://mail_1.internal:2525/', 'smtp://mail_1.internal:2525 away'],
    ['lmtp://[::1]:24', 'lmtp://[::1]:24 here'],
    ['smtp://[2001:DB8::1]', 'smtp://[2001:db8::1]:25 away'],
    ['lmtp://localhost:24', 'lmtp://localhost:24 here'],
    ['lmtp:///run/dovecot/lmtp', 'lmtp:///run/dovecot/lmtp here'],
  ])('%s leads to %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ['', /^expected lmtp:/],
    ['mail.internal:25', /^expected lmtp:.*got "mail.internal:25"$/],
    ['http://mail.internal', /^"http" is no way of delivery; expected lmtp:/],
    ['smtp:///run/x', /^a Unix socket speaks LMTP/],
    ['smtp://', /^"" is no host/],
    ['smtp://a b', /^"a b" is no host/],
    ['smtp://user@host', /is no host/],
    ['smtp://::1:25', /is no host/],
    ['smtp://[1.2.3.4]', /is no host/],
    ['smtp://1.2.3', /is no host/],
    ['smtp://host:', /is no host/],
    ['smtp://host:0', /^expected a port from 1 to 65535, got 0/],
    ['smtp://host:70000', /^expected a port/],
    [`lmtp:///${'x'.repeat(107)}`, /at most 107 octets/],
  ])('%s leads nowhere', (text, reason) => {
    expect(read(text)).toMatch(reason);
  });
});
