/**
 * Whether a client may log in, and by which mechanisms.
 *
 * EHLO lists what AUTH accepts and nothing else, so both ask here. Mechanisms are asked anew each
 * time: CRAM-MD5 comes and goes with the users that have a plain secret.
 *
 * Callers: stages/extensions, stages/help, stages/auth.
 */
import type { Authenticator } from '../../auth/authenticator.js';
import type { Mechanism } from '../../auth/sasl/exchange.js';
import type { Session } from '../session/session.js';

export type AuthOffer =
  | {
      readonly status: 'offered';
      readonly authenticator: Authenticator;
      readonly mechanisms: readonly Mechanism[];
    }
  /** Only over an encrypted connection. */
  | { readonly status: 'needs-tls' }
  | { readonly status: 'never' };

export function authOffer({ deps, listener, secure }: Session): AuthOffer {
  const { authenticator } = deps;
  if (!authenticator || listener.auth === 'never') return { status: 'never' };
  if (!secure && !listener.authInClear) return { status: 'needs-tls' };
  return { status: 'offered', authenticator, mechanisms: authenticator.mechanisms() };
}
