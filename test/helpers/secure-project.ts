/**
 * A project of an operator who has a certificate and users, for tests of the built command.
 *
 *     const project = await secureProject('listeners: ...');
 *     project.writePair('mx', { names: ['mx.example.com'] });
 */
import { expect } from 'vitest';
import { type CertificateOptions, makeCertificate } from './certificates.js';
import { runPostern } from './postern-command.js';
import { type TempProject, tempProject } from './temp-project.js';

export interface SecureProject extends TempProject {
  /** Writes `<name>.pem` and `<name>.key`. */
  writePair(name: string, options?: CertificateOptions): void;
  /** `postern user ...words`, with the password on standard input. */
  user(words: readonly string[], password?: string): Promise<void>;
}

/**
 * Has the pair `mx` for mx.example.com and the user ann, whose password is `right`. `settings` is
 * the rest of postern.yaml, `hosts` the list tls.hosts in YAML.
 */
export async function secureProject(settings: string, hosts = '[]'): Promise<SecureProject> {
  const tls = `tls: {certificate: mx.pem, key: mx.key, hosts: ${hosts}}`;
  const plain = tempProject({ 'postern.yaml': `${tls}\nauth: {usersFile: users}\n${settings}\n` });
  const project: SecureProject = {
    ...plain,
    writePair(name, options = {}) {
      const pair = makeCertificate(options);
      plain.write(`${name}.pem`, pair.certificate);
      plain.write(`${name}.key`, pair.key);
    },
    async user(words, password = '') {
      const all = ['user', ...words, '--file', 'users'];
      const done = await runPostern(all, { cwd: plain.folder, input: `${password}\n` });
      expect(done).toMatchObject({ status: 0 });
    },
  };
  project.writePair('mx', { names: ['mx.example.com'] });
  await project.user(['add', 'ann', '--stdin'], 'right');
  return project;
}
