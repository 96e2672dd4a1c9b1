import { describe, expect, it } from 'vitest';
import { checkDnsbl, checkDnsbls } from '../../../src/checks/dnsbl.js';
import { probeDnsbl } from '../../../src/checks/dnsbl-probe.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe('a block list', () => {
  it('lists with its codes in order and its reason', async () => {
    const resolver = createFakeResolver({
      '1.2.0.192.bl.example A': ['127.0.0.10', '127.0.0.4', '127.0.0.10'],
      '1.2.0.192.bl.example TXT': ['spam\r\n source', 'see https://bl.example'],
    });
    expect(await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: ' bl.example. ' })).toEqual({
      status: 'listed',
      zone: 'bl.example',
      codes: ['127.0.0.4', '127.0.0.10'],
      explanation: 'spam source see https://bl.example',
      evidence: ['A 1.2.0.192.bl.example: 127.0.0.4 127.0.0.10'],
    });
  });

  it.each(['timeout', 'servfail', 'none', 'nxdomain'] as const)(
    'lists also when the reason is %s',
    async (txt) => {
      const resolver = createFakeResolver({
        '1.2.0.192.bl.example A': ['127.0.0.2'],
        '1.2.0.192.bl.example TXT': txt,
      });
      const outcome = await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: 'bl.example' });
      expect(outcome).toMatchObject({ status: 'listed', explanation: '', codes: ['127.0.0.2'] });
    },
  );

  it('does not list, and is not asked for a reason then', async () => {
    const resolver = createFakeResolver();
    const outcome = await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: 'bl.example' });
    expect(outcome).toMatchObject({ status: 'notListed', codes: [], explanation: '' });
    expect(resolver.asked).toEqual(['1.2.0.192.bl.example A']);
  });

  it.each([['127.255.255.254'], ['127.255.255.252'], ['192.0.2.80'], ['128.0.0.1']])(
    'has an error when it answers %s',
    async (code) => {
      const resolver = createFakeResolver({ '1.2.0.192.bl.example A': ['127.0.0.2', code] });
      const outcome = await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: 'bl.example' });
      expect(outcome).toMatchObject({ status: 'listError', codes: [] });
      expect(outcome.explanation).toContain(code);
      expect(resolver.asked).toHaveLength(1);
    },
  );

  it.each(['timeout', 'servfail', 'refused', 'network', 'malformed', 'aborted'] as const)(
    'is unknown on %s',
    async (trouble) => {
      const resolver = createFakeResolver({ '1.2.0.192.bl.example A': trouble });
      const outcome = await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: 'bl.example' });
      expect(outcome).toMatchObject({ status: 'tempError', codes: [] });
    },
  );

  it('is asked for IPv6 by nibbles, and for mapped addresses as IPv4', async () => {
    const name = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example';
    const resolver = createFakeResolver({
      [`${name} A`]: ['127.0.0.2'],
      '1.2.0.192.bl.example A': ['127.0.0.3'],
    });
    expect((await checkDnsbl({ resolver }, { ip: '2001:db8::1', zone: 'bl.example' })).codes).toEqual([
      '127.0.0.2',
    ]);
    const mapped = await checkDnsbl({ resolver }, { ip: '::ffff:192.0.2.1', zone: 'bl.example' });
    expect(mapped.codes).toEqual(['127.0.0.3']);
  });

  it('has an error without a zone or an address', async () => {
    const resolver = createFakeResolver();
    expect((await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: ' ' })).status).toBe('listError');
    expect((await checkDnsbl({ resolver }, { ip: '192.0.2.1', zone: 'bad zone!' })).status).toBe('listError');
    expect((await checkDnsbl({ resolver }, { ip: 'nobody', zone: 'bl.example' })).status).toBe('listError');
    expect(resolver.asked).toEqual([]);
  });

  it('is one of several, asked at once and answered in order', async () => {
    const resolver = createFakeResolver({
      '1.2.0.192.a.example A': 'timeout',
      '1.2.0.192.c.example A': ['127.0.0.2'],
    });
    const zones = ['a.example', 'b.example', 'c.example'];
    const outcomes = await checkDnsbls({ resolver }, { ip: '192.0.2.1', zones });
    expect(outcomes.map(({ zone, status }) => [zone, status])).toEqual([
      ['a.example', 'tempError'],
      ['b.example', 'notListed'],
      ['c.example', 'listed'],
    ]);
    expect(resolver.asked.slice(0, 3)).toEqual(zones.map((zone) => `1.2.0.192.${zone} A`));
  });
});

describe('the health of a block list', () => {
  const there = '2.0.0.127.bl.example A';
  const absent = '1.0.0.127.bl.example A';
  it.each([
    ['healthy', { [there]: ['127.0.0.2'] }],
    ['listsNothing', {}],
    ['listsEverything', { [there]: ['127.0.0.2'], [absent]: ['127.0.0.2'] }],
    ['listError', { [there]: ['192.0.2.1'], [absent]: ['192.0.2.1'] }],
    ['tempError', { [there]: 'timeout' as const }],
  ])('is %s', async (status, zone) => {
    const resolver = createFakeResolver(zone);
    expect((await probeDnsbl({ resolver }, { zone: 'bl.example' })).status).toBe(status);
  });
});
