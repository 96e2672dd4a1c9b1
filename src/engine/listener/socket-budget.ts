/**
 * How many sockets all listeners together may hold, so that the process never runs out of file
 * descriptors: those that are left belong to the queue, to delivery and to DNS.
 *
 * A session is counted elsewhere, and ends before its socket does: one that was refused waits for
 * the client to close its side. Sockets count here from the moment they are accepted to their end.
 * One too many is told so and let go in the same moment, without waiting for its client; were it
 * kept only until the next turn of the loop, a burst could take every descriptor there is, and
 * the system would drop the rest of it without a word.
 *
 * Callers: listener/server.ts, for each accepted socket before anything else.
 */
import type { Socket } from 'node:net';
import { formatReply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';

export interface SocketBudget {
  /** Whether the socket is within the budget; one that is not has been answered 421 and closed. */
  take(socket: Socket, isImplicit: boolean): boolean;
  /** Sockets held now. */
  readonly held: number;
}

const TOO_MANY = formatReply(REPLIES.tooManyConnections);

export function createSocketBudget(most: number): SocketBudget {
  let held = 0;
  return {
    take(socket, isImplicit) {
      if (held >= most) {
        // What fits the socket's empty buffer is written before `write` returns.
        socket.on('error', () => {
          // It has gone already; there is nobody to tell and nothing to keep.
        });
        // Where a handshake comes first, words in clear would only puzzle the client.
        if (!isImplicit) socket.write(TOO_MANY, 'latin1');
        socket.destroy();
        return false;
      }
      held += 1;
      socket.once('close', () => {
        held -= 1;
      });
      return true;
    },
    get held() {
      return held;
    },
  };
}
