/**
 * Self-signed certificates with their keys, made in the test; no program and no file is needed.
 *
 * Writes just enough DER for a certificate of version 3 with an elliptic-curve key, a validity and
 * the names it is for (RFC 5280 §4.1).
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface TestCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface CertificateOptions {
  /** Names it is made out for; the first is the common name. Default `localhost`. */
  readonly names?: readonly string[];
  /** Milliseconds since 1970 UTC. Default 2020-01-01. */
  readonly from?: number;
  /** Default 2049-01-01. */
  readonly to?: number;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const bitString = (octets: Buffer): Buffer => der(0x03, Buffer.from([0]), octets);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

const COMMON_NAME = oid('550403');
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const SUBJECT_ALT_NAME = oid('551d11');
const VERSION_3 = der(0xa0, der(0x02, Buffer.from([2])));

/** GeneralizedTime, which carries any year. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '');
  return der(0x18, Buffer.from(digits, 'latin1'));
}

function nameOf(name: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
}

function altNames(names: readonly string[]): Buffer {
  const list = sequence(...names.map((name) => der(0x82, Buffer.from(name, 'latin1'))));
  return der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, list))));
}

function pem(label: string, octets: Buffer): string {
  const lines = octets.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Each call makes a new key. */
export function makeCertificate(options: CertificateOptions = {}): TestCertificate {
  const { names = ['localhost'], from = Date.UTC(2020, 0), to = Date.UTC(2049, 0) } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = nameOf(names[0] ?? 'localhost');
  // A first octet of 1 keeps the number positive and free of leading zeros.
  const serial = der(0x02, Buffer.from([1]), randomBytes(8));
  const content = sequence(
    VERSION_3,
    serial,
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(from), time(to)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    altNames(names),
  );
  const signature = sign('sha256', content, privateKey);
  return {
    certificate: pem('CERTIFICATE', sequence(content, ECDSA_WITH_SHA256, bitString(signature))),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
