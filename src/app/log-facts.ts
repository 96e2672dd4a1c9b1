/**
 * Facts that an operator wants to read, one log line each.
 *
 * Which fact is worth a line, and at which level, is decided here and nowhere else. Every line
 * about mail carries the session or queue id, by which `postern explain` finds the rest.
 *
 * Callers: app/compose, once per process.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus, FactMap, FactName } from '../core/facts.js';
import { type Logger, silentLogger } from '../core/log.js';
import { logTroubles } from './log-troubles.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

const LINES: { readonly [N in FactName]?: readonly [Level, string] } = {
  'engine.stopped': ['info', 'stopped'],
  'session.opened': ['debug', 'session opened'],
  'session.closed': ['debug', 'session closed'],
  'auth.succeeded': ['info', 'user logged in'],
  'auth.failed': ['warn', 'login failed'],
  'policy.failed': ['warn', 'a policy failed'],
  'policy.blocked': ['error', 'a policy held the main thread in a loop'],
  'policy.disabled': ['error', 'a policy is disabled'],
  'policies.loaded': ['info', 'policies loaded'],
  'policies.kept': ['error', 'changed policies do not load; the previous ones stay in force'],
  'message.queued': ['info', 'message accepted'],
  'message.signed': ['debug', 'message signed'],
  'message.refused': ['info', 'message refused'],
  'message.discarded': ['info', 'message discarded'],
  'recipient.delivered': ['info', 'delivered'],
  'recipient.deferred': ['warn', 'delivery deferred'],
  'recipient.failed': ['error', 'delivery failed'],
  'queue.recovered': ['info', 'queue opened'],
  'queue.trouble': ['error', 'queue trouble'],
  'header.forged': ['debug', 'header fields in our name taken out'],
  'tls.failed': ['info', 'a TLS handshake failed'],
  'tls.loaded': ['info', 'certificate loaded'],
  'tls.kept': ['error', 'changed certificate files cannot be used; the previous certificate stays in force'],
  'tls.expiring': ['warn', 'a certificate is about to expire, or has'],
  'settings.loaded': ['info', 'settings file loaded'],
  'settings.kept': ['error', 'the changed settings file cannot be used; the previous settings stay in force'],
  'geoip.loaded': ['info', 'GeoIP database loaded'],
  'geoip.kept': ['error', 'a GeoIP database cannot be used; the one before it, if any, stays in force'],
  'geoip.damaged': ['error', 'a GeoIP database is damaged; some addresses are not found'],
  'setting.ignored': ['warn', 'a setting has no effect'],
};

/** Times to the microsecond; what is finer is noise. */
function readable(body: FactMap[FactName]): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    shown[key] = typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  }
  return shown;
}

export function logFacts(facts: FactBus, log: Logger, clock: Clock): void {
  // Nobody reads, so nothing has to be made readable.
  if (log === silentLogger) return;
  for (const name of Object.keys(LINES) as FactName[]) {
    const line = LINES[name];
    if (line === undefined) continue;
    const [level, text] = line;
    facts.subscribe(name, (body: FactMap[FactName]) => {
      log[level](text, readable(body));
    });
  }
  logTroubles(facts, log, clock);
}
