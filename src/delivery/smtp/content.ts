/**
 * Header and body of an entry on a connection that waits for them: after 354, or as one BDAT chunk.
 *
 * Octets come from the queue piece by piece and go no faster than the peer takes them, so that no
 * message is in memory as a whole. With DATA the stuffer guards the end of the message; with
 * BDAT (RFC 3030 §2) the size was announced, and a body of another size ends the connection.
 *
 * Callers: delivery/smtp/transaction. Rejects when the connection or the body fails; the
 * connection must not be used again then, because the peer waits for the rest.
 */
import type { QueueEntry } from '../../queue/entry.js';
import type { NextHopClient } from './client.js';
import { createDotStuffer } from './dot-stuffer.js';
import type { Timeouts } from './timeouts.js';

/** Many tiny pieces cost more than a copy. */
const MOST_PIECES = 16;
/** Pieces larger than this are handed on in parts, so that the peer's pace is felt. */
const MOST_OCTETS = 65_536;

function joined(pieces: readonly Buffer[]): readonly Buffer[] {
  return pieces.length > MOST_PIECES ? [Buffer.concat(pieces)] : pieces;
}

function* parts(octets: Buffer): Generator<Buffer> {
  for (let at = 0; at < octets.length; at += MOST_OCTETS) yield octets.subarray(at, at + MOST_OCTETS);
}

async function* contentOf({ header, body }: QueueEntry): AsyncGenerator<Buffer> {
  yield* parts(header);
  for await (const piece of body.stream()) yield* parts(piece);
}

export interface ContentPlan {
  readonly client: NextHopClient;
  readonly entry: QueueEntry;
  readonly timeouts: Timeouts;
  /** Whether the peer has answered already, so that nobody wants the rest. */
  readonly isAnswered: () => boolean;
  /** Called before the last octets are handed over; an answer from then on may be meant for the whole. */
  readonly onEnding: () => void;
}

/** Writes the content with dots doubled, and its end. */
export async function writeStuffed(plan: ContentPlan): Promise<void> {
  const { client, entry, timeouts, isAnswered, onEnding } = plan;
  const stuffer = createDotStuffer();
  for await (const piece of contentOf(entry)) {
    if (isAnswered()) return;
    await client.write(joined(stuffer.push(piece)), timeouts.dataBlock);
  }
  if (isAnswered()) return;
  onEnding();
  await client.write([stuffer.end()], timeouts.dataBlock);
}

/** Writes the content as it is, behind a BDAT command with its size. */
export async function writeChunk(plan: ContentPlan): Promise<void> {
  const { client, entry, timeouts, isAnswered, onEnding } = plan;
  const announced = entry.header.length + entry.body.size;
  await client.write([Buffer.from(`BDAT ${announced} LAST\r\n`)], timeouts.dataBlock);
  let size = 0;
  for await (const piece of contentOf(entry)) {
    if (isAnswered()) return;
    size += piece.length;
    if (size > announced) break;
    if (size === announced) onEnding();
    await client.write([piece], timeouts.dataBlock);
  }
  if (size !== announced)
    throw new Error(`the body does not hold the ${announced} octets that were announced`);
}
