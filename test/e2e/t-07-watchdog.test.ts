/**
 * A policy that loops does not stop the mail: the engine process is replaced, the log says whose
 * line it was, and a policy that does it again and again is disabled under its fail mode.
 */
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { peerInData } from '../helpers/greeted-peer.js';
import { firstMailFor } from '../helpers/maildir.js';
import { connectPeer } from '../helpers/smtp-peer.js';
import { freePort, type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { policyText, tempProject } from '../helpers/temp-project.js';

/** Line 7 is the loop. */
const LOOPING = policyText(
  'spinning',
  `onMailFrom(ctx) {
    let n = 0;
    while (ctx.mailFromDomain === 'loop.test') n += 1;
  },`,
);

/** The same after an awaited method, where the handler is not on the stack of the engine any more. */
const LOOPING_LATER = policyText(
  'spinning',
  `async onMailFrom(ctx) {
    await ctx.checkDNSBL('bl.test').catch(() => undefined);
    while (ctx.mailFromDomain === 'loop.test');
  },`,
);

async function start(policy: string, more: Readonly<Record<string, string>> = {}): Promise<RunningPostern> {
  const project = tempProject({
    'policies/10-spinning.ts': policy,
    'policies/20-innocent.ts': policyText('innocent', 'onMailFrom() {},'),
  });
  return await startPostern({
    cwd: project.folder,
    // The port must stay while the process behind it is replaced.
    settings: {
      'listeners[0].port': String(await freePort()),
      'metrics.port': String(await freePort()),
      'watchdog.after': '300ms',
      'dns.servers': '127.0.0.1:9',
      'dns.timeout': '50ms',
      ...more,
    },
  });
}

/** Says MAIL FROM on a connection of its own; `undefined` when the server ends instead of answering. */
async function mailFrom(port: number, sender: string): Promise<string | undefined> {
  const peer = await eventually('a connection', () => connectPeer(port).catch(() => undefined));
  try {
    await peer.reply();
    await peer.say('EHLO c.test');
    return (await peer.say(`MAIL FROM:<${sender}>`)).lines.join('\n');
  } catch {
    // The connection ended: that is the answer here.
    return undefined;
  } finally {
    peer.destroy();
  }
}

/** Lets the policy loop once and waits for the next process. */
async function loopOnce(postern: RunningPostern): Promise<string> {
  const from = postern.log().length;
  expect(await mailFrom(postern.port, 'x@loop.test')).toBeUndefined();
  const [line] = await postern.logged(/.*the engine process died and is started again.*/, from);
  return line;
}

it.each([
  ['at once', LOOPING, 7],
  ['after an await', LOOPING_LATER, 7],
])(
  'a loop %s is found, with policy, event and line, and other mail goes on',
  async (_when, policy, place) => {
    const postern = await start(policy);
    const before = await eventually('the engine process', () => postern.enginePid());
    const line = await loopOnce(postern);
    expect(line).toContain('policy="spinning"  event="onMailFrom"');
    expect(line).toMatch(new RegExp(`at="[^"]*/policies/10-spinning\\.ts:${place}"`));
    expect(postern.log()).toMatch(
      /"policy":"spinning","event":"onMailFrom".*"msg":"the main thread is blocked"/,
    );

    expect(await mailFrom(postern.port, 'a@example.org')).toMatch(/^250 /);
    expect(postern.enginePid()).not.toBe(before);
    const peer = await peerInData(postern);
    expect((await peer.say('.')).code).toBe(250);
    await firstMailFor(postern.mail, 'b@example.com');
  },
);

it('after three times the policy is disabled under its fail mode, and explain says so', async () => {
  const postern = await start(LOOPING);
  for (let n = 0; n < 3; n += 1) await loopOnce(postern);
  const refused = await mailFrom(postern.port, 'x@loop.test');
  expect(refused).toMatch(/^451 4\.3\.0 .*\(ref \S+\)$/);
  expect(await mailFrom(postern.port, 'a@example.org')).toMatch(/^451 4\.3\.0 /);
  expect(postern.log()).toMatch(/error a policy is disabled {2}policy="spinning"/);
  expect(await postern.metrics()).toMatch(/^postern_policy_disabled_total\{policy="spinning"\} 1$/m);
  const ref = /\(ref (\S+)\)/.exec(refused ?? '')?.[1] ?? '';
  const { out } = await eventually('the trace', async () => {
    const explained = await postern.explain(ref);
    return explained.status === 0 ? explained : undefined;
  });
  expect(out).toMatch(/onMailFrom {2}tmpreject, decided by spinning/);
  expect(out).toMatch(/ERR_POLICY_DISABLED: .*it blocked the engine 3 times/);
});

it('with onFailure accept the others decide once it is disabled', async () => {
  const postern = await start(
    LOOPING.replace("name: 'spinning',", "name: 'spinning', onFailure: 'accept',"),
    {
      'watchdog.disableAfter': '1',
    },
  );
  await loopOnce(postern);
  expect(await mailFrom(postern.port, 'x@loop.test')).toMatch(/^250 /);
});
