/** docs/operations/listeners.md has tables of defaults; they are those of the settings table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { explainConfig } from '../../../src/app/config-explain.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig, readConfig } from '../../../src/app/load-config.js';
import { ROOT } from '../../helpers/temp-project.js';

const KINDS = ['mx', 'submission', 'submissions', 'lmtp'] as const;
const SETTINGS: ConfigInput = {
  tls: { certificate: 'a.pem', key: 'a.key' },
  auth: { usersFile: 'users' },
};

function page(name: string): string {
  return readFileSync(join(ROOT, 'docs', 'operations', name), 'utf8');
}

/** The cells of the rows of all tables, without the marks for code. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.slice(2, -2).replaceAll('`', '').split(' | '));
}

function defaultsOf(listener: NonNullable<ConfigInput['listeners']>[number]): Map<string, string> {
  const settings = { ...SETTINGS, listeners: [{ host: '192.0.2.1', ...listener }] };
  const rows = explainConfig(loadConfig({ file: null, machine: 'mx', settings }));
  return new Map(rows.map(({ key, text }) => [key.replace('listeners[0].', ''), text]));
}

describe('docs/operations/listeners.md', () => {
  it('shows the defaults of each kind', () => {
    const found = KINDS.map((kind) => defaultsOf({ kind }));
    for (const name of ['name', 'port', 'tls', 'auth']) {
      const [, ...cells] = rowsOf(page('listeners.md')).find(([first]) => first === name) ?? [];
      expect([name, ...cells]).toEqual([name, ...found.map((defaults) => defaults.get(name))]);
    }
  });

  it('shows the limits, which are the same for every kind but lmtp', () => {
    const rows = rowsOf(page('listeners.md')).filter((cells) => cells.at(-1) === '421');
    expect(rows).toHaveLength(7);
    for (const kind of KINDS.slice(0, 3)) {
      const defaults = defaultsOf({ kind });
      for (const [name = '', text = ''] of rows) {
        const written = /^\d+[a-z]?/.exec(text)?.[0];
        expect([name, defaults.get(name)?.replace(/B$/, '')]).toEqual([name, written]);
      }
    }
  });
});

describe.each(['listeners.md', 'tls.md', 'users.md'])('the examples of docs/operations/%s', (name) => {
  const blocks = [...page(name).matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text);

  it.each(blocks)('are configurations: %s', (text) => {
    const settings = { ...SETTINGS, ...(parse(text) as ConfigInput) };
    expect(readConfig({ cwd: '/srv', file: null, machine: 'mx', settings })).toMatchObject({
      status: 'valid',
    });
  });
});
