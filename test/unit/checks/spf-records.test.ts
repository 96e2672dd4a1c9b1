/** Records that implementations of SPF have got wrong, each with its section of RFC 7208. */
import { describe, expect, it } from 'vitest';
import { checkSpf, type SpfStatus } from '../../../src/checks/spf.js';
import { systemClock } from '../../../src/core/clock.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

type Zone = NonNullable<Parameters<typeof createFakeResolver>[0]>;

const AROUND: Zone = {
  'host.example A': ['192.0.2.1'],
  'far.example A': ['198.51.100.1'],
  'in.example TXT': ['v=spf1 ip4:192.0.2.0/24 -all'],
  'list.example A': ['127.0.0.2'],
};

async function status(texts: readonly string[], ip = '192.0.2.1', zone: Zone = {}): Promise<SpfStatus> {
  const resolver = createFakeResolver({ ...AROUND, ...zone, 'd.example TXT': texts });
  const outcome = await checkSpf(
    { resolver, clock: systemClock },
    { ip, helo: 'client.example', mailFrom: 'first.last+tag@d.example' },
  );
  return outcome.status;
}

describe('which text is the record (RFC 7208 §4.5)', () => {
  it.each<[readonly string[], SpfStatus]>([
    [['v=spf1'], 'Neutral'],
    [['V=SpF1 -ALL'], 'Fail'],
    [['v=spf1 -all  '], 'Fail'],
    [['v=spf1   a:host.example   -all'], 'Pass'],
    [['v=spf10 -all'], 'None'],
    [['v=spf1-all'], 'None'],
    [[' v=spf1 -all'], 'None'],
    [['v=spf1\t-all'], 'None'],
    [['v=spf1 a:host.example\t-all'], 'PermError'],
    [['"v=spf1 -all"'], 'None'],
    [['v=spf2.0/pra -all', 'v=spf1 +all'], 'Pass'],
    [['caf\u00e9', 'v=spf1 -all'], 'Fail'],
    [['v=spf1 -all \u00e9'], 'PermError'],
    [['v=spf1 -all', 'v=spf1 -all'], 'PermError'],
    [['v=spf1 -all', 'V=SPF1'], 'PermError'],
    [[''], 'None'],
    [[], 'None'],
  ])('%j: %s', async (texts, expected) => {
    expect(await status(texts)).toBe(expected);
  });
});

describe('terms that make the whole record wrong (RFC 7208 §4.6, §5, §6, §7.1)', () => {
  it.each([
    ...[
      'all:',
      'all/0',
      'all.',
      '-all;',
      'include',
      'include:',
      'include:x',
      'include:in.example/24',
      'a:',
      'a/33',
    ],
    ...[
      'a//129',
      'a/024',
      'a/',
      'a//',
      'a/24/48',
      'a:host',
      'a:host.example/-1',
      'mx/1x',
      'ptr:',
      'ptr/8',
      'exists',
    ],
    ...[
      'exists:host.example/8',
      'ip4',
      'ip4:',
      'ip4:192.0.2',
      'ip4:192.0.2.01',
      'ip4:192.0.2.1/33',
      'ip4:192.0.2.1/',
    ],
    ...[
      'ip4:host.example',
      'ip6:192.0.2.1',
      'ip6:2001:db8::1/129',
      'ip6:2001:db8:::1',
      'ip4:2001:db8::1',
      'ip6:[::1]',
    ],
    ...[
      'redirect',
      'redirect=',
      'redirect:in.example',
      'exp=',
      'exp=x',
      'redirect=in.example redirect=in.example',
    ],
    ...[
      'exp=in.example exp=in.example',
      '1=x',
      '-x=y',
      'a.b',
      'x',
      '+',
      '--all',
      '~',
      'exists:%',
      'exists:%x.example',
    ],
    ...[
      'exists:%{',
      'exists:%{d',
      'exists:%{q}.example',
      'exists:%{d0}.example',
      'exists:%{dx}.example',
      'x=%{d',
    ],
    ...[
      'exists:%{dr2}.example',
      'exists:%{d-2}.example',
      'exists:%{c}.example',
      'exists:%{t}.example',
      'x=%',
    ],
  ])('%s', async (term) => {
    expect(await status([`v=spf1 ip4:192.0.2.1 ${term} -all`])).toBe('PermError');
  });

  it('is said even where an earlier term would have decided', async () => {
    expect(await status(['v=spf1 +all nonsense'])).toBe('PermError');
  });
});

