/**
 * The settings of the inbound engine as plain values.
 *
 * The engine asks for them anew at each connection, so that a change is in force from the next
 * session on without a restart; a session keeps what it began with. Which listeners there are, and
 * their addresses, is read once.
 *
 * Callers: app maps its configuration to these; tests write them by hand.
 */
import type { VariableValues } from '../hooks/ports.js';
import type { LineEndingMode } from '../message/line-endings.js';
import { COMMAND_OCTETS, COMMAND_WAIT_MS } from '../smtp/limits.js';

/**
 * Who a listener is for: other mail servers, mail programs of users (RFC 6409), or a mail server
 * that hands over mail for final delivery (RFC 2033).
 */
export type ListenerKind = 'mx' | 'submission' | 'lmtp';

/**
 * `never`; `offered` by STARTTLS; `required`, so that nothing but STARTTLS is done before it; or
 * `implicit` from the first octet on. Without a certificate there is none of them.
 */
export type TlsUse = 'never' | 'offered' | 'required' | 'implicit';

/** Whether users may log in, or must before they send. Without users there is no AUTH. */
export type AuthUse = 'never' | 'offered' | 'required';

export interface ListenerSettings {
  /** Names the listener in logs, facts and traces. */
  readonly name: string;
  readonly kind: ListenerKind;
  readonly host: string;
  /** 0 lets the system choose; the bound port is in what `start` resolves to. */
  readonly port: number;
  /** Text after the host name in the greeting; a policy's smtpGreeting replaces the whole text. */
  readonly banner: string;
  /** The operator's words: in the greeting with `ESMTP` behind, and in the answers to HELO, EHLO and QUIT. */
  readonly greeting: string;
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
  /** How long a client must stay silent before the greeting, in milliseconds; 0 greets at once. */
  readonly earlyTalkerDelayMs: number;
  /** Sessions at once on this listener. */
  readonly maxConnections: number;
  /** Sessions at once from one address on this listener. */
  readonly maxConnectionsPerAddress: number;
  /** Longest silence of a client that should say something, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** From the first to the last octet of one command, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** For the transfer of one message, in milliseconds. */
  readonly dataTimeoutMs: number;
  /** Least average of octets a second in a message, after a while; 0 asks for none. */
  readonly minDataRate: number;
  readonly tls: TlsUse;
  readonly auth: AuthUse;
  /** Whether passwords may come over a connection that is not encrypted. */
  readonly authInClear: boolean;
  /** Networks of proxies: each of their connections begins with a PROXY header. */
  readonly proxyNetworks: readonly string[];
  /** Networks whose clients may say XCLIENT and XFORWARD. */
  readonly xclientNetworks: readonly string[];
  /** Addresses and networks in CIDR form that may relay, and are greeted at once. */
  readonly trustedNetworks: readonly string[];
  /** What becomes of a message with a bare CR, a bare LF or NUL. */
  readonly lineEndings: LineEndingMode;
}

export interface EngineLimits {
  /** Sessions at once on all listeners together. */
  readonly maxConnections: number;
  /** Sockets that all listeners hold together, those of refused clients included; read once. */
  readonly maxSockets: number;
  /** Transactions in a row without a message, ended by RSET or refused, before the session is ended. */
  readonly maxFruitless: number;
  /** Refusals for syntax, sequence or unknown commands before the session is ended. */
  readonly maxErrors: number;
  /** Wrong passwords of one session; the next AUTH ends it. */
  readonly maxAuthFailures: number;
  /** NOOP, RSET, VRFY, HELP and EHLO in a row before the session is ended. */
  readonly maxJunkCommands: number;
  /** Longest command line in octets, without its line end. */
  readonly maxCommandOctets: number;
  /** Longest message header in octets. */
  readonly maxHeaderOctets: number;
  /** Most fields of a message header: a policy that edits each of them works at every edit on all. */
  readonly maxHeaderFields: number;
  /** What is read and thrown away of a message that is refused already, before the session is ended. */
  readonly maxDrainOctets: number;
}

export interface EngineSettings {
  readonly listeners: readonly ListenerSettings[];
  /** The name in greetings, Received fields and for a bare `postmaster`. */
  readonly hostname: string;
  /** Our name in Authentication-Results (RFC 8601 §2.5). */
  readonly authservId: string;
  /** Whether such a field says what policies had checked. */
  readonly addAuthenticationResults: boolean;
  /** Domains whose mail is ours; compared without regard to letter case. */
  readonly localDomains: readonly string[];
  /** Whether mail for other domains can leave this machine at all. */
  readonly outbound: boolean;
  readonly limits: EngineLimits;
  /** Values that variables have in each session before any policy runs, e.g. maxDataSize. */
  readonly initialValues: VariableValues;
}

export const DEFAULT_LISTENER: Omit<ListenerSettings, 'name' | 'port'> = {
  kind: 'mx',
  host: '127.0.0.1',
  banner: 'ESMTP Postern',
  greeting: '',
  backlog: 4096,
  earlyTalkerDelayMs: 0,
  maxConnections: 1000,
  maxConnectionsPerAddress: 50,
  idleTimeoutMs: COMMAND_WAIT_MS,
  commandTimeoutMs: COMMAND_WAIT_MS,
  dataTimeoutMs: 600_000,
  minDataRate: 0,
  tls: 'offered',
  auth: 'offered',
  authInClear: false,
  proxyNetworks: [],
  xclientNetworks: [],
  trustedNetworks: [],
  lineEndings: 'reject',
};

export const DEFAULT_LIMITS: EngineLimits = {
  maxConnections: 10_000,
  maxSockets: Number.POSITIVE_INFINITY,
  maxFruitless: 100,
  maxErrors: 20,
  maxAuthFailures: 3,
  maxJunkCommands: 100,
  maxCommandOctets: COMMAND_OCTETS,
  maxHeaderOctets: 262_144,
  maxHeaderFields: 1000,
  maxDrainOctets: 104_857_600,
};
