/**
 * The CRAM-MD5 mechanism (RFC 2195 §2): the server sends a challenge that it never sent before,
 * the client answers with its name and a digest of the challenge keyed by the password.
 *
 * The password does not cross the wire, but the server must hold it in plain; see
 * docs/operations/users.md for what that is worth.
 *
 * Callers: sasl/mechanisms, authenticator. Failures are steps, never errors.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { normalizeText } from '../user-text.js';
import { isClaimedName } from './claimed-name.js';
import { challenge, failed, type SaslExchange, type SaslStep } from './exchange.js';
import { readResponse } from './response.js';

export interface CramDeps {
  readonly clock: Clock;
  /** Name of this server, ASCII; it stands in the challenge. */
  readonly hostname: string;
}

/** Octets of chance in a challenge, so that no answer serves twice. */
const CHANCE_OCTETS = 16;
/** The name may hold blanks, the digest none: the last blank separates. */
const ANSWER = /^(.+) ([0-9a-f]{32})$/su;

export function createCramMd5Exchange({ clock, hostname }: CramDeps): SaslExchange {
  const text = `<${clock.random(CHANCE_OCTETS).toString('hex')}.${Math.floor(clock.now())}@${hostname}>`;

  function take(line: string): SaslStep {
    const reading = readResponse(line);
    if (reading.status !== 'ok') return reading;
    const [, user = '', digest = ''] = ANSWER.exec(reading.text) ?? [];
    if (!isClaimedName(user)) return failed('malformed');
    return {
      status: 'credentials',
      credentials: { mechanism: 'CRAM-MD5', user, challenge: text, digest },
    };
  }

  return {
    // The server speaks first: there is nothing yet that a client could answer.
    start: (initialResponse) => (initialResponse === undefined ? challenge(text) : failed('unexpected')),
    next: take,
  };
}

/** Whether `digest` is the answer to `challengeText` by who knows `secret`; takes the same time for every answer. */
export function isCramAnswer(challengeText: string, secret: string, digest: string): boolean {
  const expected = createHmac('md5', normalizeText(secret)).update(challengeText).digest('hex');
  const given = Buffer.from(digest);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}
