/**
 * Authentication-Results on the way in: none that pretends to be ours, and one of ours (RFC 8601 §5).
 *
 * A reader believes the field by the name in it, so one that came from outside under our name is
 * taken out before the policies see the header. Mail servers that hand over to us, by LMTP or from a
 * trusted network, may have written it with good reason and are believed.
 *
 * Callers: stages/headers, engine/accept.
 */
import type { HeaderBlock } from '../../message/header-block.js';
import { AUTHENTICATION_RESULTS, formatAuthenticationResults } from '../../message/authentication-results.js';
import { removeForged } from '../../message/authserv-id.js';
import type { Session } from '../session/session.js';

/** The header without fields that claim to be ours and are not. */
export function withoutForged(session: Session, header: HeaderBlock): HeaderBlock {
  if (session.isTrusted || session.listener.kind === 'lmtp') return header;
  const cleaned = removeForged(header, session.settings.authservId);
  if (cleaned.removed > 0) {
    session.policies.note({
      at: 'header',
      reason: 'forged-authentication-results',
      text: `${cleaned.removed} Authentication-Results in our name removed`,
    });
    session.deps.facts.publish('header.forged', { session: session.id, removed: cleaned.removed });
  }
  return cleaned.header;
}

/** The header with a field that tells what was checked, if anything was. */
export function withFindings(session: Session, header: HeaderBlock): HeaderBlock {
  const { addAuthenticationResults, authservId } = session.settings;
  const found = session.policies.findings();
  if (!addAuthenticationResults || found.length === 0) return header;
  const utf8 = session.transaction?.parameters.smtpUtf8 === true;
  return header.prepend(AUTHENTICATION_RESULTS, formatAuthenticationResults(authservId, found, { utf8 }));
}
