/**
 * The settings file of the built program: refused when it is wrong at the start, taken over while
 * running, kept as it was when the new one is wrong, and looked at by `postern check`.
 */
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { runPostern } from '../helpers/postern-command.js';
import { type RunningPostern, spawnPostern, startPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

const CONFIG = 'settingsFile: settings.yaml\nlocalDomains: [example.com]\n';
const GREETING = (words: string): string => `MailSmtp: {smtp_greeting: mx.example.com ${words}}\n`;

async function greeting(postern: RunningPostern): Promise<string> {
  const peer = await greetedPeer(postern);
  await peer.say('QUIT');
  return peer.received().split('\r\n')[0] ?? '';
}

describe('the settings file', () => {
  it('that is wrong refuses the start, with each line', async () => {
    const project = tempProject({
      'postern.yaml': CONFIG,
      'settings.yaml': 'MailSmtp:\n  databyte: 5\n  smtp_greeting: hello\n',
    });
    const failed = spawnPostern({ cwd: project.folder });
    expect((await failed.ended()).status).toBe(1);
    expect(failed.log()).toMatch(
      /settings\.yaml:2: unknown setting "MailSmtp\.databyte"; did you mean "databytes"\?/,
    );
    expect(failed.log()).toMatch(
      /settings\.yaml:3: MailSmtp\.smtp_greeting: must begin with the full host name/,
    );
    const checked = await runPostern(['check'], { cwd: project.folder });
    expect(checked.status).toBe(1);
    expect(checked.out + checked.err).toMatch(/settings\.yaml:2: unknown setting/);
  });

  it('is taken over when it is saved, and at SIGHUP; a wrong one changes nothing', async () => {
    const project = tempProject({ 'postern.yaml': CONFIG, 'settings.yaml': GREETING('one') });
    const postern = await startPostern({ cwd: project.folder });
    expect(await greeting(postern)).toBe('220 mx.example.com one ESMTP');

    project.write('settings.yaml', GREETING('two'));
    await eventually('the new greeting', async () => (await greeting(postern)).includes('two'), {
      about: () => postern.log(),
    });
    const from = postern.log().length;
    project.write('settings.yaml', 'MailSmtp: {mta_level_email_address_blacklist: ["(a+"]}\n');
    await postern.logged(
      /the changed settings file cannot be used.*the pattern \\?"\(a\+\\?" does not compile/,
      from,
    );
    postern.signal('SIGHUP');
    expect(await greeting(postern)).toBe('220 mx.example.com two ESMTP');
    expect(
      postern
        .log()
        .slice(from)
        .match(/cannot be used/g),
    ).toHaveLength(1);

    project.write('settings.yaml', GREETING('three'));
    postern.signal('SIGHUP');
    await eventually('the third greeting', async () => (await greeting(postern)).includes('three'), {
      about: () => postern.log(),
    });
    expect(await postern.metrics()).toMatch(/^postern_settings_reloads_refused_total 1$/m);
  });
});
