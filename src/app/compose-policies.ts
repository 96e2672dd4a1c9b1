/**
 * Puts the policy side together: resolver, checks, methods, and the policies that use them.
 *
 * Callers: app/postern. Rejects with PolicyLoadError when the first set does not load.
 */
import type { GreylistStore } from '../checks/greylist.js';
import type { RateStore } from '../checks/rate.js';
import { createKeyCache } from '../checks/signatures/key-cache.js';
import { MessageSignatures } from '../checks/signatures/message-signatures.js';
import type { KeyRing } from '../checks/signatures/signing-key.js';
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { Soon } from '../core/soon.js';
import { createMethods } from '../hooks/methods/index.js';
import type { Runtime } from '../hooks/runtime.js';
import type { TraceSink } from '../hooks/trace.js';
import type { HeaderBlock } from '../message/header-block.js';
import { createMimeParser } from '../message/mime/parser.js';
import { composeGeo } from './compose-geo.js';
import type { LiveSettings } from './compose-settings.js';
import { type PolicyOptions, startPolicies } from './live-policies.js';
import { openResolver } from './open-resolver.js';
import type { Teardown } from './teardown.js';

export interface PolicyDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly traces: TraceSink;
  readonly admin: LiveSettings;
  /** Where the checks remember: the queue's store. */
  readonly store: GreylistStore & RateStore;
  /** Keys with which messages can be signed; undefined: there are none. */
  readonly signingKeys: (() => KeyRing) | undefined;
}

export interface Policies {
  readonly runtime: Runtime;
  /** Reads the signatures of a message; never rejects. */
  readonly signatures: (header: HeaderBlock) => Soon<MessageSignatures>;
  reload(): Promise<'loaded' | 'kept'>;
}

export async function composePolicies(
  options: PolicyOptions,
  deps: PolicyDeps,
  teardown: Teardown,
): Promise<Policies> {
  const { config } = options;
  const { clock, facts, store } = deps;
  const resolver = openResolver(config, clock);
  teardown.add('resolver', () => {
    resolver.close();
  });
  const databases = await composeGeo(config, deps, teardown);
  const methods = createMethods({
    resolver,
    clock,
    facts,
    store,
    hostname: config.hostname,
    ...(deps.signingKeys && { signingKeys: deps.signingKeys }),
    ...databases,
  });

  const mime = createMimeParser({ clock });
  teardown.add('MIME parser', () => mime.close());

  const live = await startPolicies(options, { ...deps, resolver, methods, mime }, teardown);
  const signing = { resolver, clock, keys: createKeyCache({ clock }) };
  const signatures = (header: HeaderBlock): Soon<MessageSignatures> =>
    MessageSignatures.begin(signing, header);
  return { ...live, signatures };
}
