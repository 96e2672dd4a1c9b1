/** Cases chosen by hand: what a generator meets too rarely to count on. */
import type { GeneratedCase } from './cases.js';
import { txt } from './world.js';

type Chosen = Partial<Pick<GeneratedCase, 'ip' | 'helo' | 'from'>> & {
  readonly record: string;
  readonly why?: string;
  /** The domain of the sender in capitals. */
  readonly isLoud?: boolean;
};

const times = (count: number, term: string): string => Array.from({ length: count }, () => term).join(' ');
const ten = times(10, 'a:b1.hosts.test');
const nine = times(9, 'a:b1.hosts.test');

/** `$D` is the domain of the case. */
const CHOSEN: readonly Chosen[] = [
  { record: 'v=spf1 -all exp=why.$D', why: 'about %{d}' },
  { record: 'v=spf1 -all exp=why.$D', why: 'about %{d}', isLoud: true },
  { record: 'v=spf1 -all exp=why.$D', why: 'p is %{p}', ip: '192.0.2.3' },
  { record: 'v=spf1 -all exp=why.$D', why: 'p is %{p}', ip: '192.0.2.1' },
  { record: 'v=spf1 -all exp=why.$D', why: 'p is %{p}', ip: '192.0.2.4' },
  // The macro p is no term; the ptr term is one.
  { record: `v=spf1 ${nine} exists:%{p}.void.test -all` },
  { record: `v=spf1 ${nine} ptr:nowhere.test -all` },
  { record: `v=spf1 ${ten} -all` },
  { record: `v=spf1 ${ten} ptr:nowhere.test -all` },
  { record: `v=spf1 ${ten} exists:%{p}.void.test -all` },
  { record: `v=spf1 ${ten} redirect=good.inc.test` },
  { record: `v=spf1 ${nine} redirect=good.inc.test` },
  { record: `v=spf1 ${nine} include:soft.inc.test -all` },
  { record: `v=spf1 ${ten} include:soft.inc.test -all` },
  // Two lookups in vain are allowed, a third is not.
  { record: 'v=spf1 a:v1.void.test exists:v2.void.test -all' },
  { record: 'v=spf1 a:v1.void.test exists:v2.void.test mx:v3.void.test -all' },
  // A name that grows beyond 253 characters loses labels on the left.
  { record: `v=spf1 exists:${times(24, '%{d}.').replaceAll(' ', '')}list.$D -all` },
  { record: 'v=spf1 ip6:2001:db8::/32 -all', ip: '2001:DB8:0::1' },
];

export const CHOSEN_CASES: readonly GeneratedCase[] = CHOSEN.map((chosen, index) => {
  const { ip = '198.51.100.7', helo = 'mail.hosts.test', from = 'user@$D', why = '' } = chosen;
  const domain = `h${index + 1}.gen.test`;
  const here = (text: string): string => text.replaceAll('$D', domain);
  const record = here(chosen.record);
  return {
    id: `h${index + 1}`,
    ip,
    helo,
    from: chosen.isLoud ? from.replace('$D', domain.toUpperCase()) : here(from),
    receiver: 'mx.receiver.test',
    texts: [record, why],
    zone: [txt(domain, record), txt(`why.${domain}`, why), `*.list.${domain}. A 127.0.0.2`],
  };
});
