import { describe, expect, it } from 'vitest';
import { isEngineError } from '../../../src/core/errors.js';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { buildPolicySet } from '../../../src/hooks/policy-set.js';
import { EVENT_NAMES, METHOD_ALIASES, VARIABLE_ALIASES } from '../../../src/hooks/table/index.js';
import { loosePolicy, setOf } from '../../helpers/policy-bench.js';

const nothing = (): void => undefined;

/** Code and text with which a set of one file is refused. */
function refusal(exported: unknown): string {
  try {
    setOf(exported);
  } catch (error) {
    if (isEngineError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'loaded';
}

function order(exported: unknown, last: unknown = []): readonly string[] {
  const set = setOf(exported, [{ file: 'internal', exported: last }]);
  return set.handlers.onConnect.map(({ policy }) => policy.name);
}

describe('what a file may export', () => {
  it('is one policy, or lists of them nested to any depth, with falsy entries left out', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => definePolicy({ name }));
    const names = (exported: unknown): readonly string[] =>
      setOf(exported).policies.map((policy) => policy.name);
    expect(names(a)).toEqual(['a']);
    expect(names([a, [false, [b, null]], undefined, [[]], c])).toEqual(['a', 'b', 'c']);
    expect(names(null)).toEqual([]);
    expect(names(false)).toEqual([]);
    expect(names([])).toEqual([]);
  });

  it.each([
    ['nothing', undefined, 'it has no default export'],
    ['a bare object', { name: 'x' }, 'its default export is not a policy; wrap it in definePolicy({...})'],
    ['a function', nothing, 'its default export is not a policy; wrap it in definePolicy({...})'],
    [
      'true in a list',
      [null, [true]],
      'element 1 of element 2 of its default export is not a policy; wrap it in definePolicy({...})',
    ],
    ['an empty text', '', 'its default export is not a policy; wrap it in definePolicy({...})'],
  ])('is not %s', (_, exported, reason) => {
    expect(refusal(exported)).toBe(`ERR_POLICY_SHAPE /p/test.ts: ${reason}`);
  });
});

describe('the head of a policy', () => {
  it.each([[undefined], [''], [7], ['-dash'], ['a'.repeat(65)], ['line\nend'], ['ümlaut']])(
    'is refused with the name %j',
    (name) => {
      expect(refusal(loosePolicy({ name }))).toBe(
        'ERR_POLICY_SHAPE /p/test.ts: a policy needs a name of 1 to 64 letters, digits or . : / _ - and spaces',
      );
    },
  );

  it.each([['a'], ['a'.repeat(64)], ['inbound/no-spam v1.2'], ['internal:x'], ['_x']])(
    'is taken with the name %j',
    (name) => {
      expect(refusal(loosePolicy({ name }))).toBe('loaded');
    },
  );

  it('is refused with a message state that hides ctx.message.parsed()', () => {
    expect(refusal(loosePolicy({ name: 'p', message: () => ({ parsed: false }) }))).toBe(
      'ERR_POLICY_SHAPE /p/test.ts: message of "p" has a field "parsed", the name of ctx.message.parsed()',
    );
    expect(refusal(loosePolicy({ name: 'p', session: () => ({ parsed: false }) }))).toBe('loaded');
  });

  it.each([
    ['onMailForm', '; did you mean "onMailFrom"?'],
    ['OnConnect', '; did you mean "onConnect"?'],
    ['onFailiure', '; did you mean "onFailure"?'],
    ['sessions', '; did you mean "session"?'],
    ['somethingElse', ''],
  ])('is refused with the unknown property %s', (key, suggestion) => {
    expect(refusal(loosePolicy({ name: 'p', [key]: nothing }))).toBe(
      `ERR_POLICY_UNKNOWN_EVENT /p/test.ts: policy "p" has an unknown event or property "${key}"${suggestion}`,
    );
  });

  it.each([
    [{ order: 'first' }, 'order of "p" takes one of pre, normal, post, not "first"'],
    [{ order: null }, 'order of "p" takes one of pre, normal, post, not null'],
    [{ onFailure: 'discard' }, 'onFailure of "p" takes one of tmpreject, accept, reject, not "discard"'],
    [{ session: {} }, 'session of "p" must be a function'],
    [{ message: 'x' }, 'message of "p" must be a function'],
    [{ use: 5, onConnect: nothing }, 'use of "p" must be an object'],
    [{ use: null, onConnect: nothing }, 'use of "p" must be an object'],
    [{ use: { helper: 1 }, onConnect: nothing }, 'use.helper of "p" must be a function'],
  ])('is refused with %j', (head, reason) => {
    expect(refusal(loosePolicy({ name: 'p', ...head }))).toBe(`ERR_POLICY_SHAPE /p/test.ts: ${reason}`);
  });

  it.each([
    ['smtpAction'],
    ['checkDNSBL'],
    ['addHeader'],
    ['session'],
    ['message'],
    ['signal'],
    ['log'],
    ['event'],
    ['filters'],
    ['headers'],
    ['recipients'],
    ['chunk'],
    ...[...VARIABLE_ALIASES.keys(), ...METHOD_ALIASES.keys()].map((alias) => [alias]),
  ])('is refused when use hides %s', (name) => {
    expect(refusal(loosePolicy({ name: 'p', use: { [name]: nothing }, onConnect: nothing }))).toBe(
      `ERR_POLICY_SHAPE /p/test.ts: use.${name} of "p" would hide a name of the context`,
    );
  });

  it('has one name in the whole set', () => {
    const sources = [
      { file: '/p/one.ts', exported: definePolicy({ name: 'twin' }) },
      { file: '/p/two.ts', exported: [definePolicy({ name: 'other' }), definePolicy({ name: 'twin' })] },
    ];
    expect(() => buildPolicySet(sources)).toThrow(
      expect.objectContaining({
        code: 'ERR_POLICY_DUPLICATE',
        message: '/p/two.ts: policy name "twin" is already used in /p/one.ts',
      }),
    );
  });

  it('shares its names with the internal policy', () => {
    const internal = [{ file: 'internal', exported: definePolicy({ name: 'twin' }) }];
    expect(() => setOf(definePolicy({ name: 'twin' }), internal)).toThrow(
      'internal: policy name "twin" is already used in /p/test.ts',
    );
  });
});

