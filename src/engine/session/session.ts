/**
 * What is true for one connection, and the values that policies read of it.
 *
 * A session is touched by one command at a time; nothing in it is shared between connections.
 *
 * Callers: conversation.ts makes it, the stages read and change it.
 */
import type { PolicySession, VariableValue } from '../../hooks/ports.js';
import type { VariableName } from '../../hooks/table/index.js';
import { type ChunkedTransfer, NO_CHUNKS } from '../../smtp/bdat.js';
import { comparableDomain, parseAddressLiteral } from '../../smtp/domain.js';
import type { Mailbox } from '../../smtp/mailbox.js';
import { readPeerAddress } from '../../smtp/peer-address.js';
import type { EngineDeps } from '../ports.js';
import type { EngineSettings, ListenerSettings } from '../settings.js';
import type { Transaction } from './transaction.js';
import { isTrusted } from './trusted.js';

const NO_OFFERS: ReadonlySet<Extension> = new Set();

/** Values by documented name, to be completed by the stage. */
export type KnownValues = Partial<Record<VariableName, VariableValue | undefined>>;

/** Compared spellings of the local domains, made once for each array of settings. */
const comparable = new WeakMap<readonly string[], ReadonlySet<string>>();

function comparableDomains(domains: readonly string[]): ReadonlySet<string> {
  const known = comparable.get(domains) ?? new Set(domains.map(comparableDomain));
  comparable.set(domains, known);
  return known;
}

function sameAddress(one: string, other: string): boolean {
  return readPeerAddress(one)?.address === readPeerAddress(other)?.address;
}

/** In the list of local domains: all of them. */
const EVERY_DOMAIN = '*';

/** Keywords of EHLO that change what a client may send. */
export type Extension =
  | 'PIPELINING'
  | '8BITMIME'
  | 'SIZE'
  | 'SMTPUTF8'
  | 'DSN'
  | 'CHUNKING'
  | 'BINARYMIME'
  | 'STARTTLS'
  | 'AUTH'
  | 'REQUIRETLS'
  | 'LIMITS'
  | 'ENHANCEDSTATUSCODES'
  | 'XCLIENT'
  | 'XFORWARD';

/** What is known about the encryption of the connection. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** Name in the registry of IANA: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name that the client asked for; empty without one. */
  readonly serverName: string;
}

/** What a trusted relay told by XCLIENT about the client, beside its addresses; the latest word counts. */
export interface ToldByRelay {
  readonly name?: string | undefined;
  readonly helo?: string | undefined;
  readonly proto?: 'SMTP' | 'ESMTP' | undefined;
  readonly login?: string | undefined;
}

/** Both ends of the connection. */
export interface Peer {
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly localIp: string;
  readonly localPort: number;
}

export interface SessionStart {
  readonly id: string;
  readonly listener: ListenerSettings;
  readonly settings: EngineSettings;
  readonly peer: Peer;
  /** Address at the other end of the wire, where it is not the client's: a proxy or relay. */
  readonly via?: string | undefined;
  /** Address of the relay that said XCLIENT; without it the client itself speaks. */
  readonly relay?: string | undefined;
  /** The encryption that is there from the start. */
  readonly tls?: TlsFacts | undefined;
  readonly told?: ToldByRelay | undefined;
}

function yesNo(flag: boolean): 'yes' | 'no' {
  return flag ? 'yes' : 'no';
}

/** No transaction, no sender: nothing is known, which is not the same as an empty address. */
const NOBODY = { address: undefined, local: undefined, domain: undefined };

export class Session {
  readonly id: string;
  readonly listener: ListenerSettings;
  readonly settings: EngineSettings;
  readonly peer: Peer;
  readonly policies: PolicySession;
  readonly deps: EngineDeps;
  /** Whether the client is in one of the listener's trusted networks. */
  readonly isTrusted: boolean;
  /** Address at the other end of the wire. */
  readonly wireIp: string;
  /**
   * Address of who speaks SMTP with us: the client, also behind a proxy that passes its octets
   * on, or the relay that told us about the client. XCLIENT and XFORWARD are permitted to it.
   */
  readonly speakerIp: string;
  readonly told: ToldByRelay;
  /** Set by a successful EHLO, LHLO or HELO. */
  hello: { readonly host: string; readonly extended: boolean } | undefined;
  /** What the last EHLO offered; after HELO nothing. */
  offers: ReadonlySet<Extension> = NO_OFFERS;
  tls: TlsFacts | undefined;
  /** Name of the user who has logged in; empty without one. */
  authUser: string;
  /** Whether a message is being stored: then a client that ends its side still gets the answer. */
  isStoring = false;
  /** Wrong passwords of this session. */
  authFailures = 0;
  /** Where the chunks of the transaction have got to (RFC 3030). */
  chunks: ChunkedTransfer = NO_CHUNKS;
  /** Messages that were answered with success, and the octets of those that were kept. */
  mailCount = 0;
  totalMailSize = 0;
  /** A policy said `discard` before any message; every message of the session is dropped. */
  discardedBy: string | undefined;
  transaction: Transaction | undefined;
  readonly #localDomains: ReadonlySet<string>;
  #messages = 0;
  #hasEnded = false;
  #departure: AbortController | undefined;

