/**
 * How many sessions a listener may have, in all and from one address.
 *
 * Callers: conversation.ts enters and leaves. The map holds only addresses with an open session.
 */
import type { ListenerSettings } from '../settings.js';

export type AdmissionLimits = Pick<ListenerSettings, 'maxConnections' | 'maxConnectionsPerAddress'>;

export type Admitted = 'admitted' | 'too-many' | 'too-many-from-address';

export interface Admission {
  enter(address: string, limits: AdmissionLimits): Admitted;
  /** Gives back what `enter` admitted. */
  leave(address: string): void;
}

export function createAdmission(): Admission {
  const byAddress = new Map<string, number>();
  let total = 0;
  return {
    enter(address, limits) {
      const here = byAddress.get(address) ?? 0;
      if (total >= limits.maxConnections) return 'too-many';
      if (here >= limits.maxConnectionsPerAddress) return 'too-many-from-address';
      total += 1;
      byAddress.set(address, here + 1);
      return 'admitted';
    },
    leave(address) {
      const here = byAddress.get(address) ?? 0;
      if (here === 0) return;
      total -= 1;
      if (here === 1) byAddress.delete(address);
      else byAddress.set(address, here - 1);
    },
  };
}