describe('terms that are fine', () => {
  it.each<[string, SpfStatus]>([
    ['A:HOST.Example -ALL', 'Pass'],
    ['a:host.example. -all', 'Pass'],
    ['a:far.example/0 -all', 'Pass'],
    ['a:far.example//0 -all', 'Fail'],
    ['a:host.example/24//64 -all', 'Pass'],
    ['ip4:192.0.2.77/24 -all', 'Pass'],
    ['ip4:0.0.0.0/0 -all', 'Pass'],
    ['ip6:::/0 -all', 'Fail'],
    ['ip6:::ffff:192.0.2.1 -all', 'Fail'],
    ['?all', 'Neutral'],
    ['x=y a.b-c_d=%{c}%{r}%{t} -all', 'Fail'],
    ['redirect=in.example', 'Pass'],
    ['redirect=nobody.example', 'PermError'],
    ['-all redirect=nobody.example', 'Fail'],
    ['redirect=in.example ?all', 'Neutral'],
    ['exists:list.%{d1} -all', 'Pass'],
    ['exists:%{d1r}.example -all', 'Fail'],
    ['exists:list%%.example -all', 'Fail'],
    ['exists:%{l1r+}.%{l2r.+}.example -all', 'Fail'],
    ['a:b..host.example -all', 'Fail'],
    [`a:${'x'.repeat(64)}.example -all`, 'Fail'],
    ['include:%{d1}.%{d1} ?all', 'PermError'],
  ])('%s: %s', async (terms, expected) => {
    expect(await status([`v=spf1 ${terms}`])).toBe(expected);
  });

  it.each([
    ['%{l}', 'first.last+tag'],
    ['%{lr}', 'last+tag.first'],
    ['%{l1}', 'last+tag'],
    ['%{l+}', 'first.last.tag'],
    ['%{l+.-}', 'first.last.tag'],
    ['%{l.-+}', 'first.last.tag'],
    ['%{l+-=}', 'first.last.tag'],
    ['%{L}', 'first.last%2Btag'],
    ['%{LR}', 'last%2Btag.first'],
    ['%{d99}', 'd.example'],
    ['%%{l+-=}', '%{l+-=}'],
    ['%_%-', ' %20'],
  ])('%s is "%s" in an explanation', async (macro, text) => {
    const zone = { 'd.example TXT': ['v=spf1 -all exp=why.example'], 'why.example TXT': [`<${macro}>`] };
    const outcome = await checkSpf(
      { resolver: createFakeResolver(zone), clock: systemClock },
      { ip: '192.0.2.1', helo: 'client.example', mailFrom: 'first.last+tag@d.example' },
    );
    expect(outcome.explanation).toBe(`<${text}>`);
  });
});

describe('hosts of mx and ptr (RFC 7208 §5.4, §5.5, §4.6.4)', () => {
  const exchanges = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      preference: n,
      exchange: n === 9 ? 'host.example' : `m${n}.example`,
    }));
  const names = (count: number) =>
    Array.from({ length: count }, (_, n) => (n === 9 ? 'host.example' : `p${n}.example`));

  it('looks at ten hosts of an mx in order of preference, and no more', async () => {
    const mx = 'v=spf1 mx -all';
    expect(await status([mx], '192.0.2.1', { 'd.example MX': exchanges(12).reverse() })).toBe('Pass');
    expect(await status([mx], '192.0.2.2', { 'd.example MX': exchanges(10) })).toBe('Fail');
    expect(await status([mx], '192.0.2.2', { 'd.example MX': exchanges(11) })).toBe('PermError');
  });

  it.each(['', 'localhost', 'a b', `${'x'.repeat(64)}.example`])(
    'passes over the mx host %j',
    async (exchange) => {
      expect(
        await status(['v=spf1 mx -all'], '192.0.2.1', { 'd.example MX': [{ preference: 1, exchange }] }),
      ).toBe('Fail');
    },
  );

  it('looks at the first ten names of a ptr and ignores the others', async () => {
    const ptr = 'v=spf1 ptr:host.example -all';
    const reverse = '1.2.0.192.in-addr.arpa PTR';
    expect(await status([ptr], '192.0.2.1', { [reverse]: names(12) })).toBe('Pass');
    expect(await status([ptr], '192.0.2.1', { [reverse]: ['x.example', ...names(12)] })).toBe('Fail');
    expect(await status(['v=spf1 ptr:ost.example -all'], '192.0.2.1', { [reverse]: names(10) })).toBe('Fail');
  });

  it('passes over a name of a ptr that is in trouble', async () => {
    const zone: Zone = {
      '1.2.0.192.in-addr.arpa PTR': ['dead.example', 'host.example'],
      'dead.example A': 'servfail',
    };
    expect(await status(['v=spf1 ptr:host.example -all'], '192.0.2.1', zone)).toBe('Pass');
  });

  it('does not count the macro p among the ten terms', async () => {
    const nine = Array.from({ length: 9 }, () => 'a:far.example').join(' ');
    expect(await status([`v=spf1 ${nine} exists:%{p}.list.example -all`])).toBe('Fail');
    expect(await status([`v=spf1 ${nine} ptr -all`])).toBe('Fail');
    expect(await status([`v=spf1 ${nine} ptr ptr -all`])).toBe('PermError');
  });
});
