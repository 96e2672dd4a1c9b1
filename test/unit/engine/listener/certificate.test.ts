import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type Certificate,
  readCertificate,
  whyOutOfDate,
} from '../../../../src/engine/listener/certificate.js';
import { makeCertificate, type TestCertificate } from '../../../helpers/certificates.js';

const octets = ({ certificate, key }: TestCertificate) => ({
  certificate: Buffer.from(certificate),
  key: Buffer.from(key),
});

function usable(made: TestCertificate): Certificate {
  const reading = readCertificate(octets(made), 'TLSv1.2');
  if (reading.status === 'bad') throw new Error(reading.reason);
  return reading.certificate;
}

function whyBad(certificate: string, key: string): string {
  const reading = readCertificate(octets({ certificate, key }), 'TLSv1.2');
  return reading.status === 'bad' ? reading.reason : 'usable';
}

const right = makeCertificate();

describe('a certificate with its key', () => {
  it('tells for whom and for how long it is', () => {
    const from = Date.UTC(2026, 0, 1);
    const to = Date.UTC(2026, 3, 1);
    const certificate = usable(makeCertificate({ names: ['mx.example.com', '*.example.org'], from, to }));
    expect(certificate).toMatchObject({ validFrom: from, validTo: to });
    for (const name of ['mx.example.com', 'MX.Example.COM', 'a.example.org', '*.example.org'])
      expect([name, certificate.covers(name)]).toEqual([name, true]);
    for (const name of ['example.com', '*.example.com', 'example.org', 'a.b.example.org', ''])
      expect([name, certificate.covers(name)]).toEqual([name, false]);
  });

  it('may be followed by its chain', () => {
    expect(whyBad(right.certificate + makeCertificate().certificate, right.key)).toBe('usable');
  });

  it('is bad when either cannot be read, or they do not belong together', () => {
    expect(whyBad('', right.key)).toMatch(/^the certificate cannot be read: /);
    expect(whyBad(right.key, right.key)).toMatch(/^the certificate cannot be read: /);
    expect(whyBad(right.certificate.slice(0, 200), right.key)).toMatch(/^the certificate cannot be read: /);
    expect(whyBad(right.certificate, '')).toMatch(/^the key cannot be read: /);
    expect(whyBad(right.certificate, right.certificate)).toMatch(/^the key cannot be read: /);
    expect(whyBad(right.certificate, makeCertificate().key)).toBe(
      'the key does not belong to the certificate',
    );
    expect(whyBad(`${makeCertificate().certificate}${right.certificate}`, right.key)).toBe(
      'the key does not belong to the certificate',
    );
  });

  it('is bad when the key is locked by a password', () => {
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { format: 'pem', type: 'spki' },
      privateKeyEncoding: { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' },
    });
    expect(whyBad(right.certificate, privateKey)).toMatch(/^the key is locked by a password/);
  });

  it('is in date from its first to its last moment', () => {
    const from = Date.UTC(2026, 0, 1);
    const to = Date.UTC(2026, 3, 1);
    const certificate = usable(makeCertificate({ from, to }));
    expect(whyOutOfDate(certificate, from)).toBeUndefined();
    expect(whyOutOfDate(certificate, to)).toBeUndefined();
    expect(whyOutOfDate(certificate, from - 1)).toBe(
      'the certificate is not valid before 2026-01-01T00:00:00.000Z',
    );
    expect(whyOutOfDate(certificate, to + 1)).toBe('the certificate expired on 2026-04-01T00:00:00.000Z');
  });
});
