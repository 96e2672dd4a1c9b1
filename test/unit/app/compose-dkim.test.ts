import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dkimStep } from '../../../src/app/check-dkim.js';
import { composeDkim } from '../../../src/app/compose-dkim.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig, readConfig } from '../../../src/app/load-config.js';
import { Teardown } from '../../../src/app/teardown.js';
import { keyRecordText } from '../../../src/checks/signatures/signing-key.js';
import { type Logger, silentLogger } from '../../../src/core/log.js';
import { eventually } from '../../helpers/eventually.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import { ED25519, pemOf, RSA, signingKey } from '../../helpers/signing-keys.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const ED_NAME = 'ed._domainkey.example.org';

function bench() {
  const cwd = tempFolder();
  const clock = createFakeClock();
  const lines: string[] = [];
  const hear = (line: string): void => {
    lines.push(line);
  };
  const log: Logger = { ...silentLogger, info: hear, warn: hear, error: hear };
  const write = (name: string, text: string, mode = 0o600): void => {
    writeFileSync(join(cwd, name), text, { mode });
  };
  const teardown = new Teardown(silentLogger);
  const keys = [
    { domain: 'example.org', selector: 'ed', keyFile: './ed.pem' },
    { domain: 'example.org', selector: 'rsa', keyFile: './rsa.pem' },
  ];
  const configOf = (dkim: ConfigInput['dkim'] = { keys }) =>
    loadConfig({ cwd, file: null, machine: 'mx', settings: { dkim } }).config;
  write('ed.pem', pemOf(ED25519));
  write('rsa.pem', pemOf(RSA));
  return { cwd, clock, lines, log, write, teardown, configOf };
}

describe('the keys of dkim.keys', () => {
  it('are not there without the setting', async () => {
    const { configOf, clock, log, teardown } = bench();
    expect(await composeDkim(configOf({}), { clock, log }, teardown)).toBeUndefined();
  });

  it('are read at the start, and signing follows the settings', async () => {
    const { configOf, clock, log, teardown, lines } = bench();
    const dkim = await composeDkim(configOf(), { clock, log }, teardown);
    expect(
      dkim?.signing
        .keys()
        .of('example.org')
        .map(({ selector, algorithm }) => [selector, algorithm]),
    ).toEqual([
      ['ed', 'ed25519-sha256'],
      ['rsa', 'rsa-sha256'],
    ]);
    expect(dkim?.signing).toMatchObject({ signsSubmitted: true, lifetimeMs: 0 });
    expect(lines).toEqual(['DKIM key loaded', 'DKIM key loaded']);
    await teardown.run();
  });

  it.each([
    ['is missing', (folder: string) => rmSync(join(folder, 'ed.pem'))],
    ['is no key', (folder: string) => writeFileSync(join(folder, 'ed.pem'), 'text')],
    ['is absurdly large', (folder: string) => writeFileSync(join(folder, 'ed.pem'), 'x'.repeat(70_000))],
    [
      'is a folder',
      (folder: string) => {
        rmSync(join(folder, 'ed.pem'));
        mkdirSync(join(folder, 'ed.pem'));
      },
    ],
  ])('keep Postern from starting when a file %s', async (_what, spoil) => {
    const { cwd, configOf, clock, log, teardown } = bench();
    spoil(cwd);
    await expect(composeDkim(configOf(), { clock, log }, teardown)).rejects.toMatchObject({
      code: 'ERR_DKIM_KEY',
      message: expect.stringMatching(/^dkim\.keys\[0\]: .*ed\.pem cannot sign: /) as string,
    });
  });

  it('are taken over when a file changes, at once or after it has rested; a broken one changes nothing', async () => {
    const { configOf, clock, log, teardown, write, lines } = bench();
    const dkim = await composeDkim(configOf(), { clock, log }, teardown);
    const algorithm = (): string | undefined => dkim?.signing.keys().of('example.org')[0]?.algorithm;
    write('ed.pem', pemOf(RSA));
    await dkim?.reload();
    expect(algorithm()).toBe('rsa-sha256');
    write('ed.pem', 'broken');
    await dkim?.reload();
    await dkim?.reload();
    expect(algorithm()).toBe('rsa-sha256');
    expect(lines.filter((line) => line.includes('cannot be used'))).toHaveLength(1);
    write('ed.pem', pemOf(ED25519));
    await eventually('the key that has rested', async () => {
      await clock.advance(5_000);
      return algorithm() === 'ed25519-sha256';
    });
    await teardown.run();
  });

  it('are told of when others can read them', async () => {
    const { cwd, configOf, clock, log, teardown, lines } = bench();
    chmodSync(join(cwd, 'ed.pem'), 0o644);
    await composeDkim(configOf(), { clock, log }, teardown);
    expect(lines).toContain('a DKIM key should be mended');
    await teardown.run();
  });
});

