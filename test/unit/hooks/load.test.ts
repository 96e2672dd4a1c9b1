import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isEngineError } from '../../../src/core/errors.js';
import { loadPolicies, policyFiles } from '../../../src/hooks/load.js';
import type { PolicySet } from '../../../src/hooks/policy-set.js';
import { openBench } from '../../helpers/policy-bench.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** A folder that holds the given files. */
function folder(files: Readonly<Record<string, string>>): string {
  const root = tempFolder();
  write(root, files);
  return root;
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

function load(...paths: readonly string[]): Promise<PolicySet> {
  return loadPolicies({ paths, own: [], internal: [] });
}

const names = (set: PolicySet): readonly string[] => set.policies.map(({ name }) => name);

async function refusal(root: string): Promise<string> {
  try {
    return `loaded ${names(await load(root)).join()}`;
  } catch (error) {
    if (isEngineError(error)) return `${error.code} ${error.message.replaceAll(root, '')}`;
    throw error;
  }
}

const HEAD = "import { definePolicy } from 'postern/policy';\n";
const named = (name: string): string => `${HEAD}export default definePolicy({ name: '${name}' });\n`;

describe('policy files', () => {
  it('are those of a folder in the order of their names, without tests, declarations and other files', () => {
    const root = folder({
      '20-b.js': '',
      '10-a.ts': '',
      '30-c.mjs': '',
      '40-d.cjs': '',
      '50-e.mts': '',
      '10-a.test.ts': '',
      'b.spec.js': '',
      'types.d.ts': '',
      '.hidden.ts': '',
      'README.md': '',
      'data.json': '',
      'sub/inner.ts': '',
    });
    const found = policyFiles([root]).map((file) => file.slice(root.length + 1));
    expect(found).toEqual(['10-a.ts', '20-b.js', '30-c.mjs', '40-d.cjs', '50-e.mts']);
  });

  it('come once, in the order of the paths', () => {
    const root = folder({ 'z.ts': '', 'a.ts': '' });
    expect(policyFiles([join(root, 'z.ts'), root, join(root, 'a.ts')])).toEqual([
      join(root, 'z.ts'),
      join(root, 'a.ts'),
    ]);
  });

  it('that are not there refuse the set', () => {
    const root = folder({});
    expect(() => policyFiles([join(root, 'missing')])).toThrow(
      expect.objectContaining({
        code: 'ERR_POLICY_PATH',
        message: expect.stringContaining(
          `${join(root, 'missing')}: there is no such policy file or folder`,
        ) as string,
      }),
    );
  });
});

describe('a policy file', () => {
  it('is TypeScript or JavaScript, module or not', async () => {
    const root = folder({
      'a.ts': `${HEAD}const name: string = 'ts';\nexport default definePolicy({ name });\n`,
      'b.js': named('js'),
      'c.mjs': named('mjs'),
      'd.cjs':
        "const { definePolicy } = require('postern/policy');\nmodule.exports = definePolicy({ name: 'cjs' });\n",
      'e.cjs': "exports.default = require('postern/policy').definePolicy({ name: 'cjs-default' });\n",
      'f.js': "module.exports = [require('postern/policy').definePolicy({ name: 'js-cjs' })];\n",
      'g.mts': named('mts'),
    });
    expect(names(await load(root))).toEqual(['ts', 'js', 'mjs', 'cjs', 'cjs-default', 'js-cjs', 'mts']);
  });

  it('gets definePolicy from the engine that runs it, wherever the file lies', async () => {
    const root = folder({
      'a.cjs':
        "module.exports = require('postern/policy').definePolicy({ name: require.resolve('postern/policy').slice(-13) });\n",
    });
    expect(names(await load(root))).toEqual(['src/policy.ts']);
  });

  it('may use its neighbours, other packages of Node, and types only', async () => {
    const root = folder({
      'a.ts': [
        "import type { Context } from 'postern/policy';",
        "import { definePolicy, rule } from 'postern/policy';",
        "import { basename } from 'node:path';",
        "import { LISTED } from './lib/listed.ts';",
        "import { OTHER } from './lib/other.js';",
        "const isListed = (ctx: Context<'onMailFrom'>): boolean => LISTED.includes(ctx.mailFromDomain);",
        "export default definePolicy({ name: basename('/x/neighbours'), onMailFrom: rule<'onMailFrom'>(isListed, (ctx) => { ctx.smtpAction = OTHER; }) });",
      ].join('\n'),
      'lib/listed.ts': "export const LISTED: readonly string[] = ['spam.example'];\n",
      'lib/other.ts': "export const OTHER = 'reject' as const;\n",
    });
    const set = await load(root);
    expect(names(set)).toEqual(['neighbours']);
    const bench = openBench([]);
    bench.runtime.replace(set);
    const session = bench.runtime.openSession({
      id: 'x',
      listener: 't',
      remoteIp: '192.0.2.1',
      isVouchedFor: false,
    });
    expect((await session.run('onMailFrom', { values: { mailFromDomain: 'spam.example' } })).action).toBe(
      'reject',
    );
  });

  it('has its name in the policies of the set, and blanks in its path do no harm', async () => {
    const root = folder({ 'my policies/a b.ts': named('spaced') });
    const set = await load(join(root, 'my policies'));
    expect(set.policies[0]).toMatchObject({ name: 'spaced', file: join(root, 'my policies/a b.ts') });
  });
});

describe('a file that does not load', () => {
  it.each([
    [
      'a syntax error',
      `${HEAD}\nexport default definePolicy({\n  name: 'x',\n  onConnect( {\n});\n`,
      /^ERR_POLICY_IMPORT \/a\.ts:6:3: ParseError: Unexpected token/,
    ],
    [
      'a failure at import',
      `${HEAD}\nconst list: string[] = undefined as never;\nlist.push('x');\nexport default definePolicy({ name: 'x' });\n`,
      /^ERR_POLICY_IMPORT \/a\.ts:4: Cannot read properties of undefined/,
    ],
    [
      'a package that is not there',
      `import x from 'no-such-package';\n${named('x')}export { x };\n`,
      /^ERR_POLICY_IMPORT \/a\.ts.*Cannot find (?:package|module) 'no-such-package'/,
    ],
    [
      'no default export',
      `${HEAD}export const policy = definePolicy({ name: 'x' });\n`,
      /^ERR_POLICY_SHAPE \/a\.ts: it has no default export$/,
    ],
    ['nothing in it', '', /^ERR_POLICY_SHAPE \/a\.ts: it has no default export$/],
    [
      'a bare object',
      "export default { name: 'x' };\n",
      /^ERR_POLICY_SHAPE \/a\.ts: its default export is not a policy; wrap it in definePolicy\(\{\.\.\.\}\)$/,
    ],
    [
      'an unknown event',
      `${HEAD}export default definePolicy({ name: 'x', onMailForm() {} } as never);\n`,
      /^ERR_POLICY_UNKNOWN_EVENT \/a\.ts:2: policy "x" has an unknown event or property "onMailForm"; did you mean "onMailFrom"\?$/,
    ],
    [
      'a wrong hook',
      `${HEAD}\n\nexport default [definePolicy({ name: 'x', onEhlo: { order: 'last', handler() {} } } as never)];\n`,
      /^ERR_POLICY_SHAPE \/a\.ts:4: order of onEhlo of "x" takes one of/,
    ],
    [
      'a name given twice',
      `${HEAD}export default [\n  definePolicy({ name: 'x' }),\n  definePolicy({ name: 'x' }),\n];\n`,
      /^ERR_POLICY_DUPLICATE \/a\.ts:4: policy name "x" is already used in \/a\.ts:3$/,
    ],
    [
      'something thrown that is no error',
      "throw 'plain words';\n",
      /^ERR_POLICY_IMPORT \/a\.ts: plain words$/,
    ],
  ])('because of %s says where', async (_, text, expected) => {
    expect(await refusal(folder({ 'a.ts': text }))).toMatch(expected);
  });

  it.each([
    ['const = 5;', ':3:7: ParseError: Unexpected token'],
    ["throw new Error('not today');", ':3: not today'],
  ])('says so where a neighbour is at fault: %s', async (line, said) => {
    const root = folder({
      'a.ts': `import './lib/broken.ts';\n${named('x')}`,
      'lib/broken.ts': `\n\n${line}\n`,
    });
    expect(await refusal(root)).toBe(`ERR_POLICY_IMPORT /lib/broken.ts${said} (imported by /a.ts)`);
  });

  it('refuses the others with it', async () => {
    const root = folder({ 'a.ts': named('good'), 'b.ts': 'export default 5;\n' });
    expect(await refusal(root)).toContain('ERR_POLICY_SHAPE /b.ts');
  });
});

describe('another load', () => {
  it('sees what the file and its neighbours hold now', async () => {
    const root = folder({
      'a.ts': `import { NAME } from './lib/name.ts';\n${HEAD}export default definePolicy({ name: NAME });\n`,
      'lib/name.ts': "export const NAME = 'first';\n",
    });
    expect(names(await load(root))).toEqual(['first']);
    write(root, { 'lib/name.ts': "export const NAME = 'second';\n" });
    expect(names(await load(root))).toEqual(['second']);
    write(root, { 'a.ts': 'export default' });
    expect(await refusal(root)).toContain('ERR_POLICY_IMPORT');
    write(root, { 'a.ts': named('fourth') });
    expect(names(await load(root))).toEqual(['fourth']);
  });

  it('sees imported JSON and CommonJS anew', async () => {
    const root = folder({
      'a.cjs':
        "const { definePolicy } = require('postern/policy');\nexports.default = definePolicy(require('./names.json'));\n",
      'names.json': '{"name":"first"}',
    });
    expect(names(await load(root))).toEqual(['first']);
    write(root, { 'names.json': '{"name":"second"}' });
    expect(names(await load(root))).toEqual(['second']);
  });
});

describe('the order of a set', () => {
  it('is objects of the host program, files, internal policies', async () => {
    const root = folder({ 'a.ts': named('file') });
    const { definePolicy } = await import('../../../src/hooks/define-policy.js');
    const set = await loadPolicies({
      paths: [root],
      own: [{ file: 'host', exported: definePolicy({ name: 'host' }) }],
      internal: [{ file: 'internal', exported: definePolicy({ name: 'internal' }) }],
    });
    expect(names(set)).toEqual(['host', 'file', 'internal']);
  });
});
