/**
 * The certificates of all listeners, read at the start and watched from then on.
 *
 * Callers: app/postern. Rejects with ERR_TLS_CERTIFICATE when a pair cannot be used at the start;
 * later changes are told by the facts `tls.*`.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import { createTlsContexts, type TlsContexts } from '../engine/listener/tls-contexts.js';
import type { Config } from './config-types.js';
import type { Teardown } from './teardown.js';
import { certificateFiles } from './tls-files.js';

/** Nothing without `tls.certificate`: then no listener has TLS. */
export async function composeTls(
  { tls }: Config,
  deps: { readonly clock: Clock; readonly facts: FactBus },
  teardown: Teardown,
): Promise<TlsContexts | undefined> {
  if (tls.certificate === '') return undefined;
  const contexts = await createTlsContexts(tls, { ...deps, files: certificateFiles });
  teardown.add('certificates', () => {
    contexts.close();
  });
  return contexts;
}
