import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/smtp/mailbox.js';
import { type BareOptions, bareSession } from '../../../helpers/bare-session.js';

function local(address: string, options: BareOptions = {}): boolean | undefined {
  const mailbox = parseAddress(address);
  return mailbox && bareSession(options).session.isLocal(mailbox);
}

const peer = { remoteIp: '2001:db8::7', remotePort: 40_000, localIp: '2001:db8::25', localPort: 25 };

describe('local recipients', () => {
  it.each([
    'a@here.example',
    'a@HERE.example',
    'postmaster',
    'POSTMASTER',
    'postmaster@mx.test',
    'Postmaster@MX.test',
    'postmaster@[192.0.2.25]',
    'postmaster@[IPv6:::ffff:192.0.2.25]',
    '"postmaster"@mx.test',
  ])('%s is ours', (address) => {
    expect(local(address)).toBe(true);
  });

  it.each([
    'a@mx.test',
    'a@[192.0.2.25]',
    'postmaster@[192.0.2.26]',
    'postmaster@elsewhere.example',
    'a@sub.here.example',
  ])('%s is not', (address) => {
    expect(local(address)).toBe(false);
  });

  it('are known by the address of this host in whatever spelling', () => {
    const start = { peer };
    expect(local('postmaster@[IPv6:2001:DB8:0:0::25]', { start })).toBe(true);
    expect(local('postmaster@[IPv6:2001:db8::26]', { start })).toBe(false);
  });

  it('belong to the name of this host where they have no domain, or its address for one', () => {
    const { session } = bareSession();
    const domains = ['postmaster', 'a@[192.0.2.25]', 'a@[192.0.2.9]', 'a@B.example'].map((address) => {
      const mailbox = parseAddress(address);
      return mailbox && session.domainOf(mailbox);
    });
    expect(domains).toEqual(['mx.test', 'mx.test', '[192.0.2.9]', 'B.example']);
  });
});
