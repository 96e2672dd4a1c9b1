/**
 * Message-ID and Date for a message whose mail program left them out (RFC 6409 §8.2, §8.3).
 *
 * On submission only: elsewhere the header belongs to those who sent it, and a signature may cover
 * that a field is missing. The policies of onHeadersReceived see what the client sent, so that they
 * may refuse it or write these fields themselves; from then on the header is complete. A field that
 * is there stays, whatever it says.
 *
 * Callers: stages/headers.
 */
import { formatDate } from '../../message/date.js';
import type { HeaderBlock } from '../../message/header-block.js';
import type { Incoming } from '../session/incoming.js';

export function completeHeader({ session, transaction }: Incoming, header: HeaderBlock): HeaderBlock {
  if (session.listener.kind !== 'submission') return header;
  const { settings, deps } = session;
  return header.apply({ kind: 'addIfNotExists', name: 'Date', value: formatDate(deps.clock.now()) }).apply({
    kind: 'addIfNotExists',
    name: 'Message-ID',
    value: `<${transaction.queueId}@${settings.hostname}>`,
  });
}
