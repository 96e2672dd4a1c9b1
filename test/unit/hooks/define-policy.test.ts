import { describe, expect, it } from 'vitest';
import { definePolicy, isPolicy, rule } from '../../../src/hooks/define-policy.js';
import { openBench } from '../../helpers/policy-bench.js';

describe('definePolicy', () => {
  it('keeps what was declared and runs nothing of it', () => {
    let ran = false;
    const handler = (): void => {
      ran = true;
    };
    const policy = definePolicy({ name: 'plain', order: 'pre', onConnect: handler });
    expect(policy).toEqual({ name: 'plain', order: 'pre', onConnect: handler });
    expect(ran).toBe(false);
  });

  it('marks what it made, in a way that another copy of the package knows', () => {
    const policy = definePolicy({ name: 'plain' });
    expect(isPolicy(policy)).toBe(true);
    expect(Object.getOwnPropertySymbols(policy)).toContain(Symbol.for('postern.policy'));
    expect(Object.keys(policy)).toEqual(['name']);
  });

  it('does not change the object it was given', () => {
    const spec = Object.freeze({ name: 'frozen' });
    expect(isPolicy(definePolicy(spec))).toBe(true);
    expect(isPolicy(spec)).toBe(false);
  });

  it.each([[undefined], [null], [0], ['text'], [{ name: 'bare' }], [[]], [() => undefined]])(
    '%o is no policy',
    (value) => {
      expect(isPolicy(value)).toBe(false);
    },
  );

  it('loses its mark when it is spread, so that a changed copy is wrapped again', () => {
    expect(isPolicy({ ...definePolicy({ name: 'plain' }) })).toBe(false);
  });
});

describe('rule', () => {
  const policy = definePolicy({
    name: 'guarded',
    onMailFrom: rule<'onMailFrom'>(
      (ctx) => ctx.mailFromDomain === 'spam.example',
      (ctx) => {
        ctx.smtpAction = 'reject';
      },
    ),
  });

  it('runs its second half only when the first says so', async () => {
    const bench = openBench(policy);
    expect((await bench.run('onMailFrom', { mailFromDomain: 'ham.example' })).action).toBe('');
    expect((await bench.run('onMailFrom', { mailFromDomain: 'spam.example' })).action).toBe('reject');
  });

  it('waits for an asynchronous guard and an asynchronous second half', async () => {
    const slow = definePolicy({
      name: 'slow',
      onConnect: rule<'onConnect'>(
        async () => Promise.resolve(true),
        async (ctx) => {
          await Promise.resolve();
          ctx.smtpAction = 'tmpreject';
        },
      ),
    });
    expect((await openBench(slow).run('onConnect')).action).toBe('tmpreject');
  });

  it('fails as a handler does when the guard throws', async () => {
    const broken = definePolicy({
      name: 'broken',
      onConnect: rule<'onConnect'>(
        () => {
          throw new Error('no guard today');
        },
        () => undefined,
      ),
    });
    const { failure } = await openBench(broken).run('onConnect');
    expect(failure?.message).toContain('no guard today');
  });
});
