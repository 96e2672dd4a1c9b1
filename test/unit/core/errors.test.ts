import { describe, expect, it } from 'vitest';
import { ERRORS, RETIRED } from '../../../src/core/error-table.js';
import { ConfigError, EngineError, isEngineError, messageOf } from '../../../src/core/errors.js';

describe('an error of the table', () => {
  it('fills its text and its hint from the detail, and carries the class name', () => {
    const error = new ConfigError('ERR_CONFIG_UNKNOWN_KEY', {
      detail: { file: 'postern.yaml', line: 3, key: 'prot', suggestion: '; did you mean "port"?' },
    });
    expect(error.message).toBe('postern.yaml:3: unknown setting "prot"; did you mean "port"?');
    expect(error.name).toBe('ConfigError');
    expect(error.hint).toContain('docs/reference/config.md');
    expect(error.temporary).toBe(false);
    expect(error).toBeInstanceOf(EngineError);
  });

  it('leaves a name without a value visible', () => {
    expect(new EngineError('ERR_LISTEN', { detail: { address: '::1' } }).message).toBe(
      'cannot listen on ::1: {reason}',
    );
  });

  it('never reads a value as a template', () => {
    const error = new EngineError('ERR_LISTEN', { detail: { address: '{reason}', reason: '$& $1' } });
    expect(error.message).toBe('cannot listen on {reason}: $& $1');
  });

  it('keeps the cause, also one that is no error, and has none when none was given', () => {
    const cause = new Error('EADDRINUSE');
    expect(new EngineError('ERR_LISTEN', { cause }).cause).toBe(cause);
    expect(new EngineError('ERR_LISTEN', { cause: 'a word' }).cause).toBe('a word');
    expect('cause' in new EngineError('ERR_LISTEN')).toBe(false);
  });
});

describe('isEngineError', () => {
  const error = new EngineError('ERR_LISTEN');

  it('narrows by code', () => {
    expect(isEngineError(error)).toBe(true);
    expect(isEngineError(error, 'ERR_LISTEN')).toBe(true);
    expect(isEngineError(error, 'ERR_QUEUE_FULL')).toBe(false);
  });

  it('knows an error of another copy of the package by its shape', () => {
    const foreign = Object.assign(new Error('x'), { code: 'ERR_LISTEN', detail: {} });
    expect(isEngineError(foreign)).toBe(true);
  });

  it.each([
    undefined,
    null,
    'ERR_LISTEN',
    { code: 'ERR_LISTEN', detail: {} },
    new Error('plain'),
    Object.assign(new Error('of Node'), { code: 'ECONNRESET' }),
    Object.assign(new Error('of Node'), { code: 'ECONNRESET', detail: {} }),
    Object.assign(new Error('numbered'), { code: 5, detail: {} }),
  ])('refuses %s', (other) => {
    expect(isEngineError(other)).toBe(false);
  });
});

describe('messageOf', () => {
  it('gives the text of anything that was thrown', () => {
    expect(messageOf(new Error('a reason'))).toBe('a reason');
    expect(messageOf('a word')).toBe('a word');
    expect(messageOf(undefined)).toBe('undefined');
  });
});

describe('the error table', () => {
  it.each(Object.entries(ERRORS))('%s says what happened and what to do', (code, row) => {
    expect(code).toMatch(/^ERR_[A-Z]+(_[A-Z]+)*$/);
    expect(row.message).not.toBe('');
    expect(row.hint).toMatch(/^\S.*\.$/);
  });

  it('has none of the retired codes', () => {
    expect(Object.keys(ERRORS).filter((code) => RETIRED.includes(code))).toEqual([]);
  });
});
