/**
 * The PLAIN mechanism (RFC 4616 §2): one message, `authzid NUL authcid NUL password`.
 *
 * The identity to act as (authzid) is empty or the user itself; nobody acts for somebody else. Who
 * tries is told what a wrong password is told, and it counts as one, so the authenticator has to see it.
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
  const isForOther = authzid !== '' && normalizeText(authzid) !== normalizeText(user);
  const credentials = { mechanism: 'PLAIN', user, password } as const;
  return { status: 'credentials', credentials: isForOther ? { ...credentials, isForOther } : credentials };
}

export function createPlainExchange(): SaslExchange {
  return {
    start(initialResponse) {
      return initialResponse === undefined ? challenge('') : take(readInitialResponse(initialResponse));
    },
    next: (line) => take(readResponse(line)),
  };
}
