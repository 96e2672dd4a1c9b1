/**
 * A stop in good order: what is under way finishes, nobody new is let in, the exit status is 0,
 * and what was accepted is delivered or kept. And the starts that must not succeed.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startBurst } from '../helpers/burst.js';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer, peerInData } from '../helpers/greeted-peer.js';
import { firstMailFor, mailFor, splitMessage } from '../helpers/maildir.js';
import { connectPeer } from '../helpers/smtp-peer.js';
import { spawnPostern, startPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

async function isRefused(port: number): Promise<boolean> {
  try {
    (await connectPeer(port)).destroy();
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  }
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets a message in transfer finish, sends idle clients away and lets nobody in', async () => {
    const postern = await startPostern({ cwd: tempProject().folder });
    const idle = await greetedPeer(postern);
    const busy = await peerInData(postern);
    postern.signal(signal);
    expect(await idle.reply()).toMatchObject({ code: 421, lines: [expect.stringMatching(/^421 4\.3\.2 /)] });
    await idle.ended();
    await eventually('refused connections', () => isRefused(postern.port));
    expect(postern.isOver()).toBe(false);

    const end = await busy.say('second half\r\n.');
    expect(end.lines[0]).toMatch(/^250 2\.0\.0 Ok: queued as /);
    expect(await busy.reply()).toMatchObject({ code: 421 });
    await busy.ended();
    expect(await postern.ended()).toEqual({ status: 0, signal: null });
    expect(postern.log()).toMatch(/info {2}stopped {2}forcedSessions=0/);

    // Delivered before the end, or kept and delivered after the next start.
    const again = await startPostern({
      cwd: postern.dataDir,
      dataDir: postern.dataDir,
      settings: NO_POLICIES,
    });
    const text = await firstMailFor(again.mail, 'b@example.com');
    expect(splitMessage(text).body).toBe('first half\nsecond half\n');
    expect(mailFor(again.mail, 'b@example.com')).toHaveLength(1);
  });
});

const NO_POLICIES = { policies: '[]' };

it('a stop in a burst loses nothing', async () => {
  const project = tempProject();
  const first = await startPostern({ cwd: project.folder });
  const burst = startBurst(first.port, 8);
  await eventually('some accepted messages', () => burst.accepted.size >= 60);
  expect(await first.stop()).toEqual({ status: 0, signal: null });
  await burst.stop();
  const second = await startPostern({ cwd: project.folder });
  await eventually(
    'every accepted message',
    () => mailFor(second.mail, 'burst@example.com').length >= burst.accepted.size,
  );
  // Nothing was in doubt when it stopped, so nothing is there twice.
  expect(mailFor(second.mail, 'burst@example.com')).toHaveLength(burst.accepted.size);
});

it('a transfer that does not end is cut off after shutdownTimeout', async () => {
  const postern = await startPostern({
    cwd: tempProject().folder,
    settings: { shutdownTimeout: '300ms' },
  });
  const busy = await peerInData(postern);
  expect(await postern.stop()).toEqual({ status: 0, signal: null });
  await busy.ended();
  expect(postern.log()).toMatch(/stopped {2}forcedSessions=1/);
  expect(mailFor(postern.mail, 'b@example.com')).toEqual([]);
});

it('a second signal ends at once', async () => {
  const postern = await startPostern({ cwd: tempProject().folder });
  const busy = await peerInData(postern);
  postern.signal('SIGTERM');
  await postern.logged(/stopping; a second signal ends at once/);
  // What comes within the first second is the same wish; one of these is a second one.
  let end: { readonly status: number | null } | undefined;
  const ended = postern.ended().then((how) => {
    end = how;
    return how;
  });
  await eventually('the end', () => {
    if (end === undefined) postern.signal('SIGTERM');
    return end !== undefined;
  });
  const { status } = await ended;
  expect(status).not.toBe(0);
  await busy.ended();
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to all processes at once, as terminals and service managers send it, is one wish only',
  async (signal) => {
    const postern = await startPostern({ cwd: tempProject().folder, ownGroup: true });
    const busy = await peerInData(postern);
    process.kill(-postern.pid, signal);
    await postern.logged(/stopping/);
    expect((await busy.say('.')).lines[0]).toMatch(/^250 /);
    expect(await postern.ended()).toEqual({ status: 0, signal: null });
  },
);

it('in one process, without a supervisor, it stops just the same', async () => {
  const postern = await startPostern({ cwd: tempProject().folder, settings: { workers: '0' } });
  expect(postern.enginePid()).toBeUndefined();
  const busy = await peerInData(postern);
  postern.signal('SIGTERM');
  await postern.logged(/stopping/);
  expect((await busy.say('.')).code).toBe(250);
  expect(await postern.ended()).toEqual({ status: 0, signal: null });
});

describe('a start that must not succeed', () => {
  it('a second one on the same data directory is refused, and the first goes on', async () => {
    const project = tempProject();
    const first = await startPostern({ cwd: project.folder });
    const second = spawnPostern({ cwd: project.folder });
    expect(await second.ended()).toEqual({ status: 1, signal: null });
    expect(second.log()).toMatch(
      /^postern: the data directory \S+ is in use by process \d+\n {2}what to do: Stop the other Postern, or give this one its own dataDir\.$/m,
    );
    expect(second.log()).toContain(`in use by process ${first.enginePid()}`);
    expect(second.banner()).toBe('');
    const peer = await greetedPeer(first);
    expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
  });

  it.each(['listeners[0].port', 'metrics.port'])(
    'with %s in use it ends with 1, tries once, and leaves the data directory free',
    async (setting) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const project = tempProject();
      const failed = spawnPostern({ cwd: project.folder, settings: { [setting]: String(port) } });
      expect(await failed.ended()).toEqual({ status: 1, signal: null });
      other.close();
      expect(failed.log()).toMatch(
        new RegExp(
          `^postern: cannot listen on 127\\.0\\.0\\.1:${port}: .*\\n {2}what to do: Stop the other program`,
          'm',
        ),
      );
      expect(failed.log().match(/cannot listen/g)).toHaveLength(1);
      expect(failed.log()).not.toContain('started again');
      await startPostern({ cwd: project.folder });
    },
  );
});
