import { describe, expect, it } from 'vitest';
import { createSlots, slotOf } from '../../../src/hooks/slots.js';
import { VARIABLE_NAMES, VARIABLES } from '../../../src/hooks/table/index.js';

describe('the layers of a session', () => {
  it('have one place for each variable, few enough for the record of reads', () => {
    expect(new Set(VARIABLE_NAMES.map(slotOf)).size).toBe(VARIABLE_NAMES.length);
    // handler-run keeps one bit for each place in three words of 32.
    expect(VARIABLE_NAMES.length).toBeLessThanOrEqual(96);
  });

  it('begin with what the operator set', () => {
    const slots = createSlots({ maxDataSize: 7 });
    expect(slots.get('maxDataSize')).toBe(7);
    expect(slots.begin('onConnect', {})[slotOf('maxDataSize')]).toBe(7);
    expect(slots.get('maxRcptCount')).toBeUndefined();
  });

  it('keep what was set before a message for all messages, and what was set in one for that one', () => {
    const slots = createSlots();
    slots.begin('onEhlo', {})[slotOf('maxRcptCount')] = 50;
    expect(slots.begin('onMailFrom', {})[slotOf('maxRcptCount')]).toBe(50);
    slots.begin('onMailFrom', {})[slotOf('maxRcptCount')] = 5;
    expect(slots.begin('onRcptTo', {})[slotOf('maxRcptCount')]).toBe(5);
    slots.endMessage();
    expect(slots.get('maxRcptCount')).toBe(50);
    expect(slots.begin('onMailFrom', {})[slotOf('maxRcptCount')]).toBe(50);
  });

  it('give a greeting amid a message the values of the session', () => {
    const slots = createSlots();
    slots.begin('onMailFrom', {})[slotOf('maxRcptCount')] = 5;
    slots.begin('onEhlo', {})[slotOf('maxDataSize')] = 7;
    expect(slots.get('maxRcptCount')).toBe(5);
    slots.endMessage();
    expect(slots.get('maxRcptCount')).toBeUndefined();
    expect(slots.get('maxDataSize')).toBe(7);
  });

  it('forget a message variable with its message', () => {
    const slots = createSlots();
    slots.begin('onMailFrom', { mailFrom: 'a@example.org' });
    expect(slots.get('mailFrom')).toBe('a@example.org');
    slots.endMessage();
    expect(slots.get('mailFrom')).toBeUndefined();
  });

  it.each(VARIABLE_NAMES.filter((name) => VARIABLES[name].life === 'command'))(
    'forget %s at the next event, and only then',
    (name) => {
      const slots = createSlots();
      slots.begin('onRcptTo', {})[slotOf(name)] = 'set';
      expect(slots.get(name)).toBe('set');
      expect(slots.begin('onRcptTo', {})[slotOf(name)]).toBeUndefined();
    },
  );

  it('take what the engine knows over what earlier events left, and leave the rest', () => {
    const slots = createSlots();
    slots.begin('onConnect', { remoteSmtpIp: '192.0.2.1', smtpPort: 25 });
    const layer = slots.begin('onEhlo', { remoteSmtpIp: '192.0.2.2', ehloHost: 'client.example' });
    expect([layer[slotOf('remoteSmtpIp')], layer[slotOf('smtpPort')]]).toEqual(['192.0.2.2', 25]);
  });

  it('keep what a second EHLO sets, although a message is open', () => {
    const slots = createSlots();
    const early = slots.begin('onMailFrom', {});
    early[slotOf('maxDataSize')] = 5;
    slots.begin('onEhlo', {})[slotOf('maxDataSize')] = 7;
    expect(slots.get('maxDataSize')).toBe(5);
    slots.endMessage();
    expect(slots.get('maxDataSize')).toBe(7);
  });

  it('ignore a name that is no variable', () => {
    const slots = createSlots();
    const layer = slots.begin('onConnect', { notAVariable: 1 } as never);
    expect(layer).toHaveLength(VARIABLE_NAMES.length);
    expect('-1' in layer).toBe(false);
  });

  it('forgets what was set since onConnect, when nothing said in clear may count', () => {
    const slots = createSlots({ maxRcptCount: 5 });
    slots.begin('onConnect', {})[slotOf('delayDelivery')] = '+1h';
    slots.begin('onEhlo', {})[slotOf('maxRcptCount')] = 3;
    slots.begin('onMailFrom', {})[slotOf('maxRcptCount')] = 1;
    slots.forgetHello();
    expect(slots.get('maxRcptCount')).toBe(5);
    expect(slots.get('delayDelivery')).toBe('+1h');
  });
});
