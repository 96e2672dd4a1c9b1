/**
 * The certificates of all listeners: which one a connection gets, and their change while running.
 *
 * The files are looked at every few seconds. A pair that has changed and is sound is what new
 * connections get; sessions under way keep theirs. One that cannot be used changes nothing.
 *
 * Callers: app creates it, the listeners ask it at each handshake. Creating rejects with
 * ERR_TLS_CERTIFICATE when a pair cannot be used at all; afterwards nothing rejects. Server names
 * are those of RFC 6066 §3.
 */
import type { SecureContext, TLSSocketOptions } from 'node:tls';
import type { Cancel, Clock } from '../../core/clock.js';
import type { TlsVersion } from './certificate.js';
import {
  type CertificateFilePair,
  type CertificateReload,
  CertificateSlot,
  type CertificateSlotDeps,
  comparableName,
  type HostCertificate,
} from './certificate-slot.js';

/** The pair at the top is for clients that name no host, or one that is not listed. */
export interface TlsSettings extends CertificateFilePair {
  readonly hosts: readonly HostCertificate[];
  readonly minVersion: TlsVersion;
}

export interface TlsContexts {
  /** The context in force for a server name, or the default. */
  secureContext(serverName?: string): SecureContext;
  /** What `new TLSSocket(socket, options)` needs for the server's side; ask anew for each socket. */
  options(): TLSSocketOptions;
  /** Looks at every pair now. */
  reload(): Promise<readonly CertificateReload[]>;
  /** Looks no more; the contexts stay usable. */
  close(): void;
}

const POLL_MS = 5_000;

class Contexts implements TlsContexts {
  readonly #default: CertificateSlot;
  readonly #hosts: ReadonlyMap<string, CertificateSlot>;
  readonly #clock: Clock;
  #reloading: Promise<readonly CertificateReload[]> | undefined;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(fallback: CertificateSlot, hosts: readonly CertificateSlot[], clock: Clock) {
    this.#default = fallback;
    this.#hosts = new Map(hosts.map((slot) => [slot.name, slot]));
    this.#clock = clock;
    this.#watch();
  }

  secureContext(serverName = ''): SecureContext {
    const name = comparableName(serverName);
    const parent = `*${name.slice(Math.max(name.indexOf('.'), 0))}`;
    return (this.#hosts.get(name) ?? this.#hosts.get(parent) ?? this.#default).context;
  }

  options(): TLSSocketOptions {
    return {
      isServer: true,
      secureContext: this.#default.context,
      SNICallback: (serverName, done) => {
        // Mail clients ask for all sorts of names; an unknown one is no reason to refuse them.
        done(null, this.secureContext(serverName));
      },
    };
  }

  reload(): Promise<readonly CertificateReload[]> {
    // One look at a time: two of them would tell everything twice.
    this.#reloading ??= this.#lookAtAll().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  async #lookAtAll(): Promise<readonly CertificateReload[]> {
    const reloads: CertificateReload[] = [];
    for (const slot of [this.#default, ...this.#hosts.values()]) reloads.push(await slot.reload());
    return reloads;
  }

  #watch(): void {
    if (this.#isClosed) return;
    const again = (): void => {
      this.#watch();
    };
    this.#cancel = this.#clock.after(POLL_MS, () => {
      this.reload().then(again, again);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }
}

/** Reads every pair, and watches them from then on. */
export async function createTlsContexts(
  settings: TlsSettings,
  deps: CertificateSlotDeps,
): Promise<TlsContexts> {
  const { minVersion } = settings;
  const fallback = new CertificateSlot({ ...settings, name: '' }, minVersion, deps);
  const hosts = settings.hosts.map((host) => new CertificateSlot(host, minVersion, deps));
  for (const slot of [fallback, ...hosts]) await slot.open();
  return new Contexts(fallback, hosts, deps.clock);
}
