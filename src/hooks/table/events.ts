/**
 * All twelve documented events by name, in the order of a message's life.
 *
 * The type is spelt out because declarations are emitted file by file; each event keeps its literal
 * type, from which the context of a handler is derived.
 *
 * Callers: index.ts and, through it, the policy runtime.
 */
import type { Row } from './event-row.js';
import { ON_CONNECT, ON_EHLO } from './events-connection.js';
import { ON_BODY_CHUNK, ON_DATA_RECEIVED, ON_HEADERS_RECEIVED } from './events-content.js';
import { ON_MAIL_FROM, ON_RCPT_TO } from './events-envelope.js';
import {
  ON_DELIVERY_FAILURE,
  ON_DELIVERY_SUCCESS,
  ON_PROCESSING,
  ON_RELAY,
  ON_TEMPORARY_DELIVERY_FAILURE,
} from './events-out.js';

export const EVENTS: {
  readonly onConnect: Row<typeof ON_CONNECT>;
  readonly onEhlo: Row<typeof ON_EHLO>;
  readonly onMailFrom: Row<typeof ON_MAIL_FROM>;
  readonly onRcptTo: Row<typeof ON_RCPT_TO>;
  readonly onHeadersReceived: Row<typeof ON_HEADERS_RECEIVED>;
  readonly onBodyChunk: Row<typeof ON_BODY_CHUNK>;
  readonly onDataReceived: Row<typeof ON_DATA_RECEIVED>;
  readonly onRelay: Row<typeof ON_RELAY>;
  readonly onDeliveryFailure: Row<typeof ON_DELIVERY_FAILURE>;
  readonly onTemporaryDeliveryFailure: Row<typeof ON_TEMPORARY_DELIVERY_FAILURE>;
  readonly onProcessing: Row<typeof ON_PROCESSING>;
  readonly onDeliverySuccess: Row<typeof ON_DELIVERY_SUCCESS>;
} = {
  onConnect: ON_CONNECT,
  onEhlo: ON_EHLO,
  onMailFrom: ON_MAIL_FROM,
  onRcptTo: ON_RCPT_TO,
  onHeadersReceived: ON_HEADERS_RECEIVED,
  onBodyChunk: ON_BODY_CHUNK,
  onDataReceived: ON_DATA_RECEIVED,
  onRelay: ON_RELAY,
  onDeliveryFailure: ON_DELIVERY_FAILURE,
  onTemporaryDeliveryFailure: ON_TEMPORARY_DELIVERY_FAILURE,
  onProcessing: ON_PROCESSING,
  onDeliverySuccess: ON_DELIVERY_SUCCESS,
};
