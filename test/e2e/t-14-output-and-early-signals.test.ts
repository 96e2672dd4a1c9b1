/**
 * What happens around a server: output that nobody takes, and signals while it comes up. Neither
 * ends the mail.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { cleanEnvironment, MAIN } from '../helpers/postern-command.js';
import { connectPeer } from '../helpers/smtp-peer.js';
import { freePort, spawnPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

/** Starts with standard output and error at `output`; resolves when it greets. */
async function startWith(output: number | 'pipe', settings: readonly string[]) {
  const port = await freePort();
  const sets = [`listeners[0].port=${port}`, 'metrics.port=0', ...settings].flatMap((set) => ['--set', set]);
  const child = spawn(process.execPath, [MAIN, 'start', ...sets], {
    cwd: tempProject().folder,
    env: cleanEnvironment(),
    stdio: ['ignore', output, output],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  // As `postern start | head -0` leaves it.
  child.stdout?.destroy();
  child.stderr?.destroy();
  const greets = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const peer = await connectPeer(port).catch(() => undefined);
    if (!peer) return false;
    const { code } = await peer.reply();
    await peer.say('NOOP');
    peer.destroy();
    return code === 220;
  };
  await eventually('the greeting', greets);
  return { child, greets };
}

const FORMATS = [
  ['text', '0'],
  ['text', '1'],
  ['json', '1'],
] as const;

for (const [format, workers] of FORMATS) {
  const settings = [`log.format=${format}`, 'log.level=debug', `workers=${workers}`];

  it.skipIf(!existsSync('/dev/full'))(
    `runs on with a full disk for its ${format} log, workers ${workers}`,
    async () => {
      const { child, greets } = await startWith(openSync('/dev/full', 'w'), settings);
      for (let n = 0; n < 3; n += 1) expect(await greets()).toBe(true);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );

  it(`runs on when nobody reads its ${format} output, workers ${workers}`, async () => {
    const { child, greets } = await startWith('pipe', settings);
    for (let n = 0; n < 3; n += 1) expect(await greets()).toBe(true);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
}

/** A policy that takes its time to load, and says that it has begun. */
const SLOW = {
  'policies/slow.ts': `import { writeFileSync } from 'node:fs';
    import { definePolicy } from 'postern/policy';
    writeFileSync(new URL('../loading', import.meta.url), '');
    await new Promise((resolve) => setTimeout(resolve, 500));
    export default definePolicy({ name: 'slow', onConnect() {} });`,
};

for (const workers of ['0', '1']) {
  it(`SIGTERM while it comes up ends it in good order, workers ${workers}`, async () => {
    const project = tempProject(SLOW);
    const postern = spawnPostern({ cwd: project.folder, settings: { workers } });
    await eventually('the policy to load', () => existsSync(project.path('loading')));
    postern.signal('SIGTERM');
    expect(await postern.ended()).toEqual({ status: 0, signal: null });
  });

  it(`SIGHUP while it comes up loads the policies again, workers ${workers}`, async () => {
    const project = tempProject(SLOW);
    const settings = { workers, watchPolicies: 'false' };
    const postern = spawnPostern({ cwd: project.folder, settings });
    await eventually('the policy to load', () => existsSync(project.path('loading')));
    postern.signal('SIGHUP');
    await postern.logged(/policies loaded[^]*policies loaded/);
    postern.signal('SIGTERM');
    expect(await postern.ended()).toEqual({ status: 0, signal: null });
  });
}
