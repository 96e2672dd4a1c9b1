/**
 * A Resolver that never answers. It waits as implementations do: with the asker's signal in hand,
 * which for some askers is what begins their deadline.
 */
import type { ResolveOptions, Resolver } from '../../src/dns/resolver.js';

export const silentResolver: Resolver = {
  resolve(_name: string, _type: string, options?: ResolveOptions): Promise<never> {
    const signal = options?.signal;
    return new Promise<never>(() => signal);
  },
  close: () => undefined,
};
