/** RFC 4616 §2 and the initial response of RFC 4954 §4. */
import { describe, expect, it } from 'vitest';
import { createPlainExchange } from '../../../../src/auth/sasl/plain.js';

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

const CREDENTIALS = {
  status: 'credentials',
  credentials: { mechanism: 'PLAIN', user: 'tim', password: 'tanstaaftanstaaf' },
};

describe('the PLAIN mechanism', () => {
  it('takes the example of RFC 4616 §4 with the command', () => {
    expect(createPlainExchange().start(encoded('\0tim\0tanstaaftanstaaf'))).toEqual(CREDENTIALS);
  });

  it('asks with an empty challenge when nothing came with the command', () => {
    const exchange = createPlainExchange();
    expect(exchange.start(undefined)).toEqual({ status: 'challenge', challenge: '' });
    expect(exchange.next(encoded('\0tim\0tanstaaftanstaaf'))).toEqual(CREDENTIALS);
  });

  it('lets a user act as itself and as nobody else', () => {
    expect(createPlainExchange().start(encoded('tim\0tim\0tanstaaftanstaaf'))).toEqual(CREDENTIALS);
    expect(createPlainExchange().start(encoded('root\0tim\0tanstaaftanstaaf'))).toEqual({
      status: 'credentials',
      credentials: { ...CREDENTIALS.credentials, isForOther: true },
    });
  });

  it.each([
    ['='],
    [encoded('tim')],
    [encoded('tim\0secret')],
    [encoded('\0\0secret')],
    [encoded('\0tim\0')],
    [encoded('\0tim\0sec\0ret')],
    [encoded('\0tim\0secret\0')],
    [encoded(`\0${'n'.repeat(256)}\0secret`)],
    [encoded(`\0tim\0${'s'.repeat(513)}`)],
  ])('finds %j malformed', (response) => {
    expect(createPlainExchange().start(response)).toEqual({ status: 'failed', reason: 'malformed' });
  });

  it('takes an empty argument for no base64 at all', () => {
    expect(createPlainExchange().start('')).toEqual({ status: 'failed', reason: 'notBase64' });
  });
});
