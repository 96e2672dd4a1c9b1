/**
 * The messages of the policy bench: of some size, with a DKIM signature, as they go over the wire.
 *
 * A message has what real ones have and what costs a verifier time: lines that end in a blank, runs
 * of blanks, an HTML part with indentation, and for large ones an attachment in base64. Signed
 * once, with RSA of 2048 bits and relaxed/relaxed.
 *
 * Callers: policy.bench.mjs.
 */
import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { SELECTOR, SENDER, SENDER_DOMAIN, RECIPIENT } from './names.mjs';

const HEADER = [
  `Received: from workstation.${SENDER_DOMAIN} (workstation.${SENDER_DOMAIN} [192.0.2.9])`,
  `\tby mail.${SENDER_DOMAIN} with ESMTPSA id 4711; Sat, 21 Nov 2026 09:00:00 +0000`,
  `From: "A Sender" <${SENDER}>`,
  `To: "The Recipient" <${RECIPIENT}>`,
  'Subject: Figures for the third quarter, with the table you asked for',
  'Date: Sat, 21 Nov 2026 09:00:00 +0000',
  `Message-ID: <20261121090000.4711@${SENDER_DOMAIN}>`,
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="=_part_4711"',
].join('\r\n');
const TEXT_PART = ['--=_part_4711', 'Content-Type: text/plain; charset=utf-8; format=flowed', '', ''].join(
  '\r\n',
);
const TEXT_LINE = 'The quick brown fox jumps over the lazy dog and runs off into the wood, \r\n';
const HTML_PART = [
  '-- ',
  'A Sender',
  '',
  '--=_part_4711',
  'Content-Type: text/html; charset=utf-8',
  '',
  '',
].join('\r\n');
const HTML_LINE = '      <td style="padding: 4px">third  quarter</td><td>4,711.00</td>\r\n';
const FILE_PART = [
  '--=_part_4711',
  'Content-Type: application/octet-stream; name="table.bin"',
  'Content-Transfer-Encoding: base64',
  '',
  '',
].join('\r\n');
const FILE_LINE = 'VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgcnVucyBvZmYg\r\n';
const LAST_LINE = '--=_part_4711--\r\n';
/** Text and HTML of a message; what is larger has the rest attached. */
const MOST_TEXT = 4096;
/** About what the signature takes. */
const SIGNATURE = 700;

function linesFor(octets, line) {
  return line.repeat(Math.max(1, Math.round(octets / line.length)));
}

function unsigned(octets) {
  const room = octets - HEADER.length - SIGNATURE;
  const text = Math.min(room, MOST_TEXT - HEADER.length - SIGNATURE);
  const parts = [TEXT_PART, linesFor(text / 2, TEXT_LINE), HTML_PART, linesFor(text / 2 - 200, HTML_LINE)];
  if (room > text) parts.push(FILE_PART, linesFor(room - text, FILE_LINE));
  return `${HEADER}\r\n\r\n${parts.join('')}${LAST_LINE}`;
}

/** A key pair: the private half in PEM, the public half as DNS has it. */
export function createSigningKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    record: `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  };
}

/** The ARC fields of somebody who passed the message on, with signatures that are none. */
const BROKEN_SEAL = [
  `ARC-Seal: i=1; a=rsa-sha256; cv=none; d=${SENDER_DOMAIN}; s=${SELECTOR}; t=1795251600; b=AAAA`,
  `ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=${SENDER_DOMAIN}; s=${SELECTOR};`,
  '\th=from:to:subject; bh=AAAA; b=AAAA',
  'ARC-Authentication-Results: i=1; relay.example; none',
  '',
].join('\r\n');

/** What the probes send: one letter of the body is not what was signed; a chain that does not hold. */
export function probesOf(message) {
  return { forged: message.replace('lazy dog', 'lazy dig'), sealed: BROKEN_SEAL + message };
}

/** A message of about `octets` octets, without its last dot. No line of it begins with a dot. */
export async function signedMessage(octets, privateKey) {
  const message = unsigned(octets);
  const { signatures, errors } = await dkimSign(message, {
    canonicalization: 'relaxed/relaxed',
    algorithm: 'rsa-sha256',
    signatureData: [{ signingDomain: SENDER_DOMAIN, selector: SELECTOR, privateKey }],
  });
  if (errors.length > 0) throw errors[0].err;
  return signatures + message;
}
