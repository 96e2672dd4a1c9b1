import { describe, expect, it } from 'vitest';
import { findMailHosts } from '../../../src/dns/mail-hosts.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

const mx = (preference: number, exchange: string) => ({ preference, exchange });

describe('hosts that take mail', () => {
  it('are the MX records in order of preference', async () => {
    const resolver = createFakeResolver({
      'example.org MX': [mx(20, 'B.example.org.'), mx(10, 'a.example.org'), mx(20, 'c.example.org')],
    });
    expect(await findMailHosts(resolver, 'Example.ORG')).toMatchObject({
      status: 'hosts',
      implicit: false,
      hosts: [
        { host: 'a.example.org', preference: 10 },
        { host: 'b.example.org', preference: 20 },
        { host: 'c.example.org', preference: 20 },
      ],
    });
  });

  it.each(['A', 'AAAA'])('are the domain itself when it has only %s', async (type) => {
    const resolver = createFakeResolver({
      [`example.org ${type}`]: [type === 'A' ? '192.0.2.1' : '2001:db8::1'],
    });
    expect(await findMailHosts(resolver, 'example.org')).toMatchObject({
      status: 'hosts',
      implicit: true,
      hosts: [{ host: 'example.org', preference: 0 }],
    });
  });

  it('are none with a null MX', async () => {
    const resolver = createFakeResolver({ 'example.org MX': [mx(0, '.')], 'example.org A': ['192.0.2.1'] });
    expect(await findMailHosts(resolver, 'example.org')).toEqual({ status: 'nullMx' });
  });

  it('keep the real hosts beside a stray null MX, and drop names that are none', async () => {
    const resolver = createFakeResolver({
      'example.org MX': [mx(0, '.'), mx(5, 'bad host\r\n'), mx(10, 'mx.example.org')],
      'broken.example MX': [mx(5, 'bad host')],
      'broken.example A': ['192.0.2.1'],
    });
    expect(await findMailHosts(resolver, 'example.org')).toMatchObject({
      hosts: [{ host: 'mx.example.org' }],
    });
    expect(await findMailHosts(resolver, 'broken.example')).toEqual({ status: 'unusable' });
  });

  it('are none when there is nothing, without a needless question', async () => {
    const resolver = createFakeResolver({ 'here.example TXT': ['x'] });
    expect(await findMailHosts(resolver, 'gone.example')).toEqual({ status: 'none', nxdomain: true });
    expect(resolver.asked).toEqual(['gone.example MX']);
    expect(await findMailHosts(resolver, 'here.example')).toEqual({ status: 'none', nxdomain: false });
  });

  it('are unknown when DNS is in trouble', async () => {
    const resolver = createFakeResolver({
      'a.example MX': 'servfail',
      'b.example MX': 'none',
      'b.example A': 'timeout',
      'c.example A': 'none',
      'c.example AAAA': 'refused',
      'd.example A': 'timeout',
      'd.example AAAA': ['2001:db8::1'],
    });
    expect(await findMailHosts(resolver, 'a.example')).toMatchObject({
      status: 'tempFail',
      trouble: 'servfail',
    });
    expect(await findMailHosts(resolver, 'b.example')).toMatchObject({
      status: 'tempFail',
      trouble: 'timeout',
    });
    expect(await findMailHosts(resolver, 'c.example')).toMatchObject({
      status: 'tempFail',
      trouble: 'refused',
    });
    expect(await findMailHosts(resolver, 'd.example')).toMatchObject({ status: 'hosts', implicit: true });
  });

  it('are fifty at most', async () => {
    const records = Array.from({ length: 3000 }, (_, index) => mx(index, `mx${index}.example.org`));
    const found = await findMailHosts(createFakeResolver({ 'example.org MX': records }), 'example.org');
    expect(found.status === 'hosts' && found.hosts.length).toBe(50);
  });
});
