import { describe, expect, it } from 'vitest';
import { checkReverseDns } from '../../../src/checks/reverse-dns.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

const pointer = '1.2.0.192.in-addr.arpa PTR';
const ip = '192.0.2.1';

describe('reverse DNS', () => {
  it('passes when a name leads back', async () => {
    const resolver = createFakeResolver({
      [pointer]: ['other.example', 'Mail.Example.org.'],
      'other.example A': ['192.0.2.9'],
      'mail.example.org A': ['192.0.2.8', '192.0.2.1'],
    });
    expect(await checkReverseDns({ resolver }, { ip })).toMatchObject({
      status: 'pass',
      name: 'mail.example.org',
      names: ['other.example', 'mail.example.org'],
    });
  });

  it('passes for IPv6 whatever the spelling', async () => {
    const resolver = createFakeResolver({
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR': ['mail.example.org'],
      'mail.example.org AAAA': ['2001:DB8:0:0::1'],
    });
    expect((await checkReverseDns({ resolver }, { ip: '2001:db8::1' })).status).toBe('pass');
  });

  it('fails when no name leads back, or none is a name', async () => {
    const resolver = createFakeResolver({
      [pointer]: ['mail.example.org'],
      'mail.example.org A': ['192.0.2.2'],
    });
    expect(await checkReverseDns({ resolver }, { ip })).toMatchObject({
      status: 'fail',
      name: '',
      names: ['mail.example.org'],
      explanation: 'mail.example.org does not lead to 192.0.2.1',
    });
    resolver.set(pointer, ['bad\r\nname', '']);
    expect(await checkReverseDns({ resolver }, { ip })).toMatchObject({
      status: 'fail',
      name: '',
      names: [],
    });
  });

  it('is neutral without a name or without an address', async () => {
    const resolver = createFakeResolver();
    expect(await checkReverseDns({ resolver }, { ip })).toMatchObject({ status: 'neutral', name: '' });
    expect((await checkReverseDns({ resolver }, { ip: 'x' })).status).toBe('neutral');
  });

  it('is in error when trouble could hide the answer, and only then', async () => {
    const resolver = createFakeResolver({
      [pointer]: ['a.example', 'b.example'],
      'a.example A': 'timeout',
      'b.example A': ['192.0.2.2'],
    });
    expect(await checkReverseDns({ resolver }, { ip })).toMatchObject({
      status: 'error',
      name: '',
      names: ['a.example', 'b.example'],
    });
    resolver.set('b.example A', ['192.0.2.1']);
    expect((await checkReverseDns({ resolver }, { ip })).status).toBe('pass');
    resolver.set(pointer, 'servfail');
    expect((await checkReverseDns({ resolver }, { ip })).status).toBe('error');
  });

  it('asks for ten names at most', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `n${index}.example`);
    const resolver = createFakeResolver({ [pointer]: names });
    await checkReverseDns({ resolver }, { ip });
    expect(resolver.asked).toHaveLength(11);
  });

  it('looks a mapped address up as IPv4, and asks each name for the family of the address only', async () => {
    const resolver = createFakeResolver({
      [pointer]: ['mail.example.org'],
      'mail.example.org A': ['192.0.2.1'],
      'mail.example.org AAAA': ['2001:db8::1'],
    });
    expect((await checkReverseDns({ resolver }, { ip: '::ffff:192.0.2.1' })).status).toBe('pass');
    expect(resolver.asked).toEqual(['1.2.0.192.in-addr.arpa PTR', 'mail.example.org A']);
  });
});
