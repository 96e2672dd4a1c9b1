/**
 * The extensions that a session is offered at this moment: the keywords of EHLO and LHLO.
 *
 * What is listed holds, and what is not listed is refused: the parameters of MAIL and RCPT go by
 * the same list. Policies may switch extensions off; three rules stand above their switches.
 * SMTPUTF8 and BINARYMIME need an 8-bit path, so both go with 8BITMIME (RFC 6531 §3.1). LMTP without
 * PIPELINING is none (RFC 2033 §5), so there it stays. REQUIRETLS is offered over TLS only
 * (RFC 8689 §2).
 *
 * Callers: stages/ehlo.
 */
import type { VariableName } from '../../hooks/table/index.js';
import { XCLIENT_ATTRIBUTES, XFORWARD_ATTRIBUTES } from '../../smtp/xclient.js';
import type { Extension, Session } from '../session/session.js';
import { authOffer } from './auth-offer.js';
import { maxDataOctets, maxRecipients } from './limits.js';
import { offersTls } from './starttls.js';

/** The keyword and its parameters. */
export type Offer = readonly [keyword: Extension, ...parameters: readonly (string | number)[]];

/** Whether the policies left an extension on. */
function allows(session: Session, name: VariableName): boolean {
  return (session.policies.value(name) ?? 'yes') === 'yes';
}

function contentOffers(session: Session): Offer[] {
  const size = maxDataOctets(session);
  const isEightBit = allows(session, 'allow8BitMime');
  return [
    // RFC 1870 §4: 0 would say that there is no limit.
    size > 0 ? ['SIZE', size] : ['SIZE'],
    ...(isEightBit ? ([['8BITMIME'], ['SMTPUTF8']] as const) : []),
    ...(allows(session, 'allowDSN') ? ([['DSN']] as const) : []),
    ['CHUNKING'],
    ...(isEightBit && allows(session, 'allowBinaryData') ? ([['BINARYMIME']] as const) : []),
  ];
}

function securityOffers(session: Session): Offer[] {
  const auth = session.authUser === '' ? authOffer(session) : undefined;
  const mechanisms = auth?.status === 'offered' ? auth.mechanisms : [];
  return [
    ...(offersTls(session) ? ([['STARTTLS']] as const) : []),
    ...(mechanisms.length > 0 ? ([['AUTH', ...mechanisms]] as const) : []),
    ...(session.secure ? ([['REQUIRETLS']] as const) : []),
  ];
}

/** What a trusted relay may tell; see the README files of Postfix. */
function relayOffers(session: Session): Offer[] {
  if (!session.mayXclient) return [];
  return [
    ['XCLIENT', ...XCLIENT_ATTRIBUTES],
    ['XFORWARD', ...XFORWARD_ATTRIBUTES],
  ];
}

export function offersTo(session: Session): Offer[] {
  const isPipelined = session.listener.kind === 'lmtp' || allows(session, 'allowPipelining');
  const recipients = maxRecipients(session);
  return [
    ...(isPipelined ? ([['PIPELINING']] as const) : []),
    ...contentOffers(session),
    ...securityOffers(session),
    // RFC 9422 §4: a limit is never 0; a session that takes no recipient at all names none.
    ...(recipients > 0 ? ([['LIMITS', `RCPTMAX=${recipients}`]] as const) : []),
    ...relayOffers(session),
    ['ENHANCEDSTATUSCODES'],
  ];
}
