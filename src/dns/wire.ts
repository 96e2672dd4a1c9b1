/**
 * The Wire port: one way to put one question to one server.
 *
 * A wire hands over the first packet that carries the right id, comes from the asked server and
 * repeats the question; everything else it drops without a word, because anybody can send
 * packets. It keeps no time: whoever asks cancels.
 *
 * Implementations: `udp-wire`, `tcp-wire`. Callers: `ask`.
 */
import type { Cancel } from '../core/clock.js';
import type { DnsQuery } from './query-packet.js';
import type { DnsServer } from './server-address.js';

export type WireReply =
  | { readonly status: 'packet'; readonly packet: Buffer }
  | { readonly status: 'failed'; readonly detail: string };

export interface Wire {
  /** `hear` is called once at most, never before `send` has returned, and not after the cancel. */
  send(server: DnsServer, query: DnsQuery, hear: (reply: WireReply) => void): Cancel;
  /** Closes every socket; open questions hear a failure. */
  close(): void;
}
