/**
 * One certificate with its key: is it usable, for how long, and for which names.
 *
 * Callers: tls-contexts.ts, and app for `postern check`. Octets in, values out; nothing here
 * reads a file or throws. Whether a date has passed is for the caller to say, who has the clock.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { messageOf } from '../../core/errors.js';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export interface PemPair {
  /** The certificate, followed by those between it and its root. */
  readonly certificate: Buffer;
  readonly key: Buffer;
}

export interface Certificate {
  readonly context: SecureContext;
  /** Milliseconds since 1970 UTC. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Whether it is made out for a host name, or for all names below the one of `*.example.com`. */
  covers(name: string): boolean;
}

export type CertificateReading =
  | { readonly status: 'usable'; readonly certificate: Certificate }
  | { readonly status: 'bad'; readonly reason: string };

/** How long before its end a certificate is worth a warning, in milliseconds. */
export const EXPIRY_WARNING_MS: number = 14 * 24 * 3_600_000;

/** Runs a step of reading; what it throws becomes the end of `what` as a sentence. */
function attempt<T>(what: string, step: () => T): T | { readonly reason: string } {
  try {
    return step();
  } catch (error) {
    return { reason: `${what}: ${messageOf(error)}` };
  }
}

function bad(reason: string): CertificateReading {
  return { status: 'bad', reason };
}

/** PEM says so in its first line, or in a header below it. */
const LOCKED = /^(?:-----BEGIN ENCRYPTED |Proc-Type: ?4,ENCRYPTED)/m;

export function readCertificate(pair: PemPair, minVersion: TlsVersion): CertificateReading {
  const leaf = attempt('the certificate cannot be read', () => new X509Certificate(pair.certificate));
  if ('reason' in leaf) return bad(leaf.reason);
  if (LOCKED.test(pair.key.toString('latin1')))
    return bad('the key is locked by a password; give it without one');
  const key = attempt('the key cannot be read', () => createPrivateKey(pair.key));
  if ('reason' in key) return bad(key.reason);
  if (!leaf.checkPrivateKey(key)) return bad('the key does not belong to the certificate');
  const context = attempt('TLS does not take the certificate', () =>
    createSecureContext({ cert: pair.certificate, key: pair.key, minVersion, honorCipherOrder: true }),
  );
  if ('reason' in context) return bad(context.reason);
  const certificate: Certificate = {
    context,
    validFrom: Date.parse(leaf.validFrom),
    validTo: Date.parse(leaf.validTo),
    covers: (name) => leaf.checkHost(name.replace(/^\*/, 'any')) !== undefined,
  };
  return { status: 'usable', certificate };
}

/** Why the certificate may not be used at `now`; `undefined` when it may. */
export function whyOutOfDate(certificate: Certificate, now: number): string | undefined {
  if (now > certificate.validTo) {
    return `the certificate expired on ${new Date(certificate.validTo).toISOString()}`;
  }
  if (now < certificate.validFrom) {
    return `the certificate is not valid before ${new Date(certificate.validFrom).toISOString()}`;
  }
  return undefined;
}
