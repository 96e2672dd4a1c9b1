/** Messages that are awkward to hash, each whole, with CRLF and an octet a character. */

const FRONT = [
  'From: Ann <ann@example.org>',
  'To: b@example.com',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@example.org>',
];
const mail = (subject: string, body: string): string =>
  `${[...FRONT, `Subject: ${subject}`, 'MIME-Version: 1.0'].join('\r\n')}\r\n\r\n${body}`;

export const MESSAGES: Readonly<Record<string, string>> = {
  plain: mail('plain', 'Hello\r\n'),
  'white space everywhere': mail('  a \t b  ', ' Hello  you\t \r\n\t\r\n  there  \r\n'),
  'a folded subject': mail('one\r\n two\r\n\tthree \r\n   four', 'Hello\r\n'),
  'blank lines at the end': mail('blank', 'Hello\r\n\r\n\r\n\r\n'),
  'blank lines in front': mail('blank', '\r\n\r\nHello\r\n'),
  'lines of white space at the end': mail('white', 'Hello\r\n \r\n\t\r\n'),
  'octets beyond ASCII': mail(
    'gr\u00c3\u00bc\u00c3\u009fe \u00ff\u00a0',
    'caf\u00e9 \u00a0 \r\n\u00ff\u00fe\r\n',
  ),
  'a long line': mail('long', `${'x y '.repeat(20_000)}\r\nend\r\n`),
  'lines of dots': mail('dots', '.\r\n..\r\n.x\r\n'),
  'a form feed and a bell': mail('controls', 'a\u000c\u0007 b\u000b \r\n'),
  'many lines': mail('many', 'line  of text \r\n'.repeat(3000)),
  multipart: mail(
    'parts\r\nContent-Type: multipart/mixed; boundary="b b"',
    '--b b\r\n\r\none\r\n--b b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b b--\r\n\r\n',
  ),
};