describe('the check of DKIM keys', () => {
  async function findings({ configOf, clock }: ReturnType<typeof bench>, text?: string) {
    const zone =
      text === undefined ? {} : { [`${ED_NAME} TXT`]: text === 'timeout' ? ('timeout' as const) : [text] };
    const keys = [{ domain: 'example.org', selector: 'ed', keyFile: './ed.pem' }];
    const step = dkimStep(() => createFakeResolver(zone), clock);
    return await step.run(configOf({ keys }));
  }
  const record = keyRecordText(signingKey(ED25519));

  it('finds nothing where the record fits', async () => {
    expect(await findings(bench(), record)).toEqual([]);
  });

  it.each([
    [undefined, `receivers find no usable key at ${ED_NAME}`],
    ['v=DKIM1; p=', `receivers find no usable key at ${ED_NAME}`],
    [keyRecordText(signingKey(RSA)), `DNS has another key at ${ED_NAME}`],
    ['timeout', `no answer about ${ED_NAME}`],
  ])('warns of %j, and says what to publish', async (text, message) => {
    const [finding, ...more] = await findings(bench(), text);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining(`dkim.keys[0]: ${message}`) as string,
    });
    if (text !== 'timeout') expect(finding?.hint).toBe(`Publish this as TXT at ${ED_NAME}: ${record}`);
  });

  it('finds a file that is no key, and one that others can read', async () => {
    const spoilt = bench();
    spoilt.write('ed.pem', 'text');
    expect(await findings(spoilt, record)).toMatchObject([{ severity: 'error' }]);
    const open = bench();
    chmodSync(join(open.cwd, 'ed.pem'), 0o644);
    expect(await findings(open, record)).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('the settings of dkim.keys', () => {
  const key = { domain: 'example.org', selector: '2026', keyFile: './key.pem' };
  const complaints = (...keys: NonNullable<NonNullable<ConfigInput['dkim']>['keys']>): string[] => {
    const outcome = readConfig({ cwd: '/srv', file: null, machine: 'mx', settings: { dkim: { keys } } });
    return outcome.status === 'invalid' ? outcome.problems.map(({ message }) => message) : [];
  };

  it('are right with digits and dots in a selector, and several keys for one domain', () => {
    expect(complaints(key, { ...key, selector: 'A.b-2' }, { ...key, domain: 'example.net' })).toEqual([]);
  });

  it.each([
    [[{ ...key, domain: '*' }], 'expected a domain'],
    [[{ ...key, domain: '' }], 'expected a domain'],
    [[{ ...key, selector: '' }], 'may not be empty'],
    [[{ ...key, selector: 'a b' }], 'expected a name such as'],
    [[{ ...key, selector: 'a..b' }], 'expected a name such as'],
    [[{ ...key, selector: `${'a.'.repeat(90)}a`, domain: `${'label.'.repeat(20)}test` }], 'is too long'],
    [[{ ...key, keyFile: '' }], 'expected the path'],
    [[key, { ...key, domain: 'Example.ORG' }], 'dkim.keys[0] has this domain and selector already'],
  ])('are wrong: %j', (keys, text) => {
    const [first] = complaints(...keys);
    expect(first).toContain(text);
  });
});
