/**
 * How many sessions there may be: in all, on one listener, and from one client on one listener.
 *
 * A client is its IPv4 address or the /64 of its IPv6 address. Each question costs the same
 * whatever is open, and only clients and listeners with an open session are remembered.
 *
 * Callers: engine.ts makes one for all listeners; visit.ts enters and leaves.
 */
import { clientKey } from '../../dns/client-key.js';

/** Who comes, and to which listener. */
export interface Entrant {
  /** Name of the listener. */
  readonly listener: string;
  /** The client's address. */
  readonly address: string;
}

export interface AdmissionLimits {
  /** Sessions at once on all listeners together. */
  readonly inAll: number;
  /** Sessions at once on this listener. */
  readonly onListener: number;
  /** Sessions at once from this client on this listener. */
  readonly fromClient: number;
}

export type Admitted = 'admitted' | 'too-many' | 'too-many-from-address';

export interface Admission {
  enter(entrant: Entrant, limits: AdmissionLimits): Admitted;
  /** Gives back what `enter` admitted; once for each. */
  leave(entrant: Entrant): void;
}

/** Counts by name; what is at zero is forgotten. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, change: 1 | -1): void {
    const count = this.of(name) + change;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }
}

/** No address and no network holds a blank, so no two pairs share a key. */
function keyOf({ listener, address }: Entrant): string {
  return `${clientKey(address)} ${listener}`;
}

export function createAdmission(): Admission {
  const onListeners = new Counts();
  const fromClients = new Counts();
  let inAll = 0;
  return {
    enter(entrant, limits) {
      const key = keyOf(entrant);
      if (inAll >= limits.inAll || onListeners.of(entrant.listener) >= limits.onListener) return 'too-many';
      if (fromClients.of(key) >= limits.fromClient) return 'too-many-from-address';
      inAll += 1;
      onListeners.add(entrant.listener, 1);
      fromClients.add(key, 1);
      return 'admitted';
    },
    leave(entrant) {
      const key = keyOf(entrant);
      // Giving back what was never taken would let others in above the limits.
      if (fromClients.of(key) === 0) return;
      inAll -= 1;
      onListeners.add(entrant.listener, -1);
      fromClients.add(key, -1);
    },
  };
}
