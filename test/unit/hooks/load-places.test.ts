/** Failures of policies from files say where in the author's own text they happened. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../src/hooks/load.js';
import type { PolicySession } from '../../../src/hooks/ports.js';
import { openBench } from '../../helpers/policy-bench.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** A session with the one policy in a file of that name. */
async function sessionWith(
  name: string,
  text: string,
): Promise<{ readonly file: string; readonly session: PolicySession }> {
  const root = tempFolder();
  const file = join(root, name);
  writeFileSync(file, text);
  const { runtime } = openBench([]);
  runtime.replace(await loadPolicies({ paths: [root], own: [], internal: [] }));
  const info = { id: 'x', listener: 't', remoteIp: '192.0.2.1', isVouchedFor: false };
  return { file, session: runtime.openSession(info) };
}

describe('plain JavaScript from a file', () => {
  it('is held to the table at run time, and failures name file and line', async () => {
    const handlers = [
      "  onConnect(ctx) { ctx.smtpActoin = 'reject'; },",
      "  onEhlo(ctx) { ctx.checkSPF = 'zone'; },",
      '  onMailFrom(ctx) { return ctx.addHeader("X", "y"); },',
      '  onRcptTo(ctx) { if (ctx.mailForm) return; },',
      '  async onDataReceived(ctx) { await null; ctx.DNSBLResult = "192.0.2.1"; },',
    ];
    const text = `const { definePolicy } = require('postern/policy');\nmodule.exports = definePolicy({ name: 'js',\n${handlers.join('\n')}\n});\n`;
    const { file, session } = await sessionWith('a.js', text);
    const at = (line: number): string => `(${file}:${line})`;
    const expected = [
      ['onConnect', `smtpActoin is not known in onConnect; did you mean "smtpAction"? ${at(3)}`],
      ['onEhlo', `checkSPF is IN (read-only) in onEhlo ${at(4)}`],
      ['onMailFrom', `addHeader in onMailFrom: it exists in onHeadersReceived only ${at(5)}`],
      ['onRcptTo', `mailForm is not known in onRcptTo; did you mean "mailFrom"? ${at(6)}`],
      ['onDataReceived', `DNSBLResult is IN (read-only) in onDataReceived ${at(7)}`],
    ] as const;
    for (const [event, message] of expected) {
      expect((await session.run(event, { values: {} })).failure?.message).toBe(message);
    }
  });

  it('names the line of a TypeScript file as the author sees it', async () => {
    const { file, session } = await sessionWith(
      'a.ts',
      [
        "import { definePolicy } from 'postern/policy';",
        'interface Entry {',
        '  readonly name: string;',
        '}',
        '',
        'function find(list: readonly Entry[]): Entry {',
        '  return list.find((entry: Entry): boolean => entry.name === "x")!.name as unknown as Entry;',
        '}',
        '',
        'export default definePolicy({',
        "  name: 'ts',",
        '  async onConnect(ctx) {',
        '    await Promise.resolve();',
        '    find([]);',
        '  },',
        '});',
      ].join('\n'),
    );
    const { failure } = await session.run('onConnect', { values: {} });
    expect(failure?.message).toContain(`(${file}:7)`);
  });
});
