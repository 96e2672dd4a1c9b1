/**
 * One pair of certificate files and what of it is in force.
 *
 * A pair that has changed and is sound takes the place of the one before it. One that is broken,
 * does not fit or is out of date changes nothing, and a fact says why, once for each reason. A
 * pair that is half replaced is such a case, and is read again until it fits.
 *
 * Callers: tls-contexts.ts. `open` rejects with ERR_TLS_CERTIFICATE; nothing else rejects.
 */
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../core/clock.js';
import { EngineError, messageOf } from '../../core/errors.js';
import type { FactBus, FactMap } from '../../core/facts.js';
import {
  type Certificate,
  EXPIRY_WARNING_MS,
  readCertificate,
  type TlsVersion,
  whyOutOfDate,
} from './certificate.js';

export interface CertificateFilePair {
  /** Path of a PEM file: the certificate, then the chain up to its root. */
  readonly certificate: string;
  readonly key: string;
}

export interface HostCertificate extends CertificateFilePair {
  /** Server name of the handshake: `mx.example.com`, or `*.example.com` for one label more. */
  readonly name: string;
}

/** Where the files are; the engine opens none itself. */
export interface CertificateFiles {
  read(path: string): Promise<Buffer>;
  /** A text that differs when the file has changed. */
  mark(path: string): Promise<string>;
}

export interface CertificateSlotDeps {
  readonly files: CertificateFiles;
  readonly clock: Clock;
  readonly facts: FactBus;
}

/** What a look at one pair came to; `name` is empty for the default. */
export type CertificateReload =
  | { readonly name: string; readonly status: 'loaded' | 'unchanged' }
  | { readonly name: string; readonly status: 'kept'; readonly reason: string };

/** A certificate that is about to expire is worth a warning once in this time. */
const REMINDER_MS = 24 * 3_600_000;

/** What the files hold, as they were when they had the mark. */
type Look =
  | { readonly status: 'usable'; readonly certificate: Certificate; readonly mark: string }
  | { readonly status: 'unchanged' }
  | { readonly status: 'bad'; readonly reason: string };

/** RFC 6066 §3: names are compared without regard to letter case. A dot at the end means nothing. */
export function comparableName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export class CertificateSlot {
  readonly name: string;
  readonly #pair: CertificateFilePair;
  readonly #minVersion: TlsVersion;
  readonly #deps: CertificateSlotDeps;
  #inForce: { readonly certificate: Certificate; readonly mark: string } | undefined;
  /** What was said last about files that are not in force; said again only when it differs. */
  #told = '';
  #remindedAt = Number.NEGATIVE_INFINITY;

  constructor(host: HostCertificate, minVersion: TlsVersion, deps: CertificateSlotDeps) {
    this.name = comparableName(host.name);
    this.#pair = host;
    this.#minVersion = minVersion;
    this.#deps = deps;
  }

  /** The context for new connections, from `open` on. */
  get context(): SecureContext {
    if (this.#inForce) return this.#inForce.certificate.context;
    throw new EngineError('ERR_INVARIANT', {
      detail: { reason: 'a certificate was used before it was read' },
    });
  }

  /** Takes whatever can be used: at a start, a date that has passed is better than no TLS. */
  async open(): Promise<void> {
    const look = await this.#look();
    if (look.status === 'bad') {
      const detail = { file: this.#pair.certificate, reason: look.reason };
      throw new EngineError('ERR_TLS_CERTIFICATE', { detail });
    }
    if (look.status === 'usable') this.#use(look.certificate, look.mark);
  }

  async reload(): Promise<CertificateReload> {
    const look = await this.#look();
    const answer = this.#judge(look);
    this.#remind();
    return answer;
  }

  #judge(look: Look): CertificateReload {
    if (look.status === 'unchanged') {
      this.#told = '';
      return { name: this.name, status: 'unchanged' };
    }
    const reason =
      look.status === 'bad' ? look.reason : whyOutOfDate(look.certificate, this.#deps.clock.now());
    if (look.status === 'bad' || reason !== undefined) return this.#keep(reason ?? '');
    this.#use(look.certificate, look.mark);
    return { name: this.name, status: 'loaded' };
  }

  async #look(): Promise<Look> {
    const { files } = this.#deps;
    try {
      // The mark is taken first: files that change while they are read are read again next time.
      const mark = `${await files.mark(this.#pair.certificate)} ${await files.mark(this.#pair.key)}`;
      if (mark === this.#inForce?.mark) return { status: 'unchanged' };
      const certificate = await files.read(this.#pair.certificate);
      const key = await files.read(this.#pair.key);
      const reading = readCertificate({ certificate, key }, this.#minVersion);
      return reading.status === 'usable' ? { ...reading, mark } : reading;
    } catch (error) {
      return { status: 'bad', reason: messageOf(error) };
    }
  }

  #use(certificate: Certificate, mark: string): void {
    this.#inForce = { certificate, mark };
    this.#told = '';
    this.#remindedAt = Number.NEGATIVE_INFINITY;
    this.#deps.facts.publish('tls.loaded', this.#about(certificate));
    this.#remind();
  }

  #keep(reason: string): CertificateReload {
    if (reason !== this.#told) {
      this.#told = reason;
      const { certificate: file } = this.#pair;
      this.#deps.facts.publish('tls.kept', { host: this.name, file, message: reason });
    }
    return { name: this.name, status: 'kept', reason };
  }

  #remind(): void {
    const now = this.#deps.clock.now();
    const certificate = this.#inForce?.certificate;
    if (!certificate || certificate.validTo - now > EXPIRY_WARNING_MS) return;
    if (now - this.#remindedAt < REMINDER_MS) return;
    this.#remindedAt = now;
    this.#deps.facts.publish('tls.expiring', this.#about(certificate));
  }

  #about(certificate: Certificate): FactMap['tls.loaded'] {
    const validTo = new Date(certificate.validTo).toISOString();
    return { host: this.name, file: this.#pair.certificate, validTo };
  }
}
