/**
 * What the engine needs to read signatures, on a literal zone.
 *
 *     startEngine({ deps: { signatures: readSignatures({ 's._domainkey.example.org TXT': [...] }) } })
 */
import { createKeyCache } from '../../src/checks/signatures/key-cache.js';
import { MessageSignatures } from '../../src/checks/signatures/message-signatures.js';
import type { Clock } from '../../src/core/clock.js';
import type { EngineDeps } from '../../src/engine/ports.js';
import { createFakeClock } from './fake-clock.js';
import { createFakeResolver } from './fake-resolver.js';

type Zone = Parameters<typeof createFakeResolver>[0];

export function readSignatures(zone: Zone = {}, clock: Clock = createFakeClock()): EngineDeps['signatures'] {
  const deps = { resolver: createFakeResolver(zone), clock, keys: createKeyCache({ clock }) };
  return (header) => MessageSignatures.begin(deps, header);
}
