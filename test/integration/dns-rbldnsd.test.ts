/** The block list checks against the real rbldnsd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDnsbl, checkDnsbls } from '../../src/checks/dnsbl.js';
import { probeDnsbl } from '../../src/checks/dnsbl-probe.js';
import { sweepDnsbls } from '../../src/checks/dnsbl-sweep.js';
import { systemClock } from '../../src/core/clock.js';
import { createCachingResolver } from '../../src/dns/caching-resolver.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import type { DaemonDouble } from '../helpers/daemon.js';
import { startRbldnsd } from '../helpers/rbldnsd.js';
import { requireProgram } from '../helpers/real-parts.js';

const program = requireProgram('rbldnsd', 'rbldnsd');

describe.skipIf(program === undefined)(
  'block lists served by rbldnsd (skipped when it is not installed)',
  () => {
    let lists: DaemonDouble;
    let resolver: Resolver;

    beforeAll(async () => {
      lists = await startRbldnsd(program ?? '', {
        'bl.test': {
          type: 'ip4set',
          lines: [
            ':127.0.0.2:Listed, see https://bl.test/?$',
            '127.0.0.2',
            '192.0.2.9 :127.0.0.4:spam source',
            '198.51.100.0/24',
          ],
        },
        'six.test': { type: 'ip6trie', lines: [':127.0.0.3:v6', '2001:db8:bad::/48'] },
        'six-sane.test': { type: 'ip6trie', lines: [':127.0.0.2:v6', '::ffff:7f00:2', '2001:db8:bad::/48'] },
        'all.test': { type: 'ip4set', lines: [':127.0.0.2:everybody', '0.0.0.0/1', '128.0.0.0/1'] },
        'closed.test': {
          type: 'ip4set',
          lines: [':127.255.255.254:use your own resolver', '0.0.0.0/1', '128.0.0.0/1'],
        },
        'parked.test': { type: 'ip4set', lines: [':203.0.113.80:', '0.0.0.0/1', '128.0.0.0/1'] },
      });
      resolver = createCachingResolver({
        clock: systemClock,
        resolver: createUdpResolver({ clock: systemClock, servers: [lists.address], deadlineMs: 2000 }),
      });
    });
    afterAll(async () => {
      resolver.close();
      await lists.stop();
    });

    it('tell code and reason', async () => {
      expect(
        await checkDnsbl({ resolver, clock: systemClock }, { ip: '192.0.2.9', zone: 'bl.test' }),
      ).toMatchObject({
        status: 'listed',
        codes: ['127.0.0.4'],
        explanation: 'spam source',
      });
      expect(
        await checkDnsbl({ resolver, clock: systemClock }, { ip: '198.51.100.77', zone: 'bl.test' }),
      ).toMatchObject({
        status: 'listed',
        codes: ['127.0.0.2'],
        explanation: 'Listed, see https://bl.test/?198.51.100.77',
      });
    });

    it('do not list', async () => {
      const outcome = await checkDnsbl(
        { resolver, clock: systemClock },
        { ip: '192.0.2.10', zone: 'bl.test' },
      );
      expect(outcome).toMatchObject({ status: 'notListed', codes: [] });
    });

    it('list IPv6', async () => {
      const at = (ip: string) => checkDnsbl({ resolver, clock: systemClock }, { ip, zone: 'six.test' });
      expect(await at('2001:db8:bad::25')).toMatchObject({ status: 'listed', codes: ['127.0.0.3'] });
      expect(await at('2001:db8:900d::25')).toMatchObject({ status: 'notListed' });
    });

    it('list a mapped address as the IPv4 address in it', async () => {
      const outcome = await checkDnsbl(
        { resolver, clock: systemClock },
        { ip: '::ffff:192.0.2.9', zone: 'bl.test' },
      );
      expect(outcome).toMatchObject({ status: 'listed', codes: ['127.0.0.4'] });
    });

    it('are in error when they refuse or are parked, and unknown when the server does not know them', async () => {
      const zones = ['closed.test', 'parked.test', 'foreign.test', 'bl.test'];
      const outcomes = await checkDnsbls({ resolver, clock: systemClock }, { ip: '192.0.2.9', zones });
      expect(outcomes.map(({ status }) => status)).toEqual(['listError', 'listError', 'tempError', 'listed']);
    });

    it('are probed', async () => {
      expect((await probeDnsbl({ resolver, clock: systemClock }, { zone: 'bl.test' })).status).toBe(
        'healthy',
      );
      expect((await probeDnsbl({ resolver, clock: systemClock }, { zone: 'closed.test' })).status).toBe(
        'listError',
      );
      expect((await probeDnsbl({ resolver, clock: systemClock }, { zone: 'six.test' })).status).toBe(
        'listsNothing',
      );
      expect((await probeDnsbl({ resolver, clock: systemClock }, { zone: 'all.test' })).status).toBe(
        'listsEverything',
      );
      expect((await probeDnsbl({ resolver, clock: systemClock }, { zone: 'foreign.test' })).status).toBe(
        'tempError',
      );
      expect(await probeDnsbl({ resolver, clock: systemClock }, { zone: 'six-sane.test' })).toMatchObject({
        status: 'healthy',
        families: [6],
      });
    });

    it('are swept', async () => {
      const lists4 = ['bl.test', 'six.test'];
      const swept = await sweepDnsbls({
        ip: '192.0.2.9',
        lists: lists4,
        servers: [lists.address],
        timeoutMs: 1000,
      });
      expect(swept).toEqual({
        status: 'done',
        rows: [
          { list: 'bl.test', label: 'listed' },
          { list: 'six.test', label: 'not confirmed' },
        ],
      });
    });

    it('are unknown, never "not listed", when the server is gone', async () => {
      const other = await startRbldnsd(program ?? '', {
        'gone.test': { type: 'ip4set', lines: ['127.0.0.2'] },
      });
      const direct = createUdpResolver({ clock: systemClock, servers: [other.address], deadlineMs: 1000 });
      expect(
        (await checkDnsbl({ resolver: direct, clock: systemClock }, { ip: '192.0.2.9', zone: 'gone.test' }))
          .status,
      ).toBe('notListed');
      await other.stop();
      expect(
        (await checkDnsbl({ resolver: direct, clock: systemClock }, { ip: '192.0.2.9', zone: 'gone.test' }))
          .status,
      ).toBe('tempError');
      direct.close();
    });
  },
);
