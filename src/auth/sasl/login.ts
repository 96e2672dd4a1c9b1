/**
 * The LOGIN mechanism: the server asks for the name, then for the password.
 *
 * It was never made a standard, but many programs know nothing else. The prompts are the ones
 * that all of them accept; a name may come with the command already, as for PLAIN.
 *
 * Callers: sasl/mechanisms. Failures are steps, never errors.
 */
import { passwordFault } from '../user-text.js';
import { isClaimedName } from './claimed-name.js';
import { challenge, failed, type SaslExchange, type SaslStep } from './exchange.js';
import { readInitialResponse, readResponse, type ResponseReading } from './response.js';

export function createLoginExchange(): SaslExchange {
  let user: string | undefined;

  function takeName(reading: ResponseReading): SaslStep {
    if (reading.status !== 'ok') return reading;
    if (!isClaimedName(reading.text)) return failed('malformed');
    user = reading.text;
    return challenge('Password:');
  }

  function takePassword(reading: ResponseReading, name: string): SaslStep {
    if (reading.status !== 'ok') return reading;
    const password = reading.text;
    if (passwordFault(password) !== undefined) return failed('malformed');
    return { status: 'credentials', credentials: { mechanism: 'LOGIN', user: name, password } };
  }

  return {
    start(initialResponse) {
      if (initialResponse === undefined) return challenge('Username:');
      return takeName(readInitialResponse(initialResponse));
    },
    next(line) {
      const reading = readResponse(line);
      return user === undefined ? takeName(reading) : takePassword(reading, user);
    },
  };
}
