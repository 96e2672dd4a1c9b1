import { describe, expect, it } from 'vitest';
import { replyFor, withReference } from '../../../../src/engine/stages/reply-for.js';
import type { Outcome } from '../../../../src/hooks/ports.js';
import { splitCodes } from '../../../../src/smtp/own-codes.js';
import { formatReply, reply } from '../../../../src/smtp/reply.js';

const outcome = (more: Partial<Outcome>): Outcome => ({
  event: 'onMailFrom',
  action: '',
  decidedBy: 'p',
  failure: undefined,
  step: 1,
  headers: undefined,
  recipients: undefined,
  signWith: [],
  ...more,
  explanation: splitCodes(more.explanation ?? '').text,
  codes: splitCodes(more.explanation ?? ''),
});
const wire = (more: Partial<Outcome>): string | undefined => {
  const made = replyFor('onMailFrom', outcome(more));
  return made && formatReply(made);
};

describe('replyFor', () => {
  it('makes no reply where the stage goes on', () => {
    for (const action of ['', 'accept', 'discard'] as const) expect(wire({ action })).toBeUndefined();
  });

  it.each([
    ['reject', '', '550 5.7.1 Sender refused\r\n'],
    ['reject', 'no', '550 5.7.1 no\r\n'],
    ['reject', '553 5.1.7 no', '553 5.1.7 no\r\n'],
    ['reject', '553 no', '553 5.7.1 no\r\n'],
    ['reject', '5.1.7 no', '550 5.1.7 no\r\n'],
    ['reject', '250 2.0.0 fine', '550 5.7.1 fine\r\n'],
    ['reject', '451 4.7.1 later', '550 5.7.1 later\r\n'],
    ['reject', '550', '550 5.7.1 Sender refused\r\n'],
    ['reject', '550 5.7.1', '550 5.7.1 Sender refused\r\n'],
    ['reject', '5501 words', '550 5.7.1 5501 words\r\n'],
    ['reject', '550-5.1.1 one\r\n550 5.1.1 two', '550-5.1.1 one\r\n550 5.1.1 two\r\n'],
    ['reject', '550 one\n550 two\n551 three', '550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 551 three\r\n'],
    ['reject', 'one\n550 two', '550-5.7.1 one\r\n550 5.7.1 550 two\r\n'],
    ['tmpreject', '550 no', '451 4.7.1 no\r\n'],
    ['tmpreject', '450 4.2.0 wait', '450 4.2.0 wait\r\n'],
  ] as const)('%s %j', (action, explanation, expected) => {
    expect(wire({ action, explanation })).toBe(expected);
  });

  it('says that a policy failed', () => {
    const failure = { policy: 'p', code: 'ERR_POLICY_TIMEOUT', message: 'm' };
    expect(wire({ action: 'tmpreject', failure })).toMatch(/^451 4\.3\.0 Temporary policy failure/);
  });

  it('closes where the event or the code says so', () => {
    expect(replyFor('onConnect', outcome({ action: 'reject', explanation: '550 no' }))?.close).toBe(true);
    expect(replyFor('onRcptTo', outcome({ action: 'tmpreject', explanation: '421 no' }))?.close).toBe(true);
    expect(replyFor('onRcptTo', outcome({ action: 'reject' }))?.close).toBe(false);
  });
});

describe('withReference', () => {
  it('ends the last line', () => {
    expect(formatReply(withReference(reply(550, '5.7.1', ['one', 'two']), 'abc.3'))).toBe(
      '550-5.7.1 one\r\n550 5.7.1 two (ref abc.3)\r\n',
    );
  });
});
