import { describe, expect, it } from 'vitest';
import { createFactBus } from '../../../../src/core/facts.js';
import type { Resolver } from '../../../../src/dns/resolver.js';
import { definePolicy } from '../../../../src/hooks/define-policy.js';
import { adminPolicy } from '../../../../src/hooks/internal/admin.js';
import type { BlockListDeps } from '../../../../src/hooks/internal/admin-block-lists.js';
import { hitBy, spellingsOf } from '../../../../src/hooks/internal/admin-addresses.js';
import { buildPolicySet } from '../../../../src/hooks/policy-set.js';
import { EVENT_NAMES, type EventName } from '../../../../src/hooks/table/index.js';
import type { Policy } from '../../../../src/hooks/types.js';
import { compilePatterns } from '../../../../src/settings/qregex.js';
import { adminSettings, NOTHING_SET } from '../../../../src/settings/settings-table.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { createFakeResolver, type FakeResolver } from '../../../helpers/fake-resolver.js';
import { silentResolver } from '../../../helpers/silent-resolver.js';
import { type Bench, openBench } from '../../../helpers/policy-bench.js';

const facts = createFactBus(() => undefined);

function policyOf(values: Record<string, unknown>, resolver: FakeResolver = createFakeResolver()): Policy {
  return policyWith(values, { resolver });
}

function policyWith(values: Record<string, unknown>, deps: Partial<BlockListDeps>): Policy {
  const settings = adminSettings({ MailSmtp: values });
  const resolver = createFakeResolver();
  return adminPolicy(settings, { resolver, clock: createFakeClock(), facts, handlerMs: 1000, ...deps });
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
              handlerMs: 1000,
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

describe('block lists that answer in part', () => {
  const zones = ['late.example', 'bl.example'];
  const listed = createFakeResolver({ '1.2.0.192.bl.example A': ['127.0.0.2'] });

  /** Nothing comes from late.example, nor any text. */
  const resolver: Resolver = {
    resolve: (name, type, options) =>
      type === 'TXT' || name.endsWith('late.example')
        ? silentResolver.resolve(name, type, options)
        : listed.resolve(name, type, options),
    close: () => undefined,
  };

  it.each([
    ['the usual time', 30_000],
    ['less time than the lists would have', 800],
  ])('refuse whom one of them has, in a handler with %s', async (_what, policyTimeoutMs) => {
    const { runtime, clock } = openBench([], { policyTimeoutMs });
    const policy = policyWith(
      { realtime_sbl_blacklists: zones },
      { resolver, clock, handlerMs: policyTimeoutMs },
    );
    runtime.adopt(runtime.set.withInternal([{ file: '', exported: policy }]));
    const session = runtime.openSession({
      id: 's',
      listener: 't',
      remoteIp: '192.0.2.1',
      isVouchedFor: false,
    });
    const values = { authUser: '', remoteSmtpIp: '192.0.2.1', rcptTo: 'b@y' };
    const outcome = session.run('onRcptTo', { values });
    await clock.advance(policyTimeoutMs);
    expect(await outcome).toMatchObject({
      action: 'tmpreject',
      codes: { code: 451 },
      explanation: expect.stringContaining('192.0.2.1 is listed in bl.example (127.0.0.2)') as string,
    });
    // It holds for the session.
    expect(await session.run('onRcptTo', { values })).toMatchObject({ action: 'tmpreject' });
    expect(clock.pending()).toBe(0);
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
      runtime.openSession({ id: 's', listener: 't', remoteIp: '192.0.2.1', isVouchedFor: false });
    expect(await open().run('onConnect', { values: {} })).toMatchObject({ action: 'reject' });
    runtime.replace(runtime.set);
    expect(await open().run('onConnect', { values: {} })).toMatchObject({ action: '' });
  });

  it('run again although those before them were disabled', async () => {
    const values = { mta_level_outgoing_email_address_blacklist: ['b@y'] };
    const { runtime } = openBench([], { last: [{ file: '', exported: policyOf(values) }] });
    const rcpt = async (): Promise<string> => {
      const session = runtime.openSession({
        id: 's',
        listener: 't',
        remoteIp: '192.0.2.1',
        isVouchedFor: false,
      });
      const addressed = { rcptTo: 'b@y', rcptToLocalPart: 'b', rcptToDomain: 'y' };
      return (await session.run('onRcptTo', { values: addressed })).action;
    };
    expect(await rcpt()).toBe('reject');
    runtime.disable('internal:admin', 'for a test');
    expect(await rcpt()).toBe('');
    runtime.adopt(runtime.set.withInternal([{ file: '', exported: policyOf(values) }]));
    expect(await rcpt()).toBe('reject');
  });
});
