import { describe, expect, it } from 'vitest';
import {
  accessOf,
  cellOf,
  defaultOf,
  docOf,
  EVENT_NAMES,
  METHOD_ALIASES,
  METHOD_NAMES,
  suggest,
  VARIABLE_ALIASES,
  VARIABLE_NAMES,
  variableOf,
} from '../../../../src/hooks/table/index.js';
import { ADDED_METHODS } from '../../../conformance/table/added-methods.js';

describe('the event table', () => {
  it('has the documented number of events, variables and methods beside ours', () => {
    const documented = METHOD_NAMES.filter((name) => !Object.hasOwn(ADDED_METHODS, name));
    expect([EVENT_NAMES.length, VARIABLE_NAMES.length, documented.length]).toEqual([12, 86, 15]);
  });

  it('gives a cell in its long form', () => {
    expect(cellOf('onConnect', 'smtpIp')).toEqual({ access: 'in' });
    expect(cellOf('onRelay', 'maxRcptCount')).toMatchObject({ access: 'out', default: 0 });
  });

  it('says which access a variable has in an event', () => {
    expect(accessOf('onConnect', 'DNSBLServer')).toBe('out');
    expect(accessOf('onConnect', 'DNSBLResult')).toBe('in');
    expect(accessOf('onMailFrom', 'mailFrom')).toBe('inout');
  });

  it('prefers the default and the text of the cell to those of the variable', () => {
    expect(defaultOf('onEhlo', 'maxRcptCount')).toBe(1000);
    expect(defaultOf('onRelay', 'maxRcptCount')).toBe(0);
    expect(defaultOf('onDeliveryFailure', 'sendNDR')).toBe('yes');
    expect(defaultOf('onTemporaryDeliveryFailure', 'sendNDR')).toBe('no');
    expect(docOf('onConnect', 'remoteSmtpIp')).not.toBe(docOf('onRelay', 'remoteSmtpIp'));
  });

  it.each(['rcptTo', 'noSuchVariable', 'constructor', '__proto__', ''])(
    'knows no cell %j in onConnect',
    (name) => {
      expect(cellOf('onConnect', name)).toBeUndefined();
      expect(accessOf('onConnect', name)).toBeUndefined();
      expect(defaultOf('onConnect', name)).toBeUndefined();
      expect(docOf('onConnect', name)).toBeUndefined();
    },
  );

  it.each(['toString', 'constructor', '__proto__'])('knows no variable %j', (name) => {
    expect(variableOf(name)).toBeUndefined();
  });

  it('leads from other spellings to the documented ones', () => {
    expect([...VARIABLE_ALIASES]).toEqual([
      ['atuhPasswd', 'authPasswd'],
      ['sendNdr', 'sendNDR'],
    ]);
    expect([...METHOD_ALIASES]).toEqual([['checkGeoIP', 'checkGeoIp']]);
  });

  it('suggests the documented name for a misspelt one', () => {
    expect(suggest('smtpActoin', VARIABLE_NAMES)).toBe('; did you mean "smtpAction"?');
    expect(suggest('onMailfrom', EVENT_NAMES)).toBe('; did you mean "onMailFrom"?');
    expect(suggest('entirelyDifferent', EVENT_NAMES)).toBe('');
  });
});
