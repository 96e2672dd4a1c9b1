/**
 * Makes the session of a client, with the policies' view of it.
 *
 * Callers: engine.ts for an accepted connection, stages/xclient.ts when a relay tells that it
 * speaks for another client. The policies in force at this moment stay with the session.
 */
import type { EngineDeps } from '../ports.js';
import { Session, type SessionStart } from './session.js';

export function openSession(deps: EngineDeps, start: SessionStart): Session {
  const policies = deps.policies.openSession({
    id: start.id,
    listener: start.listener.name,
    remoteIp: start.peer.remoteIp,
    initial: start.settings.initialValues,
    isVouchedFor: () => session.isTrusted || start.listener.kind === 'lmtp',
  });
  const session = new Session(start, policies, deps);
  return session;
}
