/**
 * Makes the session of a client, with the policies' view of it.
 *
 * Callers: engine.ts for an accepted connection, stages/xclient.ts when a relay tells that it
 * speaks for another client. The policies in force at this moment stay with the session.
 */
import type { EngineDeps } from '../ports.js';
import { Session, type SessionStart } from './session.js';
import { isTrusted } from './trusted.js';

export function openSession(deps: EngineDeps, start: SessionStart): Session {
  const { listener, peer } = start;
  const policies = deps.policies.openSession({
    id: start.id,
    listener: listener.name,
    remoteIp: peer.remoteIp,
    initial: start.settings.initialValues,
    isVouchedFor: listener.kind === 'lmtp' || isTrusted(peer.remoteIp, listener.trustedNetworks),
  });
  return new Session(start, policies, deps);
}
