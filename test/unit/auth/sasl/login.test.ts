import { describe, expect, it } from 'vitest';
import { createLoginExchange } from '../../../../src/auth/sasl/login.js';

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

const CREDENTIALS = {
  status: 'credentials',
  credentials: { mechanism: 'LOGIN', user: 'tim', password: 'secret word' },
};

describe('the LOGIN mechanism', () => {
  it('asks for the name and then for the password', () => {
    const exchange = createLoginExchange();
    expect(exchange.start(undefined)).toEqual({ status: 'challenge', challenge: 'VXNlcm5hbWU6' });
    expect(exchange.next(encoded('tim'))).toEqual({ status: 'challenge', challenge: 'UGFzc3dvcmQ6' });
    expect(exchange.next(encoded('secret word'))).toEqual(CREDENTIALS);
  });

  it('takes a name that comes with the command', () => {
    const exchange = createLoginExchange();
    expect(exchange.start(encoded('tim'))).toEqual({ status: 'challenge', challenge: 'UGFzc3dvcmQ6' });
    expect(exchange.next(encoded('secret word'))).toEqual(CREDENTIALS);
  });

  it.each([['='], [encoded('t\0m')], [encoded('n'.repeat(256))]])('finds the name %j malformed', (name) => {
    expect(createLoginExchange().start(name)).toEqual({ status: 'failed', reason: 'malformed' });
  });

  it.each([[''], [encoded('a\0b')], [encoded('s'.repeat(513))]])(
    'finds the password %j malformed',
    (line) => {
      const exchange = createLoginExchange();
      exchange.start(encoded('tim'));
      expect(exchange.next(line)).toEqual({ status: 'failed', reason: 'malformed' });
    },
  );

  it('can be cancelled at either question', () => {
    const exchange = createLoginExchange();
    exchange.start(encoded('tim'));
    expect(exchange.next('*')).toEqual({ status: 'failed', reason: 'cancelled' });
  });
});
