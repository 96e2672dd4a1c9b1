/**
 * Handlers that throw, take too long, misuse a variable or lose a promise: the sender is told to
 * try again, the operator finds the reason, and the server goes on.
 */
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { firstMailFor, splitMessage } from '../helpers/maildir.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { policyText, tempProject } from '../helpers/temp-project.js';

/** Fails for senders of a domain that says how; line 8 throws. */
const FAILING = `import { definePolicy } from 'postern/policy';

export default definePolicy({
  name: 'failing',
  onMailFrom: {
    timeoutMs: 50,
    async handler(ctx) {
      if (ctx.mailFromDomain === 'throw.test') throw new Error('it broke');
      if (ctx.mailFromDomain === 'slow.test') await new Promise(() => undefined);
      if (ctx.mailFromDomain === 'write.test') (ctx as { ehloHost: string }).ehloHost = 'x';
      if (ctx.mailFromDomain === 'value.test') ctx.smtpAction = 'maybe' as 'reject';
      if (ctx.mailFromDomain === 'nothing.test') throw undefined;
      if (ctx.mailFromDomain === 'floating.test') void Promise.reject(new Error('nobody waits'));
      if (ctx.mailFromDomain === 'later.test') {
        setTimeout(() => { throw new Error('thrown by a timer'); }, 1);
      }
    },
  },
  onRcptTo(ctx) {
    ctx.smtpExplanation = 'never seen';
    if (ctx.rcptToLocalPart === 'broken') JSON.parse('{');
  },
  onDataReceived(ctx) {
    ctx.addHeader('X-Undone', 'never seen');
    if (ctx.headers.get('subject') === 'broken') throw new TypeError('no such thing');
  },
});
`;

async function start(settings: Readonly<Record<string, string>> = {}): Promise<RunningPostern> {
  const project = tempProject({
    'policies/10-failing.ts': FAILING,
    'policies/20-next.ts': policyText('next', `onMailFrom(ctx) { ctx.session; },`),
  });
  return await startPostern({ cwd: project.folder, settings });
}

async function explained(postern: RunningPostern, reply: string): Promise<string> {
  const ref = /\(ref (\S+)\)/.exec(reply)?.[1] ?? '';
  const { out } = await eventually(`the trace of ${reply}`, async () => {
    const found = await postern.explain(ref);
    return found.status === 0 ? found : undefined;
  });
  return out;
}

const TRY_AGAIN = /^451 4\.3\.0 .+ \(ref [0-9a-z]+\.\d+\)$/;

describe('a handler that fails', () => {
  it.each([
    ['throw.test', 'ERR_POLICY_THREW', /it broke \(\S+10-failing\.ts:8\)/],
    ['slow.test', 'ERR_POLICY_TIMEOUT', /policy "failing" did not end onMailFrom within 50 ms/],
    [
      'write.test',
      'ERR_POLICY_READ_ONLY',
      /ehloHost is IN \(read-only\) in onMailFrom \(\S+10-failing\.ts:10\)/,
    ],
    ['value.test', 'ERR_POLICY_VALUE', /smtpAction = "?maybe"?: .*\(\S+10-failing\.ts:11\)/],
    ['nothing.test', 'ERR_POLICY_THREW', /policy "failing" threw in onMailFrom/],
  ])('for %s the sender tries again, and log, trace and counter say %s', async (domain, code, reason) => {
    const postern = await start();
    const engine = postern.enginePid();
    const peer = await greetedPeer(postern);
    const [reply = ''] = (await peer.say(`MAIL FROM:<a@${domain}>`)).lines;
    expect(reply).toMatch(TRY_AGAIN);
    expect(reply).not.toContain('broke');
    const [line] = await postern.logged(/.*a policy failed.*/);
    expect(line).toMatch(/warn {2}a policy failed {2}policy="failing" {2}event="onMailFrom"/);
    expect(JSON.parse(/message=(".*")$/.exec(line)?.[1] ?? '""')).toMatch(reason);
    const trace = await explained(postern, reply);
    expect(trace).toContain('failing  FAILED');
    expect(trace).toMatch(new RegExp(`error {2}${code}: .*${reason.source}`));
    expect(await postern.metrics()).toContain(
      `postern_policy_failures_total{policy="failing",event="onMailFrom",code="${code}"} 1`,
    );
    // The same session goes on, in the same process.
    expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
    expect(postern.enginePid()).toBe(engine);
  });

  it('leaves nothing of what it had done, at RCPT and at the end of the message', async () => {
    const postern = await start();
    const peer = await greetedPeer(postern);
    await peer.say('MAIL FROM:<a@example.org>');
    const rcpt = await peer.say('RCPT TO:<broken@example.com>');
    expect(rcpt.lines[0]).toMatch(TRY_AGAIN);
    expect(rcpt.lines[0]).not.toContain('never seen');
    expect((await peer.say('RCPT TO:<b@example.com>')).code).toBe(250);
    await peer.say('DATA');
    expect((await peer.say('Subject: broken\r\n\r\nx\r\n.')).lines[0]).toMatch(TRY_AGAIN);
  });

  it('costs nothing but itself where the operator says accept', async () => {
    const postern = await start({ onPolicyFailure: 'accept' });
    const peer = await greetedPeer(postern);
    expect((await peer.say('MAIL FROM:<a@throw.test>')).code).toBe(250);
    expect((await peer.say('RCPT TO:<broken@example.com>')).code).toBe(250);
    await peer.say('DATA');
    expect((await peer.say('Subject: broken\r\n\r\nx\r\n.')).code).toBe(250);
    const { fields } = splitMessage(await firstMailFor(postern.mail, 'broken@example.com'));
    expect(fields.filter((field) => field.startsWith('X-Undone'))).toEqual([]);
    expect(await postern.metrics()).toMatch(
      /^postern_policy_runs_total\{policy="next",event="onMailFrom",verdict="none"\} 1$/m,
    );
  });

  it('refuses for good where the operator says reject', async () => {
    const postern = await start({ onPolicyFailure: 'reject' });
    const peer = await greetedPeer(postern);
    expect((await peer.say('MAIL FROM:<a@throw.test>')).lines[0]).toMatch(/^5\d\d 5\.\d\.\d .+ \(ref \S+\)$/);
  });
});

describe('a fault outside of any handler', () => {
  it.each([
    [
      'a promise that nobody awaits',
      'floating.test',
      /nobody awaited it {2}error="nobody waits".*10-failing\.ts:13:/,
    ],
    ['a throw in a timer', 'later.test', /error="thrown by a timer".*10-failing\.ts:15:/],
  ])('%s is logged with its line, and the process lives on', async (_what, domain, told) => {
    const postern = await start();
    const engine = postern.enginePid();
    const peer = await greetedPeer(postern);
    expect((await peer.say(`MAIL FROM:<a@${domain}>`)).code).toBe(250);
    await postern.logged(told);
    expect((await peer.say('RCPT TO:<b@example.com>')).code).toBe(250);
    expect(postern.enginePid()).toBe(engine);
  });
});
