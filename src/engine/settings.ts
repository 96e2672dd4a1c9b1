/**
 * The settings of the inbound engine as plain values.
 *
 * The engine asks for them anew at each connection, so that a change is in force from the next
 * session on without a restart; a session keeps what it began with. Only `listeners` is read once.
 *
 * Callers: app maps its configuration to these; tests write them by hand.
 */
import type { LineEndingMode } from '../message/line-endings.js';
import { COMMAND_OCTETS, COMMAND_WAIT_MS, DATA_WAIT_MS } from '../smtp/limits.js';

export interface ListenerSettings {
  /** Names the listener in logs, facts and traces. */
  readonly name: string;
  readonly host: string;
  /** 0 lets the system choose; the bound port is in what `start` resolves to. */
  readonly port: number;
  /** Text after the host name in the greeting; a policy's smtpGreeting replaces the whole text. */
  readonly banner: string;
  /** How long a client must stay silent before the greeting, in milliseconds; 0 greets at once. */
  readonly earlyTalkerDelayMs: number;
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
}

export interface EngineLimits {
  /** Sessions at once, over all listeners. */
  readonly maxConnections: number;
  /** Sessions at once from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Refusals for syntax, sequence or unknown commands before the session is ended. */
  readonly maxErrors: number;
  /** NOOP, RSET, VRFY, HELP and EHLO in a row before the session is ended. */
  readonly maxJunkCommands: number;
  /** Longest command line in octets, without its line end. */
  readonly maxCommandOctets: number;
  /** Longest message header in octets. */
  readonly maxHeaderOctets: number;
  /** What is read and thrown away of a message that is refused already, before the session is ended. */
  readonly maxDrainOctets: number;
  /** For one whole command, however slowly it arrives. */
  readonly commandTimeoutMs: number;
  /** Between two pieces of a message. */
  readonly dataTimeoutMs: number;
  /** For the whole message, less the time that policies and storage take. */
  readonly messageTimeoutMs: number;
}

export interface EngineSettings {
  readonly listeners: readonly ListenerSettings[];
  /** The name in greetings, Received fields and for a bare `postmaster`. */
  readonly hostname: string;
  /** Domains whose mail is ours; compared without regard to letter case. */
  readonly localDomains: readonly string[];
  /** Whether mail for other domains can leave this machine at all. */
  readonly outbound: boolean;
  readonly lineEndings: LineEndingMode;
  readonly limits: EngineLimits;
}

export const DEFAULT_LISTENER: Omit<ListenerSettings, 'name' | 'port'> = {
  host: '127.0.0.1',
  banner: 'ESMTP Postern',
  earlyTalkerDelayMs: 0,
  backlog: 4096,
};

export const DEFAULT_LIMITS: EngineLimits = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 200,
  maxErrors: 20,
  maxJunkCommands: 100,
  maxCommandOctets: COMMAND_OCTETS,
  maxHeaderOctets: 262_144,
  maxDrainOctets: 104_857_600,
  commandTimeoutMs: COMMAND_WAIT_MS,
  dataTimeoutMs: DATA_WAIT_MS,
  messageTimeoutMs: 3_600_000,
};
