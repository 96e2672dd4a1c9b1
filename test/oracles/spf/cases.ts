/** Records and senders made up by a seeded generator; the same seed makes the same ones. */
import { createRandom, type Random } from './random.js';
import type { SpfQuestion } from './line-oracle.js';
import { IPS, txt } from './world.js';

export interface GeneratedCase extends SpfQuestion {
  /** The published texts of the domain and of what it made up beside, for the table of differences. */
  readonly texts: readonly string[];
  readonly zone: readonly string[];
}

const HOST = [
  'a1.hosts.test',
  'a1.hosts.test',
  'a2.hosts.test',
  'b1.hosts.test',
  'six.hosts.test',
  'dual.hosts.test',
  'under_score.hosts.test',
  'alias.hosts.test',
  'A1.Hosts.TEST',
  'a1.hosts.test.',
] as const;
const VOID = ['v1.void.test', 'v2.void.test', 'empty.hosts.test', 'broken.hosts.test'] as const;
const TROUBLE = ['x.dead.test', 'dead.test', 'loop1.hosts.test'] as const;
const MX = ['one', 'six', 'null', 'void', 'single', 'dead', 'm10', 'm11'] as const;
const INCLUDE = [
  ...['good', 'soft', 'neutral', 'fail', 'open', 'none', 'syntax', 'two', 'five', 'loop', 'turn', 'round'],
  ...['half', 'alias', 'nothere'],
];
const CIDR = ['', '', '', '/24', '/32', '/0', '//64', '/24//48', '//0', '//128', '/8'] as const;
const IP4 = [
  ...['192.0.2.1', '192.0.2.0/24', '192.0.2.77/24', '192.0.2.1/32', '198.51.100.0/25', '0.0.0.0/0'],
  ...['203.0.113.128/25', '10.0.0.0/8', '192.0.2.1/31'],
];
const IP6 = [
  ...['2001:db8::1', '2001:db8::/32', '2001:DB8:1::/48', '::/0', '2001:db8::1/128', '::1'],
  ...['2001:db8:0:0:0:0:0:1', '::ffff:192.0.2.1', '2001:db8::192.0.2.1'],
];
/** Terms that no record may have. */
const WRONG = [
  ...[
    'ip4:192.0.2',
    'ip4:192.0.2.1/33',
    'ip4:192.0.2.1/08',
    'ip4:192.0.2.256',
    'ip4',
    'ip4:',
    'ip4:a1.hosts.test',
  ],
  ...['ip6:2001:db8::1/129', 'ip6:2001:db8', 'ip6:192.0.2.1', 'ip6', 'ip4:2001:db8::1', 'ip4:192.0.2.1//32'],
  ...['a:', 'a/33', 'a//129', 'a/', 'a/24/24', 'a:foo', 'a:192.0.2.1', 'mx:', 'mx/024', 'a/24//', 'mx//0x10'],
  ...[
    'all:x',
    'all/8',
    'all.',
    'moo',
    'moo:x',
    'include',
    'include:',
    'include/24',
    'exists',
    'exists:',
    'exists:x',
  ],
  ...[
    'ptr:',
    'ptr/24',
    'redirect=',
    'exp=',
    'redirect:good.inc.test',
    '1x=y',
    '=y',
    '-',
    '+',
    '--all',
    '!all',
  ],
  ...['exists:%{x}.test', 'exists:%{d.test', 'exists:%d.test', 'exists:%.test', 'exists:%{d0}.test'],
  ...[
    'exists:%{c}.test',
    'exists:%{}.test',
    'exists:%{d2x}.test',
    'a:%{d}/33',
    'x=%{y}',
    'include:%',
    'a=b=%{c}',
  ],
  ...[
    'redirect=a.b redirect=c.d',
    'exp=a.b exp=c.d',
    'a:one..test%',
    'exists:%{d}%%',
    'a:x.test:',
    'mx:a.b:c',
  ],
];
const ODD = [
  ...[
    'moo=cow',
    'x.y-z_1=%{d}',
    'default=-',
    'a.b=',
    'A:A1.hosts.test',
    'IP4:192.0.2.1',
    '?ptr',
    'MX:one.mx.test',
  ],
  ...[
    'a:a1.hosts.test..',
    'a:b..hosts.test',
    'exists:%%.test',
    'exists:%_.void.test',
    'a:%{l}.hosts.test',
    'x=',
  ],
  ...[
    'exists:a%-b.void.test',
    'a:1.2.3.4.test',
    'a:a1.hosts.t-t',
    'exp=why.$D',
    'a:%{d}',
    'mx:%{o}',
    'ptr:%{d2}',
  ],
];
const LOCAL = ['user', 'User.Name', 'strong-bad', 'a+b', '"a b"', 'x_y=z', 'o/p', 'a%b', 'a.b.c.d.e'];
const HELO = [
  'mail.hosts.test',
  'MAIL.hosts.test',
  'a_b.hosts.test',
  'localhost',
  '[192.0.2.1]',
  'no.such.test',
  'x.',
];
const LETTERS = ['s', 'l', 'o', 'd', 'i', 'v', 'h', 'p', 'S', 'L', 'D', 'H'] as const;

