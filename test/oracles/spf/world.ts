/** The names that all generated records may mention, as lines of a zone file. */

/** Octets as a zone file quotes them; one string holds at most 255. */
export function txt(name: string, ...texts: readonly string[]): string {
  const strings = texts.flatMap((text) => {
    const octets = Buffer.from(text, 'latin1');
    const parts: string[] = [];
    for (let at = 0; at < octets.length || at === 0; at += 255) {
      const plain = [...octets.subarray(at, at + 255)].map((octet) =>
        octet < 0x20 || octet > 0x7e || octet === 0x22 || octet === 0x5c
          ? `\\${String(octet).padStart(3, '0')}`
          : String.fromCharCode(octet),
      );
      parts.push(`"${plain.join('')}"`);
    }
    return parts;
  });
  return `${name}. TXT ${strings.join(' ')}`;
}

/** Zones whose server fails. */
export const FAILING = ['dead.test', '3.2.0.192.in-addr.arpa'] as const;

export const IPS = [
  '192.0.2.1', // a PTR that holds
  '192.0.2.1',
  '192.0.2.2', // none
  '192.0.2.3', // a reverse zone that fails
  '192.0.2.4', // a PTR that lies
  '192.0.2.5', // twelve that hold
  '198.51.100.7',
  '203.0.113.129',
  '2001:db8::1', // a PTR that holds
  '2001:db8:1::25',
  '::ffff:192.0.2.1',
] as const;

const V6_ONE = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** A domain with so many mail hosts, of which only the last one is 192.0.2.1. */
function manyHosts(count: number): string[] {
  return numbers(count).flatMap((n) => [
    `m${count}.mx.test. MX ${n} h${n}.m${count}.mx.test.`,
    `h${n}.m${count}.mx.test. A ${n === count ? '192.0.2.1' : `203.0.113.${n}`}`,
  ]);
}

const HOSTS = [
  'a1.hosts.test. A 192.0.2.1',
  'a2.hosts.test. A 192.0.2.2',
  'a2.hosts.test. AAAA 2001:db8::2',
  'b1.hosts.test. A 198.51.100.1',
  'six.hosts.test. AAAA 2001:db8::1',
  'dual.hosts.test. A 192.0.2.1',
  'dual.hosts.test. A 203.0.113.1',
  'dual.hosts.test. AAAA 2001:db8::1',
  'mail.hosts.test. A 192.0.2.1',
  'mail.hosts.test. AAAA 2001:db8::1',
  'lies.hosts.test. A 192.0.2.200',
  'under_score.hosts.test. A 192.0.2.1',
  'alias.hosts.test. CNAME a1.hosts.test.',
  'broken.hosts.test. CNAME nowhere.test.',
  'loop1.hosts.test. CNAME loop2.hosts.test.',
  'loop2.hosts.test. CNAME loop1.hosts.test.',
  txt('empty.hosts.test', 'no address here'),
  '1.2.0.192.in-addr.arpa. PTR mail.hosts.test.',
  '4.2.0.192.in-addr.arpa. PTR lies.hosts.test.',
  ...numbers(12).flatMap((n) => [
    `5.2.0.192.in-addr.arpa. PTR n${n}.many.test.`,
    `n${n}.many.test. A 192.0.2.5`,
  ]),
  `${V6_ONE} PTR mail.hosts.test.`,
];

const MAIL = [
  'one.mx.test. MX 10 a1.hosts.test.',
  'one.mx.test. MX 20 b1.hosts.test.',
  'six.mx.test. MX 10 six.hosts.test.',
  'null.mx.test. MX 0 .',
  'void.mx.test. MX 10 v1.void.test.',
  'void.mx.test. MX 10 v2.void.test.',
  'void.mx.test. MX 10 v3.void.test.',
  'single.mx.test. MX 10 localhost.',
  'dead.mx.test. MX 10 x.dead.test.',
  ...manyHosts(10),
  ...manyHosts(11),
];

const INCLUDED = [
  txt('good.inc.test', 'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/48 -all'),
  txt('soft.inc.test', 'v=spf1 ~all'),
  txt('neutral.inc.test', 'v=spf1 ?all'),
  txt('fail.inc.test', 'v=spf1 -all exp=why.inc.test'),
  txt('why.inc.test', 'the included one says so'),
  txt('open.inc.test', 'v=spf1'),
  txt('none.inc.test', 'something else'),
  txt('syntax.inc.test', 'v=spf1 moo -all'),
  txt('two.inc.test', 'v=spf1 -all'),
  txt('two.inc.test', 'v=spf1 +all'),
  txt(
    'five.inc.test',
    'v=spf1 a:b1.hosts.test a:b1.hosts.test a:b1.hosts.test a:b1.hosts.test a:b1.hosts.test',
  ),
  txt('loop.inc.test', 'v=spf1 include:loop.inc.test -all'),
  txt('turn.inc.test', 'v=spf1 redirect=good.inc.test'),
  txt('round.inc.test', 'v=spf1 redirect=round.inc.test'),
  txt('half.inc.test', 'v=spf1 include:dead.test -all'),
  'alias.inc.test. CNAME good.inc.test.',
];

export const WORLD: readonly string[] = [...HOSTS, ...MAIL, ...INCLUDED];
