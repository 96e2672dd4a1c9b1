/**
 * A Resolver that never answers. It waits as implementations do: with the asker's signal in hand,
 * which for some askers is what begins their deadline, and gives up when that aborts.
 */
import type { DnsOutcome, ResolveOptions, Resolver } from '../../src/dns/resolver.js';

const GONE: DnsOutcome<never> = { status: 'tempFail', trouble: 'aborted', detail: 'the asker has gone' };

export const silentResolver: Resolver = {
  resolve(_name: string, _type: string, options?: ResolveOptions): Promise<DnsOutcome<never>> {
    const signal = options?.signal;
    return new Promise((resolve) => {
      const leave = (): void => {
        resolve(GONE);
      };
      if (signal?.aborted) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    });
  },
  close: () => undefined,
};
