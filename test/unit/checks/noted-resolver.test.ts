import { describe, expect, it } from 'vitest';
import { notedResolver } from '../../../src/checks/noted-resolver.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe('questions with their answers', () => {
  it('are told in one printable line each', async () => {
    const { resolver, evidence } = notedResolver(
      createFakeResolver({
        'a.example TXT': ['one\r\ntwo', 'three'],
        'a.example MX': [{ preference: 5, exchange: 'mx.example' }],
        'b.example A': 'servfail',
        'c.example A': Array.from({ length: 30 }, (_, index) => `192.0.2.${index}`),
      }),
    );
    for (const [name, type] of [
      ['a.example', 'TXT'],
      ['a.example', 'MX'],
      ['a.example', 'A'],
      ['b.example', 'A'],
      ['gone\n.example', 'A'],
      ['c.example', 'A'],
    ] as const) {
      await resolver.resolve(name, type);
    }
    expect(evidence.slice(0, 5)).toEqual([
      'TXT a.example: one two, three',
      'MX a.example: 5 mx.example',
      'A a.example: none',
      'A b.example: servfail',
      'A gone .example: no such name',
    ]);
    expect(evidence[5]).toMatch(/192\.0\.2\.9 and 20 more$/);
  });

  it('are no more than sixty', async () => {
    const { resolver, evidence } = notedResolver(createFakeResolver());
    for (let index = 0; index < 100; index++) await resolver.resolve(`n${index}.example`, 'A');
    expect(evidence).toHaveLength(60);
    resolver.close();
  });
});
