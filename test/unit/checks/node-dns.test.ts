import { describe, expect, it } from 'vitest';
import { nodeAnswer, nodeDnsError, notedQuestions } from '../../../src/checks/node-dns.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe('answers as node:dns gives them', () => {
  it('are lists of texts for TXT, exchanges with a priority for MX, and plain otherwise', () => {
    expect(nodeAnswer(['a', 'b'], 'TXT')).toEqual([['a'], ['b']]);
    expect(nodeAnswer(['192.0.2.1'], 'A')).toEqual(['192.0.2.1']);
    expect(nodeAnswer([{ exchange: 'mx.test', preference: 5 }], 'MX')).toEqual([
      { exchange: 'mx.test', priority: 5 },
    ]);
  });

  it('are errors with a code where there is none, and no stack is taken for them', () => {
    const error = nodeDnsError('ENOTFOUND', 'TXT a.test: none');
    expect(error).toBeInstanceOf(Error);
    expect([error.code, error.message, String(error)]).toEqual([
      'ENOTFOUND',
      'TXT a.test: none',
      'Error: TXT a.test: none',
    ]);
    expect(error.stack).toBeUndefined();
  });
});

describe('questions that are noted', () => {
  it('stand in the order of their answers, up to a number', async () => {
    const { ask, evidence } = notedQuestions(createFakeResolver({ 'a.test TXT': ['x'] }), {}, 2);
    for (const name of ['a.test', 'b.test', 'c.test']) await ask(name, 'TXT');
    expect(evidence()).toEqual(['TXT a.test: x', 'TXT b.test: no such name']);
  });
});
