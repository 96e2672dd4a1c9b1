/**
 * What was answered 250 survives the sudden death of every process: after a restart each such
 * message lies in the Maildir, and the data directory is taken over.
 */
import { expect, it } from 'vitest';
import { NUMBER_FIELD, startBurst } from '../helpers/burst.js';
import { eventually } from '../helpers/eventually.js';
import { mailFor } from '../helpers/maildir.js';
import { freePort, startPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

const NUMBER = new RegExp(`^${NUMBER_FIELD}: (\\S+)$`, 'm');

/** Message numbers in the Maildir; each file must be whole. */
function delivered(root: string): string[] {
  return mailFor(root, 'burst@example.com').map((text) => {
    expect(text.endsWith(`${'x'.repeat(70)}\n`)).toBe(true);
    return NUMBER.exec(text)?.[1] ?? 'without a number';
  });
}

async function expectAll(root: string, accepted: ReadonlySet<string>): Promise<void> {
  const missing = (): string[] => {
    const there = new Set(delivered(root));
    return [...accepted].filter((number) => !there.has(number));
  };
  await eventually('every accepted message in the Maildir', () => missing().length === 0, {
    withinMs: 30_000,
    about: () => `missing: ${missing().join(' ')}`,
  });
}

it.each([40, 300])(
  'nothing that was accepted is lost when all processes are killed after %i messages',
  async (count) => {
    const project = tempProject();
    const first = await startPostern({ cwd: project.folder });
    const engine = await eventually('the engine process', () => first.enginePid());
    const burst = startBurst(first.port, 12);
    await eventually('some accepted messages', () => burst.accepted.size >= count);
    process.kill(first.pid, 'SIGKILL');
    process.kill(engine, 'SIGKILL');
    await first.ended();
    await burst.stop();

    const second = await startPostern({ cwd: project.folder });
    await expectAll(second.mail, burst.accepted);
    expect(second.log()).toMatch(/queue opened {2}released=\d+/);
    // The new one takes mail as well.
    const after = startBurst(second.port, 1);
    await eventually('a message after the restart', () => after.accepted.size > 0);
    await after.stop();
    expect(await second.stop()).toEqual({ status: 0, signal: null });
  },
);

it('an engine process that is killed is replaced, and nothing accepted is lost', async () => {
  const project = tempProject();
  const port = await freePort();
  const settings = { 'listeners[0].port': String(port) };
  const postern = await startPostern({ cwd: project.folder, settings });
  const engine = await eventually('the engine process', () => postern.enginePid());
  const burst = startBurst(port, 8);
  await eventually('some accepted messages', () => burst.accepted.size >= 50);
  process.kill(engine, 'SIGKILL');
  await burst.stop();
  await postern.logged(/error the engine process died and is started again .*signal="SIGKILL"/);
  await expectAll(postern.mail, burst.accepted);
  expect(postern.enginePid()).not.toBe(engine);
  expect(postern.banner().match(/Send a first message/g)).toHaveLength(1);
});

it('an engine process whose supervisor is killed stops in good order and frees the data directory', async () => {
  const project = tempProject();
  const first = await startPostern({ cwd: project.folder });
  const burst = startBurst(first.port, 4);
  await eventually('some accepted messages', () => burst.accepted.size >= 20);
  process.kill(first.pid, 'SIGKILL');
  await burst.stop();
  await first.ended();
  const second = await startPostern({ cwd: project.folder });
  await expectAll(second.mail, burst.accepted);
});
