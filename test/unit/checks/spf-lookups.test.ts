import { describe, expect, it } from 'vitest';
import { spfLookups } from '../../../src/checks/spf-lookups.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

const ZONE = {
  'there.example A': ['192.0.2.1'],
  'there.example TXT': ['v=spf1', 'other'],
  'there.example MX': [{ preference: 5, exchange: 'mx.example' }],
  'rev.arpa PTR': ['there.example'],
  'dead.example A': 'servfail',
  'odd.example A': 'badName',
} as const;

function open() {
  const resolver = createFakeResolver(ZONE);
  return { resolver, lookups: spfLookups(resolver, {}) };
}

const stopped = (error: string) => ({ spfResult: { error, text: expect.any(String) as string } });

describe('spfLookups', () => {
  it('speaks like node:dns, with nothing for what does not exist', async () => {
    const { lookups } = open();
    expect(await lookups.ask('there.example', 'TXT')).toEqual([['v=spf1'], ['other']]);
    expect(await lookups.ask('there.example', 'A')).toEqual(['192.0.2.1']);
    expect(await lookups.ask('there.example', 'MX')).toEqual([{ exchange: 'mx.example', priority: 5 }]);
    expect(await lookups.ask('there.example', 'AAAA')).toEqual([]);
    expect(await lookups.ask('odd.example', 'A')).toEqual([]);
    await expect(lookups.ask('dead.example', 'A')).rejects.toMatchObject(stopped('temperror'));
    await expect(lookups.ask('there.example', 'SRV')).rejects.toMatchObject(stopped('temperror'));
  });

  it('lets ten terms ask, the record itself not counted', async () => {
    const { resolver, lookups } = open();
    await lookups.ask('there.example', 'TXT');
    for (let n = 0; n < 10; n++) await lookups.ask('there.example', 'A');
    expect(lookups.counts()).toEqual({ terms: 10, empty: 0 });
    await expect(lookups.ask('there.example', 'A')).rejects.toMatchObject(stopped('permerror'));
    expect(resolver.asked).toHaveLength(11);
  });

  it('lets two terms ask in vain', async () => {
    const { lookups } = open();
    await lookups.ask('there.example', 'TXT');
    await lookups.ask('no.example', 'A');
    await lookups.ask('there.example', 'AAAA');
    expect(lookups.counts()).toEqual({ terms: 2, empty: 2 });
    await expect(lookups.ask('no.example', 'MX')).rejects.toMatchObject(stopped('permerror'));
  });

  it('does not count a domain without a record', async () => {
    const { lookups } = open();
    expect(await lookups.ask('no.example', 'TXT')).toEqual([]);
    expect(lookups.counts()).toEqual({ terms: 0, empty: 0 });
  });

  it('counts a reverse name when it is reported as a ptr', async () => {
    const { lookups } = open();
    await lookups.ask('there.example', 'TXT');
    await lookups.ask('rev.arpa', 'PTR');
    expect(lookups.counts()).toEqual({ terms: 0, empty: 0 });
    lookups.ask.updateSubQueries('ptr', 1);
    lookups.ask.updateSubQueries('ptr:void', 0);
    expect(lookups.counts()).toEqual({ terms: 1, empty: 0 });
    await lookups.ask('none.arpa', 'PTR');
    lookups.ask.updateSubQueries('ptr', 0);
    expect(lookups.counts()).toEqual({ terms: 2, empty: 1 });
  });

  it('lets ten hosts of one term be asked, empty or not', async () => {
    const { lookups } = open();
    for (let term = 0; term < 2; term++) {
      const askHost = lookups.forHosts();
      for (let n = 0; n < 10; n++) await askHost('no.example', 'A');
      expect([askHost.getResolveCount(), askHost.getVoidCount()]).toEqual([10, 0]);
      await expect(askHost('there.example', 'A')).rejects.toMatchObject(stopped('permerror'));
    }
    expect(lookups.counts()).toEqual({ terms: 0, empty: 0 });
  });

  it('knows of trouble, but not of that of an explanation', async () => {
    const { lookups } = open();
    await expect(lookups.forExplanation('dead.example', 'A')).rejects.toThrow();
    expect(lookups.inTrouble()).toBe(false);
    await expect(lookups.forHosts()('dead.example', 'A')).rejects.toThrow();
    expect(lookups.inTrouble()).toBe(true);
  });

  it('keeps a bounded list of what was asked', async () => {
    const { lookups } = open();
    for (let n = 0; n < 1000; n++) await lookups.forExplanation(`n${n}.example`, 'A');
    expect(lookups.evidence().length).toBeLessThanOrEqual(120);
    expect(lookups.evidence()[0]).toBe('A n0.example: no such name');
  });
});
