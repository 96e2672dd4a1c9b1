import { describe, expect, it } from 'vitest';
import { chooseDefault, isLoopback, ruleText } from '../../../src/app/config-defaults.js';
import { explainConfig } from '../../../src/app/config-explain.js';
import { configJsonSchema } from '../../../src/app/config-json-schema.js';
import type { IntegerSpec } from '../../../src/app/config-spec.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';

type ListenerInput = NonNullable<ConfigInput['listeners']>[number];

function listener(input: ListenerInput, extra: ConfigInput = {}) {
  const [found] = loadConfig({
    cwd: '/srv',
    file: null,
    machine: 'mx',
    settings: {
      tls: { certificate: 'a.pem', key: 'a.key' },
      auth: { usersFile: 'users' },
      ...extra,
      listeners: [input],
    },
  }).config.listeners;
  return found;
}

describe('the defaults of a listener', () => {
  it.each<[ListenerInput, object]>([
    [{}, { name: 'smtp', port: 2525, tls: 'offered', auth: 'offered', authInClear: false }],
    [{ kind: 'submission' }, { name: 'submission', port: 2587, tls: 'required', auth: 'required' }],
    [{ kind: 'submissions' }, { name: 'submissions', port: 2465, tls: 'implicit', auth: 'required' }],
    [{ kind: 'lmtp' }, { name: 'lmtp', port: 2424, tls: 'never', auth: 'never' }],
  ])('follow its kind: %o', (input, expected) => {
    expect(listener(input)).toMatchObject({ ...expected, minDataRate: 64, maxConnections: 5000 });
  });

  it('give way to what is written', () => {
    const written = { kind: 'submission', name: 'sub', port: 587, tls: 'offered', auth: 'offered' } as const;
    expect(listener(written)).toMatchObject(written);
  });

  it.each<[ListenerInput, number]>([
    [{}, 5000],
    [{ host: '127.0.0.2', maxConnections: 70 }, 70],
    [{ host: '::1' }, 5000],
    [{ host: '::ffff:127.0.0.1' }, 5000],
    [{ host: '0.0.0.0' }, 50],
    [{ host: '::' }, 50],
    [{ host: '192.0.2.1', maxConnections: 9000 }, 50],
    [{ proxyNetworks: ['127.0.0.1'] }, 50],
    [{ xclientNetworks: ['127.0.0.1'] }, 50],
    [{ host: '0.0.0.0', kind: 'lmtp' }, 5000],
    [{ maxConnectionsPerIp: 3 }, 3],
  ])('limit one address where strangers connect: %o', (input, most) => {
    expect(listener(input)?.maxConnectionsPerIp).toBe(most);
  });

  it('are explained with what decided', () => {
    const settings: ConfigInput = { listeners: [{ kind: 'lmtp', port: 24 }] };
    const rows = explainConfig(loadConfig({ file: null, machine: 'mx', settings }));
    const from = (key: string): unknown => rows.find((row) => row.key === `listeners[0].${key}`);
    expect(from('name')).toMatchObject({ text: 'lmtp', from: 'default (kind: lmtp)' });
    expect(from('port')).toMatchObject({ text: '24', from: 'settings' });
    expect(from('maxConnections')).toMatchObject({ text: '5000', from: 'default' });
    expect(from('maxConnectionsPerIp')).toMatchObject({ text: '5000', from: 'default (kind: lmtp)' });
  });

  it('are told in words by the JSON Schema', () => {
    const text = JSON.stringify(configJsonSchema());
    expect(text).toContain('Default: 2525; 2587 when kind is submission; ');
    expect(text).toContain(
      'that of maxConnections when host is loopback and proxyNetworks is empty and xclientNetworks is empty.',
    );
    expect(text).not.toContain('otherwise');
  });
});

describe('a default that other settings decide', () => {
  const spec: IntegerSpec = {
    kind: 'integer',
    doc: 'x.',
    default: {
      cases: [
        { when: { kind: 'a' }, is: 1 },
        { when: { kind: 'b', host: 'loopback' }, is: '<other>' },
      ],
      otherwise: 3,
    },
  };
  const choose = (settings: Record<string, unknown>) => chooseDefault(spec, (name) => settings[name]);

  it('is that of the first case which holds as a whole', () => {
    expect(choose({ kind: 'a' })).toEqual({ value: 1, by: 'kind: a' });
    expect(choose({ kind: 'b' })).toEqual({ value: 3 });
    expect(choose({ kind: 'b', host: '::1', other: 7 })).toEqual({ value: 7, by: 'kind: b, host: loopback' });
  });

  it('is the last resort when a setting could not be read', () => {
    expect(choose({})).toEqual({ value: 3 });
    expect(choose({ kind: 'b', host: '::1' })).toMatchObject({ value: 3 });
  });

  it('has words', () => {
    expect(
      ruleText({ cases: [{ when: { a: 'x', b: 'y' }, is: '<c>' }], otherwise: 3 }, (t) => `'${t}'`),
    ).toBe("'3'; that of 'c' when 'a' is 'x' and 'b' is 'y'");
  });
});

describe('an address of this machine alone', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('%s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '10.0.0.1', 'localhost', '127.1', ''])('is not "%s"', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
