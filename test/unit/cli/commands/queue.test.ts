import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { createFactBus } from '../../../../src/core/facts.js';
import { silentLogger } from '../../../../src/core/log.js';
import { openQueue } from '../../../../src/queue/open.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { sampleEntry } from '../../../helpers/queue-samples.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

/** A folder whose queue holds so many messages. */
async function projectWith(messages: number): Promise<string> {
  const folder = tempFolder();
  mkdirSync(join(folder, 'policies'));
  if (messages === 0) return folder;
  const dir = join(folder, 'var', 'queue');
  const queue = await openQueue({
    dir,
    clock: createFakeClock(),
    facts: createFactBus(() => undefined),
    log: silentLogger,
    inline: true,
  });
  await Promise.all(Array.from({ length: messages }, (_, n) => queue.accept(sampleEntry(n + 1))));
  await queue.close();
  return folder;
}

async function run(folder: string, ...words: string[]) {
  const terminal = createTerminalDouble(folder);
  const status = await runCli(['queue', ...words], terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

describe('postern queue', () => {
  it('makes nothing where no queue is', async () => {
    const folder = await projectWith(0);
    expect(await run(folder, 'list')).toEqual({ status: 0, out: 'the queue is empty', err: '' });
    expect((await run(folder, 'check')).out).toMatch(/^ok: 0 waiting/);
    expect(existsSync(join(folder, 'var'))).toBe(false);
  });

  it('lists every message, however many there are', async () => {
    const folder = await projectWith(2005);
    const { out } = await run(folder, 'list', '--output', 'json');
    expect(JSON.parse(out)).toHaveLength(2005);
    expect((await run(folder, 'list')).out.split('\n')).toHaveLength(2006);
    expect((await run(folder, 'check')).out).toMatch(/^ok: 2005 waiting/);
    expect(readdirSync(join(folder, 'var', 'queue'))).not.toContain('lock');
  });
});
