import { describe, expect, it } from 'vitest';
import { checkSenderMx } from '../../../src/checks/sender-mx.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

const mx = (preference: number, exchange: string) => ({ preference, exchange });

describe("the sender's MX", () => {
  const resolver = createFakeResolver({
    'mx.example MX': [mx(20, 'b.example'), mx(10, 'a.example')],
    'a.example A': ['192.0.2.1'],
    'b.example AAAA': ['2001:db8::2'],
    'six.example MX': [mx(10, 'b.example')],
    'backup.example MX': [mx(10, 'gone.example'), mx(20, 'slow.example'), mx(30, 'b.example')],
    'address.example A': ['192.0.2.1'],
    'address6.example AAAA': ['2001:db8::1'],
    'xn--bcher-kva.example MX': [mx(10, 'a.example')],
    'null.example MX': [mx(0, '.')],
    'nulls.example MX': [mx(0, '.'), mx(10, '.')],
    'mixed.example MX': [mx(0, '.'), mx(10, 'a.example')],
    'odd.example MX': [mx(0, 'no host')],
    'literal.example MX': [mx(10, '192.0.2.1')],
    'literal2.example MX': [mx(10, '[192.0.2.1]'), mx(20, '2001:db8::1')],
    'text.example TXT': ['x'],
    'lost.example MX': [mx(10, 'gone.example'), mx(20, 'text.example')],
    'slow.example MX': 'timeout',
    'slow.example A': 'timeout',
    'unsure.example MX': [mx(10, 'gone.example'), mx(20, 'slow.example')],
    'slow4.example A': 'servfail',
    'slow4.example AAAA': ['2001:db8::1'],
    'part.example MX': [mx(10, 'slow4.example')],
    'noaddress.example A': 'timeout',
    'bad..example MX': 'badName',
  });

  it.each([
    ['mx.example', 'Pass'],
    ['MX.Example.', 'Pass'],
    ['six.example', 'Pass'],
    ['backup.example', 'Pass'],
    ['part.example', 'Pass'],
    ['address.example', 'Pass'],
    ['address6.example', 'Pass'],
    ['b\u00fccher.example', 'Pass'],
    ['mixed.example', 'Pass'],
    ['null.example', 'Fail'],
    ['nulls.example', 'Fail'],
    ['odd.example', 'Fail'],
    ['literal.example', 'Fail'],
    ['literal2.example', 'Fail'],
    ['lost.example', 'Fail'],
    ['text.example', 'Fail'],
    ['gone.example', 'Fail'],
    ['bad..example', 'Fail'],
    ['slow.example', 'Error'],
    ['unsure.example', 'Error'],
    ['noaddress.example', 'Error'],
    ['', 'Neutral'],
    ['[192.0.2.1]', 'Neutral'],
    ['[IPv6:2001:db8::1]', 'Neutral'],
  ])('of %j is %s', async (domain, status) => {
    const outcome = await checkSenderMx({ resolver }, { domain });
    expect(outcome.status).toBe(status);
    expect(outcome.explanation === '').toBe(status === 'Pass');
  });

  it('names the hosts in order, and each question with its answer', async () => {
    const outcome = await checkSenderMx({ resolver }, { domain: 'mx.example' });
    expect(outcome.hosts).toEqual(['a.example', 'b.example']);
    expect(outcome.evidence).toEqual(['MX mx.example: 20 b.example, 10 a.example', 'A a.example: 192.0.2.1']);
  });

  it('asks ten hosts at most, and no more than the first where that has an address', async () => {
    const many = Array.from({ length: 200 }, (_, index) => mx(index, `h${index}.example`));
    const crowd = createFakeResolver({ 'many.example MX': many });
    expect((await checkSenderMx({ resolver: crowd }, { domain: 'many.example' })).status).toBe('Fail');
    expect(crowd.asked).toHaveLength(11);
    crowd.set('h0.example A', ['192.0.2.1']);
    await checkSenderMx({ resolver: crowd }, { domain: 'many.example' });
    expect(crowd.asked).toHaveLength(13);
  });

  it('is in error, without a question, once the asker has gone', async () => {
    const signal = AbortSignal.abort();
    expect((await checkSenderMx({ resolver }, { domain: 'mx.example', signal })).status).toBe('Error');
  });
});
