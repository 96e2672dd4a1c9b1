import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Supervisor, type SupervisorOptions } from '../../../../src/app/processes/supervisor.js';
import type { LogFields, Logger } from '../../../../src/core/log.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { eventually } from '../../../helpers/eventually.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

/** What a child says of itself goes to files, because it shares the test's output. */
const CHILD = `
import { appendFileSync, existsSync } from 'node:fs';
const [, , folder, mode] = process.argv;
const say = (text) => appendFileSync(folder + '/said', text + '\\n');
process.on('message', (message) => {
  if (message.kind !== 'begin') return;
  say('begin ' + JSON.stringify(message.disabled.map((one) => one.policy)));
  if (mode === 'slow' && !existsSync(folder + '/go')) {
    const timer = setInterval(() => {
      if (!existsSync(folder + '/go')) return;
      clearInterval(timer);
      ready();
    }, 10);
  } else ready();
});
function ready() {
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGHUP', () => say('SIGHUP'));
  process.send({ kind: 'ready', ports: {} });
  say('ready ' + process.pid);
}
`;

function setUp(mode = 'quick', changes: Partial<SupervisorOptions> = {}) {
  const folder = tempFolder();
  writeFileSync(join(folder, 'child.mjs'), CHILD);
  const reportFile = join(folder, 'blocked.json');
  const virtual = createFakeClock();
  let jumpedMs = 0;
  const clock = { ...virtual, now: () => virtual.now() + jumpedMs };
  const jump = (ms: number): void => {
    jumpedMs += ms;
  };
  const lines: { readonly text: string; readonly fields: LogFields }[] = [];
  const note = (text: string, fields: LogFields = {}): void => {
    lines.push({ text, fields });
  };
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
  const options: SupervisorOptions = {
    script: join(folder, 'child.mjs'),
    args: [folder, mode],
    reportFile,
    disableAfter: 2,
    windowMs: 600_000,
    stopMs: 1000,
    ...changes,
  };
  const supervisor = new Supervisor(options, { clock, log });
  let status: number | undefined;
  const begin = (): void => {
    supervisor.run().then(
      (code) => {
        status = code;
      },
      () => undefined,
    );
  };
  onTestFinished(() => {
    supervisor.stop();
    supervisor.stop();
  });
  const said = (): string => (existsSync(join(folder, 'said')) ? readSaid(folder) : '');
  const pids = (): number[] => [...said().matchAll(/^ready (\d+)$/gm)].map((match) => Number(match[1]));
  const ready = (count: number) => eventually(`${count} ready`, () => pids().length >= count);
  const died = (count: number) =>
    eventually(`${count} deaths`, () => lines.filter((l) => l.text.includes('died')).length >= count);
  const blocked = (policy: string): void => {
    writeFileSync(
      reportFile,
      JSON.stringify({ policy, event: 'onConnect', at: 'x:1', ms: 1, pid: 1, time: 1 }),
    );
  };
  return {
    jump,
    folder,
    reportFile,
    clock,
    lines,
    supervisor,
    begin,
    said,
    pids,
    ready,
    died,
    blocked,
    status: () => status,
  };
}

function readSaid(folder: string): string {
  return readFileSync(join(folder, 'said'), 'utf8');
}

it('blames nobody for what an earlier run has left', async () => {
  const t = setUp();
  t.blocked('old');
  t.begin();
  await t.ready(1);
  process.kill(t.pids()[0] ?? 0, 'SIGKILL');
  await t.died(1);
  expect(t.lines.find((line) => line.text.includes('died'))?.fields).not.toHaveProperty('policy');
});

it('goes on when the report cannot be read', async () => {
  const t = setUp();
  t.begin();
  await t.ready(1);
  writeFileSync(t.reportFile, '{"policy":"half');
  process.kill(t.pids()[0] ?? 0, 'SIGKILL');
  await t.died(1);
  await t.clock.advance(100);
  await t.ready(2);
});

it('disables a policy for the processes that follow, whatever the wall clock does', async () => {
  const t = setUp();
  t.begin();
  for (const death of [1, 2]) {
    await t.ready(death);
    t.blocked('loops');
    process.kill(t.pids()[death - 1] ?? 0, 'SIGKILL');
    await t.died(death);
    t.jump(7 * 86_400_000);
    await t.clock.advance(1000);
  }
  await t.ready(3);
  // Also long after the window: what blocked is off until somebody starts Postern again.
  await t.clock.advance(3_600_000);
  process.kill(t.pids()[2] ?? 0, 'SIGKILL');
  await t.died(3);
  await t.clock.advance(1000);
  await t.ready(4);
  expect(
    t
      .said()
      .split('\n')
      .filter((line) => line.startsWith('begin'))
      .at(-1),
  ).toBe('begin ["loops"]');
});

it('ends at once when it is stopped between two processes', async () => {
  const t = setUp();
  t.begin();
  await t.ready(1);
  process.kill(t.pids()[0] ?? 0, 'SIGKILL');
  await t.died(1);
  t.supervisor.stop();
  await t.clock.settle();
  expect(t.status()).toBe(0);
  // A timer that stays would hold the process until the wait is over, which may be half a minute.
  expect(t.clock.pending()).toBe(0);
});

it('hands SIGHUP on when the process can take it, not before', async () => {
  const t = setUp('slow');
  t.begin();
  await eventually('the beginning', () => t.said().includes('begin'));
  t.supervisor.signal('SIGHUP');
  writeFileSync(join(t.folder, 'go'), '');
  await eventually('the signal', () => t.said().includes('SIGHUP'));
  expect(t.status()).toBeUndefined();
});

it('ends well when it is stopped before the process is up', async () => {
  const t = setUp('slow');
  t.begin();
  await eventually('the beginning', () => t.said().includes('begin'));
  t.supervisor.stop();
  await eventually('the end', () => t.status() !== undefined);
  expect(t.status()).toBe(0);
});