function macro(random: Random): string {
  const letter = random.pick(LETTERS);
  const parts = random.chance(40) ? String(random.between(1, 5)) : '';
  const turned = random.chance(35) ? random.pick(['r', 'r', 'R']) : '';
  const delimiters = random.chance(25)
    ? random.pick(['-', '+-', '.-', '_', '=', '/', ',', '+', '.', '.-+', '+-=', '--_'])
    : '';
  return `%{${letter}${parts}${turned}${delimiters}}`;
}

function qualifier(random: Random): string {
  return random.pick(['', '', '+', '-', '~', '?']);
}

type TermMaker = (random: Random) => string;
const TERMS: readonly TermMaker[] = [
  (random) => `a:${random.pick(HOST)}${random.pick(CIDR)}`,
  (random) => `a:${random.pick(HOST)}`,
  (random) => `a${random.pick(CIDR)}`,
  (random) => `mx:${random.pick(MX)}.mx.test${random.pick(CIDR)}`,
  (random) => `mx${random.pick(CIDR)}`,
  (random) => `ip4:${random.pick(IP4)}`,
  (random) => `ip6:${random.pick(IP6)}`,
  (random) => `include:${random.pick(INCLUDE)}.inc.test`,
  (random) => `include:${random.pick(INCLUDE)}.inc.test`,
  (random) => (random.chance(50) ? 'include:i.$D' : 'include:%{d1r}.$D'),
  (random) => `exists:${macro(random)}.list.$D`,
  (random) => `exists:${macro(random)}.${macro(random)}.void.test`,
  (random) => random.pick(['ptr', 'ptr:hosts.test', 'ptr:HOSTS.test', 'ptr:many.test', 'ptr:n11.many.test']),
  (random) => `a:${random.pick(VOID)}`,
  (random) => `a:${random.pick(TROUBLE)}`,
  (random) => `exists:${random.pick(HOST)}`,
];

const EXPLANATION = [
  'plain text',
  'two  blanks',
  '%{i} is not for %{o}: %{s} said %{h}',
  '%{c} at %{r}, %{d4r} %{v}',
  '%{S} %{L} %{d1}',
  'per%% cent %_ and %-',
  'p is %{p}',
  'bad %{x}',
  'bad %',
  'caf\u00e9',
  '',
];

function redirectOf(random: Random): string {
  return random.pick([
    'good.inc.test',
    'none.inc.test',
    'nothere.inc.test',
    'i.$D',
    'dead.test',
    'fail.inc.test',
    '%{d1r}.$D',
  ]);
}

function record(random: Random, mayErr: boolean): string {
  const terms = Array.from(
    { length: random.between(1, 4) },
    () => qualifier(random) + random.pick(TERMS)(random),
  );
  if (random.chance(12)) for (let n = random.between(7, 11); n > 0; n--) terms.push(`a:b1.hosts.test`);
  if (random.chance(20)) terms.push(random.pick(ODD));
  if (mayErr && random.chance(13)) terms.splice(random.between(0, terms.length), 0, random.pick(WRONG));
  if (random.chance(65)) terms.push(`${random.pick(['-', '-', '~', '?', '+', ''])}all`);
  if (random.chance(25)) terms.splice(random.between(0, terms.length), 0, `redirect=${redirectOf(random)}`);
  if (random.chance(45)) terms.splice(random.between(0, terms.length), 0, 'exp=why.$D');
  return `v=spf1 ${terms.join(random.chance(10) ? '  ' : ' ')}`;
}

/** Texts of a domain: one record as a rule. */
function published(random: Random): readonly string[] {
  if (random.chance(3))
    return [random.pick(['v=spf10 -all', 'v=spf1-all', ' v=spf1 -all', 'spf2.0/pra -all'])];
  const one = record(random, true);
  if (random.chance(3)) return [one, record(random, false)];
  if (random.chance(4)) return [one, 'some other text'];
  if (random.chance(2)) return [`${one} \u00e9`];
  if (random.chance(3)) return [one.replace('v=spf1', 'V=SPF1')];
  if (random.chance(2)) return [`${one.replace(' ', '\t')}`];
  return random.chance(5) ? [`${one} `] : [one];
}

function makeCase(random: Random, number: number): GeneratedCase {
  const domain = `c${number}.gen.test`;
  const here = (text: string): string => text.replaceAll('$D', domain);
  const own = published(random).map(here);
  const beside = here(record(random, random.chance(30)));
  const why = random.pick(EXPLANATION);
  const isHelo = random.chance(12);
  const helo = isHelo && random.chance(70) ? domain : random.pick(HELO);
  return {
    id: `c${number}`,
    ip: random.pick(IPS),
    helo,
    from: isHelo
      ? ''
      : `${random.chance(3) ? '"x@y"' : random.pick(LOCAL)}@${random.chance(5) ? domain.toUpperCase() : domain}`,
    receiver: 'mx.receiver.test',
    texts: [...own, beside, why],
    zone: [
      ...own.map((text) => txt(domain, text)),
      txt(`i.${domain}`, beside),
      txt(`c${number}.${domain}`, beside),
      txt(`why.${domain}`, why),
      ...(random.chance(5) ? [txt(`why.${domain}`, 'another')] : []),
      `*.list.${domain}. A 127.0.0.2`,
      ...(random.chance(50) ? [`${domain}. A 192.0.2.1`, `${domain}. MX 10 a2.hosts.test.`] : []),
      ...(random.chance(20) ? [`${domain}. AAAA 2001:db8::1`] : []),
    ],
  };
}

export function generateCases(seed: number, count: number): readonly GeneratedCase[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => makeCase(random, index + 1));
}
