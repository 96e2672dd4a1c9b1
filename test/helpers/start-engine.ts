/**
 * The real inbound engine on a free loopback port, with doubles around it.
 */
import { createSecureContext } from 'node:tls';
import { type Clock, systemClock } from '../../src/core/clock.js';
import { createFactBus, type Fact, type FactName } from '../../src/core/facts.js';
import { createSessionIds } from '../../src/core/ids.js';
import { type Logger, silentLogger } from '../../src/core/log.js';
import { createSmtpEngine, type SmtpEngine } from '../../src/engine/engine.js';
import type { SigningPort, TlsPort } from '../../src/engine/ports.js';
import {
  DEFAULT_LIMITS,
  DEFAULT_LISTENER,
  type EngineLimits,
  type EngineSettings,
  type ListenerSettings,
} from '../../src/engine/settings.js';
import { makeCertificate } from './certificates.js';
import { createFakeIntake, type FakeIntake } from './fake-intake.js';
import { createFakePolicies, type FakeHandlers, type FakePolicies } from './fake-policies.js';
import { connectPeer, type SmtpPeer } from './smtp-peer.js';
import { readSignatures } from './read-signatures.js';
import { testAuthenticator, type TestUsers } from './test-users.js';

export interface EngineOptions {
  readonly handlers?: FakeHandlers;
  readonly settings?: Partial<Omit<EngineSettings, 'listeners' | 'limits'>>;
  readonly limits?: Partial<EngineLimits>;
  readonly listener?: Partial<ListenerSettings>;
  readonly clock?: Clock;
  /** Who can log in, see test-users; without them nobody can. */
  readonly users?: TestUsers;
  /** Whether there is a certificate. */
  readonly tls?: boolean;
  readonly log?: Logger;
  /** Keys to sign with; without them nothing is signed. */
  readonly signing?: SigningPort;
}

/** A self-signed certificate, made once for all engines of a test file. */
let ownTls: TlsPort | undefined;
function testTls(): TlsPort {
  if (ownTls) return ownTls;
  const { certificate, key } = makeCertificate({ names: ['mx.test'] });
  const secureContext = createSecureContext({ cert: certificate, key });
  ownTls = { options: () => ({ isServer: true, secureContext }) };
  return ownTls;
}

export interface RunningEngine {
  readonly engine: SmtpEngine;
  readonly port: number;
  readonly policies: FakePolicies;
  readonly intake: FakeIntake;
  readonly facts: Fact[];
  /** A client that has read the greeting, unless `greeting` is false. */
  client(greeting?: boolean): Promise<SmtpPeer>;
  stop(): Promise<void>;
}

const HEARD: readonly FactName[] = [
  'session.opened',
  'session.closed',
  'command.answered',
  'auth.succeeded',
  'auth.failed',
  'message.queued',
  'message.signed',
  'message.refused',
  'message.discarded',
  'tls.failed',
  'engine.stopped',
];

export async function startEngine(options: EngineOptions = {}): Promise<RunningEngine> {
  const clock = options.clock ?? systemClock;
  const facts: Fact[] = [];
  const bus = createFactBus((error) => {
    throw error;
  });
  for (const name of HEARD) bus.subscribe(name, (body) => facts.push({ name, body } as Fact));
  const policies = createFakePolicies(options.handlers);
  const intake = createFakeIntake();
  const settings: EngineSettings = {
    hostname: 'mx.test',
    authservId: 'mx.test',
    addAuthenticationResults: true,
    localDomains: ['here.example'],
    outbound: true,
    initialValues: {},
    ...options.settings,
    listeners: [{ ...DEFAULT_LISTENER, name: 'test', port: 0, ...options.listener }],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const sessionIds = createSessionIds(clock);
  const authenticator = options.users && testAuthenticator(options.users, clock, bus);
  const tls = options.tls === true ? testTls() : undefined;
  const { log = silentLogger } = options;
  const signatures = readSignatures({}, clock);
  const { signing } = options;
  const own = { authenticator, tls, policies, signatures, signing, intake };
  const deps = { ...own, clock, log, facts: bus, sessionIds };
  const engine = createSmtpEngine(deps, () => settings);
  const [bound] = await engine.start();
  const port = bound?.port ?? 0;
  const peers: SmtpPeer[] = [];
  return {
    engine,
    port,
    policies,
    intake,
    facts,
    async client(greeting = true) {
      const peer = await connectPeer(port);
      peers.push(peer);
      if (greeting) await peer.reply();
      return peer;
    },
    async stop() {
      for (const peer of peers) peer.destroy();
      await engine.stop(1000);
    },
  };
}
