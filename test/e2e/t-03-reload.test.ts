/**
 * A saved policy decides the next session without a restart; a session that is open keeps what it
 * began with; a save that does not load changes nothing and the log says where the mistake is.
 */
import { renameSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import type { SmtpPeer, SmtpReply } from '../helpers/smtp-peer.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { policyText, tempProject } from '../helpers/temp-project.js';

const refuse = (text: string): string =>
  policyText('gate', `onMailFrom(ctx) { ctx.smtpAction = 'reject'; ctx.smtpExplanation = '${text}'; },`);

async function mailFrom(peer: SmtpPeer): Promise<string> {
  const { lines }: SmtpReply = await peer.say('MAIL FROM:<a@example.org>');
  await peer.say('RSET');
  return lines.join('\n');
}

/** What a session that begins now is told. */
async function verdict(postern: RunningPostern): Promise<string> {
  const peer = await greetedPeer(postern);
  const text = await mailFrom(peer);
  await peer.say('QUIT');
  return text;
}

async function verdictBecomes(postern: RunningPostern, pattern: RegExp): Promise<void> {
  await eventually(`the verdict ${pattern.source}`, async () => pattern.test(await verdict(postern)), {
    about: () => postern.log(),
  });
}

describe('a saved policy', () => {
  it('decides the next session; an open one keeps its policies', async () => {
    const project = tempProject({ 'policies/gate.ts': refuse('first words') });
    const postern = await startPostern({ cwd: project.folder });
    const open = await greetedPeer(postern);
    expect(await mailFrom(open)).toMatch(/^550 5\.\d\.\d first words \(ref \S+\)$/);

    project.write('policies/gate.ts', refuse('second words'));
    await verdictBecomes(postern, /second words/);
    expect(await mailFrom(open)).toContain('first words');
    expect(postern.enginePid()).toBeDefined();

    project.write('policies/gate.ts', policyText('gate', 'onMailFrom() {},'));
    await verdictBecomes(postern, /^250 /);
    expect(await mailFrom(open)).toContain('first words');
  });

  it('is seen when an editor replaces the file, when it is new, and when it is removed', async () => {
    const project = tempProject();
    const postern = await startPostern({ cwd: project.folder });
    expect(await verdict(postern)).toMatch(/^250 /);
    project.write('policies/gate.ts', refuse('new file'));
    await verdictBecomes(postern, /new file/);
    project.write('gate.tmp', refuse('replaced'));
    renameSync(project.path('gate.tmp'), project.path('policies/gate.ts'));
    await verdictBecomes(postern, /replaced/);
    rmSync(project.path('policies/gate.ts'));
    await verdictBecomes(postern, /^250 /);
  });

  it('is loaded with the file that it imports, when that one is saved', async () => {
    const project = tempProject({
      'policies/gate.ts': `import { definePolicy } from 'postern/policy';
import { TEXT } from './lists/text.ts';
export default definePolicy({
  name: 'gate',
  onMailFrom(ctx) { ctx.smtpAction = 'reject'; ctx.smtpExplanation = TEXT; },
});
`,
      'policies/lists/text.ts': `export const TEXT: string = 'old text';\n`,
    });
    const postern = await startPostern({ cwd: project.folder });
    expect(await verdict(postern)).toContain('old text');
    project.write('policies/lists/text.ts', `export const TEXT: string = 'new text';\n`);
    await verdictBecomes(postern, /new text/);
  });

  it('is loaded on SIGHUP where saves are not watched', async () => {
    const project = tempProject({ 'policies/gate.ts': refuse('before') });
    const postern = await startPostern({ cwd: project.folder, settings: { watchPolicies: 'false' } });
    project.write('policies/gate.ts', refuse('after'));
    expect(await verdict(postern)).toContain('before');
    postern.signal('SIGHUP');
    await verdictBecomes(postern, /after/);
  });
});

describe('a broken save', () => {
  const broken = [
    [
      'a syntax error',
      `import { definePolicy } from 'postern/policy';\n\nexport default definePolicy({ name: 'gate', onMailFrom( });\n`,
      /gate\.ts:3:\d+: /,
    ],
    [
      'an import that does not exist',
      `import x from './nowhere.ts';\nexport default x;\n`,
      /gate\.ts.*nowhere/,
    ],
    [
      'a throw while it loads',
      `const a = 1;\nthrow new Error('not today');\n`,
      /gate\.ts:2(?::\d+)?: .*not today/,
    ],
    [
      'an unknown event',
      policyText('gate', 'onMailFrm() {},'),
      /gate\.ts:\d+: policy \\?"gate\\?" has an unknown event .*onMailFrom/,
    ],
    ['no default export', `export const a = 1;\n`, /gate\.ts: /],
  ] as const;

  it.each(broken)(
    'with %s keeps the previous policies, and repairing it loads',
    async (_what, text, told) => {
      const project = tempProject({ 'policies/gate.ts': refuse('kept') });
      const postern = await startPostern({ cwd: project.folder });
      const from = postern.log().length;
      project.write('policies/gate.ts', text);
      const [line] = await postern.logged(/.*changed policies do not load.*/, from);
      expect(line).toMatch(/^\d\d:\d\d:\d\d error /);
      expect(line).toMatch(told);
      expect(await verdict(postern)).toContain('kept');
      expect(await postern.metrics()).toMatch(/^postern_policy_reloads_refused_total [1-9]/m);

      project.write('policies/gate.ts', refuse('mended'));
      await verdictBecomes(postern, /mended/);
    },
  );

  it('at the start ends it with 1 and the place', async () => {
    const project = tempProject({ 'policies/gate.ts': broken[0][1] });
    await expect(startPostern({ cwd: project.folder })).rejects.toThrow(
      /postern: .*policies\/gate\.ts:3:\d+: .*\n {2}what to do: /,
    );
  });
});
