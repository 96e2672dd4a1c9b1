import { describe, expect, it } from 'vitest';
import { createFactBus } from '../../../../src/core/facts.js';
import { definePolicy } from '../../../../src/hooks/define-policy.js';
import { adminPolicy } from '../../../../src/hooks/internal/admin.js';
import { hitBy, spellingsOf } from '../../../../src/hooks/internal/admin-addresses.js';
import { buildPolicySet } from '../../../../src/hooks/policy-set.js';
import { EVENT_NAMES, type EventName } from '../../../../src/hooks/table/index.js';
import type { Policy } from '../../../../src/hooks/types.js';
import { compilePatterns } from '../../../../src/settings/qregex.js';
import { adminSettings, NOTHING_SET } from '../../../../src/settings/settings-table.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { createFakeResolver, type FakeResolver } from '../../../helpers/fake-resolver.js';
import { type Bench, openBench } from '../../../helpers/policy-bench.js';

const facts = createFactBus(() => undefined);

function policyOf(values: Record<string, unknown>, resolver: FakeResolver = createFakeResolver()): Policy {
  return adminPolicy(adminSettings({ MailSmtp: values }), { resolver, clock: createFakeClock(), facts });
}

function benchOf(values: Record<string, unknown>): Bench {
  return openBench([], { last: [{ file: '(built in)', exported: policyOf(values) }] });
}

function heard(values: Record<string, unknown>): readonly EventName[] {
  const { session } = benchOf(values);
  return EVENT_NAMES.filter((event) => session.hears(event));
}

describe('the internal policy of the administrator', () => {
  it('listens to nothing without work, and then costs nothing', () => {
    expect(heard({})).toEqual([]);
    expect(heard({ mta_level_email_address_blacklist: ['# comment', ''] })).toEqual([]);
    expect(
      buildPolicySet(
        [],
        [
          {
            file: '',
            exported: adminPolicy(NOTHING_SET, {
              resolver: createFakeResolver(),
              clock: createFakeClock(),
              facts,
            }),
          },
        ],
      ).marks,
    ).toEqual([]);
  });

  it('listens where it has work', () => {
    expect(heard({ mta_level_email_address_blacklist: ['a'] })).toEqual(['onMailFrom', 'onRcptTo']);
    expect(heard({ mta_level_outgoing_email_address_blacklist: ['a'] })).toEqual(['onRcptTo']);
    expect(heard({ realtime_sbl_blacklists: ['bl.example'] })).toEqual(['onRcptTo']);
  });

  it('leaves nothing in the state of the message, which the queue keeps', async () => {
    const bench = benchOf({ mta_level_email_address_blacklist: ['a'] });
    const sender = { mailFrom: 'a@x', mailFromLocalPart: 'a', mailFromDomain: 'x' };
    await bench.run('onMailFrom', sender);
    expect(bench.session.messageState()).toEqual({});
    const outcome = await bench.run('onRcptTo', { ...sender, rcptTo: 'b@y' });
    expect(outcome).toMatchObject({ action: 'reject', decidedBy: 'internal:admin', codes: { code: 553 } });
    bench.session.resetMessage();
    expect(await bench.run('onRcptTo', { ...sender, rcptTo: 'b@y' })).toMatchObject({ action: '' });
  });

  it('leaves no step in the trace of an event in which it found nothing', async () => {
    const bench = benchOf({ mta_level_email_address_blacklist: ['never'] });
    await bench.run('onMailFrom', { mailFrom: 'a@x', mailFromLocalPart: 'a', mailFromDomain: 'x' });
    bench.session.close('quit');
    expect(bench.steps()).toEqual([]);
  });
});

describe('the spellings of an address', () => {
  it.each([
    ['user ', 'example.com', ['user @example.com']],
    ['postmaster', '', ['postmaster']],
    ['a', '[192.0.2.1]', ['a@[192.0.2.1]']],
    ['a', 'b\u00fccher.example', ['a@b\u00fccher.example', 'a@xn--bcher-kva.example']],
    ['a', 'xn--bcher-kva.example', ['a@xn--bcher-kva.example', 'a@b\u00fccher.example']],
    ['\u00fc', 'example.com', ['\u00fc@example.com']],
  ])('%s at %s', (local, domain, expected) => {
    expect(spellingsOf(local, domain)).toEqual(expected);
  });

  it('are named in the trace by the one that was given', () => {
    expect(hitBy(compilePatterns(['xn--']), 'a', 'b\u00fc.example')).toEqual({
      address: 'a@b\u00fc.example',
      pattern: 'xn--',
    });
  });
});

describe('a set with other internal policies', () => {
  const own = definePolicy({ name: 'own', onMailFrom: () => undefined, onRcptTo: () => undefined });
  const set = buildPolicySet([{ file: 'own.ts', exported: own }], [{ file: '', exported: policyOf({}) }]);

  it('keeps the policies of the operator, their order and their marks', () => {
    const values = { mta_level_email_address_blacklist: ['a'] };
    const next = set.withInternal([{ file: '', exported: policyOf(values) }]);
    expect(next.marks.slice(0, 2).map(({ policy, mark }) => [policy.name, mark])).toEqual([
      ['own', 1],
      ['own', 2],
    ]);
    expect(next.handlers.onMailFrom.map(({ policy }) => policy.name)).toEqual(['own', 'internal:admin']);
    expect(next.policies[0]).toBe(set.policies[0]);
    expect(next.withInternal([]).policies.map(({ name }) => name)).toEqual(['own']);
  });

  it('does not take a name that the operator has used', () => {
    expect(() => set.withInternal([{ file: '', exported: own }])).toThrow(/"own" is already used/);
  });
});

describe('other internal policies in force', () => {
  it('leave a disabled policy disabled', async () => {
    const own = definePolicy({
      name: 'own',
      onFailure: 'reject',
      onConnect: () => undefined,
    });
    const { runtime } = openBench(own);
    runtime.disable('own', 'for a test');
    runtime.adopt(runtime.set.withInternal([]));
    const open = (): Bench['session'] =>
      runtime.openSession({ id: 's', listener: 't', remoteIp: '192.0.2.1' });
    expect(await open().run('onConnect', { values: {} })).toMatchObject({ action: 'reject' });
    runtime.replace(runtime.set);
    expect(await open().run('onConnect', { values: {} })).toMatchObject({ action: '' });
  });
});
