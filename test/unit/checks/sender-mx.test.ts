import { describe, expect, it } from 'vitest';
import { checkSenderMx } from '../../../src/checks/sender-mx.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe("the sender's MX", () => {
  const resolver = createFakeResolver({
    'mx.example MX': [
      { preference: 20, exchange: 'b.example' },
      { preference: 10, exchange: 'a.example' },
    ],
    'address.example A': ['192.0.2.1'],
    'null.example MX': [{ preference: 0, exchange: '.' }],
    'odd.example MX': [{ preference: 0, exchange: 'no host' }],
    'text.example TXT': ['x'],
    'slow.example MX': 'timeout',
    'bad..example MX': 'badName',
  });

  it.each([
    ['mx.example', 'Pass'],
    ['MX.Example.', 'Pass'],
    ['address.example', 'Pass'],
    ['null.example', 'Fail'],
    ['odd.example', 'Fail'],
    ['text.example', 'Fail'],
    ['gone.example', 'Fail'],
    ['bad..example', 'Fail'],
    ['slow.example', 'Error'],
    ['', 'Neutral'],
    ['[192.0.2.1]', 'Neutral'],
  ])('of %j is %s', async (domain, status) => {
    const outcome = await checkSenderMx({ resolver }, { domain });
    expect(outcome.status).toBe(status);
    expect(outcome.explanation === '').toBe(status === 'Pass');
  });

  it('names the hosts in order', async () => {
    const outcome = await checkSenderMx({ resolver }, { domain: 'mx.example' });
    expect(outcome.hosts).toEqual(['a.example', 'b.example']);
    expect(outcome.evidence).toEqual(['MX mx.example: a.example b.example']);
  });
});
