/**
 * XCLIENT (XCLIENT_README of Postfix): a trusted relay tells for which client it speaks.
 *
 * What it tells joins what it told before on this connection. Then the session begins anew, as
 * for an accepted connection: limits, connect policy and greeting are those of the new client. A
 * client whose address the relay does not know has UNKNOWN_ADDRESS, which is trusted nowhere; the
 * relay's own login never passes to the client.
 *
 * Callers: stages/commands. The permission to speak for others stays with the relay.
 */
import { normalizeText, shownName } from '../../auth/user-text.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { parseXclient, type Told, type XclientAttributes } from '../../smtp/xclient.js';
import { openSession } from '../session/open-session.js';
import type { Peer, Session, ToldByRelay } from '../session/session.js';
import { UNKNOWN_ADDRESS } from '../session/trusted.js';
import { type Answer, fault, ok } from './answer.js';

/** Why the client may not say XCLIENT or XFORWARD now. */
export function mayNotSpeak(session: Session): Answer | undefined {
  if (!session.mayXclient) return fault(REPLIES.mayNotSpeakForOthers, 'not-authorized');
  return session.transaction ? fault(REPLIES.nestedMail, 'bad-sequence') : undefined;
}

/** What is told now, else what was there; `unknown` for what the relay says it does not know. */
function merged<T, U>(told: Told<T> | undefined, before: U, unknown: U): T | U {
  if (!told) return before;
  return told.status === 'known' ? told.value : unknown;
}

function peerOf(before: Peer, { addr, port, destaddr, destport }: XclientAttributes): Peer {
  return {
    remoteIp: merged(addr, before.remoteIp, UNKNOWN_ADDRESS),
    remotePort: merged(port, before.remotePort, 0),
    localIp: merged(destaddr, before.localIp, UNKNOWN_ADDRESS),
    localPort: merged(destport, before.localPort, 0),
  };
}

function toldOf(before: ToldByRelay, { name, helo, proto, login }: XclientAttributes): ToldByRelay {
  const user = merged(login, before.login, undefined);
  return {
    name: merged(name, before.name, undefined),
    helo: merged(helo, before.helo, undefined),
    proto: merged(proto, before.proto, undefined),
    login: user === undefined ? undefined : normalizeText(user),
  };
}

/** Each session's trace names the other one. */
function noteBoth(before: Session, { id, peer, authUser, policies }: Session): void {
  const user = authUser === '' ? '' : `, user ${shownName(authUser)}`;
  before.policies.note({
    at: 'XCLIENT',
    reason: 'other-client',
    text: `speaks for ${peer.remoteIp}${user} in session ${id}`,
  });
  policies.note({
    at: 'XCLIENT',
    reason: 'told-by-relay',
    text: `told by ${before.speakerIp} in session ${before.id}`,
  });
}

export function xclient(session: Session, argument: string): Answer {
  const refusal = mayNotSpeak(session);
  if (refusal) return refusal;
  const result = parseXclient(argument);
  if (result.status === 'bad') {
    return fault(reply(501, '5.5.4', `Bad XCLIENT: ${result.attribute} ${result.reason}`), 'syntax');
  }
  const peer = peerOf(session.peer, result.attributes);
  const told = toldOf(session.told, result.attributes);
  const { deps, listener, settings, wireIp, speakerIp, tls } = session;
  return {
    ...ok(REPLIES.forwarded),
    // The greeting of the session that begins is the reply.
    copies: 0,
    next: {
      kind: 'session',
      session(id) {
        const next = openSession(deps, {
          id,
          listener,
          settings,
          peer,
          via: wireIp,
          relay: speakerIp,
          tls,
          told,
        });
        noteBoth(session, next);
        return next;
      },
    },
  };
}
