/**
 * The header of a message: complete, cut into fields, shown to the policies before any of the body.
 *
 * Callers: stages/data. What the client sent in place of a header, or right behind it without a
 * blank line, is the beginning of the body and is handed back.
 */
import { type Soon, soon } from '../../core/soon.js';
import type { HeaderAccess } from '../../hooks/ports.js';
import { type HeaderBlock, parseHeader } from '../../message/header-block.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Incoming } from '../session/incoming.js';
import { refuse } from './answer.js';
import { withoutForged } from './authentication-results.js';
import { completeHeader } from './complete-header.js';
import { applyRecipients } from './recipient-edits.js';
import { runStage } from './run-stage.js';
import { beginSigning } from './signing.js';

/** The runtime gives back a block made by `apply`, so it is one of ours. */
function isBlock(headers: HeaderAccess | undefined): headers is HeaderBlock {
  return headers !== undefined && 'toBuffer' in headers && 'prepend' in headers;
}

/** Takes the octets of the header without its blank line; gives what of them is body. */
export function receiveHeader(incoming: Incoming, octets: Buffer): Soon<Buffer> {
  const { session } = incoming;
  const { header, body } = parseHeader(octets);
  if (header.fields.length > session.settings.limits.maxHeaderFields) {
    incoming.refuse(refuse(REPLIES.headerTooBig, 'header-limit'));
    return body;
  }
  const signed = readSignatures(incoming, header);
  return soon(signed, () => ask(incoming, withoutForged(session, header), body));
}

/** The signatures of the header as it came; only where a policy may ask for them. */
function readSignatures(incoming: Incoming, header: HeaderBlock): Soon<void> {
  const { policies, deps } = incoming.session;
  if (!policies.hears('onDataReceived')) return;
  return soon(deps.signatures(header), (signatures) => {
    incoming.signatures = signatures;
  });
}

/** Asks the policies about the header. */
function ask(incoming: Incoming, header: HeaderBlock, body: Buffer): Soon<Buffer> {
  const { session, transaction } = incoming;
  incoming.header = header;
  let before: readonly string[] = [];
  const ran = runStage('onHeadersReceived', session, () => {
    before = transaction.addresses;
    return { headers: header, recipients: before };
  });
  return soon(ran, ({ outcome, refusal }) => {
    if (refusal) incoming.refuse(refusal);
    else if (outcome.action === 'discard') incoming.discard(outcome.decidedBy);
    if (!incoming.isOpen) return body;
    incoming.header = completeHeader(incoming, isBlock(outcome.headers) ? outcome.headers : header);
    applyRecipients(session, transaction, before, outcome.recipients);
    incoming.signWith = outcome.signWith;
    beginSigning(incoming, incoming.header);
    incoming.sink = session.deps.intake.beginBody(transaction.queueId);
    return body;
  });
}