  constructor(start: SessionStart, policies: PolicySession, deps: EngineDeps) {
    this.id = start.id;
    this.listener = start.listener;
    this.settings = start.settings;
    this.peer = start.peer;
    this.policies = policies;
    this.deps = deps;
    this.wireIp = start.via ?? start.peer.remoteIp;
    this.speakerIp = start.relay ?? start.peer.remoteIp;
    this.tls = start.tls;
    this.told = start.told ?? {};
    this.authUser = this.told.login ?? '';
    this.isTrusted = isTrusted(start.peer.remoteIp, start.listener.trustedNetworks);
    this.#localDomains = comparableDomains(start.settings.localDomains);
  }

  get secure(): boolean {
    return this.tls !== undefined;
  }

  /** Whether who speaks may speak for others. */
  get mayXclient(): boolean {
    return isTrusted(this.speakerIp, this.listener.xclientNetworks);
  }

  /** Aborts when the session ends; made when first asked for, since few stages wait for long. */
  get gone(): AbortSignal {
    this.#departure ??= new AbortController();
    if (this.#hasEnded) this.#departure.abort();
    return this.#departure.signal;
  }

  /** Nobody listens any more: ends what still works for the client. The conversation calls it once. */
  end(): void {
    this.#hasEnded = true;
    this.#departure?.abort();
  }

  /** The handshake is done: nothing that the client said before it counts (RFC 3207 §4.2). */
  secured(tls: TlsFacts): void {
    this.resetTransaction();
    this.tls = tls;
    this.hello = undefined;
    this.offers = NO_OFFERS;
    this.authUser = '';
    this.policies.forgetHello();
  }

  /** The id of the next message: `0m7c3k9qab1x-1`, see core/ids. */
  nextQueueId(): string {
    this.#messages += 1;
    return `${this.id}-${this.#messages}`;
  }

  /** Ends the transaction, if there is one, and what policies keep about it. */
  resetTransaction(): void {
    this.transaction = undefined;
    this.chunks = NO_CHUNKS;
    this.policies.resetMessage();
  }

  /**
   * The domain that a mailbox belongs to. This host's own name stands for the bare `postmaster`
   * (RFC 5321 §4.5.1) and for the address that the client is connected to (RFC 1123 §5.2.17).
   */
  domainOf({ domain }: Mailbox): string {
    const literal = domain.startsWith('[') ? parseAddressLiteral(domain) : undefined;
    const isHere = literal !== undefined && sameAddress(literal, this.peer.localIp);
    return domain === '' || isHere ? this.settings.hostname : domain;
  }

  /** One of our domains, or the postmaster of this host, who is there whatever the domains are. */
  isLocal(mailbox: Mailbox): boolean {
    if (this.#localDomains.has(EVERY_DOMAIN)) return true;
    const domain = comparableDomain(this.domainOf(mailbox));
    if (this.#localDomains.has(domain)) return true;
    const isPostmaster = mailbox.local.toLowerCase() === 'postmaster';
    return isPostmaster && domain === comparableDomain(this.settings.hostname);
  }

  /** A number in force for this session or message; `otherwise` where nobody set one. */
  number(name: 'maxDataSize' | 'maxRcptCount' | 'maxReceivedHeaders', otherwise: number): number {
    const value = this.policies.value(name);
    return value === undefined || value === '' ? otherwise : Number(value);
  }

  /** Everything that is known now, under the documented names; the object is the caller's. */
  values(): KnownValues {
    const { peer, hello, transaction } = this;
    const sender = transaction?.sender ?? NOBODY;
    // One shape, whatever is known: this runs at each event, and objects of many shapes are slow.
    return {
      smtpPort: peer.localPort,
      smtpIp: peer.localIp,
      remoteSmtpPort: peer.remotePort,
      remoteSmtpIp: peer.remoteIp,
      isSSLConnection: yesNo(this.secure),
      ehloHost: hello?.host,
      isESMTP: hello && yesNo(hello.extended),
      authUser: hello && this.authUser,
      mailCount: hello && this.mailCount,
      totalMailSize: hello && this.totalMailSize,
      mailFrom: sender.address,
      mailFromLocalPart: sender.local,
      mailFromDomain: sender.domain,
      mailFromAuthUser: transaction?.submitter,
      mailFromSize: transaction?.declaredSize,
      rcptCount: transaction?.recipientCount,
    };
  }
}
