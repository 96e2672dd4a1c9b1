/**
 * The body of a message, piece by piece: to the policies that listen, then to the queue.
 *
 * The client is read no further until both have taken the piece. Where no policy listens to
 * onBodyChunk the event costs one question per piece. Small pieces are gathered first, or a client
 * that sends octet by octet would buy a run of every policy with each of them.
 *
 * Callers: stages/data, after the header is complete.
 */
import { type Soon, soon } from '../../core/soon.js';
import type { Incoming } from '../session/incoming.js';
import { runStage } from './run-stage.js';

/** Octets of the smallest piece that is handed on, but for the last. */
const LEAST_PIECE = 16_384;

export function receiveBody(incoming: Incoming, piece: Buffer): Soon<void> {
  if (piece.length === 0 || !incoming.isOpen) return;
  const { gathered } = incoming;
  if (gathered.length === 0 && piece.length >= LEAST_PIECE) return handOn(incoming, piece);
  gathered.add(piece);
  return gathered.length < LEAST_PIECE ? undefined : handOn(incoming, gathered.take());
}

/** The body is over: hands on what was gathered last. */
export function completeBody(incoming: Incoming): Soon<void> {
  const hasMore = incoming.isOpen && incoming.gathered.length > 0;
  return hasMore ? handOn(incoming, incoming.gathered.take()) : undefined;
}

function handOn(incoming: Incoming, piece: Buffer): Soon<void> {
  const { session } = incoming;
  // First of all, because the octets belong to the sink once it has them.
  incoming.signatures?.update(piece);
  incoming.bodyHash?.update(piece);
  if (!session.policies.hears('onBodyChunk')) return incoming.sink?.write(piece);
  const ran = runStage('onBodyChunk', session, () => ({
    headers: incoming.header,
    recipients: incoming.transaction.addresses,
    chunk: piece,
  }));
  return soon(ran, ({ outcome, refusal }) => {
    if (refusal) incoming.refuse(refusal);
    else if (outcome.action === 'discard') incoming.discard(outcome.decidedBy);
    return incoming.sink?.write(piece);
  });
}
