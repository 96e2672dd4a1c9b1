import { describe, expect, it } from 'vitest';
import { mailauthLookups } from '../../../src/checks/mailauth-lookups.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe('our resolver in the shape of node:dns', () => {
  it('gives records as node:dns does, and says for how long', async () => {
    const { resolve } = mailauthLookups(
      createFakeResolver({
        'a.test TXT': ['one', 'two'],
        'a.test A': ['192.0.2.1'],
        'a.test MX': [{ preference: 5, exchange: 'mx.test' }],
      }),
      {},
    );
    const seconds: number[] = [];
    expect(await resolve('a.test', 'TXT', (found) => seconds.push(found))).toEqual([['one'], ['two']]);
    expect(await resolve('a.test', 'A')).toEqual(['192.0.2.1']);
    expect(await resolve('a.test', 'MX')).toEqual([{ exchange: 'mx.test', priority: 5 }]);
    expect(seconds).toEqual([300]);
  });

  it.each([
    ['nxdomain', 'ENOTFOUND', false],
    ['none', 'ENODATA', false],
    // It cannot be asked for, so it cannot exist either.
    ['badName', 'ENOTFOUND', false],
    ['timeout', 'ETIMEOUT', true],
    ['servfail', 'ESERVFAIL', true],
    ['refused', 'EREFUSED', true],
    ['network', 'ECONNREFUSED', true],
    ['malformed', 'EBADRESP', true],
    ['aborted', 'ECANCELLED', true],
  ] as const)('%s rejects with %s', async (answer, code, isTrouble) => {
    const lookups = mailauthLookups(createFakeResolver({ 'a.test TXT': answer }), {});
    await expect(lookups.resolve('a.test', 'TXT')).rejects.toMatchObject({ code });
    expect(lookups.hadTrouble()).toBe(isTrouble);
    expect(lookups.evidence).toHaveLength(1);
  });

  it('knows no other types', async () => {
    const lookups = mailauthLookups(createFakeResolver(), {});
    await expect(lookups.resolve('a.test', 'CNAME')).rejects.toMatchObject({ code: 'ENODATA' });
    expect(lookups.hadTrouble()).toBe(false);
  });

  it('bounds what it notes', async () => {
    const lookups = mailauthLookups(createFakeResolver({ 'a.test TXT': ['x'] }), {});
    for (let at = 0; at < 500; at += 1) await lookups.resolve('a.test', 'TXT');
    expect(lookups.evidence.length).toBeLessThanOrEqual(60);
  });
});
