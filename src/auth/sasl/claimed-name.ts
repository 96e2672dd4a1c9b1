/**
 * What a client may call itself.
 *
 * Wider than what the users file takes: a name that no user can have is a wrong name, which costs
 * and tells the same as a wrong password. Only what no text should hold is refused here.
 *
 * Callers: the mechanisms.
 */
import { LONGEST_NAME } from '../user-text.js';

export function isClaimedName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= LONGEST_NAME && !/\p{Cc}/u.test(name);
}
