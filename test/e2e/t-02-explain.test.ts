/**
 * A refused sender reads why, and `postern explain` shows the operator what decided; an accepted
 * message is found by its queue id and by its Message-ID.
 */
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { runPostern } from '../helpers/postern-command.js';
import { requireProgram } from '../helpers/real-parts.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { swaks } from '../helpers/swaks.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ROOT } from '../helpers/temp-project.js';

const SWAKS = requireProgram('swaks', 'swaks');

async function startSample(): Promise<RunningPostern> {
  return await startPostern({ cwd: ROOT, dataDir: tempFolder() });
}

/** Traces reach the disk a moment after the reply; the end of the session a moment after its other steps. */
async function explained(postern: RunningPostern, ...words: string[]): Promise<string> {
  const found = await eventually(`a trace of ${words.join(' ')}`, async () => {
    const { status, out } = await postern.explain(...words);
    return status === 0 && /ended: |"closed": /.test(out) ? { out } : undefined;
  });
  return found.out;
}

describe('a refused sender', () => {
  it.skipIf(SWAKS === undefined)('reads the explanation and a reference that finds its reasons', async () => {
    const postern = await startSample();
    const sent = await swaks(SWAKS ?? '', {
      port: postern.port,
      from: 'x@blocked.test',
      to: 'b@example.com',
    });
    expect(sent.status).toBe(23);
    const refusal = /<\*\* 550 5\.7\.1 Mail from blocked\.test is not accepted here \(ref (\S+)\)/;
    const ref = refusal.exec(sent.out)?.[1] ?? '';
    expect(ref).toMatch(/^[0-9a-z]+\.\d+$/);
    const lines = (await explained(postern, ref)).split('\n');
    expect(lines[0]).toMatch(
      /^session [0-9a-z]+ {2}\S+Z {2}client 127\.0\.0\.1 {2}listener smtp {2}\(ended: quit\)$/,
    );
    const from = lines.findIndex((line) => line.includes('<== this is the step you asked for'));
    expect(lines[from]).toMatch(/onMailFrom {2}reject, decided by blocked-senders/);
    expect(lines.slice(from + 1, from + 7)).toEqual([
      expect.stringMatching(/^ {4}blocked-senders {2}decided: reject {2}\([\d.]+ ms\)$/),
      '      read   mailFromDomain = "blocked.test"',
      '      read   mailFrom = "x@blocked.test"',
      '      set    smtpAction = "reject"',
      '      set    smtpExplanation = "550 5.7.1 Mail from %mailFromDomain% is not accepted here"',
      '    text   550 5.7.1 Mail from blocked.test is not accepted here',
    ]);
  });

  it('is explained as JSON as well', async () => {
    const postern = await startSample();
    const peer = await greetedPeer(postern);
    const { lines } = await peer.say('MAIL FROM:<spammer@example.org>');
    const ref = /\(ref (\S+)\)/.exec(lines[0] ?? '')?.[1] ?? '';
    await peer.say('QUIT');
    const trace = JSON.parse(await explained(postern, ref, '--output', 'json')) as {
      asked: string;
      step: number;
      steps: { n: number; action?: string; decidedBy?: string }[];
    };
    expect(trace.asked).toBe(ref);
    expect(trace.steps.find(({ n }) => n === trace.step)).toMatchObject({
      action: 'reject',
      decidedBy: 'blocked-senders',
    });
  });
});

describe('an accepted message', () => {
  it('is explained by queue id and by Message-ID', async () => {
    const postern = await startSample();
    const transport = createTransport({ host: '127.0.0.1', port: postern.port, name: 'c.test' });
    const { response } = await transport.sendMail({
      from: 'a@example.org',
      to: 'b@example.com',
      messageId: '<t-02@example.org>',
      text: 'hello',
    });
    const queueId = /queued as (\S+)$/.exec(response)?.[1] ?? '';
    const byQueueId = await explained(postern, queueId);
    expect(byQueueId).toMatch(
      new RegExp(
        `end-of-data {2}engine: queued .*<== this is the step you asked for\n {4}text {3}queued as ${queueId}\n`,
      ),
    );
    expect(byQueueId).toContain('      edit   add X-Postern-Client: 127.0.0.1 (c.test)');
    expect(await explained(postern, '<t-02@example.org>')).toBe(byQueueId);
    expect(await explained(postern, 't-02@example.org')).toBe(byQueueId);
    expect(await explained(postern, queueId.replace(/-\d+$/, ''))).toContain(`queue id ${queueId}`);
  });

  it('is still explained when the server has stopped', async () => {
    const postern = await startSample();
    const transport = createTransport({ host: '127.0.0.1', port: postern.port });
    const { response } = await transport.sendMail({ from: 'a@example.org', to: 'b@example.com', text: 'x' });
    await postern.stop();
    const { status, out } = await postern.explain(/queued as (\S+)$/.exec(response)?.[1] ?? '');
    expect(status).toBe(0);
    expect(out).toContain('engine: queued');
  });
});

it.each(['0m7c3k9qab1x.4', '0m7c3k9qab1x-1', 'nobody@example.org', '(ref', ''])(
  'an unknown id, %j, ends with 1 and says what to give',
  async (id) => {
    const folder = tempFolder();
    const { status, out, err } = await runPostern(['explain', '--data-dir', folder, id], { cwd: folder });
    expect(out).toBe('');
    expect(err).toContain(`postern: no trace of ${id}`);
    expect(err).toContain('what to do: Give a reply id, queue id or Message-ID;');
    expect(status).toBe(1);
  },
);
