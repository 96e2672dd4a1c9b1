/**
 * A message from a Maildir as it was sent: without the fields that acceptance and delivery put on
 * top, and with the line ends of the wire.
 */

const OWN_FIELDS = /^(?:(?:Return-Path|Delivered-To): .*\n)*Received: .*\n(?:[ \t].*\n)*/;

export function asSent(stored: string): string {
  return stored.replace(OWN_FIELDS, '').replaceAll('\n', '\r\n');
}
