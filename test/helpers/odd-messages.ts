/**
 * Messages on which signers and verifiers have disagreed before, with CRLF, octets as latin1.
 */

const FROM = 'From: Ann <ann@example.org>\r\n';
const USUAL = `${FROM}To: b@example.com\r\nSubject: signed\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n`;

export const ODD_MESSAGES: Readonly<Record<string, string>> = {
  'an ordinary message': `${USUAL}\r\nHello,\r\n\r\nthis is it.\r\n`,
  'one field only': `${FROM}\r\nbody\r\n`,
  'an empty body': `${USUAL}\r\n`,
  'a body of blank lines': `${USUAL}\r\n\r\n\r\n\r\n`,
  'no line end at the end': `${USUAL}\r\nlast line without an end`,
  'white space at the ends of lines': `${USUAL}\r\nspaces  \t \r\n \t\r\n  indented \t text\r\n\r\n\r\n`,
  'a body that ends in white space': `${USUAL}\r\ntext\r\n \t\r\n\r\n`,
  '8-bit text in header and body': `${FROM}Subject: gr\xc3\xbc\xc3\x9fe \xe4\r\n\r\n\xc3\xa4\xff\x80 text\r\n`,
  'folded fields': `From: Ann\r\n\t(who \r\n  writes)  <ann@example.org>\r\nSubject: one\r\n two  three\t\r\n\t four \r\nTo:\r\n b@example.com,\r\n\tc@example.com\r\n\r\nbody\r\n`,
  'fields without a value': `${FROM}Subject:\r\nTo: \r\nCc:\t\r\n\r\nbody\r\n`,
  'white space before the colon': `FROM : ann@example.org\r\nsubject  :  x\r\n\r\nbody\r\n`,
  'names in odd letter case': `fROM: ann@example.org\r\nsUBJECT: x\r\nMIME-version: 1.0\r\n\r\nbody\r\n`,
  'many Received': `${'Received: from a.test by b.test; Sat, 21 Nov 2026 07:22:17 +0000\r\n'.repeat(30)}${USUAL}\r\nbody\r\n`,
  'fields more than once': `${USUAL}To: c@example.com\r\nList-Unsubscribe: <mailto:a@example.org>\r\nSubject: another\r\nList-Unsubscribe: <https://example.org>\r\n\r\nbody\r\n`,
  'more fields of a name than are signed': `${FROM}${'To: x@example.com\r\n'.repeat(12)}Subject: x\r\n\r\nbody\r\n`,
  'a signature by somebody else': `DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=x;\r\n\th=from; bh=AAAA; b=AAAA\r\n${USUAL}\r\nbody\r\n`,
  'a long line': `${USUAL}\r\n${'x '.repeat(490)}\r\n`,
  'a larger body': `${USUAL}\r\n${'A line of some text, and  more of it.\r\n'.repeat(3000)}`,
  'MIME with a boundary': `${USUAL}MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="=_x"\r\n\r\n--=_x\r\n\r\ntext \r\n--=_x--\r\n`,
};
