/**
 * The body of a message, piece by piece: to the policies that listen, then to the queue.
 *
 * The client is read no further until both have taken the piece. Where no policy listens to
 * onBodyChunk the event costs one question per piece.
 *
 * Callers: stages/data, after the header is complete.
 */
import type { Incoming } from '../session/incoming.js';
import { runStage } from './run-stage.js';

export async function receiveBody(incoming: Incoming, piece: Buffer): Promise<void> {
  if (piece.length === 0 || !incoming.isOpen) return;
  const { session } = incoming;
  if (session.policies.hears('onBodyChunk')) {
    const { outcome, refusal } = await runStage('onBodyChunk', session, {
      ...(incoming.header ? { headers: incoming.header } : {}),
      recipients: incoming.transaction.addresses,
      chunk: piece,
    });
    if (refusal) incoming.refuse(refusal);
    else if (outcome.action === 'discard') incoming.discard(outcome.decidedBy);
  }
  // A promise only where the queue asks for time: most pieces are taken at once.
  const taken = incoming.sink?.write(piece);
  if (taken) await taken;
}