describe('a hook', () => {
  it.each([
    [true, 'onConnect of "p" must be a function or { handler }'],
    [null, 'onConnect of "p" must be a function or { handler }'],
    ['run', 'onConnect of "p" must be a function or { handler }'],
    [{}, 'onConnect of "p" has no handler function'],
    [{ handler: 'run' }, 'onConnect of "p" has no handler function'],
    [{ handlr: nothing }, 'onConnect of "p" has an unknown property "handlr"; did you mean "handler"?'],
    [
      { handler: nothing, timeoutMS: 5 },
      'onConnect of "p" has an unknown property "timeoutMS"; did you mean "timeoutMs"?',
    ],
    [{ handler: nothing, name: 'x' }, 'onConnect of "p" has an unknown property "name"'],
    [
      { handler: nothing, order: 'last' },
      'order of onConnect of "p" takes one of pre, normal, post, not "last"',
    ],
    [
      { handler: nothing, timeoutMs: 0 },
      'timeoutMs of onConnect of "p" must be a number of milliseconds above 0',
    ],
    [
      { handler: nothing, timeoutMs: -1 },
      'timeoutMs of onConnect of "p" must be a number of milliseconds above 0',
    ],
    [
      { handler: nothing, timeoutMs: Number.NaN },
      'timeoutMs of onConnect of "p" must be a number of milliseconds above 0',
    ],
    [
      { handler: nothing, timeoutMs: '5' },
      'timeoutMs of onConnect of "p" must be a number of milliseconds above 0',
    ],
  ])('%j is refused', (hook, reason) => {
    expect(refusal(loosePolicy({ name: 'p', onConnect: hook }))).toBe(
      `ERR_POLICY_SHAPE /p/test.ts: ${reason}`,
    );
  });

  it('is a function or its long form, for every event', () => {
    const short = Object.fromEntries(EVENT_NAMES.map((event) => [event, nothing]));
    const long = Object.fromEntries(
      EVENT_NAMES.map((event) => [event, { order: 'post', timeoutMs: 5, handler: nothing }]),
    );
    const set = setOf([loosePolicy({ name: 'short', ...short }), loosePolicy({ name: 'long', ...long })]);
    expect(set.policies.map(({ events }) => events)).toEqual([EVENT_NAMES, EVENT_NAMES]);
    for (const event of EVENT_NAMES) {
      expect(set.handlers[event].map(({ policy, timeoutMs }) => [policy.name, timeoutMs])).toEqual([
        ['short', undefined],
        ['long', 5],
      ]);
    }
  });
});

describe('the order of handlers', () => {
  const at = (name: string, place?: 'pre' | 'normal' | 'post'): unknown =>
    loosePolicy({ name, onConnect: { handler: nothing, ...(place ? { order: place } : {}) } });

  it('is pre, normal, post, and the array inside each', () => {
    const exported = [
      at('c', 'post'),
      at('b'),
      at('a', 'pre'),
      [at('b2', 'normal'), at('a2', 'pre')],
      at('c2', 'post'),
    ];
    expect(order(exported)).toEqual(['a', 'a2', 'b', 'b2', 'c', 'c2']);
  });

  it('is that of the policy where the hook declares none', () => {
    const late = loosePolicy({ name: 'late', order: 'post', onConnect: nothing });
    const early = loosePolicy({
      name: 'early',
      order: 'post',
      onConnect: { order: 'pre', handler: nothing },
    });
    expect(order([late, at('normal'), early])).toEqual(['early', 'normal', 'late']);
  });

  it('puts the internal policy last, even one that says pre', () => {
    expect(order([at('late', 'post'), at('normal')], at('internal', 'pre'))).toEqual([
      'normal',
      'late',
      'internal',
    ]);
  });

  it('gives every handler a mark by which the set finds it again', () => {
    const set = setOf([at('b', 'post'), at('a', 'pre')]);
    for (const handler of set.handlers.onConnect) expect(set.marks[handler.mark - 1]).toEqual(handler);
    expect(set.marks.map(({ mark }) => mark)).toEqual([1, 2]);
  });
});
