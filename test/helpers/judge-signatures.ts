/**
 * What comes out for a whole message on a literal zone, the message cut into pieces if wanted.
 *
 *     const { dkim } = await judge(message, { 's._domainkey.example.org TXT': ['v=DKIM1; p=...'] });
 */
import type { Verified } from '../../src/checks/signatures/verified.js';
import { createKeyCache } from '../../src/checks/signatures/key-cache.js';
import { MessageSignatures } from '../../src/checks/signatures/message-signatures.js';
import type { Clock } from '../../src/core/clock.js';
import { parseHeader } from '../../src/message/header-block.js';
import { createFakeClock } from './fake-clock.js';
import { createFakeResolver, type FakeResolver } from './fake-resolver.js';

export type Zone = NonNullable<Parameters<typeof createFakeResolver>[0]>;

export interface JudgeOptions {
  readonly clock?: Clock;
  readonly resolver?: FakeResolver;
  readonly deadlineMs?: number;
  /** Octets of each piece of the body. Default: one piece. */
  readonly piece?: number;
}

const BLANK_LINE = '\r\n\r\n';

export async function judge(
  message: string | Buffer,
  zone: Zone = {},
  options: JudgeOptions = {},
): Promise<Verified> {
  const octets = Buffer.isBuffer(message) ? message : Buffer.from(message, 'latin1');
  const { clock = createFakeClock(), resolver = createFakeResolver(zone), deadlineMs } = options;
  const end = octets.indexOf(BLANK_LINE);
  const { header } = parseHeader(end < 0 ? octets : octets.subarray(0, end + 2));
  const deps = { clock, resolver, keys: createKeyCache({ clock }), ...(deadlineMs && { deadlineMs }) };
  const signatures = await MessageSignatures.begin(deps, header);
  const body = end < 0 ? Buffer.alloc(0) : octets.subarray(end + BLANK_LINE.length);
  const { piece = Math.max(1, body.length) } = options;
  for (let at = 0; at < body.length; at += piece) signatures.update(body.subarray(at, at + piece));
  return await signatures.verify();
}
