/**
 * The messages that the bench sends, as they go over the wire: stuffed, and with their last dot.
 */
const HEADER = [
  'Received: from relay.example.net (relay.example.net [192.0.2.9]) by mx.example.org; Sat, 21 Nov 2026 09:00:00 +0000',
  'From: "A Sender" <sender@example.net>',
  'To: user@example.com',
  'Subject: Figures for the third quarter, with the table you asked for',
  'Date: Sat, 21 Nov 2026 09:00:00 +0000',
  'Message-ID: <20261121090000.4711@example.net>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
].join('\r\n');
const LINE = 'The quick brown fox jumps over the lazy dog and runs off into the wood.\r\n';
/** As a client sends a line that begins with a dot. */
const DOT_LINE = `..${LINE.slice(2)}`;

/** A message of about `octets` octets; every `dotEvery`th line begins with a dot, 0 is none. */
export function wireMessage(octets, dotEvery = 0) {
  const lines = Array.from({ length: Math.round((octets - HEADER.length) / LINE.length) }, (_, i) =>
    dotEvery > 0 && i % dotEvery === 0 ? DOT_LINE : LINE,
  );
  return Buffer.from(`${HEADER}\r\n\r\n${lines.join('')}.\r\n`, 'latin1');
}
