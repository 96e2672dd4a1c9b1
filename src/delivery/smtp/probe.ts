/**
 * Whether a next hop answers: connects, greets, and leaves again.
 *
 * Callers: cli (`postern check`), through app/check. Never rejects.
 */
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { NextHop } from '../next-hop.js';
import { openClient, type TlsChoice } from './open-client.js';
import { oneLine } from './reply.js';
import { DEFAULT_TIMEOUTS } from './timeouts.js';

export type ProbeOutcome =
  | { readonly status: 'answers' }
  | { readonly status: 'silent'; readonly reason: string };

export interface ProbeOptions {
  readonly hop: NextHop;
  readonly hostname: string;
  readonly tls: TlsChoice;
  readonly clock: Clock;
}

/** Somebody waits in front of a terminal. */
const PATIENCE_MS = 5000;

export async function probeNextHop(options: ProbeOptions): Promise<ProbeOutcome> {
  const timeouts = {
    ...DEFAULT_TIMEOUTS,
    connect: PATIENCE_MS,
    greeting: PATIENCE_MS / 2,
    command: PATIENCE_MS / 2,
  };
  try {
    const client = await openClient({ ...options, timeouts }, new AbortController().signal);
    await client.leave(PATIENCE_MS);
    return { status: 'answers' };
  } catch (error) {
    return { status: 'silent', reason: oneLine(messageOf(error)) };
  }
}
