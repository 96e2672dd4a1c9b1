/** RFC 2195 §2, with its example. */
import { describe, expect, it } from 'vitest';
import { createCramMd5Exchange, isCramAnswer } from '../../../../src/auth/sasl/cram-md5.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';

const clock = createFakeClock();
const deps = { clock, hostname: 'mx.example.com' };
const EXAMPLE_CHALLENGE = '<1896.697170952@postoffice.reston.mci.net>';
const EXAMPLE_ANSWER = 'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw';
const EXAMPLE_DIGEST = 'b913a602c7eda7a495b4e6e7334d3890';

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function challengeOf(): string {
  const step = createCramMd5Exchange(deps).start(undefined);
  return step.status === 'challenge' ? Buffer.from(step.challenge, 'base64').toString() : '';
}

describe('the CRAM-MD5 mechanism', () => {
  it('sends a challenge that looks like a Message-ID and never comes twice', () => {
    const challenges = Array.from({ length: 20 }, challengeOf);
    expect(challenges[0]).toMatch(/^<[0-9a-f]{32}\.\d+@mx\.example\.com>$/);
    expect(new Set(challenges).size).toBe(20);
  });

  it('reads the answer of the example', () => {
    const exchange = createCramMd5Exchange(deps);
    const begun = exchange.start(undefined);
    expect(exchange.next(EXAMPLE_ANSWER)).toEqual({
      status: 'credentials',
      credentials: {
        mechanism: 'CRAM-MD5',
        user: 'tim',
        challenge: begun.status === 'challenge' ? Buffer.from(begun.challenge, 'base64').toString() : '',
        digest: EXAMPLE_DIGEST,
      },
    });
  });

  it('takes a name with blanks up to the last one', () => {
    const step = createCramMd5Exchange(deps).next(encoded(`tim the  first ${EXAMPLE_DIGEST}`));
    expect(step).toMatchObject({ credentials: { user: 'tim the  first', digest: EXAMPLE_DIGEST } });
  });

  it('takes no initial response: the server speaks first', () => {
    expect(createCramMd5Exchange(deps).start(EXAMPLE_ANSWER)).toEqual({
      status: 'failed',
      reason: 'unexpected',
    });
  });

  it.each([['tim'], [EXAMPLE_DIGEST], [` ${EXAMPLE_DIGEST}`], [`tim ${EXAMPLE_DIGEST.toUpperCase()}`]])(
    'finds %j malformed',
    (answer) => {
      const step = createCramMd5Exchange(deps).next(encoded(answer));
      expect(step).toEqual({ status: 'failed', reason: 'malformed' });
    },
  );
});

describe('isCramAnswer', () => {
  it('confirms the example', () => {
    expect(isCramAnswer(EXAMPLE_CHALLENGE, 'tanstaaftanstaaf', EXAMPLE_DIGEST)).toBe(true);
  });

  it('refuses another secret, another challenge and a digest of another length', () => {
    expect(isCramAnswer(EXAMPLE_CHALLENGE, 'tanstaaftanstaa', EXAMPLE_DIGEST)).toBe(false);
    expect(isCramAnswer('<1@x>', 'tanstaaftanstaaf', EXAMPLE_DIGEST)).toBe(false);
    expect(isCramAnswer(EXAMPLE_CHALLENGE, 'tanstaaftanstaaf', EXAMPLE_DIGEST.slice(1))).toBe(false);
    expect(isCramAnswer(EXAMPLE_CHALLENGE, 'tanstaaftanstaaf', '')).toBe(false);
  });
});
