/**
 * A session without a wire, for tests that call stages directly.
 */
import { silentLogger } from '../../src/core/log.js';
import type { EngineDeps } from '../../src/engine/ports.js';
import { openSession } from '../../src/engine/session/open-session.js';
import type { Session, SessionStart } from '../../src/engine/session/session.js';
import {
  DEFAULT_LIMITS,
  DEFAULT_LISTENER,
  type EngineLimits,
  type ListenerSettings,
} from '../../src/engine/settings.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';
import { createFakeIntake } from './fake-intake.js';
import { createFakePolicies, type FakePolicies } from './fake-policies.js';
import { type FactRecorder, recordFacts } from './queue-samples.js';
import { readSignatures } from './read-signatures.js';
import { testAuthenticator, type TestUsers } from './test-users.js';

export interface BareOptions {
  readonly listener?: Partial<ListenerSettings>;
  readonly limits?: Partial<EngineLimits>;
  readonly users?: TestUsers;
  readonly start?: Partial<SessionStart>;
  readonly deps?: Partial<EngineDeps>;
}

export interface BareSession {
  readonly session: Session;
  readonly clock: FakeClock;
  readonly policies: FakePolicies;
  /** `auth.succeeded` and `auth.failed`. */
  readonly facts: FactRecorder;
}

export function bareSession(options: BareOptions = {}): BareSession {
  const clock = createFakeClock();
  const policies = createFakePolicies();
  const recorder = recordFacts(['auth.succeeded', 'auth.failed']);
  const { facts } = recorder;
  const deps: EngineDeps = {
    policies,
    intake: createFakeIntake(),
    signatures: readSignatures({}, clock),
    clock,
    log: silentLogger,
    facts,
    sessionIds: () => 'next',
    authenticator: options.users && testAuthenticator(options.users, clock, facts),
    ...options.deps,
  };
  const listener: ListenerSettings = { ...DEFAULT_LISTENER, name: 'test', port: 0, ...options.listener };
  const session = openSession(deps, {
    id: 's1',
    listener,
    settings: {
      listeners: [listener],
      hostname: 'mx.test',
      authservId: 'mx.test',
      addAuthenticationResults: true,
      localDomains: ['here.example'],
      outbound: true,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      initialValues: {},
    },
    peer: { remoteIp: '192.0.2.7', remotePort: 40_000, localIp: '192.0.2.25', localPort: 25 },
    ...options.start,
  });
  return { session, clock, policies, facts: recorder };
}
