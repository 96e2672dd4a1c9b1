/**
 * The PLAIN mechanism (RFC 4616 §2): one message, `authzid NUL authcid NUL password`.
 *
 * The identity to act as (authzid) is empty or the user itself; nobody acts for somebody else.
 *
 * Callers: sasl/mechanisms. Failures are steps, never errors.
 */
import { normalizeText, passwordFault } from '../user-text.js';
import { challenge, failed, type SaslExchange, type SaslStep } from './exchange.js';
import { isClaimedName } from './claimed-name.js';
import { readInitialResponse, readResponse, type ResponseReading } from './response.js';

function take(reading: ResponseReading): SaslStep {
  if (reading.status !== 'ok') return reading;
  const [authzid = '', user = '', password, ...more] = reading.text.split('\0', 4);
  if (password === undefined || more.length > 0) return failed('malformed');
  if (!isClaimedName(user) || passwordFault(password) !== undefined) return failed('malformed');
  if (authzid !== '' && normalizeText(authzid) !== normalizeText(user)) return failed('otherIdentity');
  return { status: 'credentials', credentials: { mechanism: 'PLAIN', user, password } };
}

export function createPlainExchange(): SaslExchange {
  return {
    start(initialResponse) {
      return initialResponse === undefined ? challenge('') : take(readInitialResponse(initialResponse));
    },
    next: (line) => take(readResponse(line)),
  };
}
