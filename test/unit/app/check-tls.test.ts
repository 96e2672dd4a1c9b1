import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tlsStep } from '../../../src/app/check-tls.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { type CertificateOptions, makeCertificate } from '../../helpers/certificates.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const DAY = 24 * 3_600_000;
const clock = createFakeClock();

let cwd = '';
beforeEach(() => {
  cwd = tempFolder();
});

function writePair(name: string, options: CertificateOptions): { certificate: string; key: string } {
  const made = makeCertificate(options);
  const pair = { certificate: join(cwd, `${name}.pem`), key: join(cwd, `${name}.key`) };
  writeFileSync(pair.certificate, made.certificate);
  writeFileSync(pair.key, made.key, { mode: 0o600 });
  return pair;
}

async function findings(tls: ConfigInput['tls']): Promise<string[]> {
  const settings = { hostname: 'mx.example.com', ...(tls === undefined ? {} : { tls }) };
  const { config } = loadConfig({ cwd, file: null, machine: 'mx', settings });
  const found = await tlsStep(clock).run(config);
  return found.map(({ severity, message }) => `${severity}: ${message.replaceAll(`${cwd}/`, '')}`);
}

describe('the check of certificates', () => {
  it('has nothing to say without TLS, and when all is well', async () => {
    expect(await findings(undefined)).toEqual([]);
    const hosts = [{ name: '*.example.org', ...writePair('org', { names: ['*.example.org'] }) }];
    expect(await findings({ ...writePair('mx', { names: ['mx.example.com'] }), hosts })).toEqual([]);
  });

  it('finds a pair that does not fit, and files that are missing', async () => {
    const mx = writePair('mx', { names: ['mx.example.com'] });
    const other = writePair('other', {});
    const hosts = [{ name: 'a.example', certificate: join(cwd, 'none.pem'), key: other.key }];
    expect(await findings({ certificate: mx.certificate, key: other.key, hosts })).toEqual([
      'error: tls: the key does not belong to the certificate (mx.pem, other.key)',
      expect.stringMatching(/^error: tls\.hosts\[0\]: ENOENT.*\(none\.pem, other\.key\)$/),
    ]);
  });

  it('does not read what cannot be a certificate', async () => {
    const mx = writePair('mx', { names: ['mx.example.com'] });
    writeFileSync(mx.certificate, Buffer.alloc(1024 * 1024 + 1));
    expect(await findings(mx)).toEqual(['error: tls: mx.pem is larger than 1048576 octets (mx.pem, mx.key)']);
  });

  it.each([
    [{ to: clock.now() - 1 }, 'error: tls: the certificate expired on 2025-12-31T23:59:59.000Z (mx.pem)'],
    [
      { from: clock.now() + DAY },
      'error: tls: the certificate is not valid before 2026-01-02T00:00:00.000Z (mx.pem)',
    ],
    [
      { to: clock.now() + 14 * DAY },
      'warning: tls: the certificate expires on 2026-01-15T00:00:00.000Z (mx.pem)',
    ],
    [{ names: ['example.com'] }, 'warning: tls: the certificate is not for mx.example.com (mx.pem)'],
  ])('finds dates and names that are wrong: %o', async (options, message) => {
    expect(await findings(writePair('mx', { names: ['mx.example.com'], ...options }))).toEqual([message]);
  });

  it('warns of a key that everybody can read', async () => {
    const mx = writePair('mx', { names: ['mx.example.com'] });
    chmodSync(mx.key, 0o644);
    expect(await findings(mx)).toEqual(['warning: tls: every user of this machine can read the key mx.key']);
  });
});
